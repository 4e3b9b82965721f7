"""Rooms and echoes: convolution with made responses, and repeats in tempo."""

import numpy as np
from scipy import fft

from tutti.engines.song.dsp.filters import BLOCK_SAMPLES, equalise, highpass, lowpass
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

_FFT_SAMPLES = 1 << 18

# Amplitude falls by 60 dB in this many time constants.
_T60_TIME_CONSTANTS = 6.908


def reverb(send: Audio, *, t60_s: float, seed: int, pre_delay_s: float = 0.02, low_hz: float = 250.0) -> Audio:
    """The wet sound alone of a room with decay time `t60_s`: mono send of shape (1, samples) in, (2, samples) out."""
    return convolve(send, room_response(t60_s=t60_s, seed=seed, pre_delay_s=pre_delay_s, low_hz=low_hz))


def room_response(*, t60_s: float, seed: int, pre_delay_s: float = 0.02, low_hz: float = 250.0) -> Audio:
    """A stereo impulse response of unit energy per channel.

    Decaying noise in three bands, the higher the shorter as air and cloth swallow them, behind a few early reflections.
    """
    rng = np.random.default_rng(seed)
    samples = int(t60_s * 1.1 * SAMPLE_RATE_HZ)
    time = np.arange(samples, dtype=np.float32) / SAMPLE_RATE_HZ
    bands = (((highpass(low_hz), lowpass(900)), 1.0), ((highpass(900), lowpass(4000)), 0.8), ((highpass(4000),), 0.5))
    tail = np.zeros((2, samples), np.float32)
    for sections, share in bands:
        noise = rng.standard_normal((2, samples), dtype=np.float32)
        tail += equalise(noise, *sections) * np.exp(-_T60_TIME_CONSTANTS * time / (t60_s * share)) * np.float32(share)
    attack = int(0.012 * SAMPLE_RATE_HZ)
    tail[:, :attack] *= np.linspace(0, 1, attack, dtype=np.float32)
    for side in range(2):
        taps = rng.integers(int(0.004 * SAMPLE_RATE_HZ), int(0.05 * SAMPLE_RATE_HZ), 7)
        tail[side, taps] += rng.choice([-3.0, 3.0], 7) * np.exp(-taps / (0.03 * SAMPLE_RATE_HZ))
    tail = equalise(tail, highpass(low_hz), lowpass(9000))
    tail /= np.sqrt(np.square(tail).sum(axis=1, keepdims=True))
    return np.pad(tail, ((0, 0), (int(pre_delay_s * SAMPLE_RATE_HZ), 0)))


def convolve(send: Audio, response: Audio, *, out: Audio | None = None) -> Audio:
    """A mono send of shape (1, samples) through each channel of the response, cut to the send's length.

    `out` takes the result and may be `send` where the response is mono; without it there is a new array.
    """
    samples, length = send.shape[1], response.shape[1]
    size = max(_FFT_SAMPLES, fft.next_fast_len(2 * length, real=True))
    step = size - length + 1
    spectrum = fft.rfft(response, size, axis=1)
    result = np.empty((response.shape[0], samples), np.float32) if out is None else out
    # What rings on after a step: shorter than the next one, since a step is longer than the response.
    ringing = np.zeros((response.shape[0], size - step), np.float32)
    for start in range(0, samples, step):
        wet = fft.irfft(fft.rfft(send[0, start : start + step], size) * spectrum, size, axis=1)
        wet[:, : size - step] += ringing
        ringing = wet[:, step:]
        result[:, start : start + step] = wet[:, : min(step, samples - start)]
    return result


def add_ping_pong(wet: Audio, send: Audio, *, delay_s: float, feedback: float = 0.4, repeats: int = 4) -> None:
    """Add repeats of a mono send to `wet` (2, samples): the first on the left, each later one across and softer."""
    samples = send.shape[1]
    for turn in range(repeats):
        shift = round(delay_s * (turn + 1) * SAMPLE_RATE_HZ)
        if shift < samples:
            wet[turn % 2, shift:] += send[0, : samples - shift] * np.float32(feedback**turn)


def pan(mono: Audio, position: float) -> Audio:
    """A mono sound of shape (1, samples) at -1 (left) .. 1 (right) with constant power, 0 dB in the middle."""
    angle = (position + 1) * np.pi / 4
    sides = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32) * np.float32(np.sqrt(2))
    return np.asarray(mono * sides, np.float32)


def widen(stereo: Audio, width: float, *, out: Audio | None = None) -> Audio:
    """The difference of the sides times `width`: 0 is mono, 1 unchanged, above 1 wider. `out` may be `stereo`."""
    result = np.empty_like(stereo) if out is None else out
    for start in range(0, stereo.shape[1], BLOCK_SAMPLES):
        block = stereo[:, start : start + BLOCK_SAMPLES]
        middle = (block[0] + block[1]) * np.float32(0.5)
        side = (block[0] - block[1]) * np.float32(width / 2)
        np.add(middle, side, out=result[0, start : start + BLOCK_SAMPLES])
        np.subtract(middle, side, out=result[1, start : start + BLOCK_SAMPLES])
    return result
