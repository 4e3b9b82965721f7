"""The few changes that a body which passes through may need: all other bytes stay as they came."""

from collections.abc import Collection

import msgspec

from tutti.errors import InvalidRequestError

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encoder = msgspec.json.Encoder()


def with_fields(body: bytes, changes: dict[str, object]) -> bytes:
    """The same object with these top-level fields put in place of its own, or behind them. Raises for other JSON."""
    fields = _read(body)
    for name, value in changes.items():
        fields[name] = msgspec.Raw(_encoder.encode(value))
    return _encoder.encode(fields)


def without_fields(body: bytes, names: Collection[str]) -> bytes:
    """The same object without these top-level fields. Raises for other JSON."""
    return _encoder.encode({name: value for name, value in _read(body).items() if name not in names})


def _read(body: bytes) -> dict[str, msgspec.Raw]:
    try:
        return _fields.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequestError(f"The body is not a JSON object: {error}") from error
