"""The band that a song really has: its genre's row with what the caller's other words change.

A second genre lends what its row says it `lends`; an era brings its drums and instruments; instruments asked for are
seated, unwanted ones leave. The result is a row like any other, so nobody downstream knows of blends.
"""

from functools import cache, reduce

import msgspec

from tutti.engines.song.genre import Chair, Genre, genre, in_metre
from tutti.engines.song.metre import metre_of
from tutti.engines.song.model import Palette, Plan
from tutti.engines.song.tables import table

DRUMS = "drums"
# Columns that are lent as they are.
COLUMNS = frozenset({"delivery", "scale", "melisma"})
# More players than this blur the words.
_MOST_CHAIRS = 8
# An instrument that was asked for is heard from the first verse on.
_HEARD_ENERGY = 0.3
_METRES = {"4/4": (4, False), "3/4": (3, False), "6/8": (3, True)}


class Instrument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of `data/instruments.toml`."""

    # What people call it, "|" between the words.
    words: str
    # The General MIDI programs that it is; none for the drums.
    programs: tuple[int, ...] = ()
    # The chair that is added where the genre has none for it.
    chair: Chair | None = None


class Era(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of `data/eras.toml`."""

    words: str
    drum_kit: str
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


@cache
def instruments() -> dict[str, Instrument]:
    """All instruments that words can name."""
    return msgspec.convert(table(__package__, "instruments"), dict[str, Instrument])


@cache
def eras() -> dict[str, Era]:
    """All eras that words can name."""
    return msgspec.convert(table(__package__, "eras"), dict[str, Era])


def row_of(plan: Plan) -> Genre:
    """The row that a planned song is played by."""
    return blended(plan.genre, plan.palette)


def song_metre(plan: Plan) -> str:
    """The metre that a planned song is in."""
    return metre_of(plan.beats_per_bar, is_compound=row_of(plan).compound)


@cache
def blended(name: str, palette: Palette) -> Genre:
    """The row of a genre with all that a palette asks for."""
    row = genre(name)
    if palette.second:
        row = _lent(row, genre(palette.second))
    if palette.era:
        era = eras()[palette.era]
        row = msgspec.structs.replace(row, drum_kit=era.drum_kit)
        row = reduce(_without, (each for each in era.unwanted if each not in palette.wanted), row)
        row = reduce(_with, (each for each in era.wanted if each not in palette.unwanted), row)
    row = reduce(_with, palette.wanted, row)
    row = reduce(_without, palette.unwanted, row)
    if palette.metre:
        beats, is_compound = _METRES[palette.metre]
        row = msgspec.structs.replace(row, written_in=row.metre, meters=(beats,), compound=is_compound)
    return row


def _lent(row: Genre, other: Genre) -> Genre:
    """The row with what another genre lends."""
    for gift in other.lends:
        if gift == DRUMS:
            if other.metre == row.metre:
                row = msgspec.structs.replace(row, grooves=other.grooves, fills=other.fills)
            row = msgspec.structs.replace(
                row, drum_kit=other.drum_kit, shuffle=other.shuffle, laid_back_ms=other.laid_back_ms
            )
        elif gift == "tempo":
            row = msgspec.structs.replace(row, bpm=_common_tempo(row.bpm, other.bpm))
        elif gift == "harmony":
            row = msgspec.structs.replace(row, harmony=tuple(dict.fromkeys((*other.harmony, *row.harmony))))
        elif gift in COLUMNS:
            row = msgspec.structs.replace(row, **{gift: getattr(other, gift)})
        else:
            chair = next(each for each in other.chairs if each.name == gift)
            row = _seated(row, in_metre(chair, other, metre_of(row.meters[0], is_compound=row.compound)))
    return row


def _common_tempo(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The tempos that both ranges share; between the two where they share none."""
    low, high = max(one[0], other[0]), min(one[1], other[1])
    return (low, high) if low <= high else ((one[0] + other[0]) // 2, (one[1] + other[1]) // 2)


def _seated(row: Genre, chair: Chair) -> Genre:
    """The row with a chair in the place of one of the same name, else beside the others while there is room."""
    names = [each.name for each in row.chairs]
    if chair.name in names:
        chairs = tuple(chair if each.name == chair.name else each for each in row.chairs)
        return msgspec.structs.replace(row, chairs=chairs)
    return msgspec.structs.replace(row, chairs=(*row.chairs[: _MOST_CHAIRS - 1], chair))


def _with(row: Genre, name: str) -> Genre:
    """The row with an instrument that is heard throughout."""
    wanted = instruments()[name]
    if name == DRUMS:
        return row if row.grooves else msgspec.structs.replace(row, grooves=genre("pop").grooves)
    has = next((each for each in row.chairs if set(each.programs) & set(wanted.programs)), None)
    if has is not None:
        kept = tuple(program for program in has.programs if program in wanted.programs)
        heard = min(has.from_energy, _HEARD_ENERGY)
        return _seated(row, msgspec.structs.replace(has, programs=kept, from_energy=heard))
    if wanted.chair is None:
        return row
    return _seated(row, _fitted(wanted.chair, row))


def _fitted(chair: Chair, row: Genre) -> Chair:
    """A chair written in 4/4 for the row's own metre."""
    return in_metre(chair, genre("pop"), row.metre)


def _without(row: Genre, name: str) -> Genre:
    """The row without an instrument."""
    if name == DRUMS:
        return msgspec.structs.replace(row, grooves=())
    gone = set(instruments()[name].programs)
    kept = []
    for chair in row.chairs:
        programs = tuple(program for program in chair.programs if program not in gone)
        if programs:
            kept.append(msgspec.structs.replace(chair, programs=programs))
    lead = tuple(program for program in row.lead if program not in gone)
    return msgspec.structs.replace(row, chairs=tuple(kept), lead=lead or _other_lead(gone))


def _other_lead(gone: set[int]) -> tuple[int, ...]:
    """Something else to play a melody on: piano, flute, violin, clean guitar."""
    return tuple(program for program in (0, 73, 40, 27) if program not in gone)[:1] or (11,)
