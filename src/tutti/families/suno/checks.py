"""Checks that several forms of this family share: each refusal names the field and what it may hold. Pure."""

from collections.abc import Collection
from urllib.parse import urlsplit

from tutti.errors import InvalidRequestError

_LONGEST_ADDRESS = 2048


def check_text(text: str, field: str, limit: int, *, by: str = "this field") -> str:
    """The text, which is no longer than `limit` characters. Raises `InvalidRequestError`."""
    if len(text) > limit:
        raise InvalidRequestError(f"{field} has {len(text)} characters; {by} takes at most {limit}.", field=field)
    if "\0" in text:
        raise InvalidRequestError(f"{field} holds a NUL character, which no text has.", field=field)
    return text


def check_given(text: str | None, field: str, wanted: str) -> str:
    """The text, which must not be empty. Raises `InvalidRequestError` that says what is `wanted`."""
    if not text or not text.strip():
        raise InvalidRequestError(f"{field} is empty: {wanted}.", field=field)
    return text


def check_number(number: float | None, field: str, least: float, most: float, *, unit: str = "") -> float | None:
    """The number when it lies within its bounds, both included. Raises `InvalidRequestError`."""
    if number is not None and not least <= number <= most:
        raise InvalidRequestError(f"{field} is {number:g}; it may be {least:g} to {most:g}{unit}.", field=field)
    return number


def check_word(word: str, field: str, allowed: Collection[str]) -> str:
    """The word when it is one of those allowed. Raises `InvalidRequestError` that tells them."""
    if word not in allowed:
        raise InvalidRequestError(f"{field} is {word[:40]!r}; known are {', '.join(allowed)}.", field=field)
    return word


def to_notify_hook(address: str | None) -> str | None:
    """Where webhooks go, None when nowhere. Raises `InvalidRequestError` for anything but an http(s) address.

    Whether the address is one we may connect to is decided when connecting.
    """
    if not address:
        return None
    try:
        parts = urlsplit(address)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or len(address) > _LONGEST_ADDRESS or not address.isprintable() or " " in address:
        raise InvalidRequestError("notify_hook must be an http or https address.", field="notify_hook")
    return address
