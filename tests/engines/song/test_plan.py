from statistics import mean

import pytest

from tests.engines.song.composed import song
from tests.engines.song.rough_lyrics import CITY_LIGHTS, rough_lyrics
from tutti.engines.song import harmony
from tutti.engines.song.continuation import continue_plan
from tutti.engines.song.form import Passage
from tutti.engines.song.genre import genre, genres
from tutti.engines.song.key_change import key_lifts
from tutti.engines.song.model import Brief, SectionKind
from tutti.engines.song.plan import make_plan
from tutti.engines.song.progressions import draw_progressions
from tutti.engines.song.seeds import stream
from tutti.engines.song.tables import table
from tutti.engines.song.tunes import tune_lines
from tutti.intents import SongWishes

_VERSE = Passage(kind=SectionKind.VERSE, label="Verse", bars=8, lyric_section=0)
_CHORUS = Passage(kind=SectionKind.CHORUS, label="Chorus", bars=8, lyric_section=1)
_HOOK = "City lights don't let me down"
_OUTRO = Passage(kind=SectionKind.OUTRO, label="Outro", bars=4)


def _lifted(genre_name="ballad"):
    """Songs of a genre whose last chorus is lifted."""
    for seed in range(40):
        plan, score = song(genre_name, seed=seed)
        if plan.sections[-1].lift_semitones:
            yield plan, score


def test_key_changes_lift_all_from_the_last_chorus_on():
    lifts = {key_lifts([_VERSE, _CHORUS, _VERSE, _CHORUS, _OUTRO], "ballad", stream(seed)) for seed in range(40)}
    assert lifts == {(0, 0, 0, 0, 0), (0, 0, 0, 1, 1), (0, 0, 0, 2, 2)}


@pytest.mark.parametrize(("passages", "name"), [([_VERSE, _CHORUS, _OUTRO], "ballad"), ([_CHORUS] * 3, "hip-hop")])
def test_key_changes_need_a_second_chorus_and_a_fitting_genre(passages, name):
    assert all(not any(key_lifts(passages, name, stream(seed))) for seed in range(30))


def test_key_changes_move_chords_and_tune_and_stay_in_range():
    plan, score = next(_lifted())
    lift = plan.sections[-1].lift_semitones
    choruses = [section for section in plan.sections if section.kind is SectionKind.CHORUS]
    first, last = (choruses[at].chords[0] for at in (0, -1))
    assert (last.root - first.root) % 12 == lift
    tunes = [line for line in tune_lines(plan, score) if line.text == _HOOK]
    assert tunes[0].pitches == tunes[-1].pitches
    assert tunes[-1].notes[0].pitch - tunes[0].notes[0].pitch == lift
    pitches = [note.pitch for line in score.vocals for each in line.syllables for note in each.notes]
    assert plan.voice.low_pitch <= min(pitches)
    assert max(pitches) <= plan.voice.high_pitch


def test_key_changes_carry_on_into_a_continuation():
    plan, score = next(_lifted())
    lift = plan.sections[-1].lift_semitones
    more = continue_plan(plan, score, score.duration_s, rough_lyrics(CITY_LIGHTS), 3)
    assert {section.lift_semitones for section in more.plan.sections} == {lift}
    early = continue_plan(plan, score, 10.0, rough_lyrics(CITY_LIGHTS), 3)
    assert {section.lift_semitones for section in early.plan.sections} == {0}
    songs = ((plan, score), (more.plan, more.score), (early.plan, early.score))
    hooks = {next(line.pitches for line in tune_lines(*each) if line.text == _HOOK) for each in songs}
    assert len(hooks) == 1


def test_plan_keeps_the_key_that_is_named():
    plan, _ = song("pop", tonic=6, mode="minor")
    assert (plan.tonic, plan.mode) == (6, "minor")


def test_weird_songs_leap_more_and_use_rare_progressions():
    usual, weird = (
        [song("pop", seed=seed, wishes=SongWishes(weirdness=weirdness)) for seed in range(5)]
        for weirdness in (0.0, 1.0)
    )
    assert [plan.weirdness for plan, _ in (usual[0], weird[0])] == [0.0, 1.0]
    spans = [mean(max(line.pitches) - min(line.pitches) for one in songs for line in tune_lines(*one))
             for songs in (usual, weird)]  # fmt: skip
    assert spans[1] > spans[0]
    rare = table("tutti.engines.song", "tunes")["rare"]
    drawn = draw_progressions(genre("pop"), "major", 1, weirdness=1.0)
    assert all(drawn[kind] in rare["major"][kind.value] for kind in (SectionKind.VERSE, SectionKind.CHORUS))


def test_loose_songs_stray_from_their_genre_and_strict_ones_do_not():
    slowest, fastest = genre("pop").bpm
    lyrics = rough_lyrics(CITY_LIGHTS)

    def tempos(weight):
        wishes = SongWishes(style_weight=weight)
        return [make_plan(Brief(genre="pop"), lyrics, seed, longest_s=400, wishes=wishes).bpm for seed in range(60)]

    assert all(slowest <= bpm <= fastest for bpm in tempos(1.0))
    assert any(not slowest <= bpm <= fastest for bpm in tempos(0.0))


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_progressions_are_chords_and_mostly_the_genre_s_own(mode):
    own = 0
    for name in genres():
        for seed in range(20):
            drawn = draw_progressions(genre(name), mode, seed)
            own += drawn[SectionKind.CHORUS] in genre(name).progressions(mode, SectionKind.CHORUS)
            for text in drawn.values():
                assert harmony.progression(text, bars=8, tonic=0, mode=mode, beats_per_bar=4)
    assert own >= 0.6 * 20 * len(genres())


def test_rare_progressions_are_chords():
    for mode, rows in table("tutti.engines.song", "tunes")["rare"].items():
        for text in (each for row in rows.values() for each in row):
            assert harmony.progression(text, bars=4, tonic=5, mode=mode, beats_per_bar=4)
