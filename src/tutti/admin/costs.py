"""Why a call cost what it did, by the prices as they are now. Pure."""

from tutti.admin.told import Cost, CostLine
from tutti.billing.price import Price
from tutti.billing.prices import Prices
from tutti.billing.records import CallRecord
from tutti.intents.chat import Usage
from tutti.kit.money import UNITS_PER_USD

_MILLION = 1_000_000
_DIFFERS = (
    "The price or the factor of the group has changed since, or there was sound in it, whose tokens the log does not"
    " tell apart."
)
_IS_OLD = (
    "The call is from before the log kept its group, what was written to the vendor's cache and what is no token; or"
    " the price, the group or its factor has changed since."
)


def cost_of(call: CallRecord, prices: Prices, group: str) -> Cost:
    """The addends of a charge. Raises `NoPriceError` when the model has no price any more."""
    price = prices.of(call.model, group)
    usage = Usage(
        input_tokens=call.input_tokens,
        cached_tokens=call.cached_tokens,
        cache_written_tokens=call.cache_written_tokens,
        cache_written_1h_tokens=call.cache_written_1h_tokens,
        output_tokens=call.output_tokens,
    )
    # Nobody served it: nothing was charged, whatever the price.
    units = price.units(usage, count=_things(call, price)) if call.units or call.status < 400 else 0
    return Cost(
        charged_as=prices.charged_as(call.model),
        group=group,
        group_factor=float(prices.ratio(group)),
        lines=_lines(call, price) if units else (),
        units=units,
        charged=call.units,
        note=None if units == call.units else _DIFFERS if call.group_name else _IS_OLD,
    )


def _lines(call: CallRecord, price: Price) -> tuple[CostLine, ...]:
    is_long = 0 < price.long_above < call.input_tokens
    rates = price.long_rates if is_long else price.rates
    plain = call.input_tokens - call.cached_tokens - call.cache_written_tokens
    counted = (
        (f"prompt over {price.long_above} tokens" if is_long else "prompt", plain, rates.input),
        ("from the cache", call.cached_tokens, rates.cached),
        ("to the cache", call.cache_written_tokens - call.cache_written_1h_tokens, rates.cache_write),
        ("to the cache for an hour", call.cache_written_1h_tokens, rates.cache_write_1h),
        ("answer", call.output_tokens, rates.output),
    )
    lines = [_line(what, count, rate, price.per, per_usd=_MILLION) for what, count, rate in counted if count > 0]
    if price.thing_rate:
        lines.append(_line(price.thing, _things(call, price), price.thing_rate, price.per, per_usd=1))
    return tuple(lines)


def _things(call: CallRecord, price: Price) -> float:
    """How many of what the price counts now; one where the log does not say."""
    return call.thing_count if call.thing == price.thing else 1


def _line(what: str, count: float, rate: int, per: int, *, per_usd: int) -> CostLine:
    return CostLine(what=what, count=count, usd=rate * per_usd / per / UNITS_PER_USD, units=rate * count / per)
