import numpy as np
import pytest

from tests.engines.song.singer.test_grains import CURVE, RATE_HZ, pitch_of, voice
from tutti.engines.song.model import VoiceColour
from tutti.engines.song.singer.colour import coloured


def centroid_hz(audio):
    spectrum = np.abs(np.fft.rfft(audio)) ** 2
    return float((spectrum * np.fft.rfftfreq(len(audio), 1 / RATE_HZ)).sum() / spectrum.sum())


@pytest.mark.parametrize(
    ("colour", "is_brighter"),
    [
        (VoiceColour(formants=1.1), True),
        (VoiceColour(tilt_db=2.0), True),
        (VoiceColour(formants=0.9), False),
        (VoiceColour(tilt_db=-2.0), False),
    ],
)
def test_colour_moves_the_spectrum_and_not_the_pitch(colour, is_brighter):
    plain = voice(CURVE)
    sound = coloured(plain, CURVE, colour)
    ratio = centroid_hz(sound[9_000:27_000]) / centroid_hz(plain[9_000:27_000])
    assert ratio > 1.04 if is_brighter else ratio < 0.96
    assert pitch_of(sound[9_000:27_000]) == pytest.approx(150.0, rel=0.01)


def test_own_colour_leaves_the_sound_alone():
    assert coloured(voice(CURVE), CURVE, VoiceColour()) is not None
    assert np.array_equal(coloured(voice(CURVE), CURVE, VoiceColour()), voice(CURVE))
