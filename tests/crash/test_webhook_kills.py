"""Row 17: a deliverer killed around a delivery, and receivers that misbehave; every event arrives, under one id."""

import signal
from pathlib import Path

import msgspec
import pytest

from tests.crash.scenario import LANE
from tests.factories import new_task, seed_account
from tests.processes import spawn
from tests.waiting import eventually
from tutti.database.check import check
from tutti.kit.clock import ManualClock, SystemClock
from tutti.outside import OutsideClient
from tutti.tasks import webhook
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState
from tutti.tasks.webhook import WebhookDeliverer

pytestmark = pytest.mark.anyio

KILLED = 137


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now_ms())


async def _open(database: Path, clock: ManualClock) -> SqliteTaskStore:
    store = SqliteTaskStore(database, clock=clock, render_event=lambda task, _parts: f'"{task.state}"'.encode())
    await store.open()
    return store


async def _end_task(database: Path, clock: ManualClock, hook: str) -> str:
    """A task that has ended and whose hook knows nothing yet; the id of its one event."""
    store = await _open(database, clock)
    await seed_account(store)
    await store.submit(new_task(notify_hook=hook))
    [task] = await store.claim(LANE, owner="worker", limit=1, lease_ms=60_000, state=TaskState.RUNNING)
    assert await store.complete(task.lease, output=b"{}")
    [event] = await store.due_events(owner="look", limit=9, lease_ms=1)
    await store.release("look")
    await store.close()
    return event.id


async def _deliver(database: Path, clock: ManualClock) -> None:
    """What the next server does, until there is nothing left to tell."""
    store = await _open(database, clock)
    for former in await store.lease_owners():
        await store.release(former)
    async with OutsideClient(("127.0.0.0/8",)) as outside:
        deliverer = WebhookDeliverer(store, store, post=outside.post, clock=clock, owner="next")
        for _ in range(3):
            await deliverer.deliver_due()
            await deliverer.settle()
            clock.advance(60_000)
    await store.close()


def _told(told: Path) -> list[tuple[str, str]]:
    lines = map(msgspec.json.decode, told.read_bytes().splitlines()) if told.exists() else ()
    return [(line["event"], line["told"]) for line in lines]


async def _outbox(database: Path, clock: ManualClock) -> list[tuple[object, ...]]:
    store = await _open(database, clock)
    rows = await store._read(
        lambda connection: connection.execute("SELECT id, state, tries, last_status FROM outbox").fetchall()
    )
    await store.close()
    return rows


@pytest.mark.parametrize(("failpoint", "heard"), [("webhook-leased", 0), ("webhook-answered", 1)])
async def test_row_17_killed_around_a_delivery_it_comes_again_under_its_id(
    database: Path, clock: ManualClock, receiver: str, told: Path, failpoint: str, heard: int
) -> None:
    event = await _end_task(database, clock, f"{receiver}/taken")
    process = spawn("tests.crash.scenario", database, "deliver", "-", TUTTI_FAILPOINT=failpoint)
    assert process.wait(60) == KILLED
    assert len(_told(told)) == heard
    await _deliver(database, clock)
    assert _told(told) == [(event, "succeeded")] * (heard + 1)
    assert await _outbox(database, clock) == [(event, "delivered", 1, 200)]
    assert check(database) == []


async def test_row_17_killed_in_the_midst_of_a_delivery_it_comes_again_under_its_id(
    database: Path, clock: ManualClock, receiver: str, told: Path
) -> None:
    event = await _end_task(database, clock, f"{receiver}/hanging")
    process = spawn("tests.crash.scenario", database, "deliver", "-")
    try:
        await eventually(lambda: _told(told))
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL
    await _deliver(database, clock)
    assert _told(told) == [(event, "succeeded")] * 2
    assert await _outbox(database, clock) == [(event, "delivered", 1, 200)]


@pytest.mark.parametrize(
    ("path", "heard", "row"),
    [
        ("failing", 2, ("delivered", 2, 200)),
        ("hanging", 2, ("delivered", 2, 200)),
        ("gone", 1, ("dead", 1, 410)),
    ],
)
async def test_row_17_receiver_that_misbehaves_is_tried_again_or_left_alone(
    database: Path,
    clock: ManualClock,
    receiver: str,
    told: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    heard: int,
    row: tuple[object, ...],
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 1.0 if path == "hanging" else 20.0)
    event = await _end_task(database, clock, f"{receiver}/{path}")
    await _deliver(database, clock)
    assert _told(told) == [(event, "succeeded")] * heard
    assert await _outbox(database, clock) == [(event, *row)]


async def test_row_17_long_backlog_of_a_dead_receiver_does_not_delay_the_others(
    database: Path, clock: ManualClock, receiver: str, told: Path
) -> None:
    store = await _open(database, clock)
    await seed_account(store, units=10**12)
    for _ in range(500):
        await store.submit(new_task(notify_hook="http://127.0.0.1:9/dead"))
    await store.submit(new_task(notify_hook=f"{receiver}/taken"))
    while tasks := await store.claim(LANE, owner="worker", limit=200, lease_ms=60_000, state=TaskState.RUNNING):
        for task in tasks:
            await store.complete(task.lease, output=b"{}")
    async with OutsideClient(("127.0.0.0/8",)) as outside:
        deliverer = WebhookDeliverer(store, store, post=outside.post, clock=clock, owner="next")
        while await deliverer.deliver_due():
            await deliverer.settle()
    await store.close()
    assert [state for _, state in _told(told)] == ["succeeded"]
    assert check(database) == []
