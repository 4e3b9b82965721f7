"""The drums: a groove by fullness, fills before new sections, a crash where they begin."""

import tomllib
from functools import cache
from importlib import resources

import msgspec
import numpy as np

from tutti.engines.song.band.bar import Bar, strokes, ticks
from tutti.engines.song.genre import genre
from tutti.engines.song.model import Note, Plan
from tutti.engines.song.rhythm import SLOT_TICKS
from tutti.engines.song.seeds import pick, stream

# General MIDI percussion.
_DRUMS = {
    "kick": 36, "side": 37, "snare": 38, "clap": 39, "tom_floor": 41, "closed": 42, "pedal": 44, "tom_low": 45,
    "open": 46, "tom_mid": 47, "crash": 49, "tom_high": 50, "ride": 51, "tambourine": 54, "shaker": 70,
}  # fmt: skip
_VELOCITIES = {"o": 44, "x": 84, "X": 104}
# Time-keeping metal and wood stay under the drums.
_SOFTER = {"closed": 0.78, "open": 0.74, "ride": 0.74, "pedal": 0.7, "shaker": 0.55, "tambourine": 0.62, "clap": 0.85}
_WALKING_ENERGY = 0.46
_FULL_ENERGY = 0.72
# Below this there are no drums at all, and below the second no crash and no fill.
_QUIET_ENERGY = 0.3
_CRASH_ENERGY = 0.55
# Fills over the last beats of a bar: one letter a sixteenth, s snare, h m l f toms, k kick.
_FILLS = ("s.ssh.ml", "ssssmmff", "h.hm.ml.", "s.s.ssss", "ss.mm.ff", "k.sk.sff", "....s.ss", "....hmlf")
_SMALL_FILLS = ("......ss", "....s..s", "......hl", ".....s.s")
_FILL_DRUMS = {"s": "snare", "h": "tom_high", "m": "tom_mid", "l": "tom_low", "f": "tom_floor", "k": "kick"}


class Groove(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `grooves.toml`: drum -> pattern at each level of fullness."""

    calm: dict[str, str]
    walking: dict[str, str]
    full: dict[str, str]

    def at(self, energy: float) -> dict[str, str]:
        """The level for an energy."""
        if energy >= _FULL_ENERGY:
            return self.full
        return self.walking if energy >= _WALKING_ENERGY else self.calm


@cache
def grooves() -> dict[str, Groove]:
    """All grooves by name."""
    text = resources.files(__package__ or "").joinpath("grooves.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Groove])


def play(plan: Plan, bars: list[Bar], seed: int) -> list[Note]:
    """The drum part, in straight time. The groove is the plan's own; `seed` draws the fills."""
    names = ("waltz",) if plan.beats_per_bar == 3 else genre(plan.genre).grooves
    groove = grooves()[pick(stream(plan.seed, "groove"), names)]
    rng = stream(seed, "fills")
    notes: list[Note] = []
    for bar in bars:
        if bar.is_final:
            notes += [_hit(bar, "crash", 0, 96), _hit(bar, "kick", 0, 96)]
        elif bar.energy >= _QUIET_ENERGY:
            notes += _bar(bar, groove, rng)
    return notes


def _bar(bar: Bar, groove: Groove, rng: np.random.Generator) -> list[Note]:
    """One bar of groove, with a crash in front or a fill at its end where they belong."""
    fill = _fill(bar, rng)
    fill_start = bar.slots - len(fill)
    notes = []
    for drum, pattern in groove.at(bar.energy).items():
        for stroke in strokes(pattern, bar.slots):
            if stroke.slot < fill_start or drum in {"closed", "pedal"}:
                velocity = _VELOCITIES[stroke.letter] * _SOFTER.get(drum, 1.0) * (0.85 + 0.2 * bar.energy)
                notes.append(_hit(bar, drum, stroke.slot, round(velocity)))
    for place, letter in enumerate(fill):
        if letter != ".":
            notes.append(_hit(bar, _FILL_DRUMS[letter], fill_start + place, 78 + 3 * place))
    if bar.energy >= _CRASH_ENERGY and (bar.index == 0 or (bar.index % 8 == 0 and bar.energy >= _FULL_ENERGY)):
        notes.append(_hit(bar, "crash", 0, 92))
    return notes


def _fill(bar: Bar, rng: np.random.Generator) -> str:
    """What leads out of a bar: a full fill before a section, a small one every fourth bar, mostly nothing."""
    if bar.is_last_of_section and max(bar.energy, bar.next_energy) >= _CRASH_ENERGY:
        return pick(rng, _FILLS)
    if bar.index % 4 == 3 and bar.energy >= _WALKING_ENERGY and rng.random() < 0.6:
        return pick(rng, _SMALL_FILLS)
    return ""


def _hit(bar: Bar, drum: str, slot: int, velocity: int) -> Note:
    """One stroke."""
    return Note(
        onset_ticks=ticks(bar, slot),
        length_ticks=SLOT_TICKS,
        pitch=_DRUMS[drum],
        velocity=max(1, min(127, velocity)),
    )
