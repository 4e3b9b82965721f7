"""The Range header of HTTP (RFC 9110, section 14): single ranges of bytes."""

import re

_SINGLE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)", re.ASCII | re.IGNORECASE)


class RangeNotSatisfiableError(ValueError):
    """The range lies outside of what there is."""


def parse_range(value: str | None, size: int) -> tuple[int, int] | None:
    """The bytes [start, end) that a header asks for; None where the whole is to be sent.

    Several ranges and malformed values are ignored, which the standard allows. Raises `RangeNotSatisfiableError`.
    """
    match = _SINGLE.fullmatch(value.strip()) if value else None
    if match is None:
        return None
    first, last = match.groups()
    if not first:
        if not last:
            return None
        start, end = max(0, size - _number(last)), size
    else:
        start = _number(first)
        end = min(_number(last) + 1, size) if last else size
        if last and _number(last) < start:
            return None
    if start >= end:
        raise RangeNotSatisfiableError(f"{value} of {size} bytes")
    return start, end


def _number(digits: str) -> int:
    # No file has more than 10^18 bytes, and int() refuses endless digits.
    return int(digits) if len(digits) <= 19 else 10**19
