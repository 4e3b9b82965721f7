"""Prices of the New-API family in our words."""

import json
from typing import Any

import pytest

from tutti.billing.new_api import overrides_of
from tutti.billing.prices import Prices
from tutti.errors import InvalidRequestError
from tutti.intents.chat import Usage
from tutti.kit.money import usd

MILLION = 1_000_000


def imported(**options: Any) -> Prices:
    prices = Prices.load()
    prices.override(overrides_of({name: json.dumps(value) for name, value in options.items()}, prices))
    return prices


def cost(prices: Prices, model: str, group: str = "default", **tokens: int) -> int:
    return prices.of(model, group).units(Usage(**({"input_tokens": 0, "output_tokens": 0} | tokens)))


def test_a_ratio_of_one_is_one_unit_a_token() -> None:
    prices = imported(ModelRatio={"mine": 1, "other": 0.075}, CompletionRatio={"mine": 4})
    assert cost(prices, "mine", input_tokens=100) == 100
    assert cost(prices, "mine", output_tokens=100) == 400
    assert cost(prices, "other", input_tokens=1000, output_tokens=1000) == 150


def test_kinds_of_tokens_have_their_factors() -> None:
    prices = imported(
        ModelRatio={"mine": 1},
        CompletionRatio={"mine": 4},
        CacheRatio={"mine": 0.1},
        CreateCacheRatio={"mine": 1.25},
        AudioRatio={"mine": 20},
        AudioCompletionRatio={"mine": 2},
    )
    assert cost(prices, "mine", input_tokens=1000, cached_tokens=1000) == 100
    assert cost(prices, "mine", input_tokens=1000, cache_written_tokens=1000) == 1250
    assert cost(prices, "mine", input_tokens=1000, audio_input_tokens=1000) == 20_000
    assert cost(prices, "mine", output_tokens=1000, audio_output_tokens=1000) == 40_000


def test_factors_that_are_not_given_are_those_of_our_tables() -> None:
    prices = imported(ModelRatio={"claude-sonnet-4-5": 3})
    assert cost(prices, "claude-sonnet-4-5", input_tokens=1000, output_tokens=1000) == 3000 + 15_000
    assert cost(prices, "claude-sonnet-4-5", input_tokens=1000, cached_tokens=1000) == 300
    assert cost(prices, "claude-sonnet-4-5", input_tokens=1000, cache_written_tokens=1000) == 3750
    assert prices.of("claude-sonnet-4-5", "default").longest_answer == 64_000


def test_a_price_for_a_call_comes_before_a_ratio() -> None:
    prices = imported(ModelRatio={"mine": 1}, ModelPrice={"mine": 0.1})
    assert usd(cost(prices, "mine", input_tokens=MILLION)) == "$0.100000"


def test_groups_have_factors() -> None:
    prices = imported(ModelRatio={"mine": 1}, GroupRatio={"default": 1, "vip": 0.5})
    assert [cost(prices, "mine", group, input_tokens=100) for group in ("default", "vip", "unknown")] == [100, 50, 100]


def test_what_is_imported_is_stored_as_numbers() -> None:
    overrides = overrides_of({"ModelRatio": '{"gpt-4o": 1.25}'}, Prices.load())
    assert overrides == [
        (
            "models",
            "gpt-4o",
            '{"input":2.50,"output":10.000000000000,"cached":1.250000000000,"context":128000,"longest_answer":16384}',
        )
    ]


@pytest.mark.parametrize("text", ["{", "[]", '{"m": "x"}', '{"m": -1}', '{"m": 1e99999}'])
def test_options_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        overrides_of({"ModelRatio": text}, Prices.load())
