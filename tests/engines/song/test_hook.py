from itertools import pairwise

import pytest

from tests.engines.song.composed import song
from tutti.engines.song.genre import genre, genres
from tutti.engines.song.hook import figure_of, line_figure
from tutti.engines.song.model import SectionKind
from tutti.engines.song.tunes import tune_lines


def _figure(seed=1, *, name="pop", metre="4/4", weirdness=0.0, kind=SectionKind.VERSE, letter="A"):
    accents = genre(name).accents_in(metre)
    return figure_of(seed=seed, accents=accents, metre=metre, weirdness=weirdness, kind=kind, letter=letter)


@pytest.mark.parametrize("name", sorted(genres()))
@pytest.mark.parametrize(("metre", "sixteenths"), [("4/4", 16), ("3/4", 12), ("6/8", 12)])
def test_figures_fill_their_bar(name, metre, sixteenths):
    for kind in SectionKind:
        figure = _figure(name=name, metre=metre, kind=kind)
        assert sorted(figure.order) == list(range(sixteenths))
        assert len(figure.heights) == sixteenths // 2
        assert max(figure.heights) - min(figure.heights) <= 8


def test_figures_of_few_notes_lie_within_those_of_more():
    figure = _figure()
    assert all(set(figure.slots(count)) <= set(figure.slots(count + 1)) for count in range(1, 16))


def test_figures_of_choruses_keep_to_eighths():
    for seed in range(20):
        assert all(slot % 2 == 0 for slot in _figure(seed, kind=SectionKind.CHORUS).slots(6))


def test_figures_answer_in_the_same_rhythm():
    for seed in range(20):
        call, answer = _figure(seed), _figure(seed, letter="B")
        assert answer.order == call.order
        assert answer.heights != call.heights or not any(call.heights)


def test_figures_differ_by_seed_and_come_again():
    assert _figure(3) == _figure(3)
    assert len({_figure(seed) for seed in range(100)}) == 100


def test_figures_of_weird_songs_reach_farther():
    reach = [
        sum(max(map(abs, _figure(seed, weirdness=weirdness).heights)) for seed in range(60)) for weirdness in (0, 1)
    ]
    assert reach[1] > 1.3 * reach[0]


def test_figure_begins_anew_in_each_bar_and_after_a_pickup():
    figure = _figure()
    assert figure.step(-2, 0) is None
    assert figure.step(14, 16) is None
    assert figure.step(16, 20) == figure.step(0, 4) == figure.heights[2] - figure.heights[0]


def test_tunes_follow_their_figure():
    kept = total = 0
    for seed in range(12):
        plan, score = song("pop", seed=seed)
        lines = [line for line in tune_lines(plan, score) if line.kind is SectionKind.VERSE][:1]
        for line in lines:
            figure = line_figure(plan, line.kind, "A")
            bar = line.section.start_bar * 16
            for (before, after), (low, high) in zip(pairwise(line.slots), pairwise(line.pitches), strict=True):
                step = figure.step(before - bar, after - bar)
                if step:
                    total += 1
                    kept += (high - low) * step > 0
    assert kept >= 0.6 * total
