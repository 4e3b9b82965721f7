"""Responses that are kept: what a new one goes on from, and what is remembered of it.

The gateway remembers by itself. An upstream is sent the whole conversation and told to store nothing, so that each turn
may go to another channel, and a vendor that keeps nothing serves chains too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog

from tutti.accounts.model import Caller
from tutti.accounts.response import KeptResponse, ResponseStore
from tutti.errors import BodyTooLargeError, InvalidRequestError, NotFoundError, VendorError
from tutti.families.endpoint import decode
from tutti.families.reading import object_of
from tutti.families.responses.from_caller import refuse_what_lies_elsewhere
from tutti.families.responses.response import new_response_id
from tutti.families.responses.seals import is_foreign, may_hold_foreign_seals
from tutti.kit.clock import Clock
from tutti.kit.ids import random_text
from tutti.wires import responses as wire

# As long as OpenAI keeps them. https://platform.openai.com/docs/guides/conversation-state, seen 2026-11.
KEPT_MS = 30 * 86_400_000
# Longer ones are answered and not kept: a conversation full of pictures is no reason to fill the disk.
MOST_BYTES = 16 * 1024 * 1024
_SEALS = "reasoning.encrypted_content"
# How ids of an item begin.
_ID_HEADS = {"message": "msg", "function_call": "fc", "reasoning": "rs"}

_log = structlog.get_logger(__name__)
_json = msgspec.json.Decoder(dict[str, Any])
_items = msgspec.json.Decoder(list[dict[str, Any]])


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says of being kept."""

    model: str = ""
    store: bool | None = None
    background: bool | None = None
    stream: bool | None = None
    previous_response_id: str | None = None
    conversation: Any = None
    prompt: Any = None
    input: str | list[dict[str, Any]] | None = None


