"""Work that waits for an upstream: a real HTTP server in another process, through submitter, poller and callbacks."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.factories import OPENING_UNITS, PRICE, new_task, seed_account
from tests.vendors.channel import LANE, HttpVendor
from tutti.blobs.store import BlobStore
from tutti.kit.clock import ManualClock
from tutti.tasks.memory import InMemoryTaskStore
from tutti.tasks.model import RefundPolicy, Task
from tutti.tasks.poller import Poller
from tutti.tasks.states import TaskState
from tutti.tasks.submitter import Submitter
from tutti.tasks.vendor import LostReplyPolicy, Vendor
from tutti.vendors.callbacks import Callbacks

pytestmark = pytest.mark.anyio

SECOND_MS = 1000


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    """The base address of a running upstream."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "tests.vendors.upstream", str(port)])
    base_url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 20
    while True:
        try:
            httpx.get(f"{base_url}/count", timeout=1)
            break
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the test upstream did not start"
            time.sleep(0.05)
    yield base_url
    process.kill()
    process.wait()


class Bench:
    """One store with a channel to the upstream, its clock turned by hand."""

    def __init__(self, vendor: Vendor, blobs: BlobStore) -> None:
        self.clock = ManualClock()
        self.store = InMemoryTaskStore(clock=self.clock)
        vendors = {LANE: vendor}
        self.submitter = Submitter(self.store, vendors, clock=self.clock, owner="test")
        self.poller = Poller(self.store, vendors, blobs, clock=self.clock, owner="test")
        self.blobs = blobs

    async def submit(self, mode: str, **changes: object) -> Task:
        await seed_account(self.store)
        new = new_task(lane=LANE, intent=msgspec.json.encode({"mode": mode}), **changes)
        return (await self.store.submit(new)).task

    async def task(self, task: Task) -> Task:
        return (await self.store.find([task.public_id], user_id=None))[0]

    async def drive(self, task: Task, until: Callable[[Task], bool], *, steps: int = 40) -> Task:
        """Turn the clock and both sides until the task is as wanted."""
        for _ in range(steps):
            await self.submitter.submit_due()
            await self.poller.poll_due()
            await self.store.reap()
            now = await self.task(task)
            if until(now):
                return now
            self.clock.advance(60 * SECOND_MS)
        raise AssertionError(f"the task is still {now.state}")

    async def balance(self) -> int:
        return (await self.store.list_users())[0].quota


def is_over(task: Task) -> bool:
    return task.is_terminal


def count(upstream: str) -> int:
    return httpx.get(f"{upstream}/count").json()


async def test_vendor_result_is_stored_and_charged_once(upstream, blobs):
    bench = Bench(HttpVendor(upstream), blobs)
    done = await bench.drive(await bench.submit("plain"), is_over)
    assert done.state is TaskState.SUCCEEDED
    key = msgspec.json.decode(done.output)["clips"][0]["files"]["audio"]
    assert key.startswith(f"results/{done.id}/")
    assert len(await blobs.get(key)) == 60_004
    assert await bench.balance() == OPENING_UNITS - PRICE


async def test_vendor_lost_reply_is_looked_up_not_asked_twice(upstream, blobs):
    before = count(upstream)
    bench = Bench(HttpVendor(upstream), blobs)
    done = await bench.drive(await bench.submit("lose"), is_over)
    assert done.state is TaskState.SUCCEEDED
    assert count(upstream) == before + 1


@pytest.mark.parametrize(
    ("policy", "state", "jobs"),
    [
        (LostReplyPolicy.FAIL_AND_REFUND, TaskState.FAILED, 1),
        # The upstream honours the key, so the same job answers; "lose" cuts every reply, so attempts run out.
        (LostReplyPolicy.SAME_KEY, TaskState.FAILED, 1),
    ],
)
async def test_vendor_lost_reply_without_lookup_follows_policy(upstream, blobs, policy, state, jobs):
    before = count(upstream)
    bench = Bench(HttpVendor(upstream, lost_reply=policy, can_look_up=False), blobs)
    done = await bench.drive(await bench.submit("lose"), is_over)
    assert done.state is state
    assert count(upstream) == before + jobs
    assert await bench.balance() == OPENING_UNITS


