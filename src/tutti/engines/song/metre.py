"""Metres by name, and what players do in one that their genre's patterns are not written for (`data/metres.toml`)."""

from functools import cache

import msgspec

from tutti.engines.song.tables import table


class Patterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A manner's patterns in one metre, below and from full energy."""

    calm: str
    full: str


def metre_of(beats_per_bar: int, *, is_compound: bool) -> str:
    """The metre's name: "4/4", "3/4" or, in two groups of three eighths, "6/8"."""
    return "6/8" if beats_per_bar == 3 and is_compound else f"{beats_per_bar}/4"


def patterns_in(metre: str, play: str) -> Patterns | None:
    """The patterns of a manner of playing; None for manners without any, such as held chords."""
    return _metres()[metre].get(play)


@cache
def _metres() -> dict[str, dict[str, Patterns]]:
    return msgspec.convert(table(__package__, "metres"), dict[str, dict[str, Patterns]])
