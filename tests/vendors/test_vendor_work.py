"""Work that waits for an upstream: a real HTTP server in another process, through submitter, poller and callbacks."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from tests.factories import OPENING_UNITS, PRICE
from tests.vendors.bench import is_over
from tests.vendors.channel import KEY, LANE, AskableVendor, channel, options
from tests.waiting import eventually
from tutti.intents import SongResult
from tutti.tasks.model import RefundPolicy
from tutti.tasks.states import TaskState
from tutti.tasks.vendor import LostReplyPolicy
from tutti.vendors.gateway.refs import VendorRef
from tutti.vendors.gateway.suno import GatewaySuno

pytestmark = pytest.mark.anyio

SECOND_MS = 1000
OTHER_LANE = "channel:2"


async def claim(store, *, owner, lane):
    return await store.claim(lane, owner=owner, limit=1, lease_ms=60 * SECOND_MS, state=TaskState.SUBMITTING)


async def test_vendor_result_is_stored_told_and_charged_once(bench, upstream):
    task = await bench.submit("la")
    done = await bench.drive(task, is_over)
    assert done.state is TaskState.SUCCEEDED
    clips = msgspec.json.decode(done.output, type=SongResult).clips
    parts = (await bench.store.parts([done.id]))[done.id]
    assert [part.result for part in parts] == [msgspec.json.encode(clip) for clip in clips]
    assert [clip.clip_id for clip in clips] == [seat["clip_id"] for seat in msgspec.json.decode(task.intent)["seats"]]
    assert clips[0].files.keys() == {"audio", "video", "image", "image_large"}
    assert len(await bench.blobs.get(clips[0].files["audio"])) == 60_003
    assert await bench.balance() == OPENING_UNITS - PRICE
    [job] = upstream.jobs()
    assert (job["id"], job["clips"]) == (
        VendorRef.read(done.vendor_ref).id,
        [clip.origin.clip_id for clip in clips],
    )


async def test_row_10_lost_reply_is_looked_up_not_asked_twice(bench_of, ours, upstream):
    upstream.set_fault(path="/submit/music", cut_after=0)
    bench = bench_of(ours.vendor(AskableVendor))
    done = await bench.drive(await bench.submit(), is_over)
    assert done.state is TaskState.SUCCEEDED
    assert len(upstream.jobs()) == 1


@pytest.mark.parametrize(
    ("policy", "times", "state", "jobs"),
    [
        (LostReplyPolicy.FAIL_AND_REFUND, None, TaskState.FAILED, 1),
        # The upstream honours the key, so the same job answers ...
        (LostReplyPolicy.SAME_KEY, 2, TaskState.SUCCEEDED, 1),
        # ... unless every reply is lost: then attempts run out.
        (LostReplyPolicy.SAME_KEY, None, TaskState.FAILED, 1),
    ],
)
async def test_row_10_lost_reply_without_lookup_follows_policy(bench, ours, upstream, policy, times, state, jobs):
    ours.channels.put(channel(upstream.url, options=options(policy)))
    upstream.set_fault(path="/submit/music", cut_after=0, times=times)
    done = await bench.drive(await bench.submit(), is_over)
    assert done.state is state
    assert len(upstream.jobs()) == jobs
    assert await bench.balance() == OPENING_UNITS - (PRICE if state is TaskState.SUCCEEDED else 0)


@pytest.mark.parametrize(("prompt", "fault"), [("la", {"path": "/submit/music", "status": 400}), ("fail please", {})])
async def test_row_13_refusal_and_failure_refund(bench, upstream, prompt, fault):
    upstream.set_fault(**fault)
    done = await bench.drive(await bench.submit(prompt), is_over)
    assert done.state is TaskState.FAILED
    assert await bench.balance() == OPENING_UNITS


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_row_13_upstream_that_takes_nothing_is_asked_until_the_deadline(bench, upstream, status):
    upstream.set_fault(path="/submit/music", status=status)
    done = await bench.drive(await bench.submit(deadline_at_ms=bench.clock.now_ms() + 600 * SECOND_MS), is_over)
    assert (done.state, done.attempt) == (TaskState.EXPIRED, 0)
    assert len(upstream.seen(path="/submit/music")) > 3
    assert await bench.balance() == OPENING_UNITS


async def test_row_13_upstream_that_was_overloaded_for_a_while_does_the_work(bench, upstream):
    upstream.set_fault(path="/submit/music", status=503, times=4)
    done = await bench.drive(await bench.submit(), is_over)
    assert (done.state, await bench.balance()) == (TaskState.SUCCEEDED, OPENING_UNITS - PRICE)


async def test_row_13_work_that_one_channel_does_not_take_goes_to_another(bench, ours, upstream):
    ours.channels.put(channel(upstream.url, id=2, name="second", keys=("sk-second",)))
    bench.vendors[OTHER_LANE] = ours.vendor(channel_id=2)
    bench.other_lane = lambda task: OTHER_LANE if task.lane == LANE else None
    upstream.set_fault(key=KEY, status=503)
    done = await bench.drive(await bench.submit(), is_over)
    assert (done.state, done.lane) == (TaskState.SUCCEEDED, OTHER_LANE)
    assert [job["key"] for job in upstream.jobs()] == ["sk-second"]


@pytest.mark.parametrize("status", [401, 429])
async def test_row_13_work_that_one_key_is_not_taken_with_is_asked_for_with_another(bench, ours, upstream, status):
    ours.channels.put(channel(upstream.url, keys=(KEY, "sk-second")))
    bench.other_lane = lambda _task: OTHER_LANE
    upstream.set_fault(key=KEY, path="/submit/music", status=status)
    done = await bench.drive(await bench.submit(), is_over)
    assert (done.state, done.lane) == (TaskState.SUCCEEDED, LANE)
    assert [one["key"] for one in upstream.seen(path="/submit/music")] == [KEY, "sk-second"]


async def test_row_13_upstream_that_fails_is_asked_with_one_key_alone(bench, ours, upstream):
    ours.channels.put(channel(upstream.url, keys=(KEY, "sk-second")))
    bench.vendors[OTHER_LANE] = ours.vendor(channel_id=2)
    ours.channels.put(channel(upstream.url, id=2, name="second", keys=("sk-third",)))
    bench.other_lane = lambda task: OTHER_LANE if task.lane == LANE else None
    upstream.set_fault(key=KEY, path="/submit/music", status=503)
    done = await bench.drive(await bench.submit(), is_over)
    assert (done.state, done.lane) == (TaskState.SUCCEEDED, OTHER_LANE)
    assert [one["key"] for one in upstream.seen(path="/submit/music")] == [KEY, "sk-third"]


async def test_row_13_upstream_that_forgets_the_work_ends_at_the_deadline_refunded(bench, upstream):
    upstream.set_fault(path="/fetch", forget=True)
    deadline = bench.clock.now_ms() + 600 * SECOND_MS
    done = await bench.drive(await bench.submit(deadline_at_ms=deadline), is_over)
    assert done.state is TaskState.EXPIRED
    assert await bench.balance() == OPENING_UNITS


@pytest.mark.parametrize("fault", [{"cut_after": 0}, {"status": 404}, {"garbage": True}])
async def test_row_14_file_cut_short_gone_or_no_sound_is_fetched_again(bench, upstream, fault):
    upstream.set_fault(path=".mp3", times=2, **fault)
    done = await bench.drive(await bench.submit(), is_over)
    assert done.state is TaskState.SUCCEEDED


async def test_row_14_file_that_never_comes_ends_at_the_deadline_refunded(bench, upstream):
    upstream.set_fault(path=".mp3", status=403)
    deadline = bench.clock.now_ms() + 600 * SECOND_MS
    done = await bench.drive(await bench.submit(deadline_at_ms=deadline), is_over)
    assert (done.state, await bench.balance()) == (TaskState.EXPIRED, OPENING_UNITS)


async def test_row_24_result_store_that_is_away_delays_the_end(bench):
    task = await bench.submit()
    put = bench.blobs.put

    async def refuse(*_: object) -> None:
        raise OSError("no such bucket")

    bench.blobs.put = refuse
    await bench.drive(task, lambda now: now.attempt > 3)
    bench.blobs.put = put
    done = await bench.drive(task, is_over)
    assert (done.state, await bench.balance()) == (TaskState.SUCCEEDED, OPENING_UNITS - PRICE)


async def test_row_13_upstream_that_is_down_is_asked_later(bench, ours, upstream):
    task = await bench.submit()
    await bench.drive(task, lambda now: now.state is TaskState.WAITING, steps=2)
    ours.channels.put(channel("http://127.0.0.1:9"))
    for _ in range(3):
        bench.clock.advance(400 * SECOND_MS)
        await bench.poller.poll_due()
    assert (await bench.task(task)).state is TaskState.WAITING
    ours.channels.put(channel(upstream.url))
    assert (await bench.drive(task, is_over)).state is TaskState.SUCCEEDED


async def test_row_12_two_pollers_settle_once(bench):
    task = await bench.submit()
    await bench.drive(task, lambda now: now.progress == 40)
    first = await bench.store.begin_storing(task.id, owner="one", lease_ms=1000)
    assert await bench.store.begin_storing(task.id, owner="two", lease_ms=1000) is None
    assert first is not None
    assert await bench.store.complete(first.lease, output=b"{}")
    assert not await bench.store.complete(first.lease, output=b"{}")


async def test_row_15_cancel_while_waiting_ends_at_once_by_policy(bench):
    task = await bench.submit()
    await bench.drive(task, lambda now: now.state is TaskState.WAITING)
    ended = await bench.store.cancel(task.id, refund=RefundPolicy.NONE)
    assert ended is not None
    assert ended.state is TaskState.CANCELLED
    assert await bench.balance() == OPENING_UNITS - PRICE


class HandedOverVendor(GatewaySuno):
    """Takes so long to look a key up that the task is given to another meanwhile."""

    lost_reply = LostReplyPolicy.SAME_KEY
    bench = None

    async def look_up(self, idempotency_key):  # noqa: ARG002 - the port's name
        self.bench.clock.advance(600 * SECOND_MS)
        assert await self.bench.store.reap() == 1
        assert await claim(self.bench.store, owner="other", lane=LANE)


async def test_row_9_submission_under_a_lost_lease_never_reaches_the_upstream(bench_of, ours, upstream):
    vendor = ours.vendor(HandedOverVendor)
    vendor.bench = bench = bench_of(vendor)
    task = await bench.submit()
    [held] = await claim(bench.store, owner="former", lane=LANE)
    assert await bench.store.note_submission(held.lease, vendor_idempotency_key=task.id)
    await bench.store.release("former")
    await bench.submitter.submit_due()
    assert upstream.jobs() == []
    now = await bench.task(task)
    assert (now.state, now.lease_owner) == (TaskState.SUBMITTING, "other")


class BrokenVendor(AskableVendor):
    """Its converter meets a reply that it cannot read."""

    async def submit(self, task, *, idempotency_key):
        await super().submit(task, idempotency_key=idempotency_key)
        raise KeyError("id")

    async def poll(self, tasks):  # noqa: ARG002 - the port's name
        raise KeyError("status")


async def test_vendor_whose_replies_cannot_be_read_disturbs_no_other(bench, ours, upstream):
    ours.channels.put(channel(upstream.url, id=2, name="broken"))
    bench.vendors[OTHER_LANE] = ours.vendor(BrokenVendor, channel_id=2)
    spoilt = await bench.submit(lane=OTHER_LANE)
    task = await bench.submit()
    assert (await bench.drive(task, is_over)).state is TaskState.SUCCEEDED
    # Its job is found by its key once the lease has run out; it can be polled again when the converter is mended.
    await bench.drive(spoilt, lambda now: now.state is TaskState.WAITING)
    bench.clock.advance(600 * SECOND_MS)
    assert await bench.poller.poll_due() == 1
    assert (await bench.task(spoilt)).state is TaskState.WAITING


async def test_channel_that_is_off_ends_what_it_was_given_and_takes_nothing_new(bench, ours, upstream):
    task = await bench.submit()
    await bench.drive(task, lambda now: now.state is TaskState.WAITING)
    ours.channels.put(replace(channel(upstream.url), is_on=False))
    new = await bench.submit()
    assert (await bench.drive(task, is_over)).state is TaskState.SUCCEEDED
    assert (await bench.task(new)).state is TaskState.QUEUED


async def test_row_13_channel_that_hangs_keeps_no_other_from_being_asked(bench, ours, upstream):
    ours.channels.put(channel(upstream.url, id=2, name="hanging", keys=("sk-second",)))
    bench.vendors[OTHER_LANE] = ours.vendor(channel_id=2)
    hung, task = await bench.submit(lane=OTHER_LANE), await bench.submit()
    upstream.set_fault(key="sk-second", path="/fetch", hang=True)
    await bench.submitter.submit_due()
    polling = asyncio.create_task(bench.poller.run(tick_s=0.01))

    async def is_done() -> bool:
        bench.clock.advance(SECOND_MS)
        return (await bench.task(task)).state is TaskState.SUCCEEDED

    await eventually(is_done)
    assert (await bench.task(hung)).state is TaskState.WAITING
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
