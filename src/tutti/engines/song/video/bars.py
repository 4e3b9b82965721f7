"""The moving bars: how high each stands in each frame, from the sound's spectrum, and their drawing."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio
from tutti.engines.song.video.planes import Planes

BARS = 32
_FFT_SAMPLES = 4096
_LOW_HZ, _HIGH_HZ = 50.0, 9000.0


def bar_heights(audio: Audio, *, frames: int, fps: int) -> NDArray[np.float32]:
    """Heights 0..1 of the bars, low notes first, shape (frames, BARS); bars rise at once and sink softly."""
    edges = np.geomspace(_LOW_HZ, _HIGH_HZ, BARS + 1) * _FFT_SAMPLES / SAMPLE_RATE_HZ
    first = np.round(edges[:-1]).astype(int)
    window = np.hanning(_FFT_SAMPLES).astype(np.float32)
    levels = np.zeros((frames, BARS), np.float32)
    for frame in range(frames):
        power = np.square(np.abs(fft.rfft(_mono_around(audio, frame * SAMPLE_RATE_HZ // fps) * window)))
        levels[frame] = 10 * np.log10(np.maximum.reduceat(power[: int(edges[-1])], first) + 1e-3)
    # High notes carry less power; tilting by 3 dB an octave makes all bars dance.
    levels += np.linspace(0, 3 * np.log2(_HIGH_HZ / _LOW_HZ), BARS, dtype=np.float32)
    top = float(np.percentile(levels, 99.5))
    heights = np.clip((levels - top + 36) / 36, 0.02, 1)
    for frame in range(1, frames):
        heights[frame] = np.maximum(heights[frame], heights[frame - 1] * np.float32(0.72))
    return np.asarray(heights, np.float32)


def _mono_around(audio: Audio, at: int) -> NDArray[np.float32]:
    """`_FFT_SAMPLES` of both sides' mean around a sample, silence where the sound has not begun or has ended."""
    first = at - _FFT_SAMPLES // 2
    piece = audio[:, max(0, first) : first + _FFT_SAMPLES].mean(axis=0)
    before = min(max(0, -first), _FFT_SAMPLES - piece.size)
    return np.pad(piece, (before, _FFT_SAMPLES - before - piece.size))


def paint_bars(area: Planes, lit: Planes, heights: NDArray[np.float32]) -> None:
    """Show `lit` through the bars, growing from the area's lower edge; area and lit have one even size."""
    column_heights = np.repeat(heights, area.width // BARS)
    is_bar = np.tile(np.arange(area.width // BARS) < area.width // BARS - 4, BARS)
    rows = np.arange(area.height, 0, -1)[:, None]
    mask = (rows <= (column_heights * area.height)[None, :]) & is_bar[None, :]
    np.copyto(area.luma, lit.luma, where=mask)
    np.copyto(area.chroma, lit.chroma, where=mask[::2, ::2])
