import asyncio

import msgspec
import pytest

from tests.factories import OPENING_UNITS, PRICE
from tests.tasks.worker.conftest import LANE
from tests.waiting import eventually
from tutti.blobs.growing import GrowingFiles
from tutti.errors import EngineError, InvalidRequestError, StoreError, UnavailableError
from tutti.tasks.memory import InMemoryTaskStore
from tutti.tasks.model import RefundPolicy
from tutti.tasks.runner import Done, Part, Progress
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio


class ScriptedRunner:
    """Runs an async generator function of (task, scratch, inputs), and counts how many run at once."""

    def __init__(self, script, capacity=1):
        self.script = script
        self.capacity = capacity
        self.at_once = self.most_at_once = 0
        self.started = []
        self.ended = []

    async def run(self, task, *, scratch, inputs):
        self.started.append((task.id, task.attempt))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            async for event in self.script(task, scratch, inputs):
                yield event
        finally:
            self.at_once -= 1
            self.ended.append((task.id, task.attempt))


async def quick(_task, _scratch, _inputs):
    yield Progress(fraction=0.5, note="half")
    yield Done(result={"text": "la"})


async def endless(_task, _scratch, _inputs):
    yield Progress(fraction=0.4, note="on and on")
    await asyncio.Event().wait()


def gated(gate, capacity=1):
    async def script(_task, _scratch, _inputs):
        yield Progress(fraction=0.4)
        await gate.wait()
        yield Done(result={"text": "la"})

    return ScriptedRunner(script, capacity)


def raising(error):
    async def script(_task, _scratch, _inputs):
        yield Progress(fraction=0.1)
        raise error

    return ScriptedRunner(script)


async def two_clips(_task, scratch, _inputs):
    clips = []
    for index in range(2):
        path = scratch / f"{index}.mp3"
        path.write_bytes(b"clip %d" % index)
        clips.append({"clip_id": str(index), "files": {"audio": str(path)}})
        yield Part(index=index, result=clips[-1])
    yield Done(result={"clips": clips})


def state_is(now, task, state):
    async def holds():
        return (await now(task)).state is state

    return holds


async def balance(store):
    (user,) = await store.list_users()
    return user.quota


async def test_task_is_worked_on_and_charged(store, submit, now, work):
    task = await submit()
    async with work(ScriptedRunner(quick)):
        await eventually(state_is(now, task, TaskState.SUCCEEDED))
    done = await now(task)
    assert (done.output, done.final_cost, done.attempt) == (b'{"text":"la"}', PRICE, 1)
    assert await balance(store) == OPENING_UNITS - PRICE


async def test_task_that_comes_while_waiting_is_worked_on(submit, now, work):
    async with work(ScriptedRunner(quick)) as worker:
        await asyncio.sleep(0)
        task = await submit()
        await eventually(state_is(now, task, TaskState.SUCCEEDED))
        await eventually(lambda: worker.running == 0)


async def test_files_are_stored_once_under_keys_of_the_attempt(submit, now, shelf, store, work):
    task = await submit()
    async with work(ScriptedRunner(two_clips)):
        await eventually(state_is(now, task, TaskState.SUCCEEDED))
    keys = [f"results/{task.id}/1/{index}.mp3" for index in range(2)]
    assert shelf.blobs == {keys[0]: b"clip 0", keys[1]: b"clip 1"}
    assert shelf.puts == 2
    output = msgspec.json.decode((await now(task)).output)
    assert [clip["files"]["audio"] for clip in output["clips"]] == keys
    parts = (await store.parts([task.id]))[task.id]
    assert [msgspec.json.decode(part.result) for part in parts] == output["clips"]


async def test_part_is_visible_while_the_rest_is_made(submit, now, store, work):
    async def script(_task, _scratch, _inputs):
        yield Part(index=0, result={"clip_id": "a"})
        await asyncio.Event().wait()

    task = await submit()

    async def is_published():
        return task.id in await store.parts([task.id])

    async with work(ScriptedRunner(script)):
        await eventually(is_published)
        assert (await now(task)).state is TaskState.RUNNING


