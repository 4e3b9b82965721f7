"""The drums: a groove by fullness, fills before new sections, a crash where they begin, rolls where tension builds."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

import msgspec
import numpy as np

from tutti.engines.song.band.bar import Bar, strokes, ticks
from tutti.engines.song.blend import row_of
from tutti.engines.song.drums.percussion import PERCUSSION
from tutti.engines.song.genre import Genre
from tutti.engines.song.model import Note, Plan
from tutti.engines.song.rhythm import SLOT_TICKS
from tutti.engines.song.seeds import pick, stream

_VELOCITIES = {"o": 44, "x": 84, "X": 104, "r": 74, "t": 70}
# Strokes of one letter within its sixteenth.
_QUICK = {"r": 2, "t": 3}
# Time-keeping metal and wood stay under the drums.
_SOFTER = {
    "closed": 0.78, "open": 0.74, "ride": 0.74, "pedal": 0.7, "shaker": 0.55, "maracas": 0.55, "tambourine": 0.62,
    "clap": 0.85, "bells_shaken": 0.6, "brush": 0.8, "guiro": 0.6, "agogo": 0.6, "china": 0.74,
}  # fmt: skip
# Hands on a hi-hat accent the beat and relax after it: factors for the four sixteenths.
_HAND_CYCLE = (1.0, 0.8, 0.92, 0.76)
_CYCLED = frozenset({"closed", "shaker", "maracas", "tambourine", "brush", "ride"})
_WALKING_ENERGY = 0.46
_FULL_ENERGY = 0.72
# Below this there are no drums at all, and below the second no crash and no fill.
_QUIET_ENERGY = 0.3
_CRASH_ENERGY = 0.55
_ROLL_BARS = 2
# A roll's two bars by their length in sixteenths; r doubles.
_ROLLS = {16: ("x...x...x.x.x.x.", "xxxxxxxxrrrrrrrr"), 12: ("x...x...x.x.", "xxxxxxrrrrrr")}
_FILL_DRUMS = {
    "s": "snare", "h": "tom_high", "m": "tom_mid", "l": "tom_low", "f": "tom_floor", "k": "kick", "c": "clap",
    "x": "closed", "t": "timbale", "g": "conga", "p": "side",
}  # fmt: skip
# What a band plays in a metre for which its genre has no groove.
_STAND_INS = {"4/4": "pop", "3/4": "waltz", "6/8": "six-eight"}


class Groove(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `grooves.toml`: drum -> pattern at each level of fullness."""

    calm: dict[str, str]
    walking: dict[str, str]
    full: dict[str, str]
    # What comes on top in the last chorus.
    lift: dict[str, str]
    metre: str = "4/4"

    def at(self, bar: Bar) -> dict[str, str]:
        """The patterns of a bar."""
        if bar.energy >= _FULL_ENERGY:
            return self.full | self.lift if bar.is_lifted else self.full
        return self.walking if bar.energy >= _WALKING_ENERGY else self.calm


