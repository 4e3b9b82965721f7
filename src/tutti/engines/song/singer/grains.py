"""A sung take re-sounded at another pitch, in other time and with a larger or smaller mouth.

Time-domain pitch-synchronous overlap-add (E. Moulines, F. Charpentier, "Pitch-synchronous waveform processing
techniques for text-to-speech synthesis using diphones", Speech Communication 9, 1990): the sound is cut into grains of
two periods around its pulses, and the grains are laid at the pulses of another pitch. The pulses need no detection
here, for the pitch curve that the network was given says where they are. A grain read faster has its formants higher.

Costs a fortieth of sounding a take by the network.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tutti.models.runtime.kokoro import CURVE_HZ, SAMPLE_RATE_HZ

Curve = NDArray[np.float32]

_PER_VALUE = SAMPLE_RATE_HZ // CURVE_HZ
# Grains of what has no pitch come at this rate, each back where it was.
_UNVOICED_HZ = 200.0
# Pulses are sought in this many parts of a period.
_PARTS = 24
# Grains worked on at once, which bounds the memory.
_BATCH = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pulses:
    """Places in samples, and the pitch there in Hz."""

    at: NDArray[np.float64]
    hz: NDArray[np.float64]


def regrained(
    audio: Curve, hz: Curve, target_hz: Curve, *, late_s: Curve | None = None, formants: float = 1.0
) -> NDArray[np.float32]:
    """The take at another pitch: float32 mono at 24,000 Hz, as long as `audio`.

    `hz`, `target_hz` and `late_s` have 80 values a second: the take's own pitch (0 is unvoiced), the wanted one (not
    looked at where the take has no voice), and how much later each moment is to come. `formants` multiplies the
    resonances' frequencies. With pitch, time and formants as they were, the sound comes back unchanged.
    """
    source, target = _pulses(audio, hz, target_hz)
    if not len(source.at):
        return audio
    late = np.zeros(len(target.at)) if late_s is None else _at(late_s, target.at) * SAMPLE_RATE_HZ
    which = _nearest(source.at, target.at - late)
    sound = np.zeros(len(audio))
    for start in range(0, len(target.at), _BATCH):
        batch = slice(start, start + _BATCH)
        chosen = which[batch]
        grains = _Pulses(at=source.at[chosen], hz=source.hz[chosen])
        _lay(sound, audio, grains, _Pulses(at=target.at[batch], hz=target.hz[batch]), formants)
    return sound.astype(np.float32)


def _lay(sound: NDArray[np.float64], audio: Curve, grains: _Pulses, places: _Pulses, formants: float) -> None:
    """Add grains of `audio` around pulses to `sound` at other places."""
    halves = SAMPLE_RATE_HZ / grains.hz / formants
    reach = int(np.ceil(halves.max()))
    centres = np.floor(places.at).astype(np.int64)
    steps = np.arange(-reach, reach + 2)
    from_pulse = steps[None] - (places.at - centres)[:, None]
    weights = 0.5 + 0.5 * np.cos(np.pi * np.clip(from_pulse / halves[:, None], -1.0, 1.0))
    # As many grains overlap as fit into a window, so that a higher pitch is no louder.
    weights *= (SAMPLE_RATE_HZ / places.hz / halves)[:, None]
    read = grains.at[:, None] + from_pulse * formants
    below = np.floor(read).astype(np.int64)
    share = read - below
    values = _sample(audio, below) * (1.0 - share) + _sample(audio, below + 1) * share
    into = centres[:, None] + steps[None]
    inside = (into >= 0) & (into < len(sound))
    sound += np.bincount(into[inside], (weights * values)[inside], minlength=len(sound))


def _sample(audio: Curve, at: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where((at >= 0) & (at < len(audio)), audio[np.clip(at, 0, len(audio) - 1)], 0.0)


def _pulses(audio: Curve, hz: Curve, target_hz: Curve) -> tuple[_Pulses, _Pulses]:
    """The pulses of a take and those wanted instead, stretch by stretch of one voicing."""
    own: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    wanted: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for start, end in _stretches(hz):
        is_voiced = bool(hz[start] > 0)
        of_own = _per_sample(hz[start:end]) if is_voiced else np.full((end - start) * _PER_VALUE, _UNVOICED_HZ)
        of_wanted = _per_sample(target_hz[start:end]) if is_voiced else of_own
        first = start * _PER_VALUE
        phase = np.cumsum(of_own) / SAMPLE_RATE_HZ
        loudest = _loudest_phase(audio[first : first + len(phase)], phase) if is_voiced else 0.0
        own.append(_crossings(phase - loudest, of_own, first))
        wanted.append(_crossings(np.cumsum(of_wanted) / SAMPLE_RATE_HZ - loudest, of_wanted, first))
    return _gathered(own), _gathered(wanted)


def _gathered(parts: list[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> _Pulses:
    if not parts:
        return _Pulses(at=np.zeros(0), hz=np.zeros(0))
    return _Pulses(at=np.concatenate([at for at, _ in parts]), hz=np.concatenate([hz for _, hz in parts]))


def _stretches(hz: Curve) -> Iterator[tuple[int, int]]:
    """Begin and end of each run of values with or without voice."""
    borders = np.flatnonzero(np.diff(hz > 0)) + 1
    edges = [0, *borders.tolist(), len(hz)]
    yield from ((start, end) for start, end in pairwise(edges) if end > start)


def _per_sample(hz: Curve) -> NDArray[np.float64]:
    """As the network itself holds each value for its samples."""
    return np.repeat(hz.astype(np.float64), _PER_VALUE)


def _loudest_phase(audio: Curve, phase: NDArray[np.float64]) -> float:
    """Where within a period the pulse is, 0..1: a grain must hold it whole."""
    length = min(len(audio), len(phase))
    parts = (phase[:length] % 1.0 * _PARTS).astype(np.int64)
    energy = np.bincount(parts, np.square(audio[:length], dtype=np.float64), minlength=_PARTS)
    return (int(np.argmax(energy)) + 0.5) / _PARTS


def _crossings(
    phase: NDArray[np.float64], hz: NDArray[np.float64], first: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where a rising phase passes whole numbers, in samples from the take's start, and the pitch there."""
    whole = np.arange(np.ceil(phase[0]), np.floor(phase[-1]) + 1)
    at = np.interp(whole, phase, np.arange(len(phase), dtype=np.float64))
    return at + first, hz[at.astype(np.int64)]


def _nearest(places: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.int64]:
    after = np.clip(np.searchsorted(places, wanted), 1, max(1, len(places) - 1))
    after = np.minimum(after, len(places) - 1)
    before = np.maximum(after - 1, 0)
    return np.where(wanted - places[before] <= places[after] - wanted, before, after)


def _at(curve: Curve, samples: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.interp(samples, (np.arange(len(curve)) + 0.5) * _PER_VALUE, curve)
