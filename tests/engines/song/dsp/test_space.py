import numpy as np
import pytest
from scipy.signal import fftconvolve

from tutti.engines.song.dsp.filters import BLOCK_SAMPLES
from tutti.engines.song.dsp.shape import saturate
from tutti.engines.song.dsp.space import add_ping_pong, convolve, pan, reverb, room_response, widen
from tutti.engines.song.model import SAMPLE_RATE_HZ


def test_convolution_in_blocks_equals_the_whole():
    rng = np.random.default_rng(1)
    send = rng.standard_normal((1, 400_000)).astype(np.float32)
    response = rng.standard_normal((2, 5000)).astype(np.float32)
    expected = np.stack([fftconvolve(send[0], side)[:400_000] for side in response])
    assert np.allclose(convolve(send, response), expected, atol=2e-2)


def test_room_decays_by_its_time():
    response = room_response(t60_s=1.0, seed=2, pre_delay_s=0)
    early = np.square(response[:, 4410:8820]).mean()
    late = np.square(response[:, 26_460:30_870]).mean()
    # Half a second is 30 dB at the slowest band, more where the highs have died.
    assert -50 < 10 * np.log10(late / early) < -25


def test_rooms_of_one_seed_are_one_room():
    send = np.zeros((1, 10_000), np.float32)
    send[0, 0] = 1
    first, again, other = (reverb(send, t60_s=0.4, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_repeats_alternate_and_soften():
    send = np.zeros((1, 50_000), np.float32)
    send[0, 0] = 1
    wet = np.zeros((2, 50_000), np.float32)
    add_ping_pong(wet, send, delay_s=0.25, feedback=0.5)
    step = round(0.25 * SAMPLE_RATE_HZ)
    assert wet[0, step] == 1
    assert wet[1, 2 * step] == 0.5
    assert wet[0, 3 * step] == 0.25


@pytest.mark.parametrize(("position", "sides"), [(-1.0, (2**0.5, 0)), (0.0, (1, 1)), (1.0, (0, 2**0.5))])
def test_pan_places_with_constant_power(position, sides):
    assert pan(np.ones((1, 1), np.float32), position)[:, 0] == pytest.approx(sides, abs=1e-6)


def test_widen_scales_the_difference():
    stereo = np.array([[1.0], [0.0]], np.float32)
    assert widen(stereo, 0)[:, 0].tolist() == [0.5, 0.5]
    assert widen(stereo, 1)[:, 0].tolist() == [1.0, 0.0]
    assert widen(stereo, 2)[:, 0].tolist() == [1.5, -0.5]


def test_saturation_bends_peaks_and_leaves_no_seam():
    time = np.arange(BLOCK_SAMPLES + 5000) / SAMPLE_RATE_HZ
    sound = np.sin(2 * np.pi * 220.5 * time)[None].astype(np.float32)
    bent = saturate(sound, drive_db=6)
    assert np.abs(bent).max() < 0.52
    period = SAMPLE_RATE_HZ * 2 // 441
    seam = bent[0, BLOCK_SAMPLES - 2000 : BLOCK_SAMPLES + 2000]
    assert np.allclose(seam[period:], seam[:-period], atol=1e-3)
