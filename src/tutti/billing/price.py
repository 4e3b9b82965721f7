"""What one model costs: so much for tokens of each kind, for a call, a picture, a second or a character.

A price is read from a table as dollars, and then a row of whole numbers over one denominator: charging is a few
multiplications and one rounding, up to the next unit, for the whole call.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Annotated, Any, Literal

import msgspec
from msgspec import structs

from tutti.errors import InvalidRequestError
from tutti.intents.chat import Usage
from tutti.kit.money import UNITS_PER_USD

_MILLION = 1_000_000
# What an answer is taken to be at most whose model tells no limit and whose caller sets none.
_LONGEST_ANSWER = 8192
# Sound of whatever coding has at least so many bytes a second: 8 kbit/s.
_BYTES_PER_SECOND = 1000

# Bounds of what an operator may set, far beyond any price.
_MOST = 1_000_000_000
_LEAST_EXPONENT = -30
_Count = Annotated[int, msgspec.Meta(ge=1)]
Thing = Literal["call", "image", "second", "character"]


class LongPrompt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other dollars for a million tokens, when the prompt is longer than so many."""

    above: _Count
    input: Decimal
    output: Decimal = Decimal(0)
    cached: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    audio_input: Decimal | None = None
    audio_output: Decimal | None = None


class PriceRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A row of a price table, in dollars."""

    # For a million tokens. What is not named costs as much as `input` or `output`, whichever it is a kind of.
    input: Decimal = Decimal(0)
    output: Decimal = Decimal(0)
    cached: Decimal | None = None
    cache_write: Decimal | None = None
    # Kept for an hour; not named: as `cache_write`.
    cache_write_1h: Decimal | None = None
    audio_input: Decimal | None = None
    audio_output: Decimal | None = None
    long: LongPrompt | None = None
    # For a call whatever it holds, a picture, an hour of sound, a million characters: one of them at most.
    call: Decimal | None = None
    image: Decimal | None = None
    hour: Decimal | None = None
    million_characters: Decimal | None = None
    # Tokens: of prompt and answer together, and of an answer.
    context: _Count | None = None
    longest_answer: _Count | None = None


class _Rates(msgspec.Struct, frozen=True, kw_only=True):
    """Numerators of the units for a token of each kind, and what a token of prompt and answer costs at most."""

    input: int
    output: int
    cached: int
    cache_write: int
    cache_write_1h: int
    audio_input: int
    audio_output: int
    dearest_input: int
    dearest_output: int

    @classmethod
    def of(cls, numbers: Sequence[int]) -> "_Rates":
        """From those of each kind, in the order of the fields."""
        input_, output, cached, write, write_1h, audio_input, audio_output = numbers
        return cls(
            input=input_,
            output=output,
            cached=cached,
            cache_write=write,
            cache_write_1h=write_1h,
            audio_input=audio_input,
            audio_output=audio_output,
            dearest_input=max(input_, cached, write, write_1h, audio_input),
            dearest_output=max(output, audio_output),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """What calls of one model cost one group."""

    rates: _Rates
    # Those for prompts of more than so many tokens.
    long_rates: _Rates
    long_above: int
    # What is counted beside tokens, and the numerator of the units for one.
    thing: Thing
    thing_rate: int
    # The denominator of all rates.
    per: int
    context: int | None
    # Tokens that an answer has at most when its caller sets no limit.
    longest_answer: int

    @classmethod
    def of(cls, row: PriceRow, *, ratio: Fraction = Fraction(1)) -> "Price":
        """The price that a row of a table makes for a group whose prices are `ratio` times those of the table."""
        thing, usd = _thing_of(row)
        normal, long = _dollars(row), _dollars(row.long or row)
        units = [Fraction(value) * ratio * UNITS_PER_USD / _MILLION for value in (*normal, *long)]
        for_thing = usd * ratio * UNITS_PER_USD
        per = lcm(*(value.denominator for value in (*units, for_thing)))
        numbers = [int(value * per) for value in units]
        return cls(
            rates=_Rates.of(numbers[: len(normal)]),
            long_rates=_Rates.of(numbers[len(normal) :]),
            long_above=row.long.above if row.long else 0,
            thing=thing,
            thing_rate=int(for_thing * per),
            per=per,
            context=row.context,
            longest_answer=row.longest_answer or _LONGEST_ANSWER,
        )

    def units(self, usage: Usage, *, count: float = 1) -> int:
        """Units for a call that used so many tokens and `count` of what else is counted, such as seconds."""
        prompt, answer = usage.input_tokens or 0, usage.output_tokens or 0
        rates = self.rates if prompt <= self.long_above or not self.long_above else self.long_rates
        kept_1h = usage.cache_written_1h_tokens
        kept = max(0, usage.cache_written_tokens - kept_1h)
        # Sound from the cache is not told apart, so it counts as cached, and never twice.
        plain = max(0, prompt - usage.cached_tokens - usage.cache_written_tokens - usage.audio_input_tokens)
        sum_ = (
            plain * rates.input
            + usage.cached_tokens * rates.cached
            + kept * rates.cache_write
            + kept_1h * rates.cache_write_1h
            + usage.audio_input_tokens * rates.audio_input
            + max(0, answer - usage.audio_output_tokens) * rates.output
            + usage.audio_output_tokens * rates.audio_output
        )
        if self.thing_rate:
            sum_ += _times(self.thing_rate, count)
        return -(-sum_ // self.per)

    def bound(self, size: int, max_tokens: int | None, *, count: int = 1) -> int:
        """Units that a call costs at most: `size` bounds the tokens of the prompt, see `counting.bound_of`.

        `count` answers or pictures are asked for, of up to `max_tokens` each (None: as long as the model makes them).
        """
        prompt = size if self.context is None else min(size, self.context)
        answer = (max_tokens or self.longest_answer) * count
        rates, long = self.rates, self.long_rates if 0 < self.long_above < size else self.rates
        sum_ = prompt * max(rates.dearest_input, long.dearest_input)
        sum_ += answer * max(rates.dearest_output, long.dearest_output)
        return -(-(sum_ + self.thing_rate * self._most_things(size, count)) // self.per)

    def _most_things(self, size: int, count: int) -> int:
        match self.thing:
            case "call":
                return 1
            case "image":
                return count
            case "character":
                return size
            case "second":
                return -(-size // _BYTES_PER_SECOND)


def read_row(given: Any, *, field: str) -> PriceRow:
    """A row from plain values. Raises `InvalidRequestError` that names what is wrong in it."""
    try:
        row = msgspec.convert(given, PriceRow)
    except msgspec.ValidationError as error:
        raise InvalidRequestError(f"The price of {field} cannot be read: {error}.", field=field) from error
    _thing_of(row)
    if not all(map(is_amount, _all_dollars(row))):
        raise InvalidRequestError(
            f"The price of {field} has an amount that is not 0 to {_MOST:,} dollars.", field=field
        )
    return row


def is_amount(value: Decimal) -> bool:
    """Whether a number is one that prices are made of; one with a million digits would never be multiplied."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= _LEAST_EXPONENT and 0 <= value <= _MOST


