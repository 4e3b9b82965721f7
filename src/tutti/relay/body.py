"""The few changes that a body which passes through may need: all other bytes stay as they came."""

import msgspec

from tutti.errors import InvalidRequestError

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encoder = msgspec.json.Encoder()


def with_fields(body: bytes, changes: dict[str, object]) -> bytes:
    """The same object with these top-level fields put in place of its own, or behind them. Raises for other JSON."""
    try:
        fields = _fields.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequestError(f"The body is not a JSON object: {error}") from error
    for name, value in changes.items():
        fields[name] = msgspec.Raw(_encoder.encode(value))
    return _encoder.encode(fields)
