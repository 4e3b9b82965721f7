"""The deed of submitting: from a translated wish to a durable task with its price held."""

import hashlib

import msgspec

from tutti.accounts.model import Caller
from tutti.families.services import Services
from tutti.families.suno.stems import is_every_part
from tutti.intents import AnyIntent, Concat, LyricsWish, Song, SoundFile, SoundImport, Stems
from tutti.intents.stored import seats_of
from tutti.kit.ids import new_id
from tutti.routing.models import Offer
from tutti.tasks.model import NewTask, Submitted

FAMILY = "suno"

_encoder = msgspec.json.Encoder()


def priced_name(intent: AnyIntent) -> str:
    """The name that a piece of work is offered and priced under."""
    match intent:
        case Song():
            return "suno_music"
        case LyricsWish():
            return "suno_lyrics"
        case Stems():
            return "suno_all_stems" if is_every_part(intent) else "suno_stems"
        case Concat():
            return "suno_concat"
        case SoundImport():
            return "suno_upload"
        case SoundFile():
            return f"suno_{intent.form}"


async def submit(
    services: Services,
    caller: Caller,
    offer: Offer,
    intent: AnyIntent,
    *,
    body: bytes,
    request: bytes | None = None,
    notify_hook: str | None = None,
    idempotency_key: str | None = None,
    task_id: str | None = None,
) -> Submitted:
    """Store the task and hold its price; an Idempotency-Key seen before gives the earlier task.

    `body` is what the caller sent, `request` the same in this wire where that was another. `task_id` is an id that the
    caller has heard before; without one the task gets new ones.
    Raises `DiskFullError`, `QuotaError`, `RateLimitError`, and `ConflictError` for a key seen with another body.
    """
    services.require_room()
    now_ms = services.clock.now_ms()
    new = NewTask(
        id=task_id or new_id(now_ms),
        # A UUID like any other to callers; sorted by time it spares the database a page write for each submit.
        public_id=task_id or new_id(now_ms),
        family=FAMILY,
        kind=intent.kind,
        model=offer.priced_as,
        user_id=caller.user_id,
        key_id=caller.key_id,
        intent=_encoder.encode(intent),
        request=body if request is None else request,
        price=services.prices.per_call(offer.priced_as),
        lane=offer.lane,
        deadline_at_ms=now_ms + int(services.settings.task_deadline_s * 1000),
        idempotency_key=idempotency_key,
        # The kind is hashed too: the same key and body sent to another route is another request.
        body_hash=hashlib.sha256(intent.kind.encode() + b"\0" + body).hexdigest() if idempotency_key else None,
        notify_hook=notify_hook,
        part_ids=tuple(seat.clip_id for seat in seats_of(intent)),
    )
    return await _within_limits(services, caller, new)


async def _within_limits(services: Services, caller: Caller, new: NewTask) -> Submitted:
    """Store a task as far as its key may; a task's units count from its submit on, whatever becomes of it."""
    ticket = await services.limiter.enter(caller, new.price)
    units = 0
    try:
        submitted = await services.store.submit(new)
        units = new.price if submitted.is_new else 0
    finally:
        services.limiter.leave(ticket, tokens=0, units=units)
    return submitted
