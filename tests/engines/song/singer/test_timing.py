import numpy as np
import pytest
from hypothesis import given, settings

from tests.engines.song.singer.music import LETTERS, line, lines, score, syllable
from tutti.engines.song.singer.manner import Manner
from tutti.engines.song.singer.phrases import line_phrases
from tutti.engines.song.singer.pitch import pitch_curve, voiced
from tutti.engines.song.singer.timing import LEAD_FRAMES, time_phrase
from tutti.engines.song.singer.tokens import Role, phrase_tokens

PLAIN = Manner(vibrato_cents=0.0, scoop_cents=0.0, drift_cents=0.0)


def timed(written, spoken=3.0):
    phrase = line_phrases(written, score(written))[0]
    tokens = phrase_tokens(phrase, LETTERS)
    return phrase, tokens, time_phrase(phrase, tokens, np.full(len(tokens), spoken, np.float32))


def seconds_of(tokens, timing, role):
    borders = timing.borders
    return [timing.start_s + borders[n] / 40 for n, token in enumerate(tokens, 1) if token.role is role]


def test_vowels_begin_on_the_beat_and_consonants_before_it():
    written = line(*((syllable("st", "a", "n", stress=1), [(1 + n, 1, 60)]) for n in range(4)))
    phrase, tokens, timing = timed(written)
    vowels = seconds_of(tokens, timing, Role.NUCLEUS)
    assert vowels == pytest.approx([sung.start_s + LEAD_FRAMES / 40 for sung in phrase], abs=0.0126)


def test_voice_enters_on_the_beat_after_a_voiceless_consonant():
    written = line(*((syllable("t", "a"), [(1 + n, 1, 60)]) for n in range(4)))
    phrase, tokens, timing = timed(written)
    sounds = voiced(tokens, timing)
    entries = timing.start_s + (np.flatnonzero(~sounds[:-1] & sounds[1:]) + 1) / 80
    assert entries == pytest.approx([sung.start_s for sung in phrase], abs=0.0126)


def test_voice_rests_where_the_score_does():
    written = line((syllable("l", "a"), [(1, 1, 60)]), (syllable("l", "a"), [(2.9, 1, 60)]))
    _, tokens, timing = timed(written)
    middle = voiced(tokens, timing)[round((1.2 - timing.start_s) * 80)]
    assert not middle


def test_long_diphthong_holds_its_first_vowel():
    _, tokens, timing = timed(line((syllable("l", "I"), [(1, 8, 60)])))
    frames = dict(zip((token.letter for token in tokens), timing.frames[1:-1].tolist(), strict=True))
    assert frames["ɪ"] == 10
    assert frames["a"] > 130


@pytest.mark.parametrize(("onset", "tone", "frames"), [("s", 0, 6), ("s", 4, 4), ("ʨ", 4, 3)])
def test_first_consonant_is_longer_in_english_and_affricates_are_as_spoken(onset, tone, frames):
    _, _, timing = timed(line((syllable(onset, "a", tone=tone), [(1, 2, 60)])))
    assert timing.frames[1] == frames


@settings(max_examples=80, deadline=None)
@given(lines())
def test_every_vowel_lasts_and_no_letter_runs_backwards(written):
    for phrase in line_phrases(written, score(written)):
        tokens = phrase_tokens(phrase, LETTERS)
        timing = time_phrase(phrase, tokens, np.full(len(tokens), 4.0, np.float32))
        assert timing.frames.min() >= 0
        assert all(
            frames >= 1
            for token, frames in zip(tokens, timing.frames[1:-1], strict=True)
            if token.role in {Role.NUCLEUS, Role.GLIDE, Role.ONSET, Role.CODA}
        )


@settings(max_examples=40, deadline=None)
@given(lines())
def test_pitch_curve_fits_its_frames_and_is_finite(written):
    for phrase in line_phrases(written, score(written)):
        tokens = phrase_tokens(phrase, LETTERS)
        timing = time_phrase(phrase, tokens, np.full(len(tokens), 4.0, np.float32))
        curve = pitch_curve(phrase, tokens, timing, Manner(), np.random.default_rng(0))
        assert len(curve) == 2 * timing.frames.sum()
        assert np.isfinite(curve).all()
        assert curve.min() >= 0.0


def test_pitch_curve_is_the_written_one_inside_notes():
    written = line((syllable("m", "a"), [(1, 1, 57)]), (syllable("m", "a"), [(2, 1, 69)]))
    phrase, tokens, timing = timed(written)
    curve = pitch_curve(phrase, tokens, timing, PLAIN, np.random.default_rng(0))
    inside = [curve[round((at - timing.start_s) * 80)] for at in (0.7, 1.3)]
    assert inside == pytest.approx([220.0, 440.0], rel=1e-3)


def test_vibrato_grows_on_long_notes_only():
    manner = Manner(scoop_cents=0.0, drift_cents=0.0)
    written = line((syllable("m", "a"), [(1, 0.5, 57)]), (syllable("m", "a"), [(1.5, 4, 57)]))
    phrase, tokens, timing = timed(written)
    curve = pitch_curve(phrase, tokens, timing, manner, np.random.default_rng(0))
    at = lambda s: round((s - timing.start_s) * 80)  # noqa: E731
    cents = 1200 * np.log2(np.maximum(curve, 1) / 220.0)
    assert np.abs(cents[at(0.52) : at(0.72)]).max() < 0.5
    assert 30 < np.abs(cents[at(1.6) : at(2.6)]).max() < 42
