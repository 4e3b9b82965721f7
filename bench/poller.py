"""Songs that wait for an upstream: how soon an end is seen, and what 10,000 that wait cost.

A real server with one channel to the test upstream, which knows when each song was done; seen is when the song is
stored and settled. All share the machine.
"""

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator, Sequence

import uvloop
from tests.upstream.handle import RunningUpstream, running_upstream

from bench.gateway import Gateway, running_gateway
from bench.load import fire, request_bytes
from tutti.admin.remote import RemoteDeeds
from tutti.billing.prices import Prices
from tutti.cli.output import show_table
from tutti.places import Places

CONNECTIONS = 32
FEW = 20
# Of those that wait, so many end while it is measured.
ENDING = 300
FOR_EVER_S = 86_000
WINDOW_S = 30.0


def main() -> None:
    """Print delays and processor time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=10_000)
    options = parser.parse_args()
    with running_upstream("--forgetful") as upstream, running_gateway(song_workers=0) as gateway:
        _add_channel(gateway, upstream)
        gateway.top_up((FEW + options.waiting) * Prices.load().per_call("suno_music"))
        rows = [_few(gateway, upstream), _many(gateway, upstream, options.waiting)]
    heads = ("waiting", "ended", "seen after s: median", "p95", "most", "server, % of a core")
    show_table(heads, rows)


def _few(gateway: Gateway, upstream: RunningUpstream) -> Sequence[object]:
    """Some songs of 3 to 12 s."""
    began_s, began_cpu_s = time.monotonic(), gateway.cpu_s()
    chance = random.Random(1)
    _submit(gateway, [chance.uniform(3, 12) for _ in range(FEW)])
    _wait_for(gateway, FEW)
    share = (gateway.cpu_s() - began_cpu_s) / (time.monotonic() - began_s)
    return FEW, *_told(_delays(gateway, upstream)), f"{share * 100:.1f}"


def _many(gateway: Gateway, upstream: RunningUpstream, waiting: int) -> Sequence[object]:
    """Very many songs, some of which end in the midst of the others' wait."""
    before = _count(gateway, "succeeded")
    _submit(gateway, [FOR_EVER_S] * (waiting - ENDING))
    while _count(gateway, "waiting") < waiting - ENDING:
        time.sleep(0.5)
    # Until the polls of what has just been taken have spread out.
    time.sleep(20)
    began_s, began_cpu_s = time.monotonic(), gateway.cpu_s()
    time.sleep(WINDOW_S)
    share = (gateway.cpu_s() - began_cpu_s) / (time.monotonic() - began_s)
    known = {job["id"] for job in upstream.jobs()}
    chance = random.Random(2)
    _submit(gateway, [chance.uniform(15, 45) for _ in range(ENDING)])
    _wait_for(gateway, before + ENDING)
    delays = _delays(gateway, upstream, besides=known)
    return f"{waiting:,}", *_told(delays), f"{share * 100:.1f}"


def _add_channel(gateway: Gateway, upstream: RunningUpstream) -> None:
    deeds = RemoteDeeds(Places(gateway.data).socket)
    settings = {"type": "gateway", "base_url": upstream.url, "models": ["suno_music"]}
    asyncio.run(deeds.add_channel("other", settings=settings, keys=["sk-upstream"]))


def _submit(gateway: Gateway, seconds: Sequence[float]) -> None:
    bodies: Iterator[bytes] = (json.dumps({"prompt": f"take {one:.2f} s"}).encode() for one in seconds)

    def next_request() -> bytes | None:
        body = next(bodies, None)
        return None if body is None else request_bytes("POST", "/suno/submit/music", key=gateway.key, body=body)

    outcome = uvloop.run(fire(gateway.port, next_request, connections=min(CONNECTIONS, len(seconds))))
    assert set(outcome.statuses) == {200}, outcome.statuses


def _rows(gateway: Gateway, query: str, *values: object) -> list[tuple]:
    connection = sqlite3.connect(f"file:{Places(gateway.data).database}?mode=ro", uri=True)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def _count(gateway: Gateway, state: str) -> int:
    return int(_rows(gateway, "SELECT count(*) FROM tasks WHERE state = ?", state)[0][0])


def _wait_for(gateway: Gateway, succeeded: int) -> None:
    until_s = time.monotonic() + 300
    while _count(gateway, "succeeded") < succeeded:
        assert time.monotonic() < until_s, "the songs were not seen in time"
        time.sleep(0.2)


def _delays(
    gateway: Gateway, upstream: RunningUpstream, *, besides: frozenset[str] | set[str] = frozenset()
) -> list[float]:
    """Seconds from the upstream's end of each song to ours."""
    done_ms = {job["id"]: job["done_ms"] for job in upstream.jobs() if job["done_ms"] and job["id"] not in besides}
    rows = _rows(gateway, "SELECT vendor_ref, finished_at_ms FROM tasks WHERE state = 'succeeded'")
    seen_ms = {ref.partition("/")[2]: at_ms for ref, at_ms in rows}
    return [(seen_ms[job_id] - at_ms) / 1000 for job_id, at_ms in done_ms.items()]


def _told(delays: Sequence[float]) -> tuple[object, ...]:
    p95 = sorted(delays)[int(len(delays) * 0.95)]
    return len(delays), f"{statistics.median(delays):.2f}", f"{p95:.2f}", f"{max(delays):.2f}"


if __name__ == "__main__":
    main()
