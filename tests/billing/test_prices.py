import pytest

from tutti.billing.prices import Prices
from tutti.errors import UnavailableError
from tutti.kit.money import usd


@pytest.mark.parametrize(("name", "price"), [("suno_music", "$0.300000"), ("suno_lyrics", "$0.010000")])
def test_shipped_table_has_the_prices(name, price):
    assert usd(Prices.load().per_call(name)) == price


def test_operator_may_bring_a_table(tmp_path):
    path = tmp_path / "prices.toml"
    path.write_text("[calls]\nsuno_music = 7\n", "utf-8")
    assert Prices.load(path).per_call("suno_music") == 7


def test_name_without_a_price_is_refused():
    with pytest.raises(UnavailableError, match="nothing"):
        Prices({}).per_call("nothing")


def test_negative_price_is_refused():
    with pytest.raises(ValueError, match="negative"):
        Prices({"x": -1})
