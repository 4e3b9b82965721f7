import numpy as np
import pytest
from scipy.signal import resample_poly

from tutti.engines.song.dsp.rates import lowered, raised


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("samples", [1, 31, 32, 5003])
def test_rates_change_as_the_reference_changes_them(factor, samples):
    sound = np.random.default_rng(samples).standard_normal((2, samples)).astype(np.float32)
    high = raised(sound, factor)
    assert high.shape == (2, samples * factor)
    assert np.allclose(high, resample_poly(sound, factor, 1, axis=1), atol=1e-5)
    assert np.allclose(lowered(high, factor), resample_poly(high, 1, factor, axis=1), atol=1e-5)
