from dataclasses import replace

import pytest

from tests.engines.song.composed import song, written
from tutti.engines.song.measures import difference, measure
from tutti.engines.song.merit import BANDS, TERMS, merit
from tutti.engines.song.model import SectionKind

_STEPS = [(0, 2, 60), (2, 2, 62), (4, 2, 64), (6, 2, 62), (8, 8, 60)]


def _measured(name, *lines, **how):
    return getattr(measure(*written(*lines, **how)), name)


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("chord_tone_rate", [(0, 4, 60), (4, 4, 62), (8, 8, 62)], 0.5),
        # A note that falls onto its chord tone within the syllable is held there.
        ("chord_tone_rate", [(0, 8, [62, 60])], 0.0),
        ("leap_rate", [(0, 4, 60), (4, 4, 65), (8, 8, 64)], 0.5),
        ("leap_recovery", [(0, 4, 60), (4, 4, 65), (8, 8, 64)], 1.0),
        ("leap_recovery", [(0, 4, 55), (4, 4, 60), (8, 8, 65)], 0.0),
        ("in_range_rate", [(0, 4, 60), (4, 4, 66)], 0.5),
        ("cadence_rate", _STEPS, 1.0),
        ("cadence_rate", [*_STEPS[:4], (8, 8, 62)], 0.0),
        ("cadence_rate", [*_STEPS[:4], (8, 1, 60)], 0.0),
        ("shortest_syllable_s", _STEPS, 0.25),
        ("longest_breath_s", [(0, 8, 60), (10, 6, 60)], 1.0),
        ("longest_breath_s", [(0, 8, 60), (8, 6, 60)], 1.75),
        ("off_beat_rate", [(0, 4, 60), (2, 4, 60), (8, 4, 60), (15, 4, 60)], 0.5),
    ],
)
def test_measure_hears_one_line(name, line, expected):
    assert _measured(name, line) == pytest.approx(expected)


def test_measure_knows_a_figure_on_another_step_again():
    moved = [(start, length, pitch + 2) for start, length, pitch in _STEPS]
    turned = [(start, length, 124 - pitch) for start, length, pitch in _STEPS]
    late = [(start + 1, length, pitch) for start, length, pitch in _STEPS]
    assert _measured("repetition", _STEPS, moved) == 1
    assert _measured("repetition", _STEPS, turned) == 0
    assert _measured("repetition", _STEPS, late) == 0
    assert _measured("repetition", _STEPS, _STEPS[:4]) == pytest.approx(0.8)


@pytest.mark.parametrize("lift", [0, 2])
def test_measure_hears_the_chorus_above_the_verse_without_the_key_change(lift):
    chorus = [(start, length, pitch + 4 + lift) for start, length, pitch in _STEPS]
    kinds = [SectionKind.VERSE, SectionKind.CHORUS]
    assert _measured("chorus_lift", _STEPS, chorus, kinds=kinds, lifts={1: lift}) == 4
    assert _measured("chorus_lift", _STEPS, _STEPS) is None


def test_measure_finds_a_chorus_of_fewer_notes_simpler():
    kinds = [SectionKind.VERSE, SectionKind.CHORUS]
    plain = [(0, 4, 64), (4, 4, 64), (16, 4, 64), (20, 8, 62)]
    busy = [(0, 2, 60), (2, 1, 62), (3, 3, 64), (6, 2, 65), (16, 6, 67), (22, 2, 60)]
    assert _measured("chorus_complexity", busy, plain, kinds=kinds) < 0.8
    assert _measured("chorus_complexity", plain, busy, kinds=kinds) > 1.2


def test_measure_hears_tunes_against_mandarin_tones():
    assert _measured("tone_agreement", [(0, 4, 60), (4, 4, 57)], tones=[1, 3]) == 1
    assert _measured("tone_agreement", [(0, 4, 57), (4, 4, 60)], tones=[1, 3]) == 0


def test_measure_misses_a_breath_between_lines():
    held = [*_STEPS[:4], (8, 24, 60)]
    assert _measured("breath_rate", _STEPS, _STEPS) == 1
    assert _measured("breath_rate", held, held) == 0


def test_measure_reads_the_lead_where_nobody_sings():
    plan, score = song(text="", instrumental=True)
    found = measure(plan, score)
    assert found.chord_tone_rate >= 0.8
    assert found.repetition > 0


def test_merit_is_one_for_all_that_is_good_and_falls_with_each_term():
    good = measure(*song("pop", seed=1))
    assert 0.7 < merit(good) <= 1
    broken = [name for name in TERMS if _worse(good, name) >= merit(good)]
    assert broken == []
    assert merit(_with(good, chorus_lift=12.0)) < merit(_with(good, chorus_lift=4.0))
    assert set(BANDS) == {"chorus_lift", "off_beat_excess"}


def _worse(good, name):
    best = _with(good, **{name: TERMS[name].best})
    worst = _with(best, **{name: TERMS[name].worst})
    return merit(worst) + (merit(good) - merit(best))


def _with(measures, **values):
    return replace(measures, **values)


def test_difference_is_none_with_itself_and_all_with_another_tune():
    _, one = written(_STEPS)
    _, other = written([(start, length, pitch + 1) for start, length, pitch in _STEPS])
    assert difference(one, one) == 0
    assert difference(one, other) == 1
