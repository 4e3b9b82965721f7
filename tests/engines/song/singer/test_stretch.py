import numpy as np
import pytest

from tests.engines.song.singer.music import LETTERS, FakeKokoro, line, score, syllable
from tutti.engines.song.singer.direct import sing_phrase
from tutti.engines.song.singer.manner import LEAD as LEAD_MANNER
from tutti.engines.song.singer.phrases import line_phrases
from tutti.engines.song.singer.reading import Reading, read
from tutti.engines.song.singer.stretch import stretched
from tutti.engines.song.singer.timing import LEAD_FRAMES, time_phrase
from tutti.engines.song.singer.tokens import Role, phrase_tokens
from tutti.models.runtime.kokoro import Prosody

LEAD = 2 * LEAD_FRAMES


def laid(written):
    """A reading whose only feature is the number of its letter, laid onto the sung lengths."""
    phrase = line_phrases(written, score(written))[0]
    tokens = phrase_tokens(phrase, LETTERS)
    frames = [12, *[3] * len(tokens), 12]
    borders = np.concatenate([[0], np.cumsum(frames)])
    numbers = np.repeat(np.arange(len(frames)), 2 * np.array(frames)).astype(np.float32)
    features = np.roll(numbers, -LEAD)[None, None]
    features[..., -LEAD:] = numbers[-1]
    spoken = np.full(len(tokens), 3.0, np.float32)
    timing = time_phrase(phrase, tokens, spoken)
    return tokens, timing, stretched(Reading(borders=borders, features=features), tokens, timing)[0, 0]


def test_every_letter_sounds_in_its_own_frames():
    tokens, timing, features = laid(line((syllable("l", "a", "n"), [(1, 4, 60)])))
    assert len(features) == 2 * timing.borders[-1]
    for n in range(1, len(tokens) + 1):
        middle = int(timing.borders[n] + timing.borders[n + 1]) - LEAD
        assert features[middle] == pytest.approx(n, abs=0.51)
    held = 2 * timing.borders[1 + [token.role for token in tokens].index(Role.NUCLEUS)] - LEAD
    assert features[held + 8 : held + 80] == pytest.approx(2.0)


def test_attack_keeps_its_speed_behind_the_silence():
    _, timing, features = laid(line((syllable("s", "a"), [(2, 2, 60)])))
    first = 2 * int(timing.borders[1]) - LEAD
    assert not features[: first - 1].any()


def test_rest_between_words_is_silent():
    sung = ((syllable("l", "a"), [(1, 1, 60)]), (syllable("l", "a"), [(2.9, 1, 60)]))
    tokens, timing, features = laid(line(*sung))
    rest = 1 + [token.role for token in tokens].index(Role.PAUSE)
    assert not features[2 * timing.borders[rest] + 4 : 2 * timing.borders[rest + 1] - LEAD - 4].any()
    assert features[2 * timing.borders[rest] - 2 * LEAD] > 1


class Unvoiced(FakeKokoro):
    """Whispers, and keeps what it was asked to articulate."""

    def prosody(self, ids, style, frames):
        own = super().prosody(ids, style, frames)
        return Prosody(f0=np.zeros_like(own.f0), energy=own.energy)

    def articulate(self, ids, style, frames, prosody):
        self.asked = prosody
        return super().articulate(ids, style, frames, prosody)


def reading_of(kokoro, *sung, frames=3):
    written = line(*sung)
    phrase = line_phrases(written, score(written))[0]
    tokens = phrase_tokens(phrase, kokoro.vocabulary)
    ids = kokoro.vocabulary.encode(token.letter for token in tokens)
    style = kokoro.voices.style((("a", 1.0),), len(tokens))
    return tokens, read(kokoro, phrase, tokens, ids=ids, style=style, frames=np.full(len(tokens) + 2, frames))


def test_vowels_are_read_in_full_voice_on_their_notes_and_consonants_as_spoken():
    kokoro = Unvoiced()
    tokens, reading = reading_of(kokoro, (syllable("s", "a"), [(1, 1, 57)]), (syllable("s", "a"), [(2, 1, 69)]))
    assert reading.features.shape[2] == 2 * reading.borders[-1]
    sounds = kokoro.asked.f0 > 0
    assert set(kokoro.asked.f0[sounds]) == {220.0, 440.0}
    assert set(kokoro.asked.energy[sounds]) == {8.0, 12.0}
    assert set(kokoro.asked.energy[~sounds]) == {2.0}
    for n, token in enumerate(tokens, 1):
        assert sounds[2 * reading.borders[n]] == (token.role is Role.NUCLEUS)


def test_last_consonant_is_read_in_full_voice_and_without_the_silence_after_it():
    kokoro = Unvoiced()
    _, reading = reading_of(kokoro, (syllable("s", "a", "m"), [(1, 1, 57)]), frames=17)
    begin, end = 2 * reading.borders[-3], 2 * reading.borders[-2]
    assert end - begin == 10
    assert kokoro.asked.f0[begin : end - 2].tolist() == [220.0] * 8
    assert kokoro.asked.energy[begin : end - 2].tolist() == [8.0] * 8


def test_small_words_are_read_without_hurry():
    written = (syllable("l", "a"), [(1, 1, 57)]), (syllable("l", "a"), [(2, 1, 57)])
    tokens, reading = reading_of(Unvoiced(), *written)
    lengths = dict(zip((token.role for token in tokens), np.diff(reading.borders)[1:-1], strict=False))
    assert (lengths[Role.NUCLEUS], lengths[Role.ONSET], lengths[Role.PAUSE]) == (4, 3, 2)


def asked_for(tone, beats):
    """Curve values that a syllable of so many beats is articulated at, and those that it is sung at."""
    kokoro, written = Unvoiced(), line((syllable("l", "a", tone=tone), [(1, beats, 57)]))
    sing_phrase(kokoro, line_phrases(written, score(written))[0], (("a", 1.0),), LEAD_MANNER, np.random.default_rng(1))
    return len(kokoro.asked.f0), len(kokoro.calls[0][1])


def test_english_is_read_at_speaking_lengths_and_mandarin_as_sung_until_a_vowel_is_too_long():
    english, sung = asked_for(tone=0, beats=0.3)
    mandarin, sung_in_mandarin = asked_for(tone=4, beats=0.3)
    assert english < sung
    assert mandarin == sung_in_mandarin
    assert asked_for(tone=4, beats=8)[0] == asked_for(tone=4, beats=2)[0] < asked_for(tone=4, beats=2)[1]


def test_chant_is_on_its_notes_with_its_vowels_held_up():
    kokoro, written = Unvoiced(), line((syllable("s", "a", tone=4), [(1, 8, 57)]))
    sing_phrase(kokoro, line_phrases(written, score(written))[0], (("a", 1.0),), LEAD_MANNER, np.random.default_rng(1))
    sounds = kokoro.asked.f0 > 0
    assert set(kokoro.asked.f0[sounds]) == {220.0}
    assert kokoro.asked.energy[sounds].max() == pytest.approx(8.0)
