"""The deed of submitting a song or words: from a translated wish to a durable task with its price held."""

import hashlib

import msgspec

from tutti.accounts.model import Caller
from tutti.families.services import Services
from tutti.intents import AnyIntent
from tutti.kit.ids import new_id
from tutti.routing.models import Offer
from tutti.tasks.model import NewTask, Submitted

FAMILY = "suno"

_encoder = msgspec.json.Encoder()


async def submit(
    services: Services,
    caller: Caller,
    offer: Offer,
    intent: AnyIntent,
    *,
    body: bytes,
    notify_hook: str | None = None,
    idempotency_key: str | None = None,
) -> Submitted:
    """Store the task and hold its price; an Idempotency-Key seen before gives the earlier task.

    Raises `DiskFullError`, `QuotaError`, and `ConflictError` when the key came with another body before.
    """
    services.require_room()
    now_ms = services.clock.now_ms()
    new = NewTask(
        id=new_id(now_ms),
        # A UUID like any other to callers; sorted by time it spares the database a page write for each submit.
        public_id=new_id(now_ms),
        family=FAMILY,
        kind=intent.kind,
        model=offer.priced_as,
        user_id=caller.user_id,
        key_id=caller.key_id,
        intent=_encoder.encode(intent),
        request=body,
        price=services.prices.per_call(offer.priced_as),
        lane=offer.lane,
        deadline_at_ms=now_ms + int(services.settings.task_deadline_s * 1000),
        idempotency_key=idempotency_key,
        # The kind is hashed too: the same key and body sent to another route is another request.
        body_hash=hashlib.sha256(intent.kind.encode() + b"\0" + body).hexdigest() if idempotency_key else None,
        notify_hook=notify_hook,
    )
    return await services.store.submit(new)
