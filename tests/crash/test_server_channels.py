"""A whole server whose songs another gateway makes, which is down, forgets, sends rubbish, or is given no rest."""

import asyncio
import random
import signal
from collections import Counter

import httpx
import pytest

from tests.crash.callers import SONG, Callers, kill_again_and_again
from tests.crash.server import OPENING_UNITS, Server
from tests.processes import free_port
from tests.upstream.handle import RunningUpstream, running_upstream
from tests.waiting import eventually

pytestmark = pytest.mark.anyio

SEED = 20_262
KILLS = 6
# What the upstream does wrong while the server is killed: each once in a while, at its own addresses.
STORM = [
    {"fault": {"status": 503}, "path": "/submit/music", "times": 2},
    {"fault": {"status": 429, "retry_after": "1"}, "path": "/submit/music", "times": 2},
    {"fault": {"status": 500}, "path": "/fetch", "times": 4},
    {"fault": {"garbage": True}, "path": "/fetch", "times": 3},
    {"fault": {"forget": True}, "path": "/fetch", "times": 3},
    {"fault": {"cut_after": 0}, "path": ".mp3", "times": 2},
    {"fault": {"status": 403}, "path": ".mp4", "times": 2},
    {"fault": {"half_json": True}, "path": "/submit/music", "times": 2},
]


async def submit(client: httpx.AsyncClient, **form: object) -> str:
    reply = await client.post("/suno/submit/music", json=SONG | form)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["data"])


def states(server: Server) -> Counter[str]:
    return Counter(state for (state,) in server.rows("SELECT state FROM tasks"))


def check_money(server: Server) -> None:
    """One hold and one settlement a task; only what succeeded is paid."""
    assert server.findings() == []
    counts = dict(server.rows("SELECT kind, count(*) FROM ledger WHERE kind IN ('hold', 'settle') GROUP BY kind"))
    [(tasks,)] = server.rows("SELECT count(*) FROM tasks")
    assert counts == {"hold": tasks, "settle": tasks}
    [(quota, paid)] = server.rows(
        "SELECT quota, (SELECT coalesce(sum(price), 0) FROM tasks WHERE state = 'succeeded') FROM users"
        " WHERE name = 'mira'"
    )
    assert quota == OPENING_UNITS - paid


async def test_row_13_kills_amid_a_storm_of_the_upstream_lose_nothing_and_ask_for_nothing_twice(
    server: Server, receiver: str, upstream: RunningUpstream
) -> None:
    server.use_channel(upstream.url)
    upstream.set_faults(STORM)
    callers = Callers(server, f"{receiver}/taken")
    async with callers.calling():
        await kill_again_and_again(server, callers, kills=KILLS, chance=random.Random(SEED))
    await asyncio.to_thread(server.start)
    await server.is_done()
    assert await asyncio.to_thread(server.end, signal.SIGTERM) == 0
    check_money(server)
    known = dict(server.rows("SELECT public_id, state FROM tasks"))
    assert set(callers.promised.values()) <= known.keys()
    # Those that were lost between the upstream's yes and our note of it are refunded; all others are songs.
    assert set(known.values()) <= {"succeeded", "failed"}
    assert states(server)["succeeded"] > KILLS
    codes = {code for (code,) in server.rows("SELECT error_code FROM tasks WHERE state = 'failed'")}
    assert codes <= {"upstream_error"}
    asked = Counter(job["idempotency_key"] for job in upstream.jobs())
    assert set(asked.values()) == {1}


async def test_row_13_upstream_that_is_down_for_a_while_does_the_work_when_it_is_back(server: Server) -> None:
    port = free_port()
    server.use_channel(f"http://127.0.0.1:{port}")
    await asyncio.to_thread(server.start)
    async with server.client() as client:
        await submit(client)
        await server.has_logged("vendor_submit_put_off")
        assert states(server).keys() <= {"queued", "submitting"}
        with running_upstream("--port", str(port)) as upstream:
            await server.is_done()
            assert len(upstream.jobs()) == 1
    assert states(server) == {"succeeded": 1}
    check_money(server)


async def test_row_13_upstream_that_forgets_the_work_is_refunded_at_the_deadline(
    server: Server, upstream: RunningUpstream
) -> None:
    server.use_channel(upstream.url)
    server.settings["task_deadline_s"] = 3.0
    upstream.set_fault(path="/fetch", forget=True)
    await asyncio.to_thread(server.start)
    async with server.client() as client:
        await submit(client)
        await server.is_done()
    assert states(server) == {"expired": 1}
    check_money(server)


async def test_row_14_file_that_is_cut_or_gone_is_fetched_again_across_a_kill(
    server: Server, upstream: RunningUpstream
) -> None:
    server.use_channel(upstream.url)
    upstream.set_fault(path=".mp3", cut_after=0)
    await asyncio.to_thread(server.start)
    async with server.client() as client:
        task_id = await submit(client)
        await server.has_logged("result_not_stored")
        assert await asyncio.to_thread(server.end, signal.SIGKILL) == -signal.SIGKILL
        upstream.reset_faults()
        await asyncio.to_thread(server.start)
        await server.is_done()
        told = (await client.get(f"/suno/fetch/{task_id}")).json()["data"]
        for clip in told["data"]:
            assert len((await client.get(clip["audio_url"])).content) == 60_003
    assert states(server) == {"succeeded": 1}
    check_money(server)


async def test_row_24_result_store_that_is_away_delays_the_song(server: Server, upstream: RunningUpstream) -> None:
    server.use_channel(upstream.url)
    await asyncio.to_thread(server.start)
    results = server.places.blobs / "results"
    async with server.client() as client:
        results.write_text("Here no folder can be made.")
        await submit(client)
        await server.has_logged("result_not_stored")
        await eventually(lambda: states(server) == {"waiting": 1})
        results.unlink()
        await server.is_done()
    assert states(server) == {"succeeded": 1}
    check_money(server)


async def test_row_11_whole_server_is_called_back_by_the_upstream(server: Server, upstream: RunningUpstream) -> None:
    server.use_channel(upstream.url)
    server.settings["public_url"] = server.base_url
    await asyncio.to_thread(server.start)
    async with server.client() as client:
        await submit(client, prompt="take 1 s", notify_hook="https://caller.example/hook")
        await eventually(lambda: server.rows("SELECT count(*) FROM inbox") == [(1,)])
        await eventually(lambda: states(server) == {"succeeded": 1})
    [sent] = upstream.seen(path="/suno/submit/music")
    [(task_id,)] = server.rows("SELECT id FROM tasks")
    assert sent["json"]["notify_hook"].startswith(f"{server.base_url}/callback/{task_id}/")