def _all_dollars(row: PriceRow | LongPrompt) -> Iterator[Decimal]:
    """Every amount that a row names."""
    for value in structs.astuple(row):
        if isinstance(value, Decimal):
            yield value
        elif isinstance(value, LongPrompt):
            yield from _all_dollars(value)


def _dollars(row: PriceRow | LongPrompt) -> tuple[Decimal, ...]:
    """Dollars for a million tokens, in the order of `_Rates`."""
    write = _first(row.cache_write, row.input)
    return (
        row.input,
        row.output,
        _first(row.cached, row.input),
        write,
        _first(row.cache_write_1h, write),
        _first(row.audio_input, row.input),
        _first(row.audio_output, row.output),
    )


def _first(value: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if value is None else value


def _thing_of(row: PriceRow) -> tuple[Thing, Fraction]:
    """What a row counts beside tokens, and dollars for one. Raises `InvalidRequestError` for two at once."""
    things: Mapping[Thing, tuple[Decimal | None, int]] = {
        "call": (row.call, 1),
        "image": (row.image, 1),
        "second": (row.hour, 3600),
        "character": (row.million_characters, _MILLION),
    }
    match [(thing, Fraction(usd) / number) for thing, (usd, number) in things.items() if usd is not None]:
        case []:
            return "call", Fraction(0)
        case [one]:
            return one
        case _:
            raise InvalidRequestError("A price counts one of call, image, hour and million_characters, not several.")


def _times(rate: int, count: float) -> int:
    """A rate times a count, which may have a fraction, such as seconds."""
    if isinstance(count, int):
        return rate * count
    number = Fraction(count)
    return -(-rate * number.numerator // number.denominator)
