"""Written lines as phrases: what is sung in one breath and decoded in one piece, its times in seconds.

A line is one phrase unless it holds a long rest or is longer than the network reads at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tutti.engines.song.model import Score, Syllable, VocalLine

# A rest this long inside a line is a breath: the phrase ends before it.
_BREATH_REST_S = 0.6
# Longer pieces cost memory, about 20 MB a second in the decoder.
_LONGEST_S = 16.0
# Below the network's limit of 510 letters.
_MOST_LETTERS = 480


@dataclass(frozen=True, kw_only=True, slots=True)
class PitchedNote:
    """One note in seconds from the song's start; `pitch` in MIDI note numbers."""

    start_s: float
    end_s: float
    pitch: float

    @property
    def length_s(self) -> float:
        """How long it is held."""
        return self.end_s - self.start_s


@dataclass(frozen=True, kw_only=True, slots=True)
class SyllableOnNotes:
    """A syllable and its notes in order, at least one."""

    syllable: Syllable
    notes: tuple[PitchedNote, ...]

    @property
    def start_s(self) -> float:
        """The beat that its vowel falls on."""
        return self.notes[0].start_s

    @property
    def end_s(self) -> float:
        """Where its last note ends."""
        return self.notes[-1].end_s

    @property
    def length_s(self) -> float:
        """From its first note's start to its last note's end."""
        return self.end_s - self.start_s


Phrase = tuple[SyllableOnNotes, ...]


def line_phrases(line: VocalLine, score: Score, *, harmony: bool = False) -> tuple[Phrase, ...]:
    """The phrases of a line; with `harmony` on the harmony's pitches, where the line has them."""
    pitches = iter(line.harmony_pitches if harmony and line.harmony_pitches else _melody(line))
    syllables = tuple(
        SyllableOnNotes(
            syllable=sung.syllable,
            notes=tuple(
                PitchedNote(
                    start_s=score.seconds_at(note.onset_ticks),
                    end_s=score.seconds_at(note.onset_ticks + note.length_ticks),
                    pitch=float(next(pitches)),
                )
                for note in sung.notes
            ),
        )
        for sung in line.syllables
    )
    return tuple(piece for phrase in _at_rests(syllables) for piece in _short_enough(phrase))


def _melody(line: VocalLine) -> tuple[int, ...]:
    return tuple(note.pitch for sung in line.syllables for note in sung.notes)


def _at_rests(syllables: Phrase) -> list[Phrase]:
    borders = [
        n for n, (before, after) in enumerate(pairwise(syllables), 1) if after.start_s - before.end_s >= _BREATH_REST_S
    ]
    edges = [0, *borders, len(syllables)]
    return [syllables[start:end] for start, end in pairwise(edges) if end > start]


def _short_enough(phrase: Phrase) -> list[Phrase]:
    """The phrase, halved at the word border nearest its middle for as long as it is too long."""
    letters = sum(_most_letters(sung.syllable) for sung in phrase)
    if len(phrase) < 2 or (letters <= _MOST_LETTERS and phrase[-1].end_s - phrase[0].start_s <= _LONGEST_S):
        return [phrase]
    borders = [n for n in range(1, len(phrase)) if phrase[n].syllable.starts_word] or range(1, len(phrase))
    border = _nearest(borders, len(phrase) / 2)
    return [*_short_enough(phrase[:border]), *_short_enough(phrase[border:])]


def _nearest(borders: Sequence[int], middle: float) -> int:
    return min(borders, key=lambda border: abs(border - middle))


def _most_letters(syllable: Syllable) -> int:
    """A bound of what `tokens.py` makes of it: a space, a mark, and each vowel perhaps in two."""
    return 2 + len(syllable.onset) + 2 * len(syllable.nucleus) + len(syllable.coda)
