"""Prices of the New-API family in our words.

There a model's price is a factor of 0.002 dollars for a thousand tokens, which is one unit a token, and further factors
for kinds of tokens: `ModelRatio`, `CompletionRatio`, `CacheRatio`, `CreateCacheRatio`, `AudioRatio`,
`AudioCompletionRatio` (of the sound that was sent), each a JSON object by model; `ModelPrice` is dollars for a call and
comes first, `GroupRatio` a factor by group. Seen in setting/ratio_setting of QuantumNous/new-api, 2026-11. A factor
that is not given is the one of our own tables, as it is the one of its built-in tables there.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from tutti.billing.overrides import Override, encode_figure, read_override
from tutti.billing.price import PriceRow, is_amount
from tutti.billing.prices import Prices
from tutti.errors import InvalidRequestError

_USD_PER_RATIO = Decimal(2)  # 0.002 dollars for a thousand tokens, for a million
# Far finer than a unit for a million tokens.
_DECIMALS = 12
# A model that we know nothing of.
_PLAIN = PriceRow(input=Decimal(1), output=Decimal(1))

_Factors = dict[str, Decimal]
_read: Callable[[str], _Factors] = msgspec.json.Decoder(_Factors).decode


class _Options(NamedTuple):
    """The options, in the order of the names here."""

    model: _Factors
    completion: _Factors
    cache: _Factors
    create_cache: _Factors
    audio: _Factors
    audio_completion: _Factors
    price: _Factors
    group: _Factors


# The names of the options that hold prices.
NAMES = (
    "ModelRatio",
    "CompletionRatio",
    "CacheRatio",
    "CreateCacheRatio",
    "AudioRatio",
    "AudioCompletionRatio",
    "ModelPrice",
    "GroupRatio",
)


def overrides_of(options: Mapping[str, str], prices: Prices) -> list[Override]:
    """The overrides that options (name -> JSON text) amount to. Raises `InvalidRequestError`."""
    found = _Options(*(_factors(options, name) for name in NAMES))
    rows: dict[str, Any] = {name: _row(name, found, prices.row(name)) for name in found.model}
    rows |= {name: {"call": usd} for name, usd in found.price.items()}
    overrides = [
        *(_override("models", name, row) for name, row in rows.items()),
        *(_override("groups", name, ratio) for name, ratio in found.group.items()),
    ]
    for one in overrides:
        read_override(one)
    return overrides


def _factors(options: Mapping[str, str], name: str) -> _Factors:
    try:
        factors = _read(options.get(name) or "{}")
    except msgspec.DecodeError as error:
        raise InvalidRequestError(f"The option {name} cannot be read: {error}.", field=name) from error
    for subject, factor in factors.items():
        if not is_amount(factor):
            raise InvalidRequestError(f"The option {name} has no factor for {subject} that makes sense.", field=name)
    return factors


def _row(name: str, options: _Options, known: PriceRow | None) -> dict[str, object]:
    """A row in dollars for a million tokens; limits of the model are those that we know."""
    ours = known if known and known.input else _PLAIN
    usd = options.model[name] * _USD_PER_RATIO
    output = options.completion.get(name, ours.output / ours.input)
    row: dict[str, object] = {"input": usd, "output": _times(usd, output)}
    kinds: tuple[tuple[str, _Factors, Decimal | None], ...] = (
        ("cached", options.cache, ours.cached),
        ("cache_write", options.create_cache, ours.cache_write),
        ("cache_write_1h", {}, ours.cache_write_1h),
        ("audio_input", options.audio, ours.audio_input),
    )
    for kind, given, ours_usd in kinds:
        if name in given:
            row[kind] = _times(usd, given[name])
        elif ours_usd is not None:
            row[kind] = _times(usd, ours_usd / ours.input)
    if name in options.audio_completion:
        row["audio_output"] = _times(usd, options.audio.get(name, Decimal(1)) * options.audio_completion[name])
    limits = {"context": ours.context, "longest_answer": ours.longest_answer}
    return row | {limit: tokens for limit, tokens in limits.items() if tokens is not None}


def _times(usd: Decimal, factor: Decimal) -> Decimal:
    """A product without the noise of its last digits."""
    return round(usd * factor, _DECIMALS)


def _override(section: str, name: str, value: object) -> Override:
    return Override(section, name, encode_figure(value))
