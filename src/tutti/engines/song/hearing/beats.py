"""The pulse: how fast it goes, where each beat lies, and which beats begin a bar.

Tempo from the autocorrelation of the onsets under a preference for medium tempi, beats by dynamic programming
(D. Ellis: "Beat tracking by dynamic programming", J. New Music Research 36, 2007). A band that plays to a click has one
tempo, so a constant grid is fitted too, and kept where it meets the onsets nearly as well as free beats do.
"""

from dataclasses import dataclass

import numpy as np

from tutti.engines.song.hearing.onsets import FRAMES_PER_S, Onsets, Values

_SLOWEST_BPM, _FASTEST_BPM = 50.0, 210.0
# The preferred tempo and how wide the preference is, in octaves.
_USUAL_BPM, _OCTAVES = 115.0, 0.9
# How strongly beats keep their distance, in Ellis's unit.
_TIGHTNESS = 100.0
# A constant grid is refined within this share of the tempo, in so many steps.
_REFINED, _STEPS = 0.03, 601
# It is kept where it collects this share of what free beats do.
_CONSTANT = 0.75
# A pulse is made of whole beats: autocorrelation at one, two and four beats.
_MULTIPLES = ((1, 1.0), (2, 0.6), (4, 0.4))
# What is mistaken for the tempo: its half, its double, dotted and triplet beats. The grid that fits best decides.
_RIVALS = (1.0, 0.5, 2.0, 2 / 3, 3 / 2, 3 / 4, 4 / 3)
# Places that a beat is divided into, what stands where in it, and how far from its place an onset may stand, in beats.
_PLACES = 192
# First straight, then swung.
_IN_A_BEAT = (((0.0, 1.0), (0.5, 0.5), (0.25, 0.2), (0.75, 0.2)), ((0.0, 1.0), (0.66, 0.5)))
_BUMP = 0.025
# The onset curve is highest so long after a sound begins, measured on notes of our own.
_LATE_S = 0.010
_WALTZ = 1.25


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulse:
    """What beats in a sound."""

    # Quarter notes a minute; of the constant grid, or the median of beats that drift.
    bpm: float
    # 0 (no pulse at all) .. 1 (a click).
    confidence: float
    # Ascending seconds.
    beats_s: tuple[float, ...]
    beats_per_bar: int
    # Which of the beats is the first that begins a bar.
    first_downbeat: int
    # Whether all beats lie on one grid.
    is_constant: bool


def find_pulse(onsets: Onsets, changes: Values) -> Pulse:
    """The pulse of a sound; `changes` says, frame by frame, how much its harmony changes there."""
    period, phase = _best_grid(onsets.all, _tempo(onsets.all))
    free = _beat_frames(onsets.all, 60 * FRAMES_PER_S / period)
    grid = np.arange(phase, onsets.all.size - 1, period)
    is_constant = _collected(onsets.all, grid) >= _CONSTANT * _collected(onsets.all, free)
    beats = grid if is_constant or free.size < 4 else free
    beats_per_bar, first = _bars(beats, onsets, changes)
    return Pulse(
        bpm=60 * FRAMES_PER_S / (period if is_constant else float(np.median(np.diff(beats)))),
        confidence=_confidence(onsets.all, beats),
        beats_s=tuple(np.round(np.maximum(beats / FRAMES_PER_S - _LATE_S, 0.0), 4).tolist()),
        beats_per_bar=beats_per_bar,
        first_downbeat=first,
        is_constant=bool(is_constant),
    )


def _tempo(onsets: Values) -> float:
    """The tempo whose beats, pairs and bars recur most, near the usual one where several do."""
    size = 1 << int(np.ceil(np.log2(2 * onsets.size)))
    power = np.square(np.abs(np.fft.rfft(onsets, size)))
    similar = np.fft.irfft(power)[: onsets.size]
    # Long distances have less to compare.
    similar /= np.maximum(onsets.size - np.arange(onsets.size), onsets.size / 4)
    candidates = np.geomspace(_SLOWEST_BPM, _FASTEST_BPM, 800)
    lags = 60 * FRAMES_PER_S / candidates
    score = sum(weight * np.interp(lags * n, np.arange(similar.size), similar, right=0.0) for n, weight in _MULTIPLES)
    return float(candidates[np.argmax(np.maximum(score, 0.0) * _preference(candidates))])


def _preference(bpm: Values) -> Values:
    return np.asarray(np.exp(-0.5 * np.square(np.log2(bpm / _USUAL_BPM) / _OCTAVES)))