async def test_named_blobs_lie_ready_as_files(submit, now, shelf, work):
    async def script(_task, scratch, inputs):
        assert list(scratch.iterdir()) == []
        yield Done(result={key: path.read_text() + path.suffix for key, path in inputs.items()})

    shelf.blobs = {"results/a/1/plan.json": b"the plan", "other": b"not named"}
    task = await submit(
        intent=b'{"kind":"song","seats":[],"source":{"how":"go-on","clip":{"plan_key":"results/a/1/plan.json"},"at_s":1}}'
    )
    async with work(ScriptedRunner(script)):
        await eventually(state_is(now, task, TaskState.SUCCEEDED))
    assert (await now(task)).output == b'{"results/a/1/plan.json":"the plan.json"}'


async def test_work_at_once_fills_capacity_and_no_more(submit, now, work):
    gate = asyncio.Event()
    runner = gated(gate, capacity=2)
    tasks = [await submit() for _ in range(5)]
    async with work(runner):
        await eventually(lambda: runner.at_once == 2)
        gate.set()
        for task in tasks:
            await eventually(state_is(now, task, TaskState.SUCCEEDED))
    assert runner.most_at_once == 2


async def test_lane_without_capacity_is_left_alone(submit, now, work):
    other = await submit(lane="engine:other")
    task = await submit()
    async with work(ScriptedRunner(quick, capacity=0), **{"engine:other": ScriptedRunner(quick)}):
        await eventually(state_is(now, other, TaskState.SUCCEEDED))
        assert (await now(task)).state is TaskState.QUEUED


@pytest.mark.parametrize(
    ("error", "attempts", "code"),
    [
        (InvalidRequestError("too long"), 1, "invalid_request"),
        (EngineError("no luck"), 3, "engine_failed"),
        (UnavailableError("no weights"), 3, "unavailable"),
        (ZeroDivisionError("a bug"), 3, "engine_failed"),
    ],
)
async def test_failure_ends_the_task_when_trying_again_is_vain(store, clock, submit, now, work, error, attempts, code):
    runner = raising(error)
    task = await submit()
    async with work(runner, lease_s=1000):

        async def is_over():
            clock.advance(1000)  # past the backoffs
            return (await now(task)).is_terminal

        await eventually(is_over)
    failed = await now(task)
    assert (failed.state, failed.attempt, failed.error.code) == (TaskState.FAILED, attempts, code)
    assert len(runner.started) == attempts
    assert await balance(store) == OPENING_UNITS


async def test_failed_attempt_is_followed_by_a_good_one(clock, submit, now, work):
    async def script(task, _scratch, _inputs):
        if task.attempt == 1:
            raise EngineError
        yield Done(result={})

    task = await submit()
    async with work(ScriptedRunner(script), lease_s=1000):

        async def is_done():
            clock.advance(1000)
            return (await now(task)).state is TaskState.SUCCEEDED

        await eventually(is_done)
    assert (await now(task)).attempt == 2


ESCAPES = {
    "up": "../outside.mp3",
    "absolute": "/etc/hostname",
    "link": "link.mp3",
    "absent": "absent.mp3",
    "folder": ".",
}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
async def test_result_may_name_files_of_its_own_folder_only(submit, now, shelf, work, escape):
    async def script(_task, scratch, _inputs):
        (scratch.parent / "outside.mp3").touch()
        (scratch / "link.mp3").symlink_to(scratch.parent / "outside.mp3")
        yield Done(result={"files": {"audio": str(scratch / escape)}})

    task = await submit(max_attempts=1)
    async with work(ScriptedRunner(script)):
        await eventually(state_is(now, task, TaskState.FAILED))
    assert shelf.blobs == {}


async def test_progress_is_told_with_the_heartbeat(submit, now, work):
    task = await submit()
    async with work(ScriptedRunner(endless), lease_s=0.06):

        async def is_told():
            present = await now(task)
            return (present.progress, present.progress_note) == (40, "on and on")

        await eventually(is_told)


async def test_heartbeat_keeps_a_long_task_alive(clock, dying, submit, now, work):
    gate = asyncio.Event()
    task = await submit()
    async with work(gated(gate), store=dying, lease_s=0.06):
        for _ in range(6):
            seen = dying.beats
            # The second beat from here has begun after the clock was moved.
            await eventually(lambda seen=seen: dying.beats >= seen + 2)
            clock.advance(50)
        gate.set()
        await eventually(state_is(now, task, TaskState.SUCCEEDED))
    assert (await now(task)).attempt == 1


