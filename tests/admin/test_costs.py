"""Why a call cost what it did."""

import pytest

from tests.billing.calls import call
from tutti.admin.costs import cost_of
from tutti.billing.overrides import Override
from tutti.billing.prices import Prices
from tutti.errors import NoPriceError


@pytest.fixture
def prices() -> Prices:
    prices = Prices({})
    prices.override(
        [
            Override("models", "m", '{"input": 2, "output": 8, "cached": 1}'),
            Override("models", "long", '{"input": 2, "output": 8, "long": {"above": 10, "input": 4, "output": 8}}'),
            Override("models", "kept", '{"input": 2, "output": 8, "cache_write": 3, "cache_write_1h": 4}'),
            Override("models", "picture", '{"call": 0.04}'),
            Override("models", "drawing", '{"image": 0.04}'),
            Override("models", "hearing", '{"hour": 3.6}'),
            Override("groups", "vip", "0.5"),
        ]
    )
    return prices


def test_every_kind_of_token_is_a_line(prices: Prices) -> None:
    tokens = {"input_tokens": 1000, "cached_tokens": 400, "output_tokens": 50}
    cost = cost_of(call(model="m-2024-08-06", units=500, **tokens), prices, "vip")
    assert [(line.what, line.count, line.usd, line.units) for line in cost.lines] == [
        ("prompt", 600, 1.0, 300.0),
        ("from the cache", 400, 0.5, 100.0),
        ("answer", 50, 4.0, 100.0),
    ]
    assert (cost.charged_as, cost.group, cost.group_factor) == ("m", "vip", 0.5)
    assert (cost.units, cost.charged, cost.note) == (500, 500, None)


def test_a_long_prompt_has_its_own_price(prices: Prices) -> None:
    cost = cost_of(call(model="long", units=22, input_tokens=11), prices, "default")
    assert [(line.what, line.usd) for line in cost.lines] == [("prompt over 10 tokens", 4.0)]
    assert cost.units == 22


def test_what_is_priced_by_the_call_is_one_line(prices: Prices) -> None:
    cost = cost_of(call(model="picture", units=20_000), prices, "default")
    assert [(line.what, line.count, line.usd, line.units) for line in cost.lines] == [("call", 1, 0.04, 20_000.0)]


def test_what_is_written_to_the_cache_is_a_line(prices: Prices) -> None:
    tokens = {"input_tokens": 1000, "cache_written_tokens": 500, "cache_written_1h_tokens": 200}
    cost = cost_of(call(model="kept", units=1350, group_name="default", **tokens), prices, "default")
    assert [(line.what, line.count, line.usd, line.units) for line in cost.lines] == [
        ("prompt", 500, 2.0, 500.0),
        ("to the cache", 300, 3.0, 450.0),
        ("to the cache for an hour", 200, 4.0, 400.0),
    ]
    assert (cost.units, cost.note) == (1350, None)


@pytest.mark.parametrize(
    ("model", "thing", "count", "units"), [("drawing", "image", 3, 60_000), ("hearing", "second", 7.5, 3750)]
)
def test_things_are_a_line_by_their_number(prices: Prices, model: str, thing: str, count: float, units: int) -> None:
    cost = cost_of(call(model=model, thing=thing, thing_count=count, units=units), prices, "default")
    assert [(line.what, line.count, line.units) for line in cost.lines] == [(thing, count, units)]
    assert (cost.units, cost.note) == (units, None)


def test_a_charge_from_before_the_group_was_kept_is_told_so(prices: Prices) -> None:
    old, new = call(model="m", units=7, input_tokens=1), call(model="m", units=7, input_tokens=1, group_name="default")
    notes = [cost_of(one, prices, "default").note or "" for one in (old, new)]
    assert ["before the log kept" in note for note in notes] == [True, False]


def test_a_charge_that_the_prices_of_now_do_not_make_is_told_so(prices: Prices) -> None:
    assert cost_of(call(model="m", units=7, input_tokens=1), prices, "default").note


def test_a_call_that_nobody_served_cost_nothing(prices: Prices) -> None:
    cost = cost_of(call(model="picture", status=503), prices, "default")
    assert (cost.lines, cost.units, cost.note) == ((), 0, None)


def test_a_model_without_a_price_is_not_explained(prices: Prices) -> None:
    with pytest.raises(NoPriceError):
        cost_of(call(model="nobody"), prices, "default")
