"""Work that waits for an upstream: a real HTTP server in another process, through submitter, poller and callbacks."""

import httpx
import msgspec
import pytest

from tests.factories import OPENING_UNITS, PRICE
from tests.vendors.bench import is_over
from tests.vendors.channel import LANE, HttpVendor
from tutti.tasks.model import RefundPolicy
from tutti.tasks.states import TaskState
from tutti.tasks.vendor import LostReplyPolicy

pytestmark = pytest.mark.anyio

SECOND_MS = 1000


async def claim(store, *, owner, lane):
    return await store.claim(lane, owner=owner, limit=1, lease_ms=60 * SECOND_MS, state=TaskState.SUBMITTING)


def count(upstream: str) -> int:
    return httpx.get(f"{upstream}/count").json()


async def test_vendor_result_is_stored_and_charged_once(upstream, bench_of):
    bench = bench_of(HttpVendor(upstream))
    done = await bench.drive(await bench.submit("plain"), is_over)
    assert done.state is TaskState.SUCCEEDED
    key = msgspec.json.decode(done.output)["clips"][0]["files"]["audio"]
    assert key.startswith(f"results/{done.id}/")
    assert len(await bench.blobs.get(key)) == 60_004
    assert await bench.balance() == OPENING_UNITS - PRICE


async def test_row_10_lost_reply_is_looked_up_not_asked_twice(upstream, bench_of):
    before = count(upstream)
    bench = bench_of(HttpVendor(upstream))
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
async def test_row_10_lost_reply_without_lookup_follows_policy(upstream, bench_of, policy, state, jobs):
    before = count(upstream)
    bench = bench_of(HttpVendor(upstream, lost_reply=policy, can_look_up=False))
    done = await bench.drive(await bench.submit("lose"), is_over)
    assert done.state is state
    assert count(upstream) == before + jobs
    assert await bench.balance() == OPENING_UNITS


@pytest.mark.parametrize("mode", ["refuse", "fail"])
async def test_row_13_refusal_and_failure_refund(upstream, bench_of, mode):
    bench = bench_of(HttpVendor(upstream))
    done = await bench.drive(await bench.submit(mode), is_over)
    assert done.state is TaskState.FAILED
    assert await bench.balance() == OPENING_UNITS


async def test_row_13_busy_upstream_is_asked_again_until_attempts_are_spent(upstream, bench_of):
    bench = bench_of(HttpVendor(upstream))
    done = await bench.drive(await bench.submit("busy"), is_over)
    assert (done.state, done.attempt) == (TaskState.FAILED, 3)


async def test_row_13_upstream_that_forgets_the_work_ends_at_the_deadline_refunded(upstream, bench_of):
    bench = bench_of(HttpVendor(upstream))
    deadline = bench.clock.now_ms() + 600 * SECOND_MS
    done = await bench.drive(await bench.submit("forget", deadline_at_ms=deadline), is_over)
    assert done.state is TaskState.EXPIRED
    assert await bench.balance() == OPENING_UNITS


async def test_row_14_file_cut_short_is_fetched_again(upstream, bench_of):
    bench = bench_of(HttpVendor(upstream))
    done = await bench.drive(await bench.submit("cut"), is_over)
    assert done.state is TaskState.SUCCEEDED


async def test_row_13_upstream_that_is_down_is_asked_later(upstream, bench_of):
    bench = bench_of(HttpVendor(upstream))
    task = await bench.submit("plain")
    await bench.drive(task, lambda now: now.state is TaskState.WAITING, steps=2)
    bench.poller._vendors = {LANE: HttpVendor("http://127.0.0.1:9")}
    for _ in range(3):
        bench.clock.advance(400 * SECOND_MS)
        await bench.poller.poll_due()
    assert (await bench.task(task)).state is TaskState.WAITING
    bench.poller._vendors = {LANE: HttpVendor(upstream)}
    assert (await bench.drive(task, is_over)).state is TaskState.SUCCEEDED


async def test_row_12_two_pollers_settle_once(upstream, bench_of):
    bench = bench_of(HttpVendor(upstream))
    task = await bench.submit("plain")
    await bench.drive(task, lambda now: now.progress == 40)
    first = await bench.store.begin_storing(task.id, owner="one", lease_ms=1000)
    assert await bench.store.begin_storing(task.id, owner="two", lease_ms=1000) is None
    assert first is not None
    assert await bench.store.complete(first.lease, output=b"{}")
    assert not await bench.store.complete(first.lease, output=b"{}")


async def test_row_15_cancel_while_waiting_ends_at_once_by_policy(upstream, bench_of):
    bench = bench_of(HttpVendor(upstream))
    task = await bench.submit("plain")
    await bench.drive(task, lambda now: now.state is TaskState.WAITING)
    ended = await bench.store.cancel(task.id, refund=RefundPolicy.NONE)
    assert ended is not None
    assert ended.state is TaskState.CANCELLED
    assert await bench.balance() == OPENING_UNITS - PRICE


class HandedOverVendor(HttpVendor):
    """Takes so long to look a key up that the task is given to another meanwhile."""

    def __init__(self, base_url):
        super().__init__(base_url, lost_reply=LostReplyPolicy.SAME_KEY)
        self.bench = None

    async def look_up(self, idempotency_key):  # noqa: ARG002 - the port's name
        self.bench.clock.advance(600 * SECOND_MS)
        assert await self.bench.store.reap() == 1
        assert await claim(self.bench.store, owner="other", lane=LANE)


async def test_row_9_submission_under_a_lost_lease_never_reaches_the_upstream(upstream, bench_of):
    before = count(upstream)
    vendor = HandedOverVendor(upstream)
    vendor.bench = bench = bench_of(vendor)
    task = await bench.submit("plain")
    [held] = await claim(bench.store, owner="former", lane=LANE)
    assert await bench.store.note_submission(held.lease, vendor_idempotency_key=task.id)
    await bench.store.release("former")
    await bench.submitter.submit_due()
    assert count(upstream) == before
    now = await bench.task(task)
    assert (now.state, now.lease_owner) == (TaskState.SUBMITTING, "other")


class BrokenVendor(HttpVendor):
    """Its converter meets a reply that it cannot read."""

    async def submit(self, task, *, idempotency_key):
        await super().submit(task, idempotency_key=idempotency_key)
        raise KeyError("id")

    async def poll(self, vendor_refs):  # noqa: ARG002 - the port's name
        raise KeyError("status")


async def test_vendor_whose_replies_cannot_be_read_disturbs_no_other(upstream, bench_of):
    good, broken = HttpVendor(upstream), BrokenVendor(upstream)
    bench = bench_of(good)
    other_lane = "channel:broken"
    bench.submitter._vendors = {other_lane: broken, LANE: good}
    bench.poller._vendors = {other_lane: broken, LANE: good}
    spoilt = await bench.submit("plain", lane=other_lane)
    task = await bench.submit("plain")
    assert (await bench.drive(task, is_over)).state is TaskState.SUCCEEDED
    # Its job is found by its key once the lease has run out; it can be polled again when the converter is mended.
    await bench.drive(spoilt, lambda now: now.state is TaskState.WAITING)
    bench.clock.advance(600 * SECOND_MS)
    assert await bench.poller.poll_due() == 1
    assert (await bench.task(spoilt)).state is TaskState.WAITING
