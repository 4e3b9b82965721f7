import itertools
from dataclasses import replace

import pytest

from tutti.engines.song.band import bass, chords, drums
from tutti.engines.song.band.bar import Stroke, bars_of, strokes
from tutti.engines.song.form import Passage
from tutti.engines.song.genre import Chair, genre
from tutti.engines.song.model import Brief, Lyrics, Plan, PlanSection, SectionKind
from tutti.engines.song.plan import lay_sections, make_plan
from tutti.engines.song.score import chords_of

_BAR_TICKS = 4 * 480


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(Brief(genre="rock", instrumental=True), Lyrics(text="", sections=()), 4, longest_s=120.0)


@pytest.fixture(scope="module")
def busy_plan(plan) -> Plan:
    """The same plan with two chords in every bar."""
    passages = [Passage(kind=section.kind, label=section.label, bars=section.bars) for section in plan.sections]
    progressions = dict.fromkeys(SectionKind, "I-V vi-IV")
    sections = lay_sections(passages, progressions, tonic=plan.tonic, mode="major", beats_per_bar=4)
    return replace(plan, mode="major", sections=sections)


def _section_at(plan: Plan, note) -> PlanSection:
    bar = note.onset_ticks // _BAR_TICKS
    return next(each for each in plan.sections if each.start_bar <= bar < each.start_bar + each.bars)


def test_strokes_last_until_the_next_letter_or_silence():
    assert list(strokes("x..x_.x.", 8)) == [Stroke("x", 0, 3), Stroke("x", 3, 1), Stroke("x", 6, 2)]
    assert list(strokes("x...x...", 6)) == [Stroke("x", 0, 4), Stroke("x", 4, 2)]
    assert not list(strokes("................", 16))


def test_strokes_of_several_bars_take_turns():
    assert [stroke.slot for stroke in strokes("x...x.......x...", 8, 0)] == [0, 4]
    assert [stroke.slot for stroke in strokes("x...x.......x...", 8, 3)] == [4]


def test_bars_of_covers_the_plan_and_ends_once(plan):
    bars = bars_of(plan)
    assert len(bars) == plan.bars
    assert [bar.start_ticks for bar in bars] == [index * _BAR_TICKS for index in range(plan.bars)]
    assert [bar.is_final for bar in bars].count(True) == 1
    assert tuple(itertools.chain.from_iterable(bar.chords for bar in bars)) == chords_of(plan)


@pytest.mark.parametrize("play", [chords.comp, chords.strum, chords.arpeggio, chords.pad, chords.counter])
def test_chord_players_play_only_tones_of_the_chord_that_sounds(busy_plan, play):
    every = chords_of(busy_plan)
    pattern = "0.1.2.3.4.2.1.0." if play is chords.arpeggio else "x...x.x........."
    chair = Chair(name="keys", play="comp", programs=(0,), calm=pattern, full=pattern)
    notes = play(chair, bars_of(busy_plan))
    assert len(notes) >= busy_plan.bars
    for note in notes:
        first, last = note.onset_ticks // 480, (note.onset_ticks + note.length_ticks - 1) // 480
        assert all(note.pitch % 12 in every[beat].tones for beat in range(first, min(last, len(every) - 1) + 1))


def test_bass_plays_roots_on_the_one(plan):
    chair = next(chair for chair in genre("rock").chairs if chair.name == "bass")
    every = chords_of(plan)
    ones = [note for note in bass.play(chair, bars_of(plan)) if note.onset_ticks % _BAR_TICKS == 0]
    assert len(ones) == plan.bars
    assert all(note.pitch % 12 == every[note.onset_ticks // 480].bass for note in ones)
    assert all(28 <= note.pitch <= 60 for note in ones)


def test_chairs_rest_below_their_energy(plan):
    chair = Chair(name="pad", play="pad", programs=(89,), from_energy=0.8)
    notes = chords.pad(chair, bars_of(plan))
    kinds = {_section_at(plan, note).kind for note in notes}
    # In an arranged intro entrances decide.
    assert kinds - {SectionKind.INTRO} == {SectionKind.CHORUS}


@pytest.mark.parametrize("seed", range(6))
def test_drums_crash_into_full_sections_and_fill_before_them(plan, seed):
    notes = drums.play(plan, bars_of(plan), seed)
    crashes = {note.onset_ticks for note in notes if note.pitch == 49}

    def strokes_between(start, end):
        return sum(start <= note.onset_ticks < end and note.pitch in {38, 41, 45, 47, 50} for note in notes)

    for section in plan.sections:
        if section.kind is SectionKind.CHORUS:
            start = section.start_bar * _BAR_TICKS
            assert start in crashes
            assert strokes_between(start - 960, start) > strokes_between(start - 960 - _BAR_TICKS, start - _BAR_TICKS)


def test_drums_are_fuller_in_the_chorus_than_in_the_verse(plan):
    notes = drums.play(plan, bars_of(plan), 4)
    loudness = {}
    for note in notes:
        section = _section_at(plan, note)
        loudness[section.kind] = loudness.get(section.kind, 0) + note.velocity / section.bars
    assert loudness[SectionKind.CHORUS] > 1.15 * loudness[SectionKind.VERSE]
