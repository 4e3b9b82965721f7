from decimal import Decimal

import pytest

from tutti.billing.overrides import Override
from tutti.billing.price import PriceRow
from tutti.billing.prices import Prices
from tutti.errors import InvalidRequestError, NoPriceError
from tutti.intents.chat import Usage
from tutti.kit.money import usd

MILLION = 1_000_000
# A million tokens each way.
MUCH = Usage(input_tokens=MILLION, output_tokens=MILLION)


@pytest.fixture(scope="module")
def shipped() -> Prices:
    return Prices.load()


def test_every_shipped_table_is_in_words_that_are_known(shipped):
    assert len(shipped._models) > 300
    assert all(shipped.of(name, "default").longest_answer > 0 for name in shipped._models)


@pytest.mark.parametrize(("name", "price"), [("suno_music", "$0.300000"), ("suno_lyrics", "$0.010000")])
def test_shipped_table_has_the_prices(shipped, name, price):
    assert usd(shipped.per_call(name)) == price


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("gpt-4o", "$12.500000"),
        ("gpt-4o-2024-05-13", "$20.000000"),  # dearer than the name without its date
        ("gpt-4o-2024-11-20", "$12.500000"),
        ("claude-opus-4-20250514", "$90.000000"),
        ("claude-3-5-sonnet-latest", "$18.000000"),
        ("claude-3-7-sonnet-20250219-thinking", "$18.000000"),
        ("gemini-2.5-flash-preview-05-20", "$2.800000"),
        ("deepseek-chat", "$0.700000"),
        ("qwen-max", "$8.000000"),
        ("GLM-4.6", "$2.800000"),
        ("kimi-k2.6", "$4.950000"),
        ("grok-4", "$18.000000"),
        ("mistral-large-2512", "$2.000000"),
        ("text-embedding-3-small", "$0.020000"),
        ("gpt-4-gizmo-g-abc", "$0.100000"),
        ("gpt-4-all", "$90.000000"),
    ],
)
def test_well_known_models_have_prices_under_all_their_names(shipped, model, price):
    assert usd(shipped.of(model, "default").units(MUCH)) == price


def test_longer_pattern_is_closer():
    rows = {"gpt-*": PriceRow(input=Decimal(1)), "gpt-4-*": PriceRow(input=Decimal(2))}
    prices = Prices({}, rows)
    assert [usd(prices.of(name, "g").units(MUCH)) for name in ("gpt-4-x", "gpt-5")] == ["$2.000000", "$1.000000"]


def test_operator_may_bring_a_table(tmp_path):
    path = tmp_path / "prices.toml"
    path.write_text('[calls]\nsuno_music = 7\n[models.mine]\ninput = 2\n[models.too]\nsame_as = "mine"\n', "utf-8")
    prices = Prices.load(path)
    assert prices.per_call("suno_music") == 7
    assert prices.of("mine", "default").units(MUCH) == prices.of("too", "default").units(MUCH) == MILLION


def test_name_without_a_price_is_refused_or_priced_as_the_operator_says(shipped):
    with pytest.raises(NoPriceError, match="nothing"):
        shipped.per_call("nothing")
    with pytest.raises(NoPriceError, match="nobody-knows-me"):
        shipped.of("nobody-knows-me", "default")
    assert usd(Prices.load(unpriced_usd=1.5).of("nobody-knows-me", "default").units(MUCH)) == "$3.000000"


def test_negative_price_is_refused():
    with pytest.raises(ValueError, match="negative"):
        Prices({"x": -1})


def test_overrides_hold_in_place_of_what_ships_until_they_are_taken_back():
    prices = Prices.load()
    prices.override(
        [
            Override("models", "GPT-4o", '{"input":1,"output":0.5}'),
            Override("groups", "vip", "0.8"),
            Override("calls", "suno_music", "9"),
        ]
    )
    assert usd(prices.of("gpt-4o", "default").units(MUCH)) == "$1.500000"
    assert usd(prices.of("gpt-4o", "vip").units(MUCH)) == "$1.200000"
    assert prices.per_call("suno_music") == 9
    prices.override([])
    assert usd(prices.of("gpt-4o", "vip").units(MUCH)) == "$12.500000"
    assert prices.per_call("suno_music") == 150_000


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("models", '{"input":-1}'),
        ("models", '{"input":1e999999}'),
        ("models", '{"input":"NaN"}'),
        ("models", '{"inptu":1}'),
        ("models", '{"call":1,"image":1}'),
        ("models", '{"context":0}'),
        ("models", "[]"),
        ("models", "{"),
        ("calls", "1.5"),
        ("calls", "-1"),
        ("calls", "true"),
        ("groups", '"free"'),
        ("groups", "-0.1"),
        ("groups", "1e999999"),
        ("ratios", "1"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused_and_changes_nothing(section, value):
    prices = Prices.load()
    with pytest.raises(InvalidRequestError):
        prices.override([Override("models", "gpt-4o", '{"input":1}'), Override(section, "gpt-4o", value)])
    assert usd(prices.of("gpt-4o", "default").units(MUCH)) == "$12.500000"
