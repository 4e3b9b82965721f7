"""The Claude wire: replies, stream events and errors of the Messages API. Requests are in `claude_request.py`.

https://platform.claude.com/docs/en/api/messages and /build-with-claude/streaming, 2026-11; see contracts/claude.yaml.
Blocks come in kinds and more are added each year: they stay plain objects here.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

JsonObject = dict[str, Any]


class CacheCreation(msgspec.Struct, frozen=True, kw_only=True):
    """What was written to the cache, by how long it stays."""

    ephemeral_5m_input_tokens: int | None = 0
    ephemeral_1h_input_tokens: int | None = 0


class OutputDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What of the answer was thought."""

    thinking_tokens: int | None = 0


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tokens of a call; the whole prompt is the sum of the three that name input."""

    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation: CacheCreation | None = None
    output_tokens_details: OutputDetails | None = None
    service_tier: str | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A whole message, or the beginning of a streamed one."""

    id: str = ""
    type: str = "message"
    role: str = "assistant"
    model: str = ""
    content: Sequence[JsonObject] = ()
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: Usage | None = None


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """What an event adds: to a block by its type, or to the message."""

    type: str = ""
    text: str = ""
    thinking: str = ""
    signature: str = ""
    partial_json: str = ""
    citation: JsonObject | None = None
    stop_reason: str | None = None
    stop_sequence: str | None = None


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of a reply that passes through."""

    usage: Usage | None = None


class ErrorObject(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong."""

    type: str = "api_error"
    message: str = ""


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every error in this wire, and the data of the event `error`."""

    # Spelt out, for a default would be left out.
    type: str
    error: ErrorObject
    request_id: str | None = None


class StreamEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Any event of a stream, as it is read; `type` says which of the others are there."""

    type: str = ""
    index: int = 0
    message: Reply | None = None
    content_block: JsonObject | None = None
    delta: Delta | None = None
    usage: Usage | None = None
    error: ErrorObject | None = None


encoder = msgspec.json.Encoder()
reply_decoder = msgspec.json.Decoder(Reply)
usage_decoder = msgspec.json.Decoder(Counted)
event_decoder = msgspec.json.Decoder(StreamEvent)


def event(name: str, **fields: Any) -> bytes:
    """One event, with both lines: SDKs go by the first, and `type` repeats it."""
    return b"event: %b\ndata: %b\n\n" % (name.encode("ascii"), encoder.encode({"type": name, **fields}))
