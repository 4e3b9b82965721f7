"""The bass. Letters: R root, 3, 5 and 8 by their interval, L a step that leads to the next chord's root."""

from tutti.engines.song.band.bar import Bar, loudness, playing, ticks
from tutti.engines.song.genre import Chair
from tutti.engines.song.model import Note
from tutti.engines.song.rhythm import SLOT_TICKS

# Lowest string of a bass guitar.
_LOWEST = 28


def play(chair: Chair, bars: list[Bar]) -> list[Note]:
    """The bass line through the song."""
    notes = []
    for bar, stroke in playing(chair, bars, "R..............."):
        pitch = _pitch(stroke.letter, bar, stroke.slot, chair.centre)
        length = max(1, round(stroke.length * SLOT_TICKS * min(chair.gate, 0.94)))
        velocity = loudness(chair, bar, stroke.slot)
        notes.append(Note(onset_ticks=ticks(bar, stroke.slot), length_ticks=length, pitch=pitch, velocity=velocity))
    return notes


def _pitch(letter: str, bar: Bar, slot: int, centre: int) -> int:
    """The pitch of one letter over the chord that sounds there."""
    chord = bar.chord_at(slot)
    root = _near(chord.bass, centre)
    if letter == "8":
        return root + 12
    if letter == "3":
        return _above(root, chord.tones[1])
    if letter == "5":
        fifth = _above(root, chord.tones[2] if len(chord.tones) > 2 else chord.root)
        return fifth if fifth <= centre + 7 or fifth - 12 < _LOWEST else fifth - 12
    if letter == "L":
        goal = _near(bar.next_chord.bass, centre)
        return goal if goal == root else goal + (1 if root > goal else -1)
    return root


def _near(pitch_class: int, centre: int) -> int:
    """The pitch of a class nearest to `centre`, not below the lowest string."""
    pitch = centre - 6 + (pitch_class - (centre - 6)) % 12
    return pitch if pitch >= _LOWEST else pitch + 12


def _above(root: int, pitch_class: int) -> int:
    """The next pitch of a class at or above the root."""
    return root + (pitch_class - root) % 12
