"""Callbacks of an upstream: repeated, forged, early, late, and beside polls; over every store."""

import asyncio

import pytest

from tests.factories import OPENING_UNITS, PRICE
from tests.vendors.bench import STEP_MS, is_over
from tutti.tasks.states import TaskState
from tutti.vendors.gateway.suno import GatewaySuno

pytestmark = pytest.mark.anyio


def is_waiting(task):
    return task.state is TaskState.WAITING


class GatedVendor(GatewaySuno):
    """Holds its calls until told; `calls` are those under way."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.gate = asyncio.Event()
        self.calls = asyncio.Semaphore(0)

    async def _pass(self):
        self.calls.release()
        await self.gate.wait()

    async def submit(self, task, *, idempotency_key):
        vendor_ref = await super().submit(task, idempotency_key=idempotency_key)
        await self._pass()
        return vendor_ref

    async def poll(self, tasks):
        answers = await super().poll(tasks)
        await self._pass()
        return answers


async def test_row_11_callback_makes_the_task_due_once(bench):
    task = await bench.submit()
    await bench.drive(task, is_waiting, steps=1)
    assert await bench.poller.poll_due() == 0
    for due in (1, 0):
        assert await bench.call_back(task, b'{"status":"done"}') == 200
        assert await bench.poller.poll_due() == due
    assert (await bench.task(task)).progress == 40


@pytest.mark.parametrize("path", ["/callback/{}/forged", "/callback/{}/" + "0" * 64])
async def test_row_11_forged_callback_is_refused_and_changes_nothing(bench, path):
    task = await bench.submit()
    before = await bench.drive(task, is_waiting, steps=1)
    assert await bench.call_back(task, b'{"status":"done"}', path=path.format(task.id)) == 401
    assert await bench.poller.poll_due() == 0
    assert await bench.task(task) == before


async def test_row_11_callback_for_one_task_does_not_pass_for_another(bench):
    one, other = await bench.submit(), await bench.submit()
    token = bench.callbacks.path(one.id).rpartition("/")[2]
    assert await bench.call_back(other, b"{}", path=f"/callback/{other.id}/{token}") == 401


async def test_row_11_oversized_callback_is_refused(bench):
    assert await bench.call_back(await bench.submit(), bytes(2_000_000)) == 413


async def test_row_11_callback_before_the_submit_returned_does_no_harm(bench_of, ours):
    vendor = ours.vendor(GatedVendor)
    bench = bench_of(vendor)
    task = await bench.submit()
    submitting = asyncio.create_task(bench.submitter.submit_due())
    await vendor.calls.acquire()
    assert await bench.call_back(task, b'{"status":"done"}') == 200
    assert (await bench.task(task)).state is TaskState.SUBMITTING
    vendor.gate.set()
    await submitting
    done = await bench.drive(task, is_over)
    assert (done.state, await bench.balance()) == (TaskState.SUCCEEDED, OPENING_UNITS - PRICE)


async def test_row_11_callbacks_out_of_order_turn_no_progress_back(bench):
    task = await bench.submit()
    await bench.drive(task, lambda now: now.progress == 40)
    for body in (b'{"status":"done"}', b'{"progress":10}', b'{"status":"submitted"}'):
        assert await bench.call_back(task, body) == 200
        assert (await bench.task(task)).progress >= 40
    done = await bench.drive(task, is_over)
    assert await bench.call_back(task, b'{"progress":20}') == 200
    assert await bench.poller.poll_due() == 0
    assert await bench.task(task) == done


async def test_row_12_poll_and_callback_that_bring_the_end_at_once_settle_once(bench, ours):
    task = await bench.submit()
    await bench.drive(task, lambda now: now.progress == 40)
    vendor = ours.vendor(GatedVendor)
    pollers = [bench.new_poller(vendor, owner=owner) for owner in ("one", "other")]
    bench.clock.advance(STEP_MS)
    polls = [asyncio.create_task(pollers[0].poll_due())]
    await vendor.calls.acquire()
    assert await bench.call_back(task, b'{"status":"done"}') == 200
    polls.append(asyncio.create_task(pollers[1].poll_due()))
    await vendor.calls.acquire()
    vendor.gate.set()
    assert await asyncio.gather(*polls) == [1, 1]
    done = await bench.task(task)
    assert (done.state, done.attempt, await bench.balance()) == (TaskState.SUCCEEDED, 2, OPENING_UNITS - PRICE)
    assert await bench.poller.poll_due() == 0
