"""Plans and notes moved into another style, before any sound."""

from dataclasses import replace

import pytest

from tests.engines.song.rough_lyrics import CITY_LIGHTS, rough_lyrics
from tutti.engines.song.edits.grounds import in_key
from tutti.engines.song.edits.restyle import moved_score, restyled, transposed, with_new_band
from tutti.engines.song.edits.stretches import with_words
from tutti.engines.song.model import Brief, Gender, Palette
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import compose
from tutti.intents import SongWishes


@pytest.fixture(scope="module")
def old():
    lyrics = rough_lyrics(CITY_LIGHTS)
    plan = make_plan(Brief(genre="rock", gender=Gender.FEMALE), lyrics, 5, longest_s=240.0)
    return plan, compose(plan, lyrics, 5)


@pytest.mark.parametrize("genre", ["jazz", "ballad", "punk", "folk"])
@pytest.mark.parametrize("tonic", [None, 0, 7])
def test_restyled_song_is_the_same_tune_in_another_key(genre, tonic, old):
    plan, score = old
    new = restyled(plan, Brief(genre=genre, gender=Gender.MALE, tonic=tonic), 9)
    moved = moved_score(score, plan, new)
    assert tonic in {None, new.tonic}
    (step,) = {
        after.pitch - before.pitch
        for first, second in zip(score.vocals, moved.vocals, strict=True)
        for a, b in zip(first.syllables, second.syllables, strict=True)
        for before, after in zip(a.notes, b.notes, strict=True)
    }
    assert (plan.tonic + step) % 12 == new.tonic
    # A man sings it lower, within half an octave of where his range lies.
    assert -15 <= step <= -2
    assert [section.bars for section in new.sections] == [section.bars for section in plan.sections]
    assert 0.69 < new.bpm / plan.bpm < 1.41


def test_likeness_keeps_tempo_and_instruments(old):
    plan, _ = old
    brief = Brief(genre="ballad", gender=Gender.FEMALE)
    far, near = restyled(plan, brief, 9), restyled(plan, brief, 9, likeness=1.0)
    assert near.bpm == pytest.approx(plan.bpm, abs=0.01)
    assert far.bpm != near.bpm
    shared = set(near.instruments) & set(plan.instruments)
    assert shared
    assert all(near.instruments[name] == plan.instruments[name] for name in shared)


def test_transposing_there_and_back_changes_nothing(old):
    plan, _ = old
    there = transposed(plan, 5)
    assert there.tonic == (plan.tonic + 5) % 12
    back = transposed(there, -5)
    assert [[chord.tones for chord in section.chords] for section in back.sections] == [
        [chord.tones for chord in section.chords] for section in plan.sections
    ]


def test_new_band_leaves_singer_tempo_and_chords(old):
    plan, _ = old
    new = with_new_band(plan, Brief(genre="jazz"), 9)
    kept = ("voice", "bpm", "swing", "tonic", "mode", "sections")
    assert [getattr(new, name) for name in kept] == [getattr(plan, name) for name in kept]
    assert new.instruments != plan.instruments


def test_words_are_spread_over_a_stretch_and_the_rest_is_remarked_on(old):
    plan, _ = old
    whole = rough_lyrics(CITY_LIGHTS)
    short = replace(plan, sections=(replace(plan.sections[1], start_bar=0, bars=4),))
    filled, words = with_words(short, whole)
    (section,) = filled.sections
    assert 2 <= len(section.line_bars) <= 4
    assert sum(section.line_bars) <= 4
    assert len(words.sections[0].lines) == len(section.line_bars)
    assert "found no room in 4 bars" in filled.remarks[0]
    score = compose(filled, words, 9)
    assert [line.text for line in score.vocals] == [line.text for line in words.sections[0].lines]


@pytest.mark.parametrize("palette", [Palette(), Palette(second="jazz")])
@pytest.mark.parametrize("weirdness", [0.0, 1.0])
def test_song_moved_into_its_own_key_keeps_its_chords(palette, weirdness):
    lyrics, brief = rough_lyrics(CITY_LIGHTS), Brief(genre="hip-hop", palette=palette)
    plan = make_plan(brief, lyrics, 5, longest_s=240.0, wishes=SongWishes(weirdness=weirdness))
    again = in_key(plan, plan.tonic, plan.mode)
    assert [[chord.name for chord in section.chords] for section in again.sections if not section.lift_semitones] == [
        [chord.name for chord in section.chords] for section in plan.sections if not section.lift_semitones
    ]