def _best_grid(onsets: Values, bpm: float) -> tuple[float, float]:
    """(frames a beat, frame of the first beat) of the tempo, or of the rival of it, that explains the onsets best."""
    rivals = [bpm * rival for rival in _RIVALS if _SLOWEST_BPM <= bpm * rival <= _FASTEST_BPM]
    grids = [_constant_grid(onsets, 60 * FRAMES_PER_S / rival) for rival in rivals]
    _, period, phase = max(
        (fit * float(_preference(np.array(60 * FRAMES_PER_S / period))), period, phase) for fit, period, phase in grids
    )
    return period, phase


def _beat_frames(onsets: Values, bpm: float) -> Values:
    """The frames of free beats: the path that meets most onsets at nearly even distances."""
    period = 60 * FRAMES_PER_S / bpm
    offsets = np.arange(-round(2 * period), -round(period / 2) + 1)
    cost = -_TIGHTNESS * np.square(np.log(-offsets / period))
    total = onsets.copy()
    before = np.full(onsets.size, -1)
    for at in range(-int(offsets[0]), onsets.size):
        paths = total[at + offsets] + cost
        best = int(np.argmax(paths))
        if paths[best] > 0:
            total[at] += paths[best]
            before[at] = at + int(offsets[best])
    if onsets.size == 0:
        return np.zeros(0)
    last = int(np.argmax(total[-round(period) :])) + max(0, onsets.size - round(period))
    path = [last]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1], float)


def _constant_grid(onsets: Values, period: float) -> tuple[float, float, float]:
    """(fit, frames a beat, frame of the first beat) of the even grid near a period that explains the onsets best.

    Onsets folded into one beat are compared with what a beat holds: much on it, less halfway, little on its quarters.
    """
    templates = [np.conj(np.fft.rfft(_beat_template(*inside))) for inside in _IN_A_BEAT]
    frames = np.arange(onsets.size)
    best = (-np.inf, period, 0.0)
    for candidate in period * np.linspace(1 - _REFINED, 1 + _REFINED, _STEPS):
        places = (frames / candidate % 1.0 * _PLACES).astype(int)
        folded = np.fft.rfft(np.bincount(places, weights=onsets, minlength=_PLACES))
        for template in templates:
            fits = np.fft.irfft(folded * template, _PLACES)
            place = int(np.argmax(fits))
            best = max(best, (float(fits[place]), float(candidate), (place + 0.5) / _PLACES * float(candidate)))
    return best


def _beat_template(*inside: tuple[float, float]) -> Values:
    """What a beat holds, of no mean and length 1."""
    at = np.arange(_PLACES) / _PLACES
    template = np.zeros(_PLACES)
    for place, weight in inside:
        distance = np.abs((at - place + 0.5) % 1.0 - 0.5)
        template += weight * np.exp(-0.5 * np.square(distance / _BUMP))
    template -= template.mean()
    return np.asarray(template / np.linalg.norm(template))


def _collected(onsets: Values, beats: Values) -> float:
    """Mean onset strength within 20 ms of the beats."""
    if not beats.size:
        return 0.0
    near = np.clip(np.round(beats).astype(int)[:, None] + np.arange(-2, 3), 0, onsets.size - 1)
    return float(onsets[near].max(axis=1).mean())


def _confidence(onsets: Values, beats: Values) -> float:
    """How far onsets on the beats exceed those at quarter beats beside them."""
    if beats.size < 4:
        return 0.0
    period = float(np.median(np.diff(beats)))
    on, off = _collected(onsets, beats), _collected(onsets, beats[:-1] + period * 0.3)
    return round(float(np.clip((on - off) / max(on + off, 1e-9), 0.0, 1.0)), 3)


def _bars(beats: Values, onsets: Onsets, changes: Values) -> tuple[int, int]:
    """(beats a bar, index of the first downbeat): chords change and the lows strike where bars begin."""
    if beats.size < 8:
        return 4, 0
    strength = _scaled(_at(changes, beats, 6)) + 0.6 * _scaled(_at(onsets.low, beats, 3))
    by_metre = {metre: [strength[first::metre].mean() for first in range(metre)] for metre in (4, 3)}
    # Three in a bar is the exception and has to show itself clearly.
    metre = 3 if max(by_metre[3]) > _WALTZ * max(by_metre[4]) else 4
    return metre, int(np.argmax(by_metre[metre]))


def _at(curve: Values, beats: Values, reach: int) -> Values:
    near = np.clip(np.round(beats).astype(int)[:, None] + np.arange(-reach, reach + 1), 0, curve.size - 1)
    return np.asarray(curve[near].max(axis=1))


def _scaled(values: Values) -> Values:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0 else values * 0.0
