"""How deep JSON nests. What is skipped here unread, somebody else reads to its bottom, and may fall over there.

A parser in Rust, which gives up at some 200 levels, says of nearly every body that it is not too deep, for less than
it costs to count brackets. What it does not take is looked at here, by the brackets outside strings: anything may be
given, but of what is no JSON the figures mean nothing.
"""

import re
from collections.abc import Iterator
from itertools import accumulate

from pydantic_core import SchemaValidator, ValidationError, core_schema

# The outermost object being 1. Schemas of tools, the deepest of what is sent in earnest, take some tens. The quick
# parser must not go deeper than this, and a test holds it to that.
MOST_LEVELS = 256
# It builds a tree, which for the worst of bodies is forty times their size.
_MOST_QUICK_BYTES = 1_048_576
_quick = SchemaValidator(core_schema.typed_dict_schema({}, extra_behavior="ignore"))

# A piece is done in two milliseconds, whatever is in it.
_PIECE_BYTES = 65_536
_BEGINS = re.compile(rb"[ \t\n\r]*[\[{]")
_BRACKETS = b"[{]}"
_OTHERS = bytes(set(range(256)) - set(_BRACKETS))
# One level deeper, and one back: as signed bytes.
_STEPS = bytes.maketrans(_BRACKETS, b"\x01\x01\xff\xff")


def is_flat(body: bytes) -> bool:
    """Whether a body clearly is no deeper than `MOST_LEVELS`; if not, `depths` tells."""
    if len(body) <= MOST_LEVELS:
        return True
    if not body.startswith(b"{") or len(body) > _MOST_QUICK_BYTES:
        return _BEGINS.match(body) is None  # a form
    try:
        _quick.validate_json(body)
    except ValidationError:
        return False
    return True


def depths(body: bytes, *, piece_bytes: int = _PIECE_BYTES) -> Iterator[int]:
    """The deepest level of each piece of a body; to be left as soon as it is too deep."""
    level, start, is_in_string = 0, 0, False
    while start < len(body):
        piece = body[start : start + piece_bytes]
        start += len(piece)
        if b"\\" in piece:
            if (len(piece) - len(piece.rstrip(b"\\"))) % 2:  # it ends in the midst of an escape
                piece += body[start : start + 1]
                start += 1
            piece = piece.replace(b"\\\\", b"").replace(b'\\"', b"")
        texts = piece.split(b'"')
        steps = memoryview(b"".join(texts[is_in_string::2]).translate(_STEPS, _OTHERS)).cast("b")
        is_in_string ^= len(texts) % 2 == 0
        yield level + max(accumulate(steps), default=0)
        level += sum(steps)
