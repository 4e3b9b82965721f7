import numpy as np
import pytest

from tests.engines.song.singer.music import LETTERS, line, score, syllable
from tutti.engines.song.singer.energy import energy_curve
from tutti.engines.song.singer.phrases import line_phrases
from tutti.engines.song.singer.timing import time_phrase
from tutti.engines.song.singer.tokens import Role, phrase_tokens
from tutti.engines.song.singer.voice import levelled, ridden


def curve_of(written, spoken_energy):
    """Each sung letter with its stretch of the curve, its spoken frames three to a letter."""
    phrase = line_phrases(written, score(written))[0]
    tokens = phrase_tokens(phrase, LETTERS)
    timing = time_phrase(phrase, tokens, np.full(len(tokens), 3.0, np.float32))
    frames = np.full(len(tokens) + 2, 3)
    curve = energy_curve(tokens, timing, np.full(2 * int(frames.sum()), spoken_energy, np.float32), frames)
    borders = 2 * timing.borders
    return tokens, [curve[borders[n] : borders[n + 1]] for n in range(len(timing.frames))]


@pytest.mark.parametrize(("spoken", "held"), [(2.0, 8.0), (12.0, 12.0)])
def test_held_vowel_keeps_its_energy_to_the_end(spoken, held):
    tokens, parts = curve_of(line((syllable("l", "a", "n"), [(1, 8, 60)])), spoken)
    vowel = parts[1 + [token.role for token in tokens].index(Role.NUCLEUS)]
    assert vowel[10:-2] == pytest.approx(held, abs=1e-4)


def test_consonants_and_edges_keep_what_was_spoken():
    _, parts = curve_of(line((syllable("s", "a", "n"), [(1, 2, 60)])), 3.0)
    assert parts[1][:-1] == pytest.approx(3.0)
    assert parts[0][:10] == pytest.approx(-9.5)


def test_rest_is_quiet():
    tokens, parts = curve_of(line((syllable("l", "a"), [(1, 1, 60)]), (syllable("l", "a"), [(2.9, 1, 60)])), 3.0)
    rest = parts[1 + [token.role for token in tokens].index(Role.PAUSE)]
    assert rest[1:-1] == pytest.approx(-6.0)


def test_riding_halves_a_fade_and_leaves_silence():
    fade = np.repeat(np.array([1.0, 0.1, 0.0]), 24_000)
    audio = (0.2 * fade * np.sin(np.arange(72_000) * 0.06)).astype(np.float32)
    sung = ridden(audio)
    before, after = (np.sqrt(np.mean(sung[at : at + 4800] ** 2)) for at in (10_000, 36_000))
    assert 20 * np.log10(before / after) == pytest.approx(10.0, abs=1.0)
    assert not sung[60_000:].any()


@pytest.mark.parametrize("loudness", [1e-4, 0.3, 30.0])
def test_levelled_takes_are_of_one_loudness(loudness):
    audio = (loudness * np.sin(np.arange(48_000) * 0.06)).astype(np.float32)
    assert np.sqrt(np.mean(levelled(audio) ** 2)) == pytest.approx(0.1, rel=0.01)


def test_silence_stays_silent():
    assert not levelled(ridden(np.zeros(5000, np.float32))).any()
