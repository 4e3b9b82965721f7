import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.kit.byte_range import RangeNotSatisfiableError, parse_range


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 50))
def test_range_is_the_slice_it_names(first: int, last: int, size: int) -> None:
    content = bytes(range(size))
    expected = content[first : last + 1]
    if last < first:
        assert parse_range(f"bytes={first}-{last}", size) is None
    elif not expected:
        with pytest.raises(RangeNotSatisfiableError):
            parse_range(f"bytes={first}-{last}", size)
    else:
        borders = parse_range(f"bytes={first}-{last}", size)
        assert borders is not None
        assert content[slice(*borders)] == expected


@given(st.text(), st.integers(0, 1000))
def test_no_header_breaks_the_parser(value: str, size: int) -> None:
    try:
        borders = parse_range(f"bytes={value}", size)
    except RangeNotSatisfiableError:
        return
    assert borders is None or 0 <= borders[0] < borders[1] <= size
