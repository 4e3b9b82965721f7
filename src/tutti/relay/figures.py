"""Figures of streams on the OpenAI wire, which come only when asked for.

We settle by them, so we ask in the caller's place, and take the extra event out again for those who did not.
"""

import msgspec

from tutti.relay.body import with_fields


class _Options(msgspec.Struct, frozen=True):
    include_usage: bool | None = None


class _Asked(msgspec.Struct, frozen=True):
    stream_options: _Options | None = None


class _Event(msgspec.Struct, frozen=True):
    usage: msgspec.Raw = msgspec.Raw()
    choices: tuple[msgspec.Raw, ...] = ()


_asked = msgspec.json.Decoder(_Asked)
_event = msgspec.json.Decoder(_Event)


def asks_for_figures(body: bytes) -> bool:
    """Whether the caller wants the event with the figures."""
    if b'"stream_options"' not in body:
        return False
    try:
        options = _asked.decode(body).stream_options
    except msgspec.DecodeError:
        return False
    return bool(options and options.include_usage)


def asking_for_figures(body: bytes) -> bytes:
    """The same request, asking for them."""
    return with_fields(body, {"stream_options": {"include_usage": True}})


def is_figures_only(data: bytes) -> bool:
    """Whether an event holds the figures and nothing of an answer."""
    if b'"usage"' not in data:
        return False
    try:
        event = _event.decode(data)
    except msgspec.DecodeError:
        return False
    return bytes(event.usage) not in {b"", b"null"} and not event.choices
