"""Rows of the crash matrix that are about whole processes: how a server ends, and what another one finds."""

import asyncio
import signal

import pytest

from tests.billing.calls import Payer, settle
from tests.crash.server import OPENING_UNITS, Server
from tests.waiting import eventually, is_alive
from tutti.billing.wallet import Wallet
from tutti.kit.clock import SystemClock
from tutti.tasks.sqlite import SqliteTaskStore

pytestmark = pytest.mark.anyio


async def submit(server: Server, prompt: str) -> str:
    """Submit words in the manner of `FakeEngine`; gives the task's id."""
    async with server.client() as client:
        reply = await client.post("/suno/submit/lyrics", json={"prompt": prompt})
    assert reply.status_code == 200, reply.text
    return str(reply.json()["data"])


async def engine_pid(server: Server) -> int:
    """The process id of the engine child that is at work."""
    started = await server.has_logged("engine_started", engine="lyrics")
    pid = int(started["pid"])
    await eventually(lambda: server.rows("SELECT 1 FROM tasks WHERE state = 'running'") == [(1,)])
    return pid


async def test_row_5_killed_server_takes_its_engine_along_and_the_next_one_finishes(server: Server) -> None:
    server.start()
    await submit(server, f"diary {server.places.data.parent / 'diary'} 3")
    pid = await engine_pid(server)
    diary = server.places.data.parent / "diary"
    await eventually(diary.exists)
    server.end(signal.SIGKILL)
    await eventually(lambda: not is_alive(pid))
    written = diary.read_text()
    server.start()
    await server.is_done()
    assert server.end(signal.SIGTERM) == 0
    # The orphan wrote nothing more: the next line is the next child's first.
    assert diary.read_text().removeprefix(written).startswith("begin\n")
    assert server.rows("SELECT state, attempt FROM tasks") == [("succeeded", 1)]
    assert list(server.places.scratch.glob("*")) == []
    assert server.findings() == []


async def test_row_21_second_server_on_the_directory_is_refused_and_harms_nothing(server: Server) -> None:
    server.start()
    second = server.new_life(port=0)
    await asyncio.to_thread(second.join, 60)
    second.kill()
    assert second.exitcode == 1
    assert f"Another Tutti server (process {server.process.pid}) holds" in server.log.read_text()
    await submit(server, "echo hi")
    await server.is_done()
    assert server.findings() == []


async def test_row_22_terminated_server_lets_running_work_finish(server: Server) -> None:
    server.start()
    await submit(server, "slow 2")
    await submit(server, "echo behind")
    await engine_pid(server)
    assert await asyncio.to_thread(server.end, signal.SIGTERM) == 0
    assert server.rows("SELECT state, attempt FROM tasks ORDER BY id") == [("succeeded", 1), ("queued", 0)]
    assert server.findings() == []


async def test_row_22_terminated_server_hands_back_what_does_not_finish_and_burns_no_attempt(server: Server) -> None:
    server.start(drain_s=0.5)
    await submit(server, "slow 600")
    pid = await engine_pid(server)
    assert await asyncio.to_thread(server.end, signal.SIGTERM) == 0
    assert not is_alive(pid)
    assert server.rows("SELECT state, attempt, lease_owner FROM tasks") == [("queued", 0, None)]
    assert server.findings() == []


async def test_row_23_task_that_kills_its_engine_each_time_fails_and_others_are_served(server: Server) -> None:
    server.start()
    poison = await submit(server, "poison")
    others = [await submit(server, f"echo {number}") for number in range(3)]
    await server.is_done()
    rows = {
        public_id: rest for public_id, *rest in server.rows("SELECT public_id, state, attempt, final_cost FROM tasks")
    }
    assert rows.pop(poison) == ["failed", 3, 0]
    assert {(public_id, state, attempt) for public_id, (state, attempt, _) in rows.items()} == {
        (public_id, "succeeded", 1) for public_id in others
    }
    assert server.findings() == []


async def test_row_26_server_killed_with_slices_out_brings_them_home_at_its_next_start(server: Server) -> None:
    server.start()
    assert await asyncio.to_thread(server.end, signal.SIGKILL) == -signal.SIGKILL
    clock = SystemClock()
    store = SqliteTaskStore(server.places.database, clock=clock, render_event=lambda _task, _parts: b"{}")
    await store.open()
    wallet = Wallet(store, owner="the life that was killed")
    settle(await wallet.hold(Payer(), 100), 60)
    await wallet.flush()
    await wallet.hold(Payer(), 100)
    await store.close()
    assert server.findings() == []
    assert server.rows("SELECT count(*) FROM wallet_leases") == [(1,)]
    server.start()
    assert server.findings() == []
    assert server.rows("SELECT count(*) FROM wallet_leases") == [(0,)]
    assert server.rows("SELECT quota, used_quota FROM users") == [(OPENING_UNITS - 60, 60)]
