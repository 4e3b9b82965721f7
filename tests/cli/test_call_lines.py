"""What `tutti logs` and `tutti explain` tell of a call."""

from typing import Any

import pytest

from tests.billing.calls import call
from tutti.admin.calls import call_info
from tutti.admin.names import Names
from tutti.admin.told import CallInfo
from tutti.billing.records import LoggedCall
from tutti.cli.explain import _told
from tutti.cli.logs import things


def info(**changes: Any) -> CallInfo:
    names = Names(users={}, keys={}, channels={})
    return call_info(LoggedCall(id=1, flush_id="f", call=call(**changes)), names)


@pytest.mark.parametrize(
    ("thing", "count", "told"),
    [("image", 1, "1 image"), ("second", 7.5, "7.5 seconds"), ("character", 1e6, "1000000 characters"), ("", 0, "")],
)
def test_things_are_told_by_their_number(thing: str, count: float, told: str) -> None:
    assert things(info(thing=thing, thing_count=count)) == told
    assert (f"counted beside tokens: {told}" in _told(info(thing=thing, thing_count=count))) == bool(told)


@pytest.mark.parametrize(
    ("written", "for_an_hour", "told"),
    [
        (0, 0, "9 in, of them 4 from the cache; 0 out"),
        (3, 0, "9 in, of them 4 from the cache and 3 written to it; 0 out"),
        (3, 2, "9 in, of them 4 from the cache and 3 written to it (2 of these for an hour); 0 out"),
    ],
)
def test_what_was_written_to_the_cache_is_told(written: int, for_an_hour: int, told: str) -> None:
    one = info(input_tokens=9, cached_tokens=4, cache_written_tokens=written, cache_written_1h_tokens=for_an_hour)
    assert any(told in line for line in _told(one))


def test_the_group_is_told() -> None:
    assert info(group_name="vip").group == "vip"
