from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.engines.song.harmony import chord, scale
from tutti.engines.song.melody import CONTOURS, Place, register, singable, tune
from tutti.engines.song.model import SectionKind
from tutti.engines.song.seeds import stream

_HOME = chord("I", tonic=0, mode="major", beats=4)


def _tune(weights, *, tones=None, echo=None, seed=0, low=55, high=69, contour="arch", made=_HOME):
    places = [
        Place(
            weight=weight,
            chord=made,
            tone=tones[index] if tones else 0,
            echo=echo[index] if echo else None,
            position=index / max(1, len(weights) - 1),
        )
        for index, weight in enumerate(weights)
    ]
    return tune(
        places,
        scale=scale(0, "major"),
        low=low,
        high=high,
        contour=CONTOURS[contour],
        cadence=(0,),
        rng=stream(seed),
    )


@given(
    weights=st.lists(st.floats(0, 1), min_size=1, max_size=20),
    seed=st.integers(0, 10**6),
    low=st.integers(40, 60),
    contour=st.sampled_from(sorted(CONTOURS)),
)
def test_tune_stays_in_range_and_key_with_chord_tones_where_it_counts(weights, seed, low, contour):
    pitches = _tune(weights, seed=seed, low=low, high=low + 13, contour=contour)
    assert all(low <= pitch <= low + 13 and pitch % 12 in scale(0, "major") for pitch in pitches)
    strong = [pitch % 12 in _HOME.tones for pitch, weight in zip(pitches, weights, strict=True) if weight >= 0.95]
    assert sum(strong) >= 0.8 * len(strong)


def test_tune_moves_mostly_by_step():
    steps = [abs(b - a) for seed in range(20) for a, b in pairwise(_tune([1, 0.1, 0.4, 0.1] * 3, seed=seed))]
    assert sum(step <= 2 for step in steps) >= 0.6 * len(steps)
    assert sum(step >= 5 for step in steps) <= 0.1 * len(steps)


def test_tune_comes_to_rest_on_the_cadence():
    assert {_tune([0.5] * 7, seed=seed)[-1] % 12 for seed in range(20)} == {0}


def test_tune_echoes_an_earlier_line():
    first = _tune([1, 0.2, 0.5, 0.2] * 2, seed=1)
    echoed = _tune([1, 0.2, 0.5, 0.2] * 2, echo=first, seed=2)
    assert sum(a == b for a, b in zip(first, echoed, strict=True)) >= 6


def _against_tones(tones, *, is_told):
    heights = {1: 5.0, 2: 4.0, 3: 1.5, 4: 4.2}
    count = 0
    for seed in range(30):
        pitches = _tune([0.4] * len(tones), tones=tones if is_told else None, seed=seed)
        for (before, after), (low, high) in zip(pairwise(tones), pairwise(pitches), strict=True):
            spoken = heights[after] - heights[before]
            count += abs(spoken) > 1 and spoken * (high - low) < 0
    return count


def test_tune_seldom_goes_against_mandarin_tones():
    tones = [1, 3, 4, 3, 2, 3, 1, 4]
    assert _against_tones(tones, is_told=True) < 0.4 * _against_tones(tones, is_told=False)


def test_singable_avoids_the_minor_seventh_over_a_major_dominant():
    dominant = chord("V", tonic=9, mode="minor", beats=4)
    fitting = singable(dominant, scale(9, "minor"))
    assert 8 in fitting
    assert 7 not in fitting


@pytest.mark.parametrize("kind", list(SectionKind))
def test_register_lies_within_the_voice(kind):
    low, high = register(kind, 45, 57)
    assert 45 <= low < high <= 57


def test_register_lifts_the_chorus_over_the_verse():
    verse, chorus = register(SectionKind.VERSE, 45, 57), register(SectionKind.CHORUS, 45, 57)
    assert chorus[0] > verse[0]
    assert chorus[1] > verse[1]
