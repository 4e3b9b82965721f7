"""A continuation and the song it goes on from, joined as plans and scores."""

import pytest

from tests.engines.song.rough_lyrics import CITY_LIGHTS, rough_lyrics
from tutti.engines.song.continuation import continue_plan
from tutti.engines.song.joining import cut, join
from tutti.engines.song.model import TICKS_PER_BEAT, Brief
from tutti.engines.song.plan import make_plan
from tutti.engines.song.record import Excerpt
from tutti.engines.song.score import compose

_MORE = "[Bridge]\nAnother night another line to sing\nAnother window and another ring\n"


@pytest.fixture(scope="module")
def old():
    lyrics = rough_lyrics(CITY_LIGHTS)
    plan = make_plan(Brief(genre="rock"), lyrics, 5, longest_s=240.0)
    return plan, compose(plan, lyrics, 5)


def go_on(old, at_s):
    plan, score = old
    part = continue_plan(plan, score, at_s, rough_lyrics(_MORE), 9)
    before = Excerpt(plan=plan, score=score, from_bar=0, to_bar=part.kept_bars)
    after = Excerpt(plan=part.plan, score=part.score, from_bar=0, to_bar=part.score.bars)
    return part, *join((before, after))


@pytest.fixture(scope="module")
def filled(old):
    """The old song with bars 10 to 14 played by another one."""
    plan, score = old
    whole = Excerpt(plan=plan, score=score, from_bar=0, to_bar=score.bars)
    middle = Excerpt(plan=plan, score=score, from_bar=20, to_bar=24)
    return join((*cut((whole,), 0, 10), middle, *cut((whole,), 14, score.bars)))


@pytest.fixture(scope="module", params=[0.0, 21.3, 40.0, 1e6, "filled"])
def whole_and_score(request, old, filled):
    return filled if request.param == "filled" else go_on(old, request.param)[1:]


def test_joined_plan_runs_without_gap_and_its_chords_fill_its_bars(whole_and_score):
    whole, score = whole_and_score
    at = 0
    for section in whole.sections:
        assert section.start_bar == at
        assert sum(chord.beats for chord in section.chords) == section.bars * whole.beats_per_bar
        assert sum(section.line_bars) <= section.bars
        at += section.bars
    assert at == score.bars


@pytest.mark.parametrize("at_s", [0.0, 21.3, 1e6])
def test_joined_score_keeps_the_old_notes_before_and_the_new_ones_after(at_s, old):
    part, _, score = go_on(old, at_s)
    join_ticks = part.kept_bars * score.beats_per_bar * TICKS_PER_BEAT
    notes = [note for one in score.parts for note in one.notes]
    before = [note for one in old[1].parts for note in one.notes if note.onset_ticks < join_ticks]
    assert sum(note.onset_ticks < join_ticks for note in notes) == len(before)
    assert len(notes) == len(before) + sum(len(one.notes) for one in part.score.parts)
    assert all(note.onset_ticks + note.length_ticks <= join_ticks for note in notes if note.onset_ticks < join_ticks)


def test_joined_lines_point_to_the_sections_they_are_sung_in(whole_and_score):
    whole, score = whole_and_score
    for line in score.vocals:
        section = whole.sections[line.section]
        # A line may begin a little before its section, with a pickup.
        middle = line.syllables[len(line.syllables) // 2].notes[0].onset_ticks
        bar = middle / (whole.beats_per_bar * TICKS_PER_BEAT)
        assert section.start_bar - 1 <= bar <= section.start_bar + section.bars


def test_joined_line_has_a_harmony_pitch_for_every_note(whole_and_score):
    _, score = whole_and_score
    for line in score.vocals:
        count = sum(len(sung.notes) for sung in line.syllables)
        assert len(line.harmony_pitches) in (0, count)


def test_excerpt_in_the_middle_plays_its_own_bars(filled, old):
    bar = old[0].beats_per_bar * TICKS_PER_BEAT
    for part in old[1].parts:
        new = next(one for one in filled[1].parts if one.name == part.name)
        wanted = [note.onset_ticks - 10 * bar for note in part.notes if 20 * bar <= note.onset_ticks < 24 * bar]
        assert [note.onset_ticks for note in new.notes if 10 * bar <= note.onset_ticks < 14 * bar] == wanted


def test_whole_cut_to_all_its_bars_is_itself(old):
    plan, score = old
    assert join((Excerpt(plan=plan, score=score, from_bar=0, to_bar=score.bars),))[0].sections == plan.sections


def test_cut_line_shows_the_words_that_are_left(old):
    plan, score = old
    line = score.vocals[0]
    middle = line.syllables[len(line.syllables) // 2].notes[0].onset_ticks
    bar = -(-middle // (plan.beats_per_bar * TICKS_PER_BEAT))
    _, rest = join((Excerpt(plan=plan, score=score, from_bar=0, to_bar=bar),))
    assert line.text.startswith(rest.vocals[-1].text.rstrip())
    assert rest.vocals[-1].text != line.text or rest.vocals[-1].syllables == line.syllables
