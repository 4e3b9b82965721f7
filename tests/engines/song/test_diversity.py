"""No two songs of different seeds share melody, rhythm and progression."""

from itertools import combinations

import pytest

from tests.engines.song.rough_lyrics import WEEKEND, rough_lyrics
from tutti.engines.song.model import Brief, Language, Score
from tutti.engines.song.motif import Motifs
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import chords_of
from tutti.engines.song.tunes import tune_lines
from tutti.engines.song.vocal import sing

_SEEDS = 200
# The share of notes of the same degree in the same place that two songs with the same words may have.
_MOST_ALIKE = 0.65


@pytest.fixture(scope="module")
def tunes():
    """The sung lines of songs of one brief and text, by seed; the band is left out for time's sake."""
    lyrics = rough_lyrics(WEEKEND)
    return [_tune(lyrics, seed) for seed in range(_SEEDS)]


def _tune(lyrics, seed):
    plan = make_plan(Brief(genre="pop", language=Language.MANDARIN), lyrics, seed, longest_s=240.0)
    vocals = sing(plan, lyrics, seed, chords_of(plan), Motifs())
    score = Score(bpm=plan.bpm, beats_per_bar=plan.beats_per_bar, bars=plan.bars, vocals=vocals, parts=())
    return plan, tune_lines(plan, score)[:8]


def _melody(plan, lines):
    return tuple(pitch - plan.tonic for line in lines for pitch in line.pitches)


def _places(plan, lines):
    bar = plan.beats_per_bar * 4
    return tuple(slot - line.section.start_bar * bar for line in lines for slot in line.slots)


def _rhythm(plan, lines):
    """Where the syllables begin, and how long each of their notes lasts."""
    lengths = (tuple(note.length_ticks for note in group) for line in lines for group in line.groups)
    return tuple(zip(_places(plan, lines), lengths, strict=True))


def _progression(plan, _):
    sections = {section.kind: section.chords for section in plan.sections}
    return tuple((kind, tuple(chord.name for chord in chords[:8])) for kind, chords in sorted(sections.items()))


def test_songs_of_different_seeds_share_neither_melody_nor_rhythm(tunes):
    assert len({_melody(*tune) for tune in tunes}) == _SEEDS
    assert len({_rhythm(*tune) for tune in tunes}) == _SEEDS


def test_songs_of_different_seeds_seldom_share_a_progression(tunes):
    """Pop has only so many progressions; in their keys five songs of six have their own."""
    assert len({_progression(*tune) for tune in tunes}) >= 0.83 * _SEEDS


def test_songs_of_different_seeds_are_not_alike(tunes):
    notes = [set(zip(_places(*tune), _melody(*tune), strict=True)) for tune in tunes]
    alike = [len(one & other) / max(len(one), len(other)) for one, other in combinations(notes, 2)]
    assert max(alike) <= _MOST_ALIKE
    assert sum(alike) / len(alike) <= 0.2
