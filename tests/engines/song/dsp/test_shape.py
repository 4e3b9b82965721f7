import numpy as np

from tutti.engines.song.dsp.filters import BLOCK_SAMPLES
from tutti.engines.song.dsp.shape import saturate


def test_saturation_may_overwrite_its_sound_across_blocks():
    sound = np.random.default_rng(1).standard_normal((2, BLOCK_SAMPLES + 5000)).astype(np.float32)
    apart = saturate(sound, drive_db=6)
    assert saturate(sound, drive_db=6, out=sound) is sound
    assert np.array_equal(sound, apart)
