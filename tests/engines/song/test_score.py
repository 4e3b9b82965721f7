import itertools
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.song.rough_lyrics import CITY_LIGHTS, TWO_LINES, WEEKEND, line_of, rough_lyrics
from tutti.engines.song.genre import genres
from tutti.engines.song.measures import difference, measure
from tutti.engines.song.model import Brief, Gender, Language, Lyrics, LyricSection, Plan, Score, SectionKind
from tutti.engines.song.plan import make_plan
from tutti.engines.song.rhythm import SHORTEST_S
from tutti.engines.song.score import compose

_NAMES = sorted(genres())
_SILENT = Lyrics(text="", sections=())
_TEXTS = {"city": (CITY_LIGHTS, Language.ENGLISH), "weekend": (WEEKEND, Language.MANDARIN)}


def _song(genre="pop", text=CITY_LIGHTS, seed=0, *, language=Language.ENGLISH, longest_s=240.0, **wishes):
    lyrics = rough_lyrics(text)
    plan = make_plan(Brief(genre=genre, language=language, **wishes), lyrics, seed, longest_s=longest_s)
    return plan, compose(plan, lyrics, seed)


def _notes(line):
    return [note for sung in line.syllables for note in sung.notes]


@pytest.mark.parametrize(("genre", "text"), list(itertools.product(_NAMES, _TEXTS)))
def test_compose_keeps_the_rules_of_good_tunes(genre, text):
    words, language = _TEXTS[text]
    for seed in range(2):
        plan, score = _song(genre, words, seed, language=language)
        found = measure(plan, score)
        assert found.chord_tone_rate >= 0.8
        assert found.leap_rate <= 0.15
        assert found.in_range_rate == 1
        assert found.shortest_syllable_s >= SHORTEST_S - 0.003
        assert found.tone_agreement >= 0.5


@pytest.mark.parametrize("genre", _NAMES)
def test_compose_never_overlaps_sung_notes(genre):
    _, score = _song(genre, seed=5)
    notes = [note for line in score.vocals for note in _notes(line)]
    assert all(before.onset_ticks + before.length_ticks <= after.onset_ticks for before, after in pairwise(notes))


def test_compose_sings_every_line_in_order():
    plan, score = _song("ballad")
    first_time = {section.lyric_section: number for number, section in reversed(list(enumerate(plan.sections)))}
    sung = [line.text for line in score.vocals if first_time[plan.sections[line.section].lyric_section] == line.section]
    written = [line.text for section in rough_lyrics(CITY_LIGHTS).sections for line in section.lines]
    assert sung == written


