"""The webhook deliverer, against receivers that behave in every way they do."""

import asyncio
import json
import random

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.factories import new_task, seed_account
from tests.waiting import eventually
from tutti.errors import StoreError, UnsafeAddressError
from tutti.kit.clock import ManualClock
from tutti.tasks.memory import InMemoryTaskStore
from tutti.tasks.retry import WEBHOOK_LADDER_S, webhook_delay_s
from tutti.tasks.states import TaskState
from tutti.tasks.webhook import FAILURES_TO_OPEN, WebhookDeliverer, sign

pytestmark = pytest.mark.anyio


class Receiver:
    """Answers what it is told and remembers what it got."""

    def __init__(self, *statuses: int, headers: dict | None = None) -> None:
        self.statuses = list(statuses)
        self.headers = headers or {}
        self.got: list[tuple[str, bytes, dict]] = []

    async def __call__(self, url, *, body, headers, timeout_s):  # noqa: ARG002 - the port's names
        self.got.append((url, body, dict(headers)))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == 0:
            raise UnsafeAddressError
        return status, self.headers


async def ended_task(store: InMemoryTaskStore, hook: str = "https://hooks.example.org/a") -> None:
    new = new_task(notify_hook=hook)
    await store.submit(new)
    (task,) = await store.claim("engine:song", owner="w", limit=1, lease_ms=1000, state=TaskState.RUNNING)
    await store.complete(task.lease, output=b"{}")


async def setup(receiver: Receiver) -> tuple[InMemoryTaskStore, WebhookDeliverer, ManualClock]:
    clock = ManualClock()
    store = InMemoryTaskStore(clock=clock, render_event=lambda task, _parts: task.state.encode())
    await seed_account(store)
    return store, WebhookDeliverer(store, store, post=receiver, clock=clock, owner="test"), clock


async def deliver(deliverer: WebhookDeliverer) -> None:
    await deliverer.deliver_due()
    await deliverer.settle()


async def test_webhook_is_delivered_once_with_a_signature_the_published_library_accepts():
    receiver = Receiver(200)
    store, deliverer, _ = await setup(receiver)
    await ended_task(store)
    await deliver(deliverer)
    await deliver(deliverer)
    ((url, body, _),) = receiver.got
    assert (url, body) == ("https://hooks.example.org/a", b"succeeded")


@pytest.mark.parametrize("which", [0, 1])
def test_sign_verifies_with_either_secret_during_rotation(which):
    secrets = ("whsec_" + "bmV3LXNlY3JldC1uZXctc2VjcmV0", "whsec_" + "b2xkLXNlY3JldC1vbGQtc2VjcmV0")
    body = json.dumps({"a": 1}).encode()
    import time  # noqa: PLC0415 - the library compares with the present

    headers = sign("evt", timestamp_s=int(time.time()), body=body, secrets=secrets)
    assert Webhook(secrets[which]).verify(body, headers) == {"a": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets[which]).verify(body + b" ", headers)


@pytest.mark.parametrize("status", [500, 429, 404, 0])
async def test_row_17_webhook_retries_with_the_same_id_until_taken(status):
    receiver = Receiver(status, 204)
    store, deliverer, clock = await setup(receiver)
    await ended_task(store)
    await deliver(deliverer)
    await deliver(deliverer)
    assert len(receiver.got) == 1
    clock.advance(6_000)
    await deliver(deliverer)
    assert len({headers["webhook-id"] for _, _, headers in receiver.got}) == 1
    assert [row.state for row in store.tables.outbox.values()] == ["delivered"]


async def test_row_17_gone_receiver_is_left_alone():
    receiver = Receiver(410)
    store, deliverer, _ = await setup(receiver)
    await ended_task(store)
    await deliver(deliverer)
    assert [row.state for row in store.tables.outbox.values()] == ["dead"]


async def test_webhook_is_buried_when_the_ladder_ends():
    receiver = Receiver(500)
    store, deliverer, clock = await setup(receiver)
    await ended_task(store)
    for _ in range(len(WEBHOOK_LADDER_S) + 1):
        await deliver(deliverer)
        clock.advance(100_000_000)
    assert [row.state for row in store.tables.outbox.values()] == ["dead"]
    assert len(receiver.got) == len(WEBHOOK_LADDER_S) + 1


async def test_row_17_dead_receiver_is_not_called_for_a_whole_backlog():
    receiver = Receiver(500)
    store, deliverer, _ = await setup(receiver)
    for _ in range(100):
        await ended_task(store)
    await deliver(deliverer)
    # Those already under way when the breaker opens may still arrive.
    assert FAILURES_TO_OPEN <= len(receiver.got) < 30


async def test_row_17_crash_before_mark_delivers_again_under_the_same_id():
    receiver = Receiver(200)
    store, deliverer, clock = await setup(receiver)
    await ended_task(store)
    leased = await store.due_events(owner="crashed", limit=10, lease_ms=1000)
    await deliver(deliverer)
    assert receiver.got == []
    clock.advance(1001)
    await deliver(deliverer)
    assert [headers["webhook-id"] for _, _, headers in receiver.got] == [event.id for event in leased]


class StumblingStore(InMemoryTaskStore):
    """Its database is full for the first look."""

    looks = 0

    async def due_events(self, *, owner, limit, lease_ms):
        self.looks += 1
        if self.looks == 1:
            raise StoreError
        return await super().due_events(owner=owner, limit=limit, lease_ms=lease_ms)


async def test_webhooks_go_on_after_the_store_has_stumbled():
    clock, receiver = ManualClock(), Receiver(200)
    store = StumblingStore(clock=clock, render_event=lambda task, _parts: task.state.encode())
    await seed_account(store)
    await ended_task(store)
    delivering = asyncio.create_task(
        WebhookDeliverer(store, store, post=receiver, clock=clock, owner="test").run(tick_s=0.01)
    )
    await eventually(lambda: receiver.got)
    delivering.cancel()
    await asyncio.wait([delivering])


def test_webhook_delay_obeys_a_longer_retry_after_but_not_forever():
    spread = random.Random(1)
    assert webhook_delay_s(1, retry_after_s=50, spread=spread) >= 50
    assert webhook_delay_s(1, retry_after_s=1e9, spread=spread) <= WEBHOOK_LADDER_S[-1] * 1.1
    assert webhook_delay_s(len(WEBHOOK_LADDER_S) + 1, retry_after_s=None, spread=spread) is None
