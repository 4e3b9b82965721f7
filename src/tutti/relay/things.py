"""What is charged beside tokens: pictures, characters, seconds of sound. Pure."""

import msgspec

from tutti.billing.price import Thing
from tutti.relay.call import Call

# Sound whose length nobody told is taken for mp3 of 128 kbit/s, the usual form of recordings that are sent.
_BYTES_A_SECOND = 16_000


class _Spoken(msgspec.Struct, frozen=True):
    input: str = ""


class _Seconds(msgspec.Struct, frozen=True):
    seconds: float | None = None


class _Heard(msgspec.Struct, frozen=True):
    # "verbose_json" tells the first, the newer models the second.
    duration: float | None = None
    usage: _Seconds | None = None


_spoken = msgspec.json.Decoder(_Spoken)
_heard = msgspec.json.Decoder(_Heard)


def count_of(thing: Thing, call: Call, reply: bytes) -> float:
    """How many of them a call used, by its request and, where that tells it, its reply."""
    match thing:
        case "call":
            return 1
        case "image":
            return call.peek.count
        case "character":
            return _characters(call.body)
        case "second":
            return _seconds(reply) or len(call.body) / _BYTES_A_SECOND


def _characters(request: bytes) -> int:
    try:
        return len(_spoken.decode(request).input)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return len(request)


def _seconds(reply: bytes) -> float | None:
    try:
        heard = _heard.decode(reply)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return heard.duration if heard.usage is None or heard.usage.seconds is None else heard.usage.seconds
