"""Clients that keep a server waiting: for their request, or with their reply."""

import json
import socket
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

from tests.flows.process import TuttiProcess, until
from tests.flows.test_drain import COUNT, WAIT_S, started
from tests.upstream.process import UpstreamProcess

ENDLESS = COUNT | {"messages": [{"role": "user", "content": "count to 90000"}]}


def connected(server: TuttiProcess, *, length: int, body: bytes) -> socket.socket:
    """A connection that has sent the head of a call, with a small place for what comes."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    address = urlsplit(server.url)
    client.connect((address.hostname, address.port))
    client.settimeout(WAIT_S)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: tutti\r\nauthorization: Bearer {server.first_key}\r\n"
    client.sendall(f"{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n".encode() + body)
    return client


def test_a_client_that_does_not_read_is_left_and_pays_for_what_came(tmp_path: Path) -> None:
    with UpstreamProcess() as upstream:
        server = started(tmp_path, upstream, TUTTI_SLOW_CLIENT_S="1")
        upstream.set_faults([])
        body = json.dumps(ENDLESS).encode()

        def logged() -> list[tuple[int, int]]:
            (database,) = server.data.glob("*.db")
            with sqlite3.connect(database) as connection:
                return connection.execute("SELECT status, units FROM usage_log").fetchall()

        try:
            with connected(server, length=len(body), body=body):
                until(logged, WAIT_S)
            ((status, units),) = logged()
            assert status == 499
            assert units > 0
            server.stop()
        finally:
            server.kill()


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    with UpstreamProcess() as upstream:
        server = started(tmp_path, upstream, TUTTI_BODY_TIMEOUT_S="1")
        try:
            with connected(server, length=100, body=b"{") as client:
                reply = client.recv(4096)
            assert reply.startswith(b"HTTP/1.1 408 ")
            server.stop()
        finally:
            server.kill()
