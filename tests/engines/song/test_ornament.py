import pytest

from tests.engines.song.composed import song
from tests.engines.song.rough_lyrics import CITY_LIGHTS, rough_lyrics
from tutti.engines.song.model import Syllable
from tutti.engines.song.ornament import melisma, melisma_chance
from tutti.engines.song.rhythm import SHORTEST_S, Grid, commas
from tutti.engines.song.seeds import stream

_LADDER = [52, 53, 55, 57, 59, 60, 62, 64]
_GRID = Grid(bars=2, beats_per_bar=4, bpm=90)


def _syllable(vowel="ɑ"):
    return Syllable(onset=("l",), nucleus=(vowel,))


@pytest.mark.parametrize("goal", [None, 52, 57, 60, 64])
@pytest.mark.parametrize("length", [6, 9, 16])
def test_melismas_keep_length_and_pitch_and_have_two_to_four_notes(goal, length):
    for seed in range(20):
        notes = melisma(57, length, goal=goal, ladder=_LADDER, grid=_GRID, rng=stream(seed))
        assert sum(each for _, each in notes) == length
        assert 1 <= len(notes) <= 4
        assert {pitch for pitch, _ in notes} <= set(_LADDER)
        assert max(notes, key=lambda note: note[1])[0] == 57
        assert min(each for _, each in notes) * _GRID.slot_s >= SHORTEST_S
        if goal is None:
            assert notes[-1][0] == 57


def test_melismas_move_towards_the_next_pitch():
    up = melisma(55, 12, goal=62, ladder=_LADDER, grid=_GRID, rng=stream(1))
    assert [pitch for pitch, _ in up] == [55, 57, 59]
    assert melisma(55, 2, goal=62, ladder=_LADDER, grid=_GRID, rng=stream(1)) == [(55, 2)]


def test_melismas_like_open_vowels_line_ends_and_few_syllables():
    plain = {"taste": 0.2, "is_last": False, "per_bar": 5.0}
    usual = melisma_chance(_syllable(), **plain)
    assert melisma_chance(_syllable("i"), **plain) < usual
    assert melisma_chance(_syllable(), **plain | {"is_last": True}) > usual
    assert melisma_chance(_syllable(), **plain | {"per_bar": 2.0}) > usual
    assert melisma_chance(_syllable(), **plain | {"taste": 1.0, "is_last": True}) < 1


def test_lines_of_few_syllables_are_sung_with_more_notes():
    few = "[Verse]\n" + "Far away\nFar away from\n" * 3
    shares = []
    for text in (few, CITY_LIGHTS):
        runs = [len(each.notes) > 1 for seed in range(6) for line in song("ballad", text, seed)[1].vocals
                for each in line.syllables]  # fmt: skip
        shares.append(sum(runs) / len(runs))
    assert shares[0] > shares[1]


def test_commas_are_where_a_singer_may_breathe():
    line = rough_lyrics("[Verse]\nHold me, never let me go").sections[0].lines[0]
    assert commas(line.syllables) == {1}
    assert commas(rough_lyrics("[Verse]\nHold me now").sections[0].lines[0].syllables) == frozenset()
