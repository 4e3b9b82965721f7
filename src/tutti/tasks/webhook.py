"""Delivers the outbox: every event at least once, signed, with patience, and no dead receiver in the way of others.

The signature is that of the Standard Webhooks specification (headers `webhook-id`, `webhook-timestamp`,
`webhook-signature`), so that receivers verify with a published library. While a secret is being rotated both sign.
"""

import asyncio
import base64
import hashlib
import hmac
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from tutti.accounts.store import AccountStore
from tutti.errors import TuttiError
from tutti.kit import failpoint
from tutti.kit.clock import Clock
from tutti.tasks.loops import for_ever
from tutti.tasks.model import OutboxEvent
from tutti.tasks.retry import webhook_delay_s
from tutti.tasks.store import Outbox

# A receiver that has not answered by then counts as failed; the lease must outlast it and the wait for a free place.
TIMEOUT_S = 10.0
LEASE_MS = 120_000
MOST_IN_FLIGHT = 256
MOST_PER_RECEIVER = 8
# After so many failures in a row a receiver gets one trial a minute; its other events count as failed without a call.
FAILURES_TO_OPEN = 5
OPEN_MS = 60_000
GONE = 410

_log = structlog.get_logger("tutti.webhook")


class Post(Protocol):
    """The guarded client's way to post."""

    async def __call__(
        self, url: str, *, body: bytes, headers: Mapping[str, str], timeout_s: float
    ) -> tuple[int, Mapping[str, str]]:
        """Status and headers of the answer; redirects are not followed. Raises `TuttiError` or `OSError`."""
        ...


def sign(event_id: str, *, timestamp_s: int, body: bytes, secrets: tuple[str, ...]) -> dict[str, str]:
    """The headers that prove who sent `body`; secrets are "whsec_" + base64, all of them sign."""
    content = f"{event_id}.{timestamp_s}.".encode() + body
    signatures = []
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signatures.append("v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode())
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signatures),
    }


@dataclass(slots=True)
class _Receiver:
    """What is remembered of one host while this process lives."""

    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_PER_RECEIVER))
    failures: int = 0
    closed_until_ms: int = 0


class WebhookDeliverer:
    """Takes due events from the outbox and posts them."""

    def __init__(
        self,
        outbox: Outbox,
        accounts: AccountStore,
        *,
        post: Post,
        clock: Clock,
        owner: str,
        on_error: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Post on behalf of `owner`; `on_error` hears of what should never happen."""
        self._outbox = outbox
        self._accounts = accounts
        self._post = post
        self._clock = clock
        self._owner = owner
        self._on_error = on_error
        self._spread = random.Random()
        self._receivers: defaultdict[str, _Receiver] = defaultdict(_Receiver)
        self._in_flight: set[asyncio.Task[None]] = set()

    async def run(self, *, tick_s: float = 0.5) -> None:
        """Deliver until cancelled; deliveries under way are cancelled too and come again when their lease ends."""
        try:
            await for_ever("webhooks", partial(self._tick, tick_s))
        finally:
            for task in self._in_flight:
                task.cancel()
            await asyncio.gather(*self._in_flight, return_exceptions=True)

    async def _tick(self, tick_s: float) -> None:
        if not await self.deliver_due():
            await asyncio.sleep(tick_s)

    async def deliver_due(self) -> int:
        """Start the deliveries that are due and have room; gives how many."""
        room = MOST_IN_FLIGHT - len(self._in_flight)
        if room <= 0:
            await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)
            return 1
        events = await self._outbox.due_events(owner=self._owner, limit=room, lease_ms=LEASE_MS)
        for event in events:
            task = asyncio.create_task(self._deliver(event), name=f"webhook {event.id}")
            self._in_flight.add(task)
            task.add_done_callback(self._finished)
        return len(events)

    async def settle(self) -> None:
        """Wait for the deliveries under way."""
        await asyncio.gather(*self._in_flight)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("webhook_delivery_broke", exc_info=error)
            if self._on_error is not None:
                self._on_error(error)

    async def _deliver(self, event: OutboxEvent) -> None:
        receiver = self._receivers[urlsplit(event.endpoint).netloc]
        async with receiver.places:
            failpoint.hit("webhook-leased")
            status, headers = await self._attempt(event, receiver)
            failpoint.hit("webhook-answered")
        if status is not None and 200 <= status < 300:
            receiver.failures = 0
            await self._outbox.mark_delivered(event.id, status=status)
        else:
            await self._put_off(event, receiver, status, _retry_after_s(headers))
        _log.info(
            "webhook_tried", task_id=event.task_id, event_id=event.id, tries=event.tries, status=status, seq=event.seq
        )

    async def _attempt(self, event: OutboxEvent, receiver: _Receiver) -> tuple[int | None, Mapping[str, str]]:
        """The receiver's status, None when it could not be asked."""
        now_ms = self._clock.now_ms()
        if receiver.closed_until_ms > now_ms:
            return None, {}
        if receiver.failures >= FAILURES_TO_OPEN:
            receiver.closed_until_ms = now_ms + OPEN_MS
        secrets = await self._accounts.webhook_secrets(event.user_id)
        headers = sign(event.id, timestamp_s=now_ms // 1000, body=event.body, secrets=secrets)
        headers["content-type"] = "application/json"
        try:
            return await self._post(event.endpoint, body=event.body, headers=headers, timeout_s=TIMEOUT_S)
        except (TuttiError, OSError, TimeoutError) as error:
            _log.info("webhook_unreachable", event_id=event.id, reason=type(error).__name__)
            return None, {}

    async def _put_off(
        self, event: OutboxEvent, receiver: _Receiver, status: int | None, retry_after_s: float | None
    ) -> None:
        receiver.failures += 1
        delay_s = webhook_delay_s(event.tries, retry_after_s=retry_after_s, spread=self._spread)
        if status == GONE or delay_s is None:
            await self._outbox.bury_event(event.id, status=status)
            _log.warning("webhook_buried", task_id=event.task_id, event_id=event.id, status=status)
        else:
            next_at_ms = self._clock.now_ms() + int(delay_s * 1000)
            await self._outbox.retry_event(event.id, next_at_ms=next_at_ms, status=status)


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The Retry-After header in seconds; its date form is rare and our own ladder serves as well."""
    value = headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None