class Fills(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `fills.toml`."""

    big: tuple[str, ...]
    small: tuple[str, ...]


@cache
def grooves() -> dict[str, Groove]:
    """All grooves by name."""
    return msgspec.convert(_table("grooves"), dict[str, Groove])


@cache
def fills() -> dict[str, Fills]:
    """All families of fills by name."""
    return msgspec.convert(_table("fills"), dict[str, Fills])


def _table(name: str) -> dict[str, object]:
    return tomllib.loads(resources.files(__package__ or "").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def play(plan: Plan, bars: list[Bar], seed: int) -> list[Note]:
    """The drum part, in straight time; none where the band has no drummer.

    The groove is the plan's own; `seed` draws the fills.
    """
    row = row_of(plan)
    if not row.grooves or not bars:
        return []
    groove = grooves()[pick(stream(plan.seed, "groove"), _fitting(row, bars[0].metre))]
    rng = stream(seed, "fills")
    notes: list[Note] = []
    for bar in bars:
        if bar.is_held:
            notes += _held(bar)
        elif bar.energy >= _QUIET_ENERGY:
            notes += _bar(bar, groove, fills()[row.fills], rng)
    return notes


def _fitting(row: Genre, metre: str) -> tuple[str, ...]:
    """The genre's grooves in a metre, or one that does for everybody."""
    return tuple(name for name in row.grooves if grooves()[name].metre == metre) or (_STAND_INS[metre],)


def _held(bar: Bar) -> list[Note]:
    """What a drummer adds to a chord that is held: a crash on it, softer where the song has been quiet."""
    velocity = round(60 + 40 * bar.energy)
    return [_hit(bar, "crash", 0, velocity), _hit(bar, "kick", 0, velocity)]


def _bar(bar: Bar, groove: Groove, family: Fills, rng: np.random.Generator) -> list[Note]:
    """One bar of groove, with a crash in front or a fill at its end where they belong."""
    is_rolling = "roll" in bar.turn and bar.bars_left <= _ROLL_BARS and bar.section_bars > _ROLL_BARS
    fill = "" if is_rolling else _fill(bar, family, rng)
    fill_start = bar.slots - len(fill)
    patterns = groove.at(bar)
    if is_rolling:
        patterns = {drum: text for drum, text in patterns.items() if drum not in {"kick", "snare", "clap"}}
    notes = list(_roll(bar)) if is_rolling else list(_fill_notes(bar, fill, fill_start))
    for drum, pattern in patterns.items():
        for stroke in strokes(pattern, bar.slots, bar.index):
            is_open = stroke.slot < bar.open_slots and (stroke.slot < fill_start or drum in {"closed", "pedal"})
            if is_open:
                notes += _struck(bar, drum, stroke.slot, stroke.letter)
    if bar.energy >= _CRASH_ENERGY and (bar.index == 0 or (bar.index % 8 == 0 and bar.energy >= _FULL_ENERGY)):
        notes.append(_hit(bar, "crash", 0, 92))
    return notes


def _struck(bar: Bar, drum: str, slot: int, letter: str) -> Iterator[Note]:
    """The one or more notes of a letter."""
    hand = _HAND_CYCLE[slot % 4] if drum in _CYCLED else 1.0
    velocity = _VELOCITIES[letter] * _SOFTER.get(drum, 1.0) * (0.85 + 0.2 * bar.energy) * hand
    count = _QUICK.get(letter, 1)
    for turn in range(count):
        # A roll within a sixteenth swells.
        swell = 0.8 + 0.2 * (turn + 1) / count
        yield _hit(bar, drum, slot, round(velocity * swell), late=turn * SLOT_TICKS // count)


def _fill(bar: Bar, family: Fills, rng: np.random.Generator) -> str:
    """What leads out of a bar: a full fill before a section, a small one every fourth bar, mostly nothing."""
    if bar.bars_left == 1:
        return pick(rng, family.big)[-bar.slots :] if "fill" in bar.turn else ""
    if bar.index % 4 == 3 and bar.energy >= _WALKING_ENERGY and rng.random() < 0.6:
        return pick(rng, family.small)
    return ""


def _fill_notes(bar: Bar, fill: str, start: int) -> Iterator[Note]:
    """The strokes of a fill, growing."""
    for place, letter in enumerate(fill):
        velocity = 78 + min(3 * place, 30)
        if letter == "r" and place:
            drum = _FILL_DRUMS[fill[:place].replace("r", "").replace(".", "")[-1]]
            yield from (_hit(bar, drum, start + place, velocity - 10, late=late) for late in (0, SLOT_TICKS // 2))
        elif letter != ".":
            yield _hit(bar, _FILL_DRUMS[letter], start + place, velocity)


def _roll(bar: Bar) -> Iterator[Note]:
    """A snare and a clap that quicken and swell until the section ends, or stops."""
    pattern = _ROLLS[bar.slots][_ROLL_BARS - bar.bars_left]
    for stroke in strokes(pattern, bar.slots):
        if stroke.slot < bar.open_slots:
            grown = (_ROLL_BARS - bar.bars_left + stroke.slot / bar.slots) / _ROLL_BARS
            count = _QUICK.get(stroke.letter, 1)
            for turn in range(count):
                late = turn * SLOT_TICKS // count
                yield _hit(bar, "snare", stroke.slot, round(52 + 52 * grown), late=late)


def _hit(bar: Bar, drum: str, slot: int, velocity: int, *, late: int = 0) -> Note:
    """One stroke, `late` ticks after a sixteenth."""
    return Note(
        onset_ticks=ticks(bar, slot) + late,
        length_ticks=SLOT_TICKS,
        pitch=PERCUSSION[drum],
        velocity=max(1, min(127, round(velocity * bar.fade))),
    )
