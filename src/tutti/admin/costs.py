"""Why a call cost what it did, by the prices as they are now. Pure."""

from tutti.admin.told import Cost, CostLine
from tutti.billing.price import Price
from tutti.billing.prices import Prices
from tutti.billing.records import CallRecord
from tutti.intents.chat import Usage
from tutti.kit.money import UNITS_PER_USD

_MILLION = 1_000_000
_DIFFERS = (
    "The log keeps no count of what was written to the vendor's cache, nor of sound, pictures, seconds or characters;"
    " or the price, the group or its factor has changed since."
)


def cost_of(call: CallRecord, prices: Prices, group: str) -> Cost:
    """The addends of a charge. Raises `NoPriceError` when the model has no price any more."""
    price = prices.of(call.model, group)
    usage = Usage(input_tokens=call.input_tokens, cached_tokens=call.cached_tokens, output_tokens=call.output_tokens)
    # Nobody served it: nothing was charged, whatever the price.
    units = price.units(usage) if call.units or call.status < 400 else 0
    return Cost(
        charged_as=prices.charged_as(call.model),
        group=group,
        group_factor=float(prices.ratio(group)),
        lines=_lines(call, price) if units else (),
        units=units,
        charged=call.units,
        note=None if units == call.units else _DIFFERS,
    )


def _lines(call: CallRecord, price: Price) -> tuple[CostLine, ...]:
    is_long = 0 < price.long_above < call.input_tokens
    rates = price.long_rates if is_long else price.rates
    counted = (
        (f"prompt over {price.long_above} tokens" if is_long else "prompt", call.input_tokens - call.cached_tokens),
        ("from the cache", call.cached_tokens),
        ("answer", call.output_tokens),
    )
    lines = [
        _line(what, count, rate, price.per, per_usd=_MILLION)
        for (what, count), rate in zip(counted, (rates.input, rates.cached, rates.output), strict=True)
        if count > 0
    ]
    if price.thing_rate:
        lines.append(_line(price.thing, 1, price.thing_rate, price.per, per_usd=1))
    return tuple(lines)


def _line(what: str, count: int, rate: int, per: int, *, per_usd: int) -> CostLine:
    return CostLine(what=what, count=count, usd=rate * per_usd / per / UNITS_PER_USD, units=rate * count / per)
