"""A continuation and the song it goes on from, joined as plans, scores and sounds."""

import numpy as np
import pytest

from tests.engines.song.rough_lyrics import CITY_LIGHTS, rough_lyrics
from tutti.engines.song.continuation import continue_plan
from tutti.engines.song.joining import join_plans, join_scores, join_sounds
from tutti.engines.song.model import SAMPLE_RATE_HZ, TICKS_PER_BEAT, Brief
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import compose

_MORE = "[Bridge]\nAnother night another line to sing\nAnother window and another ring\n"


@pytest.fixture(scope="module")
def old():
    lyrics = rough_lyrics(CITY_LIGHTS)
    plan = make_plan(Brief(genre="rock"), lyrics, 5, longest_s=240.0)
    return plan, compose(plan, lyrics, 5)


@pytest.fixture(scope="module", params=[0.0, 21.3, 40.0, 1e6])
def joined(request, old):
    plan, score = old
    part = continue_plan(plan, score, request.param, rough_lyrics(_MORE), 9)
    whole = join_plans(plan, part)
    kept = len(whole.sections) - len(part.plan.sections)
    return part, whole, join_scores(score, part, kept_sections=kept)


def test_joined_plan_runs_without_gap_and_its_chords_fill_its_bars(joined):
    _, whole, score = joined
    at = 0
    for section in whole.sections:
        assert section.start_bar == at
        assert sum(chord.beats for chord in section.chords) == section.bars * whole.beats_per_bar
        at += section.bars
    assert at == score.bars


def test_joined_score_keeps_the_old_notes_before_and_the_new_ones_after(joined, old):
    part, _, score = joined
    join = part.kept_bars * score.beats_per_bar * TICKS_PER_BEAT
    notes = [note for one in score.parts for note in one.notes]
    before = [note for one in old[1].parts for note in one.notes if note.onset_ticks < join]
    assert sum(note.onset_ticks < join for note in notes) == len(before)
    assert len(notes) == len(before) + sum(len(one.notes) for one in part.score.parts)
    assert all(note.onset_ticks + note.length_ticks <= join for note in notes if note.onset_ticks < join)


def test_joined_lines_point_to_the_sections_they_are_sung_in(joined):
    _, whole, score = joined
    for line in score.vocals:
        section = whole.sections[line.section]
        # A line may begin a little before its section, with a pickup.
        middle = line.syllables[len(line.syllables) // 2].notes[0].onset_ticks
        bar = middle / (whole.beats_per_bar * TICKS_PER_BEAT)
        assert section.start_bar - 1 <= bar <= section.start_bar + section.bars


def test_joined_line_has_a_harmony_pitch_for_every_note(joined):
    for line in joined[2].vocals:
        count = sum(len(sung.notes) for sung in line.syllables)
        assert len(line.harmony_pitches) in (0, count)


@pytest.mark.parametrize("old_s", [3.0, 4.0, 10.0])
def test_joined_sound_has_no_step_at_the_join(old_s):
    """One tone going on through the join stays one tone: no click, no dip."""
    tone = np.sin(2 * np.pi * 220 * np.arange(int(14 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ).astype(np.float32)
    tone = np.stack([tone, tone])
    at = 3 * SAMPLE_RATE_HZ
    whole = join_sounds(tone[:, : int(old_s * SAMPLE_RATE_HZ)], tone[:, at:], kept_s=3.0, bar_s=2.0)
    assert whole.shape[1] == tone.shape[1]
    assert np.abs(np.diff(whole, axis=1)).max() < 0.06
    levels = np.abs(whole[0][: 12 * SAMPLE_RATE_HZ]).reshape(-1, SAMPLE_RATE_HZ // 20).max(axis=1)
    assert levels.min() > 0.99
