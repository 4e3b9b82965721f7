"""The players of chords: struck, strummed, broken, held, and as power chords.

Letters of "comp", "strum" and "power": x a stroke, X an accented one, m a muted one. Letters of "arpeggio": the number
of the chord's note from below, counted on through the octaves.
"""

from collections.abc import Iterator, Sequence

from tutti.engines.song import harmony
from tutti.engines.song.band.bar import Bar, Stroke, loudness, playing, ticks
from tutti.engines.song.genre import Chair
from tutti.engines.song.model import Chord, Note
from tutti.engines.song.rhythm import SLOT_TICKS

# The time a plectrum needs from one string to the next.
_STRUM_TICKS = 9
_ACCENT = 12
# How much softer a hand strikes strings that it damps.
_SCRATCH = 16
_HELD = "x..............."


def comp(chair: Chair, bars: list[Bar]) -> list[Note]:
    """Whole chords struck at once."""
    notes = []
    for bar, stroke, pitches in _voiced(chair, playing(chair, bars, _HELD)):
        accent = _ACCENT if stroke.letter == "X" else 0
        notes += [_note(chair, bar, stroke, pitch, accent=accent) for pitch in pitches]
    return notes


def strum(chair: Chair, bars: list[Bar]) -> list[Note]:
    """Chords drawn over the strings: down on the beat, up and softer off it."""
    notes = []
    for bar, stroke, pitches in _voiced(chair, playing(chair, bars, _HELD)):
        is_down = stroke.slot % 4 == 0
        is_muted = stroke.letter == "m"
        strings = [*pitches, pitches[0] + 12]
        for place, pitch in enumerate(strings if is_down else strings[:0:-1]):
            accent = (0 if is_down else -8) - (_SCRATCH if is_muted else 0)
            gate = 0.3 if is_muted else chair.gate
            notes.append(_note(chair, bar, stroke, pitch, accent=accent, late=place * _STRUM_TICKS, gate=gate))
    return notes


def power(chair: Chair, bars: list[Bar]) -> list[Note]:
    """Root, fifth and octave; muted strokes leave the octave out and stop short."""
    notes = []
    for bar, stroke in playing(chair, bars, "X..............."):
        chord = bar.chord_at(stroke.slot)
        root = chair.centre - 6 + (chord.root - (chair.centre - 6)) % 12
        is_muted = stroke.letter == "m"
        fifth = (chord.tones[2] - chord.root) % 12 if len(chord.tones) > 2 else 7
        for step in (0, fifth) if is_muted else (0, fifth, 12):
            accent = -10 if is_muted else _ACCENT * (stroke.letter == "X")
            notes.append(_note(chair, bar, stroke, root + step, accent=accent, gate=0.45 if is_muted else chair.gate))
    return notes


def arpeggio(chair: Chair, bars: list[Bar]) -> list[Note]:
    """Chords note by note."""
    notes = []
    for bar, stroke, pitches in _voiced(chair, playing(chair, bars, "0.1.2.3.........")):
        octave, place = divmod(int(stroke.letter), len(pitches))
        notes.append(_note(chair, bar, stroke, pitches[place] + 12 * octave))
    return notes


def pad(chair: Chair, bars: list[Bar]) -> list[Note]:
    """Chords held as long as they last."""
    notes = []
    for bar, stroke, pitches in _voiced(chair, _changes(chair, bars)):
        notes += [_note(chair, bar, stroke, pitch, gate=0.99) for pitch in pitches]
    return notes


def counter(chair: Chair, bars: list[Bar]) -> list[Note]:
    """A quiet second melody: for each chord a tone close to the one before, thirds and sevenths first."""
    notes = []
    pitch = chair.centre
    for bar, stroke in _changes(chair, bars):
        tones = bar.chord_at(stroke.slot).tones
        reachable = [each for each in range(chair.centre - 7, chair.centre + 9) if each % 12 in tones]
        guides = {tones[1], tones[-1]}
        before = pitch
        pitch = min(reachable, key=lambda each: abs(each - before) + 1.5 * (each % 12 not in guides) + (each == before))
        notes.append(_note(chair, bar, stroke, pitch, gate=0.98))
    return notes


def _changes(chair: Chair, bars: list[Bar]) -> Iterator[tuple[Bar, Stroke]]:
    """One long stroke for each chord of each bar in which the chair plays."""
    for bar in bars:
        if not bar.seats(chair):
            continue
        starts = [beat for beat in range(bar.beats) if beat == 0 or bar.chords[beat] is not bar.chords[beat - 1]]
        for start, end in zip(starts, [*starts[1:], bar.beats], strict=True):
            if start * 4 < bar.open_slots:
                yield bar, Stroke("x", start * 4, min(end * 4, bar.open_slots) - start * 4)


def _voiced(chair: Chair, strokes: Iterator[tuple[Bar, Stroke]]) -> Iterator[tuple[Bar, Stroke, tuple[int, ...]]]:
    """Strokes with the pitches of their chord, each voicing lying close to the one before."""
    held: Sequence[int] = ()
    chord: Chord | None = None
    for bar, stroke in strokes:
        now = bar.chord_at(stroke.slot)
        if now is not chord:
            chord = now
            held = harmony.voicing(now.tones, centre=chair.centre, previous=held)
        yield bar, stroke, tuple(held)


def _note(
    chair: Chair, bar: Bar, stroke: Stroke, pitch: int, *, accent: int = 0, late: int = 0, gate: float | None = None
) -> Note:
    """One note of a stroke; `late` ticks after it."""
    length = round(stroke.length * SLOT_TICKS * (chair.gate if gate is None else gate)) - late
    return Note(
        onset_ticks=ticks(bar, stroke.slot) + late,
        length_ticks=max(SLOT_TICKS // 4, length),
        pitch=pitch,
        velocity=loudness(chair, bar, stroke.slot, accent=accent),
    )
