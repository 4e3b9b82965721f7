"""A take brought onto the pitch that it was asked for, by running a little faster or slower.

Sounding a score, the network still speaks: it comes in sharp after a consonant, sinks where the voice stops, and leans
on a vowel by its tone and by the letters around it. Where two Mandarin voices were flat by 40 cents and more on eight
lines, the fundamental and the third to seventh harmonics were so alike (-53 and -48 cents, -65 and -56): what is bent
is the sound itself and not a resonance, and a change of speed undoes it. How far off the voice is takes no search for
its pitch, for the pitch it was asked for is known: its periods are compared, one with the next, a little longer or
shorter than they should be. The score's vibrato, slides and scoops stay, since only the distance from them is undone.

Frames within 50 cents rose from 0.974 and 0.953 to 1.000 and 0.991 on those lines, and from 0.984 and 0.986 to 0.999
and 0.995 on six of each English voice. It costs a fiftieth of a rendering.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

from tutti.models.runtime.kokoro import CURVE_HZ, SAMPLE_RATE_HZ

# What is heard is told for cells of half a curve value, 6 ms: over its last 30 ms a voice may sink by a semitone.
_CELLS = 2
_CELL = SAMPLE_RATE_HZ // CURVE_HZ // _CELLS
# Pitch is heard in the lowest harmonics, and above them a voice is partly breath. With 400, 600 and 1,200 Hz the frames
# within 50 cents were the same to 0.003.
_HEARD_BELOW_HZ = 900.0
# Parts of a period that periods are compared in, and how many of them at once. With one period the median error of one
# voice was a cent larger, with 1.5 the same.
_PARTS = 128
_COMPARED = 2 * _PARTS
# How far off is looked, and how much is corrected, in cents to each side. Larger errors last for 10 ms at a consonant.
_SOUGHT_CENTS = 200.0
_MOST_CENTS = 150.0
# A voice is left as it comes in for so many cells and wholly tuned from so many on, 25 and 75 ms: its bend there is the
# consonant's. Tuned from their entries on, 22 lines lost 0.07 of DNSMOS sig, so 0.03, and were on pitch alike.
_LEFT, _TUNED = 4, 12
# How far the sound may be moved in time, in samples: 10 ms, less than a voice misses a beat by. Half the stretches are
# moved by 2 ms, one of a hundred would be by 20; so bounded, the frames within 50 cents were the same to 0.002.
_FARTHEST = SAMPLE_RATE_HZ // 100
# Periods on both sides of a voiced stretch that the comparison reaches into.
_AROUND = 2
# A cell is trusted where its periods are this alike (their correlation) and it is no quieter than this share of the
# take's voiced sound: a consonant's noise and the silence before the voice have no pitch. From 0.6 to 0.9 and from 0.02
# to 0.1 the frames within 50 cents were the same to 0.004.
_ALIKE = 0.8
_QUIETEST = 0.04


def in_tune(audio: NDArray[np.float32], hz: NDArray[np.float32]) -> NDArray[np.float32]:
    """The take at the pitch of `hz`: float32 mono at 24,000 Hz, as long as `audio`.

    `hz` has 80 values a second, 0 or less where there is no voice. Each stretch of voice comes in when it came in; by
    its end it lies some milliseconds elsewhere, which what follows without voice makes up for.
    """
    if not (hz > 0).any():
        return audio
    low = _low(audio)
    loud = _level(low, hz)
    places, sources = [0.0], [0.0]
    for start, end in _voiced_stretches(hz):
        heard = _heard(low, hz[start:end], start)
        sure = (heard.likeness > _ALIKE) & (heard.level > _QUIETEST * loud)
        if sure.any():
            of_stretch = _moved(heard, sure)
            places.extend(of_stretch[0])
            sources.extend(of_stretch[1])
    places.append(float(len(audio)))
    sources.append(float(len(audio)))
    at = np.interp(np.arange(len(audio)), places, sources)
    # Splines of the fifth order, since hiss up to 10 kHz has to pass unharmed.
    return np.asarray(scipy.ndimage.map_coordinates(audio, [at], output=np.float32, order=5, mode="nearest"))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Heard:
    """A stretch of voice in cells: float64 of shape (cells,) each."""

    # Where the first begins, in samples.
    start: int
    # The pitch that was asked for.
    hz: NDArray[np.float64]
    # What is heard against it.
    cents: NDArray[np.float64]
    # The correlation of its periods, -1..1; 0 where none within reach is the best.
    likeness: NDArray[np.float64]
    # RMS.
    level: NDArray[np.float64]


def _heard(low: NDArray[np.float64], hz: NDArray[np.float32], start_value: int) -> _Heard:
    """Compare the periods of a stretch, whose first curve value is `start_value`, with those they should have."""
    start, length = start_value * _CELLS * _CELL, len(hz) * _CELLS * _CELL
    around = int(_AROUND * SAMPLE_RATE_HZ / float(hz.min()))
    middles = around + (np.arange(len(hz) * _CELLS) + 0.5) * _CELL
    asked = np.interp(np.arange(-around, length + around), (np.arange(len(hz)) + 0.5) * _CELLS * _CELL, hz)
    parts = np.cumsum(asked) * (_PARTS / SAMPLE_RATE_HZ)
    # Every period in as many parts, so that one lag is the same share of it from end to end.
    times = np.interp(np.arange(int(parts[-1])), parts, np.arange(len(parts), dtype=np.float64))
    sound = np.interp(times + (start - around), np.arange(len(low)), low, left=0.0, right=0.0)
    lags = np.arange(*(round(_PARTS * 2.0 ** (cents / 1200.0)) for cents in (-_SOUGHT_CENTS, _SOUGHT_CENTS)))
    centres = np.round(np.interp(middles, np.arange(len(parts)), parts)).astype(np.int64)
    likeness, level = _likeness(sound, centres, lags)
    best, height = _summit(likeness)
    return _Heard(
        start=start,
        hz=np.interp(middles, np.arange(len(asked)), asked),
        cents=1200.0 * np.log2(_PARTS / (lags[0] + best)),
        likeness=height,
        level=level,
    )


def _likeness(
    sound: NDArray[np.float64], centres: NDArray[np.int64], lags: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The correlation of the sound with itself by each lag around each centre, (lags, centres), and its RMS there."""
    energy = np.concatenate([[0.0], np.cumsum(np.square(sound))])
    likeness = np.zeros((len(lags), len(centres)))
    for n, lag in enumerate(lags):
        first = np.clip(centres - (_COMPARED + lag) // 2, 0, len(sound) - _COMPARED - lag)
        product = np.concatenate([[0.0], np.cumsum(sound[:-lag] * sound[lag:])])
        own, other = (energy[at + _COMPARED] - energy[at] for at in (first, first + lag))
        likeness[n] = (product[first + _COMPARED] - product[first]) / np.sqrt(own * other + 1e-12)
    first = np.clip(centres - _COMPARED // 2, 0, len(sound) - _COMPARED)
    return likeness, np.sqrt(np.maximum(energy[first + _COMPARED] - energy[first], 0.0) / _COMPARED)


def _summit(likeness: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each column the row of its maximum, between rows by a parabola, and its height; 0 where it is at an edge."""
    rows, columns = np.argmax(likeness, axis=0), np.arange(likeness.shape[1])
    inner = np.clip(rows, 1, len(likeness) - 2)
    before, at, after = (likeness[inner + step, columns] for step in (-1, 0, 1))
    bend = np.minimum(before - 2.0 * at + after, -1e-9)
    is_inside = rows == inner
    return inner + np.where(is_inside, 0.5 * (before - after) / bend, 0.0), np.where(is_inside, at, 0.0)


def _moved(heard: _Heard, sure: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places in the corrected take and the samples of the given one that belong there, from the first sure cell on.

    Both have turned equally often by then: the one at the pitch asked for, the other at the one that is heard.
    """
    cells = np.flatnonzero(sure)
    used = slice(int(cells[0]), int(cells[-1]) + 1)
    cents = np.interp(np.arange(used.start, used.stop), cells, heard.cents[cells])
    cents = np.convolve(np.pad(np.clip(cents, -_MOST_CENTS, _MOST_CENTS), 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    cents *= np.clip((np.arange(len(cents)) - _LEFT) / (_TUNED - _LEFT), 0.0, 1.0)
    wanted = heard.hz[used]
    turns, turned = (np.concatenate([[0.0], np.cumsum(hz)]) for hz in (wanted, wanted * 2.0 ** (cents / 1200.0)))
    edges = heard.start + _CELL * np.arange(used.start, used.stop + 1, dtype=np.float64)
    # A stretch that is flat has turned less often by its end than it should have, and goes on as it ends.
    beyond = np.maximum(turns - turned[-1], 0.0) / (turned[-1] - turned[-2]) * _CELL
    return edges, edges + np.clip(np.interp(turns, turned, edges) + beyond - edges, -_FARTHEST, _FARTHEST)


def _low(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    sections = scipy.signal.butter(2, _HEARD_BELOW_HZ, fs=SAMPLE_RATE_HZ, output="sos")
    # There and back again, which leaves every phase where it was.
    there = scipy.signal.sosfilt(sections, np.asarray(audio, np.float64))
    return np.asarray(scipy.signal.sosfilt(sections, there[::-1])[::-1])


def _level(low: NDArray[np.float64], hz: NDArray[np.float32]) -> float:
    """RMS of what has a voice."""
    voiced = low[: len(hz) * _CELLS * _CELL][np.repeat(hz > 0, _CELLS * _CELL)[: len(low)]]
    return float(np.sqrt(np.mean(np.square(voiced)))) if len(voiced) else 0.0


def _voiced_stretches(hz: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """Begin and end of each run of curve values with a voice."""
    edges = np.flatnonzero(np.diff(hz > 0, prepend=False, append=False))
    yield from ((int(start), int(end)) for start, end in edges.reshape(-1, 2))
