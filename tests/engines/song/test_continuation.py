import pytest

from tests.engines.song.rough_lyrics import CITY_LIGHTS, rough_lyrics
from tutti.engines.song.continuation import continue_plan
from tutti.engines.song.model import Brief, Lyrics, SectionKind
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import compose

_MORE = """[Verse]
Another night another line to sing
Another window and another ring
[Chorus]
City lights don't let me down
Carry me over the sleeping town
"""
_SILENT = Lyrics(text="", sections=())


@pytest.fixture(scope="module")
def song():
    lyrics = rough_lyrics(CITY_LIGHTS)
    plan = make_plan(Brief(genre="rock", moods=("sad",)), lyrics, 5, longest_s=240.0)
    return plan, compose(plan, lyrics, 5)


def _hooks(score):
    return {
        tuple(sung.notes[0].pitch for sung in line.syllables)
        for line in score.vocals
        if line.text == "City lights don't let me down"
    }


def test_continuation_keeps_what_makes_the_song(song):
    plan, score = song
    more = continue_plan(plan, score, 40.0, rough_lyrics(_MORE), 9).plan
    kept = ("bpm", "beats_per_bar", "tonic", "mode", "voice", "genre", "swing", "instruments", "drum_kit", "seed")
    assert [getattr(more, name) for name in kept] == [getattr(plan, name) for name in kept]
    old = {section.kind: section.chords[0].name for section in plan.sections}
    assert all(section.chords[0].name == old[section.kind] for section in more.sections if section.kind in old)


def test_continuation_sings_the_hook_to_its_old_tune(song):
    more = continue_plan(*song, 40.0, rough_lyrics(_MORE), 9)
    assert _hooks(more.score) == _hooks(song[1])


@pytest.mark.parametrize(("at_s", "bars"), [(0.0, 1), (7.9, None), (40.0, None), (1e6, "all")])
def test_continuation_cuts_at_the_nearest_bar_line(song, at_s, bars):
    plan, score = song
    more = continue_plan(plan, score, at_s, rough_lyrics(_MORE), 9)
    bar_s = score.duration_s / score.bars
    assert more.kept_bars == {None: round(at_s / bar_s), "all": plan.bars}.get(bars, bars)
    assert more.kept_s == pytest.approx(more.kept_bars * bar_s)


def test_continuation_begins_at_once_and_stays_within_its_limit(song):
    more = continue_plan(*song, 40.0, rough_lyrics(CITY_LIGHTS), 9, longest_s=60.0)
    assert more.plan.sections[0].kind is SectionKind.VERSE
    assert more.plan.sections[0].start_bar == 0
    assert more.score.duration_s <= 60.0
    assert more.plan.bpm == song[0].bpm


def test_continuation_differs_by_seed_and_repeats_by_seed(song):
    lyrics = rough_lyrics("[Bridge]\nNobody said the dark would sing\nNobody told me anything\n")
    one, same, other = (continue_plan(*song, 40.0, lyrics, seed) for seed in (1, 1, 2))
    assert one == same
    assert one.score.vocals != other.score.vocals


def test_continuation_without_words_is_instrumental(song):
    more = continue_plan(*song, 40.0, _SILENT, 9)
    assert more.score.vocals == ()
    assert any(part.name == "lead" for part in more.score.parts)


def test_continuation_of_an_instrumental_finds_a_singer():
    plan = make_plan(Brief(genre="folk", instrumental=True), _SILENT, 1, longest_s=100.0)
    more = continue_plan(plan, compose(plan, _SILENT, 1), 20.0, rough_lyrics(_MORE), 2)
    assert more.plan.voice is not None
    assert len(more.score.vocals) >= 4
