"""The deeds of prices over every store."""

from typing import Any

import pytest

from tutti.billing.price_desk import PriceDesk
from tutti.billing.prices import Prices
from tutti.errors import InvalidRequestError, NotFoundError
from tutti.intents.chat import Usage

pytestmark = pytest.mark.anyio

MUCH = Usage(input_tokens=1_000_000, output_tokens=0)


@pytest.fixture
def prices() -> Prices:
    return Prices.load()


@pytest.fixture
def desk(store: Any, prices: Prices) -> PriceDesk:
    return PriceDesk(store, prices)


async def test_what_was_set_holds_at_once_and_after_a_restart(desk: PriceDesk, store: Any, prices: Prices) -> None:
    await desk.put("models", "gpt-4o", {"input": 4})
    await desk.put("models", "gpt-4o", {"input": 2})
    await desk.put("groups", "vip", 0.5)
    assert prices.of("gpt-4o", "vip").units(MUCH) == 500_000
    later = Prices.load()
    await PriceDesk(store, later).load()
    assert later.of("gpt-4o", "vip").units(MUCH) == 500_000
    assert [(one.section, one.name) for one in await desk.list_overrides()] == [("groups", "vip"), ("models", "gpt-4o")]


async def test_what_is_dropped_gives_way_to_what_ships(desk: PriceDesk, prices: Prices) -> None:
    await desk.put("calls", "suno_music", 5)
    await desk.drop("calls", "suno_music")
    assert prices.per_call("suno_music") == 150_000
    with pytest.raises(NotFoundError):
        await desk.drop("calls", "suno_music")


async def test_what_makes_no_sense_is_not_stored(desk: PriceDesk) -> None:
    with pytest.raises(InvalidRequestError):
        await desk.put("models", "gpt-4o", {"input": -1})
    assert await desk.list_overrides() == []


async def test_an_import_can_be_rehearsed(desk: PriceDesk, prices: Prices) -> None:
    options = {"ModelRatio": '{"mine": 1}'}
    rehearsed = await desk.import_new_api(options, is_rehearsal=True)
    assert await desk.list_overrides() == []
    assert await desk.import_new_api(options) == rehearsed
    assert prices.of("mine", "default").units(MUCH) == 1_000_000
