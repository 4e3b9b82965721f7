import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.song.composed import song
from tests.engines.song.rough_lyrics import CITY_LIGHTS, TWO_LINES, WEEKEND, rough_lyrics
from tutti.engines.song.genre import genres
from tutti.engines.song.measures import measure
from tutti.engines.song.model import Brief, Lyrics, SectionKind
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import compose
from tutti.intents import SongWishes

_SILENT = Lyrics(text="", sections=())


@pytest.mark.parametrize("text", [CITY_LIGHTS, WEEKEND, TWO_LINES])
@pytest.mark.parametrize("wanted_s", [60.0, 100.0, 150.0, 200.0])
def test_wanted_lengths_are_met_to_a_bar_where_words_allow(text, wanted_s):
    for genre in ("pop", "ballad", "punk"):
        plan, score = song(genre, text, longest_s=240.0, wishes=SongWishes(duration_s=wanted_s))
        bar_s = score.duration_s / score.bars
        # What rings on after the last bar counts too.
        is_met = abs(score.duration_s + 2.5 - wanted_s) <= bar_s / 2 + 0.01
        assert is_met or "words allow" in plan.remarks[0]
        if wanted_s >= 150:
            assert is_met


def test_wanted_lengths_keep_all_words_and_the_tempo():
    free, _ = song("rock", seed=3)
    plan, score = song("rock", seed=3, wishes=SongWishes(duration_s=30.0))
    assert plan.bpm == free.bpm
    assert {line.text for line in score.vocals} == {
        line.text for section in rough_lyrics(CITY_LIGHTS).sections for line in section.lines
    }
    assert plan.remarks


def test_short_songs_sing_a_repeated_chorus_once_less():
    kinds = [section.kind for section in song("pop", wishes=SongWishes(duration_s=75.0))[0].sections]
    assert 1 <= kinds.count(SectionKind.CHORUS) < 3
    assert SectionKind.BREAK not in kinds


@settings(max_examples=30, deadline=None)
@given(wanted_s=st.floats(20, 400), longest_s=st.floats(30, 300), seed=st.integers(0, 99))
def test_wanted_lengths_never_pass_the_longest(*, wanted_s, longest_s, seed):
    wishes = SongWishes(duration_s=wanted_s)
    plan = make_plan(Brief(genre="rock"), rough_lyrics(WEEKEND), seed, longest_s=longest_s, wishes=wishes)
    assert plan.bars * plan.beats_per_bar * 60 / plan.bpm <= longest_s


@pytest.mark.parametrize("wanted_s", [30.0, 75.0, 130.0, 230.0])
def test_instrumentals_have_their_wanted_length(wanted_s):
    wishes = SongWishes(duration_s=wanted_s)
    plan = make_plan(Brief(genre="pop", instrumental=True), _SILENT, 1, longest_s=240.0, wishes=wishes)
    score = compose(plan, _SILENT, 1)
    assert score.duration_s + 2.5 == pytest.approx(wanted_s, abs=score.duration_s / score.bars)


def test_weird_songs_have_odd_phrases_outside_choruses():
    lyrics = rough_lyrics(CITY_LIGHTS)
    odd = {SectionKind.VERSE: 0, SectionKind.CHORUS: 0}
    for seed in range(10):
        plan = make_plan(Brief(genre="pop"), lyrics, seed, longest_s=240.0, wishes=SongWishes(weirdness=1.0))
        for section in plan.sections:
            if section.kind in odd and section.lyric_section is not None:
                odd[section.kind] += section.bars % 2
    assert odd[SectionKind.VERSE] > 2
    assert odd[SectionKind.CHORUS] == 0


def _kinds(genre, text=CITY_LIGHTS, **more):
    return [section.kind.value for section in song(genre, text, longest_s=480.0, **more)[0].sections]


def test_genres_lay_songs_out_as_their_rows_say():
    club = _kinds("house")
    drops = [after for kind, after in itertools.pairwise(club) if kind == "chorus"]
    assert drops[:-1].count("break") == len(drops) - 1
    assert "break" not in _kinds("hip-hop")
    first, *_, last = song("children")[0].sections
    assert (first.bars, last.bars) == (2, 2)


def test_instrumentals_follow_their_genre_s_body():
    for name in ("techno", "jazz"):
        plan = make_plan(Brief(genre=name, instrumental=True), _SILENT, 1, longest_s=240.0)
        _, *body, _ = plan.sections
        assert tuple(section.kind for section in body[:-1]) == genres()[name].layout.body[: len(body) - 1]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["folk", "ballad", "techno"])
def test_a_chorus_that_is_written_once_returns(name, seed):
    text = "[Verse]\nI left a lantern by the door\n[Chorus]\nCome home, come home to me\nOver the silver sea"
    plan, score = song(name, text, seed)
    assert measure(plan, score).hook_count >= 2
