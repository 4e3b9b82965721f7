"""The Realtime wire: what is looked at in the events that upstreams send, and the one event that we make.

https://platform.openai.com/docs/api-reference/realtime-server-events; the names of both dialects are in
contracts/realtime.yaml. All other events pass unread.
"""

import msgspec


class InputDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Parts of what went in."""

    cached_tokens: int | None = 0
    audio_tokens: int | None = 0


class OutputDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Parts of what came out."""

    audio_tokens: int | None = 0


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one response: the whole conversation before it, and the response."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_token_details: InputDetails | None = None
    output_token_details: OutputDetails | None = None


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """A response as `response.done` tells it."""

    usage: Usage | None = None


class ServerEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Any event of a server."""

    type: str
    response: Response | None = None
    delta: str | None = None


class ErrorObject(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong; `event_id` is that of the client's event at fault."""

    type: str
    code: str
    message: str
    param: str | None = None
    event_id: str | None = None


class ErrorEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The event that tells an error."""

    type: str = "error"
    event_id: str
    error: ErrorObject


decoder = msgspec.json.Decoder(ServerEvent)
encoder = msgspec.json.Encoder()
