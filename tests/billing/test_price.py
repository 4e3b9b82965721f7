"""What a call costs under one price."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.billing.price import Price, read_row
from tutti.intents.chat import Usage

MILLION = 1_000_000
# A dollar for a million tokens is half a unit for one.
ROW = {
    "input": 2,
    "output": 8,
    "cached": 1,
    "cache_write": 4,
    "cache_write_1h": 6,
    "audio_input": 10,
    "audio_output": 20,
    "context": 1000,
    "longest_answer": 300,
}


def price(ratio: Fraction = Fraction(1), **row: Any) -> Price:
    return Price.of(read_row(row, field="test"), ratio=ratio)


def used(**tokens: int) -> Usage:
    return Usage(**({"input_tokens": 0, "output_tokens": 0} | tokens))


@pytest.mark.parametrize(
    ("usage", "units"),
    [
        (Usage(), 0),
        (used(input_tokens=100), 100),
        (used(output_tokens=100), 400),
        (used(input_tokens=100, cached_tokens=40), 60 + 20),
        (used(input_tokens=100, cache_written_tokens=40), 60 + 80),
        (used(input_tokens=100, cache_written_tokens=40, cache_written_1h_tokens=10), 60 + 60 + 30),
        (used(input_tokens=100, audio_input_tokens=30), 70 + 150),
        (used(output_tokens=100, audio_output_tokens=30), 280 + 300),
        (used(output_tokens=100, reasoning_tokens=90), 400),
        # A vendor that tells more parts than the whole has.
        (used(input_tokens=10, cached_tokens=40), 20),
    ],
)
def test_each_kind_of_token_has_its_price(usage: Usage, units: int) -> None:
    assert price(**ROW).units(usage) == units


def test_kinds_that_are_not_named_cost_what_their_whole_does() -> None:
    usage = used(
        input_tokens=100,
        cached_tokens=10,
        cache_written_tokens=20,
        cache_written_1h_tokens=5,
        audio_input_tokens=10,
        output_tokens=50,
        audio_output_tokens=20,
    )
    assert price(input=2, output=8).units(usage) == 100 + 200


@pytest.mark.parametrize(("tokens", "units"), [(1000, 1000), (1001, 2002)])
def test_a_long_prompt_has_prices_of_its_own_for_all_of_it(tokens: int, units: int) -> None:
    row = price(input=2, output=8, long={"above": 1000, "input": 4, "output": 12})
    assert row.units(used(input_tokens=tokens)) == units


@pytest.mark.parametrize(
    ("row", "count", "units"),
    [
        ({"call": 0.1}, 1, 50_000),
        ({"image": 0.04}, 3, 60_000),
        ({"hour": 0.36}, 90, 4500),
        ({"hour": 0.36}, 1.5, 75),
        ({"million_characters": 15}, 1000, 7500),
    ],
)
def test_what_is_not_tokens_is_counted(row: dict[str, float], count: float, units: int) -> None:
    assert price(**row).units(Usage(), count=count) == units


def test_a_call_is_rounded_up_once() -> None:
    cheap = price(input=0.1, output=0.1)
    assert cheap.units(used(input_tokens=1)) == 1
    assert cheap.units(used(input_tokens=10, output_tokens=10)) == 1
    assert cheap.units(used(input_tokens=10, output_tokens=11)) == 2


def test_a_group_pays_a_part_of_the_price() -> None:
    assert price(Fraction("0.8"), input=2, call=0.1).units(used(input_tokens=100)) == 40_080
    assert price(Fraction(0), **ROW).units(used(input_tokens=MILLION, output_tokens=MILLION)) == 0


@pytest.mark.parametrize(
    ("size", "max_tokens", "count", "units"),
    [
        (100, 50, 1, 500 + 500),  # at the prices of sound, the dearest
        (100, None, 1, 500 + 3000),
        (100, 50, 3, 500 + 1500),
        (99_999, 50, 1, 5000 + 500),  # no more than the model reads
    ],
)
def test_a_call_is_bounded_before_it_is_made(size: int, max_tokens: int | None, count: int, units: int) -> None:
    assert price(**ROW).bound(size, max_tokens, count=count) == units


@pytest.mark.parametrize(
    ("row", "units"),
    [({"call": 1}, 500_000), ({"image": 1}, 1_000_000), ({"hour": 0.36}, 250), ({"million_characters": 1}, 2500)],
)
def test_what_is_not_tokens_is_bounded_by_the_size_of_the_body(row: dict[str, float], units: int) -> None:
    assert price(**row).bound(5000, 1, count=2) == units


TOKENS = st.integers(0, 10_000)
DOLLARS = st.one_of(st.none(), st.decimals(0, 100, places=6))
KINDS = ("cached", "cache_write", "cache_write_1h", "audio_input", "audio_output")


@given(
    row=st.fixed_dictionaries(
        {"input": st.decimals(0, 100, places=6), "output": st.decimals(0, 100, places=6)},
        optional=dict.fromkeys(KINDS, DOLLARS),
    ),
    parts=st.tuples(TOKENS, TOKENS, TOKENS, TOKENS, TOKENS, TOKENS, TOKENS),
    ratio=st.fractions(0, 10, max_denominator=1000),
)
def test_no_call_costs_more_than_its_bound(row: dict[str, Any], parts: tuple[int, ...], ratio: Fraction) -> None:
    plain, cached, kept, kept_1h, heard, written, spoken = parts
    usage = Usage(
        input_tokens=plain + cached + kept + kept_1h + heard,
        cached_tokens=cached,
        cache_written_tokens=kept + kept_1h,
        cache_written_1h_tokens=kept_1h,
        audio_input_tokens=heard,
        output_tokens=written + spoken,
        audio_output_tokens=spoken,
    )
    one = price(ratio, **row)
    cost = one.units(usage)
    # A limit of 0 is none.
    assert 0 <= cost <= one.bound(usage.input_tokens or 0, max(1, usage.output_tokens or 0))