def test_compose_leaves_a_breath_between_lines():
    _, score = _song("rock", seed=3)
    gaps = [
        score.seconds_at(
            _notes(after)[0].onset_ticks - _notes(before)[-1].onset_ticks - _notes(before)[-1].length_ticks
        )
        for before, after in pairwise(score.vocals)
    ]
    assert sorted(gaps)[len(gaps) // 4] >= 0.2


def test_compose_brings_choruses_back_unchanged():
    for seed in range(3):
        plan, score = _song("pop", seed=seed)
        assert measure(plan, score).hook_count >= 3
        tunes = {}
        for line in score.vocals:
            if plan.sections[line.section].kind is SectionKind.CHORUS:
                tunes.setdefault(line.text, set()).add(tuple(note.pitch for note in _notes(line)))
        assert [len(versions) for versions in tunes.values()] == [1] * 4


def test_compose_lifts_the_chorus_over_the_verse():
    higher = 0
    for seed in range(6):
        plan, score = _song("pop", seed=seed)
        by_kind = {}
        for line in score.vocals:
            by_kind.setdefault(plan.sections[line.section].kind, []).extend(note.pitch for note in _notes(line))
        verse, chorus = by_kind[SectionKind.VERSE], by_kind[SectionKind.CHORUS]
        higher += sum(chorus) / len(chorus) > sum(verse) / len(verse)
    assert higher >= 5


def test_compose_doubles_only_full_choruses_with_one_harmony_pitch_a_note():
    plan, score = _song("pop", seed=1)
    doubled = [line for line in score.vocals if line.doubled]
    assert {plan.sections[line.section].kind for line in doubled} == {SectionKind.CHORUS}
    for line in doubled:
        assert len(line.harmony_pitches) == len(_notes(line))
        assert all(
            0 <= abs(high - note.pitch) <= 5 for high, note in zip(line.harmony_pitches, _notes(line), strict=True)
        )


@pytest.mark.parametrize("genre", _NAMES)
def test_compose_gives_every_part_playable_notes(genre):
    plan, score = _song(genre, seed=2)
    end = score.bars * score.beats_per_bar * 480 + 480
    assert {"drums", "bass"} <= {part.name for part in score.parts}
    for part in score.parts:
        onsets = [note.onset_ticks for note in part.notes]
        assert onsets == sorted(onsets)
        assert all(0 <= note.onset_ticks < end and note.length_ticks > 0 for note in part.notes)
        assert all(20 <= note.pitch <= 108 and 1 <= note.velocity <= 127 for note in part.notes)
        assert part.program == (None if part.name in {"drums", "fx"} else plan.instruments[part.name])


def test_compose_is_the_same_for_the_same_seed_and_differs_for_another():
    assert _song(seed=11) == _song(seed=11)
    for genre in _NAMES:
        (one, first), (two, second) = _song(genre, WEEKEND, 1), _song(genre, WEEKEND, 2)
        assert difference(first, second) >= 0.5
        assert one.voice != two.voice


@pytest.mark.parametrize("genre", _NAMES)
def test_instrumentals_have_a_melody_and_a_full_form(genre):
    for seed in range(3):
        plan = make_plan(Brief(genre=genre, instrumental=True), _SILENT, seed, longest_s=240.0)
        score = compose(plan, _SILENT, seed)
        assert plan.voice is None
        assert score.vocals == ()
        assert 60 <= score.duration_s <= 120
        assert plan.sections[0].kind is SectionKind.INTRO
        assert [section.kind for section in plan.sections[-2:]] == [SectionKind.CHORUS, SectionKind.OUTRO]
        lead = next(part for part in score.parts if part.name == "lead")
        assert len(lead.notes) >= 40


def test_city_lights_as_emotional_punk_lasts_ninety_seconds():
    for seed in range(4):
        _, score = _song("punk", seed=seed, moods=("emotional",))
        assert score.duration_s >= 90


@pytest.mark.parametrize("genre", _NAMES)
def test_two_lines_still_make_a_song(genre):
    for seed in range(3):
        _, score = _song(genre, TWO_LINES, seed)
        assert score.duration_s >= 40


@pytest.mark.parametrize("longest_s", [20.0, 30.0, 45.0, 60.0])
def test_growing_songs_stop_at_their_limit(longest_s):
    for seed in range(3):
        _, score = _song("pop", TWO_LINES, seed, longest_s=longest_s)
        assert longest_s / 3 <= score.duration_s <= longest_s


def test_words_are_left_out_only_for_want_of_time_and_never_in_silence():
    plan, score = _song("ballad", longest_s=40.0)
    assert score.duration_s <= 40.0
    assert "left out" in plan.remarks[0]
    plan, score = _song("ballad", longest_s=120.0)
    assert plan.remarks == ()
    assert {line.text for line in score.vocals} == {
        line.text for section in rough_lyrics(CITY_LIGHTS).sections for line in section.lines
    }


@settings(max_examples=40, deadline=None)
@given(
    genre=st.sampled_from(_NAMES),
    counts=st.lists(st.lists(st.integers(0, 26), max_size=7), min_size=1, max_size=7),
    kinds=st.lists(st.sampled_from(SectionKind), min_size=7, max_size=7),
    longest_s=st.floats(30, 300),
    bpm=st.none() | st.floats(20, 300),
    gender=st.none() | st.sampled_from(Gender),
    seed=st.integers(-(2**70), 2**70),
)
def test_any_lyrics_make_a_song_within_its_limit(*, genre, counts, kinds, longest_s, bpm, gender, seed):
    sections = tuple(
        LyricSection(kind=kind, label=kind.value, lines=tuple(line_of(count) for count in lines))
        for kind, lines in zip(kinds, counts, strict=False)
    )
    lyrics = Lyrics(text="", sections=sections)
    plan = make_plan(Brief(genre=genre, bpm=bpm, gender=gender), lyrics, seed, longest_s=longest_s)
    score = compose(plan, lyrics, seed)
    lines = sum(1 for section in sections for line in section.lines if line.syllables)
    assert len({(line.section, id(line)) for line in score.vocals}) >= lines or plan.remarks
    assert score.duration_s <= longest_s
    for section in plan.sections:
        assert sum(chord.beats for chord in section.chords) == section.bars * plan.beats_per_bar
        assert sum(section.line_bars) <= section.bars
    found = measure(plan, score)
    assert found.in_range_rate == 1
    assert not score.vocals or found.shortest_syllable_s >= SHORTEST_S - 0.003


def test_plan_and_score_survive_json():
    plan, score = _song("jazz", seed=4)
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan
    assert msgspec.json.decode(msgspec.json.encode(score), type=Score) == score
