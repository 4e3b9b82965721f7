"""SIGTERM while answers are streamed: what runs ends well or is settled, what comes is sent elsewhere."""

import json
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.flows.process import TuttiProcess, until
from tests.upstream.process import UpstreamProcess

COUNT = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "count to 40"}]}
WAIT_S = 60.0


@pytest.fixture(scope="module")
def upstream() -> Iterator[UpstreamProcess]:
    with UpstreamProcess() as upstream:
        yield upstream


def started(folder: Path, upstream: UpstreamProcess, **settings: str) -> TuttiProcess:
    """A server whose upstream takes a while over each word."""
    server = TuttiProcess(folder, TUTTI_SONG_WORKERS="0", **settings)
    (folder / "key").write_text("sk-up")
    (folder / "tutti.toml").write_text(
        f'[[channels]]\nname = "up"\ntype = "gateway"\nbase_url = "{upstream.url}"\nkey_file = "{folder}/key"\n'
        'models = ["gpt-4o", "claude-*", "gemini-*", "gpt-realtime"]\n'
    )
    upstream.set_faults([{"fault": {"chunk_s": 0.1}}])
    server.start()
    return server


def stopping(server: TuttiProcess) -> threading.Thread:
    stop = threading.Thread(target=server.stop)
    stop.start()
    return stop


def logged(server: TuttiProcess) -> tuple[int, int, int]:
    """Of the only call in the log: status, tokens of the answer, units."""
    (database,) = server.data.glob("*.db")
    with sqlite3.connect(database) as connection:
        (row,) = connection.execute("SELECT status, output_tokens, units FROM usage_log").fetchall()
    return row


def test_streams_end_well_and_new_calls_are_sent_elsewhere(tmp_path: Path, upstream: UpstreamProcess) -> None:
    server = started(tmp_path, upstream)
    with server.client() as client, server.client() as other:
        assert other.get("/v1/models").status_code == 200
        with client.stream("POST", "/v1/chat/completions", json=COUNT) as stream:
            lines = stream.iter_lines()
            told = [next(lines), next(lines)]
            stop = stopping(server)
            until(lambda: other.get("/readyz").status_code == 503, WAIT_S)
            refused = other.post("/v1/chat/completions", json=COUNT)
            claude = other.post("/v1/messages", json=COUNT, headers={"anthropic-version": "2023-06-01"})
            assert other.get("/healthz").status_code == 200
            told += [*lines]
        stop.join(WAIT_S)
    assert (refused.status_code, refused.headers["retry-after"], refused.headers["connection"]) == (503, "5", "close")
    assert (claude.status_code, claude.json()["type"]) == (503, "error")
    assert told[-1] == "" or told[-1] == "data: [DONE]"
    words = [json.loads(line[6:])["choices"] for line in told if line.startswith("data: {")]
    assert "".join(one[0]["delta"].get("content") or "" for one in words if one).endswith(" 40")
    status, tokens, units = logged(server)
    assert (status, tokens >= 40, units > 0) == (200, True, True)


def test_a_background_response_is_made_to_its_end(tmp_path: Path, upstream: UpstreamProcess) -> None:
    server = started(tmp_path, upstream)
    upstream.set_faults([{"fault": {"head_s": 1}}])
    with server.client() as client:
        made = client.post("/v1/responses", json={"model": "gpt-4o", "input": "count to 40", "background": True}).json()
    server.stop()
    server.start()
    with server.client() as client:
        done = client.get(f"/v1/responses/{made['id']}").json()
    assert (made["status"], done["status"]) == ("queued", "completed")
    server.stop()


def test_streams_that_outlast_the_grace_are_cut_and_settled(tmp_path: Path, upstream: UpstreamProcess) -> None:
    server = started(tmp_path, upstream, TUTTI_DRAIN_S="0.5")
    with server.client() as client, client.stream("POST", "/v1/chat/completions", json=COUNT) as stream:
        lines = stream.iter_lines()
        next(lines)
        stop = stopping(server)
        with pytest.raises(httpx.RemoteProtocolError):
            list(lines)
        stop.join(WAIT_S)
    _, tokens, units = logged(server)
    assert 0 < tokens < 40
    assert units > 0


def test_sessions_that_outlast_the_grace_are_told_to_come_again(tmp_path: Path, upstream: UpstreamProcess) -> None:
    server = started(tmp_path, upstream, TUTTI_DRAIN_S="0.5")
    address = f"{server.url.replace('http', 'ws')}/v1/realtime?model=gpt-realtime"
    with connect(address, additional_headers={"authorization": f"Bearer {server.first_key}"}, proxy=None) as session:
        session.send(json.dumps({"type": "response.create"}))
        while json.loads(session.recv(WAIT_S))["type"] != "response.done":
            pass
        stop = stopping(server)
        with pytest.raises(ConnectionClosed) as closed:
            session.recv(WAIT_S)
        stop.join(WAIT_S)
    # "Service restart": https://www.iana.org/assignments/websocket/websocket.xhtml
    assert closed.value.rcvd.code == 1012
    assert logged(server)[0] == 200


def test_the_service_manager_is_told_when_calls_are_taken_and_when_no_more(tmp_path: Path) -> None:
    told = str(tmp_path / "notify")
    server = TuttiProcess(tmp_path / "server", TUTTI_SONG_WORKERS="0", NOTIFY_SOCKET=told)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(told)
        manager.settimeout(WAIT_S)
        server.start()
        assert manager.recv(100) == b"READY=1"
        server.stop()
        assert manager.recv(100) == b"STOPPING=1"