async def test_cancelled_task_is_stopped_and_refunded(store, submit, now, work):
    runner = ScriptedRunner(endless)
    task = await submit()
    async with work(runner, lease_s=0.06):
        await eventually(lambda: runner.started)
        await store.cancel(task.id, refund=RefundPolicy.FULL)
        await eventually(state_is(now, task, TaskState.CANCELLED))
        assert runner.ended == runner.started
    assert await balance(store) == OPENING_UNITS


async def test_row_9_lost_lease_stops_the_attempt(store, clock, submit, now, work):
    """Row 9: the zombie's result is refused, the other worker's counts."""
    runner = ScriptedRunner(endless)
    task = await submit()
    async with work(runner, reap_s=1000, lease_s=0.06):
        await eventually(lambda: runner.started)
        clock.advance(10_000)
        await store.reap()
        clock.advance(10_000)
        (taken,) = await store.claim(LANE, owner="other", limit=1, lease_ms=60_000, state=TaskState.RUNNING)
        await eventually(lambda: runner.ended)
        assert (await now(task)).lease_owner == "other"
        assert await store.complete(taken.lease, output=b"theirs")


async def test_row_9_stale_completion_changes_nothing(store, clock, submit, now, work):
    gate = asyncio.Event()
    task = await submit()
    async with work(runner := gated(gate), reap_s=1000) as worker:
        await eventually(lambda: runner.started)
        clock.advance(60_000)
        await store.reap()
        clock.advance(60_000)
        (taken,) = await store.claim(LANE, owner="other", limit=1, lease_ms=60_000, state=TaskState.RUNNING)
        gate.set()
        await eventually(lambda: worker.running == 0)
        assert (await now(task)).state is TaskState.RUNNING
        assert await store.complete(taken.lease, output=b"theirs")
    assert (await now(task)).output == b"theirs"
    assert await balance(store) == OPENING_UNITS - PRICE


async def test_row_22_drain_lets_running_tasks_finish_and_claims_no_more(submit, now, work):
    gate = asyncio.Event()
    first, second = await submit(), await submit()
    async with work(runner := gated(gate)) as worker:
        await eventually(lambda: runner.started)
        worker.drain(grace_s=60)
        gate.set()
        await eventually(state_is(now, first, TaskState.SUCCEEDED))
    assert (await now(second)).state is TaskState.QUEUED


async def test_row_22_drain_hands_back_what_does_not_finish(store, submit, now, work):
    """Row 22: a shutdown burns no attempt."""
    runner = ScriptedRunner(endless, capacity=100)
    tasks = [await submit() for _ in range(100)]
    async with work(runner) as worker:
        await eventually(lambda: len(runner.started) == 100)
        worker.drain(grace_s=0)
    assert len(runner.ended) == 100
    async with work(ScriptedRunner(quick, capacity=100), owner="worker-2"):
        for task in tasks:
            await eventually(state_is(now, task, TaskState.SUCCEEDED))
    assert {(await now(task)).attempt for task in tasks} == {1}
    assert await balance(store) == OPENING_UNITS - 100 * PRICE


@pytest.mark.parametrize("failure", [UnavailableError("the bucket is away"), OSError("connection refused")])
async def test_row_24_attempt_waits_for_storage_to_come_back(submit, now, shelf, work, failure):
    """Row 24: the work is done already, so it is kept until it can be stored."""
    runner = ScriptedRunner(two_clips)
    shelf.failures = [failure, failure]
    task = await submit()
    async with work(runner):
        await eventually(state_is(now, task, TaskState.SUCCEEDED))
    assert runner.started == [(task.id, 1)]


async def test_row_24_storage_that_stays_away_is_waited_for_until_the_deadline(store, clock, submit, now, shelf, work):
    shelf.failures = [OSError("no route")] * 1000
    task = await submit(deadline_at_ms=clock.now_ms() + 100_000)
    async with work(ScriptedRunner(two_clips), lease_s=0.06) as worker:
        await eventually(lambda: shelf.puts > 0)
        clock.advance(100_000)
        await eventually(state_is(now, task, TaskState.EXPIRED))
        await eventually(lambda: worker.running == 0)
    assert await balance(store) == OPENING_UNITS


