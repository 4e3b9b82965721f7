import json

import numpy as np
import pytest

from tutti.engines.song.model import SAMPLE_RATE_HZ
from tutti.engines.song.waveform import to_json, waveform


def test_waveform_has_the_peak_of_each_tenth_of_a_second():
    audio = np.zeros((2, round(0.25 * SAMPLE_RATE_HZ)), np.float32)
    audio[0, 100], audio[1, 5000], audio[0, -1] = 0.2, -0.4, 0.1
    assert waveform(audio) == (0.5, 1.0, 0.25)


@pytest.mark.parametrize("samples", [0, 1, 4410, 4411])
def test_waveform_of_silence_is_flat(samples):
    assert json.loads(to_json(np.zeros((2, samples), np.float32))) == [0.0] * -(-samples // 4410)