@pytest.mark.parametrize("mode", ["refuse", "fail"])
async def test_vendor_refusal_and_failure_refund(upstream, blobs, mode):
    bench = Bench(HttpVendor(upstream), blobs)
    done = await bench.drive(await bench.submit(mode), is_over)
    assert done.state is TaskState.FAILED
    assert await bench.balance() == OPENING_UNITS


async def test_vendor_busy_is_retried_until_attempts_are_spent(upstream, blobs):
    bench = Bench(HttpVendor(upstream), blobs)
    done = await bench.drive(await bench.submit("busy"), is_over)
    assert (done.state, done.attempt) == (TaskState.FAILED, 3)


async def test_vendor_that_forgets_the_work_ends_at_the_deadline_refunded(upstream, blobs):
    bench = Bench(HttpVendor(upstream), blobs)
    deadline = bench.clock.now_ms() + 600 * SECOND_MS
    done = await bench.drive(await bench.submit("forget", deadline_at_ms=deadline), is_over)
    assert done.state is TaskState.EXPIRED
    assert await bench.balance() == OPENING_UNITS


async def test_vendor_file_cut_short_is_fetched_again(upstream, blobs):
    bench = Bench(HttpVendor(upstream), blobs)
    done = await bench.drive(await bench.submit("cut"), is_over)
    assert done.state is TaskState.SUCCEEDED


async def test_vendor_that_is_down_is_asked_later(upstream, blobs):
    bench = Bench(HttpVendor(upstream), blobs)
    task = await bench.submit("plain")
    await bench.drive(task, lambda now: now.state is TaskState.WAITING, steps=2)
    bench.poller._vendors = {LANE: HttpVendor("http://127.0.0.1:9")}
    for _ in range(3):
        bench.clock.advance(400 * SECOND_MS)
        await bench.poller.poll_due()
    assert (await bench.task(task)).state is TaskState.WAITING
    bench.poller._vendors = {LANE: HttpVendor(upstream)}
    assert (await bench.drive(task, is_over)).state is TaskState.SUCCEEDED


async def test_poll_and_second_poller_settle_once(upstream, blobs):
    bench = Bench(HttpVendor(upstream), blobs)
    task = await bench.submit("plain")
    await bench.drive(task, lambda now: now.progress == 40)
    first = await bench.store.begin_storing(task.id, owner="one", lease_ms=1000)
    assert await bench.store.begin_storing(task.id, owner="two", lease_ms=1000) is None
    assert first is not None
    assert await bench.store.complete(first.lease, output=b"{}")
    assert not await bench.store.complete(first.lease, output=b"{}")


async def test_cancel_while_waiting_ends_at_once_by_policy(upstream, blobs):
    bench = Bench(HttpVendor(upstream), blobs)
    task = await bench.submit("plain")
    await bench.drive(task, lambda now: now.state is TaskState.WAITING)
    ended = await bench.store.cancel(task.id, refund=RefundPolicy.NONE)
    assert ended is not None
    assert ended.state is TaskState.CANCELLED
    assert await bench.balance() == OPENING_UNITS - PRICE


async def test_callback_makes_the_task_due_once_and_forged_ones_are_refused(upstream, blobs):
    bench = Bench(HttpVendor(upstream), blobs)
    callbacks = Callbacks(bench.store, secret=b"secret", clock=bench.clock)
    app = Starlette(routes=[Route("/callback/{task_id}/{token}", callbacks.receive, methods=["POST"])])
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")
    task = await bench.submit("plain")
    early = await client.post(callbacks.path(task.id), content=b'{"status":"early"}')
    assert early.status_code == 200
    await bench.drive(task, lambda now: now.state is TaskState.WAITING, steps=1)
    assert await bench.poller.poll_due() == 0
    assert (await client.post(f"/callback/{task.id}/forged", content=b"{}")).status_code == 401
    assert await bench.poller.poll_due() == 0
    for _ in range(2):
        assert (await client.post(callbacks.path(task.id), content=b'{"status":"done"}')).status_code == 200
        bench.due = await bench.poller.poll_due()
    assert bench.due == 0
    assert (await bench.task(task)).progress == 40
    assert (await client.post(callbacks.path(task.id), content=bytes(2_000_000))).status_code == 413