class DyingStore(InMemoryTaskStore):
    """Fails as told: the first calls of a verb raise; `dies_at` is a verb that never returns."""

    failing: dict
    dies_at = ""
    beats = 0

    async def _meet_fate(self, verb):
        if self.dies_at == verb:
            await asyncio.Event().wait()
        if self.failing.get(verb, 0) > 0:
            self.failing[verb] -= 1
            raise StoreError

    async def claim(self, *args, **kwargs):
        await self._meet_fate("claim")
        return await super().claim(*args, **kwargs)

    async def heartbeat(self, *args, **kwargs):
        await self._meet_fate("heartbeat")
        self.beats += 1
        return await super().heartbeat(*args, **kwargs)

    async def complete(self, *args, **kwargs):
        await self._meet_fate("complete")
        return await super().complete(*args, **kwargs)


@pytest.fixture
def dying(store):
    """A store over the same rows as `store` that can fail."""
    dying = DyingStore.__new__(DyingStore)
    dying.__dict__.update(store.__dict__)
    dying.failing = {}
    return dying


async def test_store_that_stumbles_is_asked_again(dying, submit, now, work):
    dying.failing = {"claim": 1, "heartbeat": 1, "complete": 2}
    task = await submit()
    async with work(ScriptedRunner(quick), store=dying, lease_s=30):
        await eventually(state_is(now, task, TaskState.SUCCEEDED))
    assert (await now(task)).attempt == 1


async def test_row_6_death_between_storing_and_settling_leaves_one_settle(store, dying, shelf, submit, now, work):
    """Row 6: the blobs are there, nothing names them; the next incarnation does it over."""
    dying.dies_at = "complete"
    task = await submit()
    async with work(ScriptedRunner(two_clips), store=dying):
        await eventually(lambda: len(shelf.blobs) == 2)
        assert (await now(task)).state is TaskState.RUNNING
        await store.release("worker-1")  # as the next boot does
        async with work(ScriptedRunner(two_clips), owner="worker-2"):
            await eventually(state_is(now, task, TaskState.SUCCEEDED))
    assert await balance(store) == OPENING_UNITS - PRICE


async def test_scratch_of_a_former_life_is_swept(tmp_path, submit, now, work):
    left = tmp_path / "scratch" / "worker-1" / "old-1" / "work"
    left.mkdir(parents=True)
    task = await submit()
    async with work(ScriptedRunner(quick)):
        await eventually(state_is(now, task, TaskState.SUCCEEDED))
        assert not left.exists()


async def test_growing_part_is_readable_under_the_key_of_the_finished_one(store, shelf, submit, work):
    growing, gate = GrowingFiles(), asyncio.Event()

    async def sing(_task, scratch, _inputs):
        (scratch / "song.mp3").write_bytes(b"la")
        files = {"audio": str(scratch / "song.mp3")}
        yield Part(index=0, result={"clip_id": "a", "files": files, "is_growing": True})
        await gate.wait()
        yield Part(index=0, result={"clip_id": "a", "files": files})
        yield Done(result={"clips": []})

    async with work(ScriptedRunner(sing), growing=growing):
        task = await submit()
        await eventually(lambda: store.parts([task.id]))
        parts = await store.parts([task.id])
        early = msgspec.json.decode(parts[task.id][0].result)
        key = early["files"]["audio"]
        assert early["is_growing"]
        assert key not in shelf.blobs
        assert growing.find(key) is not None
        gate.set()
        await eventually(lambda: growing.find(key) is None)
        assert shelf.blobs[key] == b"la"
    parts = await store.parts([task.id])
    assert msgspec.json.decode(parts[task.id][0].result) == {"clip_id": "a", "files": {"audio": key}}


async def test_growing_files_of_a_failed_attempt_are_readable_no_more(store, submit, work, now):
    growing = GrowingFiles()

    async def stumble(_task, scratch, _inputs):
        (scratch / "song.mp3").write_bytes(b"la")
        yield Part(index=0, result={"files": {"audio": str(scratch / "song.mp3")}, "is_growing": True})
        raise InvalidRequestError("no")

    async with work(ScriptedRunner(stumble), growing=growing):
        task = await submit()
        await eventually(lambda: ended(now, task))
    parts = await store.parts([task.id])
    assert growing.find(msgspec.json.decode(parts[task.id][0].result)["files"]["audio"]) is None


async def ended(now, task):
    return (await now(task)).is_terminal
