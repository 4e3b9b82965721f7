from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.song.composed import song
from tests.engines.song.rough_lyrics import line_of, rough_lyrics
from tutti.engines.song.lyrics import parse
from tutti.engines.song.model import Language, Palette
from tutti.engines.song.rhythm import PICKUP_SLOTS, SHORTEST_S, Grid, bars_for, commas, emphasis, metre, place, sizes
from tutti.engines.song.seeds import stream

_STRAIGHT = "9141714281417142"


def _placed(line, grid, *, seed=0, wishes=(), earliest=-PICKUP_SLOTS):
    joins = [not each.ends_word for each in line.syllables[:-1]]
    weights = emphasis(line.syllables, line.language)
    return place(weights, joins, grid, accents=_STRAIGHT, rng=stream(seed), wishes=wishes, earliest=earliest)


@given(
    syllables=st.integers(1, 40),
    bpm=st.integers(50, 220),
    beats_per_bar=st.sampled_from([3, 4]),
    swing=st.sampled_from([0.0, 0.05, 0.1666]),
    shortest_bars=st.sampled_from([1, 2]),
    seed=st.integers(0, 2**63),
)
def test_place_gives_every_syllable_its_time(*, syllables, bpm, beats_per_bar, swing, shortest_bars, seed):
    line = line_of(syllables)
    bars = bars_for(line, beats_per_bar=beats_per_bar, bpm=bpm, swing=swing, shortest_bars=shortest_bars)
    grid = Grid(bars=bars, beats_per_bar=beats_per_bar, bpm=bpm, swing=swing)
    slots = _placed(line, grid, seed=seed, earliest=0)
    assert len(slots) == syllables
    assert slots[0] >= 0
    assert slots[-1] <= grid.last_slot
    shortest = min((later - earlier for earlier, later in pairwise(slots)), default=grid.smallest_gap)
    assert shortest * grid.slot_s * (1 - 2 * swing) >= SHORTEST_S - 1e-6


def test_bars_for_overflows_rather_than_crush():
    bars = [bars_for(line_of(count), beats_per_bar=4, bpm=120, swing=0.0) for count in (0, 5, 12, 20, 40)]
    assert bars == [0, 2, 2, 4, 6]


def test_long_japanese_syllables_get_more_room_than_short_ones():
    line = parse("[Verse]\nコーヒーの香り 静かな東京").sections[0].lines[0]
    bars = bars_for(line, beats_per_bar=4, bpm=110, swing=0.0)
    long, short = [], []
    for seed in range(8):
        slots = place(
            emphasis(line.syllables, line.language),
            [not each.ends_word for each in line.syllables[:-1]],
            Grid(bars=bars, beats_per_bar=4, bpm=110),
            accents=_STRAIGHT,
            rng=stream(seed),
            commas=commas(line.syllables),
            wants=sizes(line.syllables),
        )
        # The last syllable before the breath lasts anyway.
        for n, (one, other) in enumerate(pairwise(slots)):
            if n not in commas(line.syllables):
                (long if line.syllables[n].morae > 1 else short).append(other - one)
    assert np.mean(long) > 1.4 * np.mean(short)


def test_morae_take_bars_as_syllables_do():
    short, long = (parse(f"[Verse]\n{text}").sections[0].lines[0] for text in ("こころの", "コーヒーの東京タワー東京"))
    assert len(long.syllables) <= 12
    bars = [bars_for(line, beats_per_bar=4, bpm=180, swing=0.0) for line in (short, long)]
    assert bars == [2, 4]


def test_place_puts_stress_on_stronger_beats_than_the_rest():
    grid = Grid(bars=2, beats_per_bar=4, bpm=100)
    strength = metre(grid)
    stressed, weak = [], []
    for seed, row in enumerate(["I count the stations I have left behind", "Lanterns drift along the quay"] * 8):
        line = rough_lyrics(f"[Verse]\n{row}").sections[0].lines[0]
        for syllable, slot in zip(line.syllables, _placed(line, grid, seed=seed), strict=True):
            (stressed if syllable.stress else weak).append(strength[slot + PICKUP_SLOTS])
    assert np.mean(stressed) > np.mean(weak) + 0.15


@pytest.mark.parametrize("genre", ["ballad", "pop", "celtic"])
def test_stressed_syllables_of_six_eighths_fall_on_its_two_groups(genre):
    stresses = {slot: [] for slot in range(12)}
    for seed in range(6):
        _, score = song(genre, seed=seed, palette=Palette(metre="6/8"), bpm=90.0)
        for sung in (each for line in score.vocals for each in line.syllables):
            stresses[sung.notes[0].onset_ticks // 120 % 12].append(sung.syllable.stress == 1)
    # Beats of 3/4 lie at 4 and 8.
    first, second, *others = (np.mean(stresses[slot]) for slot in (0, 6, 4, 8))
    assert min(first, second) > max(others)


def test_place_lets_a_weak_beginning_come_before_the_bar_line():
    grid = Grid(bars=2, beats_per_bar=4, bpm=120)
    line = rough_lyrics("[Verse]\nThe lanterns drift along the quay").sections[0].lines[0]
    assert any(_placed(line, grid, seed=seed)[0] < 0 for seed in range(8))


def test_place_echoes_the_slots_it_is_given():
    grid = Grid(bars=2, beats_per_bar=4, bpm=100)
    model = _placed(line_of(8), grid, seed=1)
    echoed = _placed(line_of(7), grid, seed=2, wishes=model)
    alone = _placed(line_of(7), grid, seed=2)
    assert len(set(echoed) & set(model)) >= 5
    assert len(set(echoed) & set(model)) >= len(set(alone) & set(model))


@pytest.mark.parametrize(("bpm", "swing", "gap"), [(90, 0.0, 1), (100, 0.0, 1), (120, 0.0, 2), (132, 0.1666, 2)])
def test_smallest_gap_keeps_the_shortest_syllable(bpm, swing, gap):
    assert Grid(bars=2, beats_per_bar=4, bpm=bpm, swing=swing).smallest_gap == gap


def test_emphasis_follows_stress_or_mandarin_words():
    english = rough_lyrics("[Verse]\nthe lantern").sections[0].lines[0]
    mandarin = rough_lyrics("[Verse]\n我的窗").sections[0].lines[0]
    assert list(emphasis(english.syllables, Language.ENGLISH)) == [-0.6, 1.0, -0.6]
    assert list(emphasis(mandarin.syllables, Language.MANDARIN)) == [0.5, -0.5, 0.5]