_asked_decoder = msgspec.json.Decoder(_Asked)


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A request whose past has been found."""

    # The whole conversation, as a request that is converted; and as one that passes through to an upstream.
    body: bytes
    same_wire_body: bytes
    model: str = ""
    is_kept: bool = False
    is_background: bool = False
    previous_id: str | None = None
    # What went in with this request alone, each item with an id.
    items: tuple[dict[str, Any], ...] = ()
    # Of a background response, which is told before its answer begins.
    response_id: str | None = None

    @property
    def path(self) -> dict[str, str]:
        """What `ResponsesWire.from_caller` is told beside the body."""
        return {} if self.response_id is None else {"response_id": self.response_id}

    @property
    def changes(self) -> dict[str, Any]:
        """What a reply that passed through says otherwise than its caller asked."""
        changes: dict[str, Any] = {"store": self.is_kept, "previous_response_id": self.previous_id}
        if self.is_background:
            changes |= {"background": True, "id": self.response_id}
        return changes

    @property
    def is_changed(self) -> bool:
        """Whether a reply that passes through has to be changed at all."""
        return self.body is not self.same_wire_body

    def told(self, reply: bytes) -> bytes:
        """A whole reply of an upstream of this wire, as its caller is to read it. Raises `VendorError`."""
        return wire.encoder.encode(object_told(reply) | self.changes) if self.is_changed else reply


@dataclass(frozen=True, slots=True)
class Keeping:
    """Finds and keeps responses."""

    store: ResponseStore
    clock: Clock
    most_bytes: int = field(default=MOST_BYTES, kw_only=True)

    async def prepare(self, body: bytes, caller: Caller) -> Prepared:
        """Find what a request goes on from. Raises `InvalidRequestError`, `NotFoundError` naming the field."""
        asked = decode(_asked_decoder, body)
        refuse_what_lies_elsewhere(asked)
        is_kept, is_background = asked.store is not False, bool(asked.background)
        if is_background and not is_kept:
            raise InvalidRequestError("background: a background response must be stored.", field="background")
        if is_background and asked.stream:
            raise InvalidRequestError(
                "stream: a background response is not streamed while it is made; retrieve it with stream=true.",
                field="stream",
            )
        own = _as_items(asked.input)
        past = await self._past(asked.previous_response_id, caller)
        if not past and not own:
            raise InvalidRequestError("input: give a text or a list of items.", field="input")
        is_plain = not past and not is_kept and not any(item.get("type") == "item_reference" for item in own)
        if is_plain and not may_hold_foreign_seals(body):
            return Prepared(body=body, same_wire_body=body, model=asked.model)
        raw, own = object_of(body), _resolved(own, past)
        raw["input"] = [*past, *own]
        return Prepared(
            body=_written(raw),
            same_wire_body=_written(_for_upstream(raw)),
            model=asked.model,
            is_kept=is_kept,
            is_background=is_background,
            previous_id=asked.previous_response_id,
            items=tuple(own),
            response_id=new_response_id() if is_background else None,
        )

    async def keep(self, prepared: Prepared, caller: Caller, response: bytes) -> None:
        """Remember a response that has ended, as its caller read it; one that is too long is not kept."""
        if not prepared.is_kept:
            return
        told = _json.decode(response) | prepared.changes
        await self._keep(prepared, caller, told)

    async def begin(self, prepared: Prepared, caller: Caller, response: Mapping[str, Any]) -> None:
        """Remember a background response whose answer has not begun. Raises `BodyTooLargeError`."""
        if not await self._keep(prepared, caller, response):
            raise BodyTooLargeError(
                f"A background response of over {self.most_bytes} bytes can not be kept: ask without background.",
                field="background",
            )

    async def _keep(self, prepared: Prepared, caller: Caller, told: Mapping[str, Any]) -> bool:
        if not isinstance(told.get("id"), str) or not isinstance(told.get("status"), str):
            _log.warning("response_not_kept", reason="the upstream named neither it nor its status")
            return False
        content, items = wire.encoder.encode(told), wire.encoder.encode(prepared.items)
        if len(content) + len(items) > self.most_bytes:
            _log.warning("response_too_long_to_keep", response_id=told["id"], bytes=len(content) + len(items))
            return False
        now_ms = self.clock.now_ms()
        kept = KeptResponse(
            id=told["id"],
            user_id=caller.user_id,
            status=told["status"],
            response=content,
            input=items,
            previous_id=prepared.previous_id,
            is_background=prepared.is_background,
            created_at_ms=now_ms,
            expires_at_ms=now_ms + KEPT_MS,
        )
        is_kept = await self.store.keep_response(kept)
        if not is_kept:
            _log.info("response_not_kept", response_id=kept.id, status=kept.status)
        return is_kept

    async def _past(self, previous_id: str | None, caller: Caller) -> list[dict[str, Any]]:
        """The items of the conversation so far."""
        if previous_id is None:
            return []
        field = "previous_response_id"
        chain = await self.store.chain_of_responses(previous_id, user_id=caller.user_id)
        if not chain or chain[-1].id != previous_id:
            raise NotFoundError(f"Previous response with id '{previous_id}' not found.", field=field)
        if chain[0].previous_id is not None:
            raise NotFoundError(
                f"Response '{chain[0].previous_id}', which '{previous_id}' goes on from, is no longer kept.",
                field=field,
            )
        if chain[-1].status in wire.UNFINISHED:
            raise InvalidRequestError(f"Response '{previous_id}' has not ended yet.", field=field)
        return [item for kept in chain for item in (*_items.decode(kept.input), *_output_of(kept))]


def not_kept(body: bytes) -> bytes:
    """A request that is counted or compacted, not answered. Raises `InvalidRequestError`."""
    raw = object_of(body)
    model = raw.get("model") or "gpt-4o"
    return _written({**raw, "model": model, "store": False, "background": None, "stream": None})


def _written(request: Mapping[str, Any]) -> bytes:
    try:
        return wire.encoder.encode(request)
    except RecursionError as error:
        raise InvalidRequestError("The body is nested too deeply.") from error


def object_told(reply: bytes) -> dict[str, Any]:
    """An object that an upstream sent. Raises `VendorError`."""
    try:
        return _json.decode(reply)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise VendorError("The upstream's answer could not be read.") from error


def _output_of(kept: KeptResponse) -> Iterable[dict[str, Any]]:
    output = _json.decode(kept.response).get("output")
    return (item for item in output if isinstance(item, dict)) if isinstance(output, list) else ()


def _as_items(given: str | list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """What went in, as items with type and id each, and messages with their parts."""
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    return [_named(item) for item in given or ()]


def _named(item: dict[str, Any]) -> dict[str, Any]:
    told = {"type": "message", **item}
    if told["type"] == "message" and isinstance(told.get("content"), str):
        kind = "output_text" if told.get("role") == "assistant" else "input_text"
        told["content"] = [{"type": kind, "text": told["content"]}]
    if isinstance(told.get("id"), str) and told["id"]:
        return told
    return {**told, "id": f"{_ID_HEADS.get(str(told['type']), 'item')}_{random_text(32)}"}


def _resolved(own: Iterable[dict[str, Any]], past: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items with those in place that are only named. Raises `NotFoundError`."""
    by_id = {item["id"]: item for item in past if isinstance(item.get("id"), str)}
    return [_referred(item, by_id) if item.get("type") == "item_reference" else item for item in own]


def _referred(item: Mapping[str, Any], by_id: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    found = by_id.get(item["id"])
    if found is None:
        raise NotFoundError(
            f"Item with id '{item['id']}' not found: name the response that holds it in previous_response_id.",
            field="input",
        )
    return found


def _for_upstream(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The request as an upstream may read it that has stored nothing."""
    sent = {name: value for name, value in raw.items() if name not in {"previous_response_id", "background"}}
    sent["input"] = [item for item in map(_unstored, raw["input"]) if item is not None]
    if any(item.get("encrypted_content") for item in sent["input"]):
        sent["include"] = [*dict.fromkeys([*(raw.get("include") or ()), _SEALS])]
    return {**sent, "store": False}


def _unstored(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """An item without the id that it would be looked up by; thoughts keep theirs, and go with OpenAI's seal only."""
    if item.get("type") == "reasoning":
        return dict(item) if item.get("encrypted_content") and not is_foreign(item) else None
    return {name: value for name, value in item.items() if name != "id"}
