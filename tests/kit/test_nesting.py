"""How deep JSON nests, against a count that walks the value."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.kit.nesting import MOST_LEVELS, depths, is_flat

# Letters that a scan may trip over.
_TEXT = st.text(st.sampled_from('[]{}"\\n\u00e9x:, '), max_size=12)
_VALUES = st.recursive(
    st.none() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
)


def naive_depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max((naive_depth(one) for one in inner), default=0)


def nested(levels: int, innermost: str = "") -> bytes:
    """An object of so many levels."""
    return b'{"a":' + b"[" * (levels - 1) + innermost.encode() + b"]" * (levels - 1) + b"}"


@given(_VALUES, st.integers(1, 9), st.booleans(), st.sampled_from([None, 1]))
def test_depth_is_that_of_the_value(value: Any, piece_bytes: int, is_ascii: bool, indent: int | None) -> None:  # noqa: FBT001
    body = json.dumps(value, ensure_ascii=is_ascii, indent=indent).encode()
    for size in (piece_bytes, 65_536):
        assert max(depths(body, piece_bytes=size)) == naive_depth(value)


@given(st.binary(max_size=300), st.integers(1, 9))
def test_nothing_breaks_the_scan(body: bytes, piece_bytes: int) -> None:
    list(depths(body, piece_bytes=piece_bytes))
    is_flat(body * 9)


@pytest.mark.parametrize("innermost", ["", "1", '"' + "[" * 999 + '"'])
def test_what_is_too_deep_is_not_flat_and_what_is_usual_is(innermost: str) -> None:
    assert is_flat(nested(150, innermost))
    deeper = nested(MOST_LEVELS + 1, innermost)
    assert not is_flat(deeper)
    assert max(depths(deeper)) == MOST_LEVELS + 1


@pytest.mark.parametrize("before", [b'"\xff"', b"1" * 5000, b"NaN", b'"\\ud800"', b'"]]]]"'])
def test_nothing_before_it_hides_a_deep_place(before: bytes) -> None:
    body = b'{"x":' + before + b',"y":' + nested(MOST_LEVELS) + b"}"
    assert not is_flat(body)
    assert max(depths(body)) == MOST_LEVELS + 1


@pytest.mark.parametrize("body", [b"--cut\r\n" + b"[" * 999, b"\r\n--cut\r\n" + b"{" * 999])
def test_forms_are_no_json(body: bytes) -> None:
    assert is_flat(body)


def test_long_bodies_and_arrays_are_looked_at() -> None:
    for body in (b'{"x":"' + b"x" * 2_000_000 + b'"}', b" " * 300 + b"{}", b"[" + b"1," * 200 + b"1]"):
        assert not is_flat(body)
        assert max(depths(body)) == 1
