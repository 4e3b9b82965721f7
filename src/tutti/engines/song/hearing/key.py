"""The key: which of the 24 fits the notes that sound best.

Profiles by D. Temperley ("What's key for key?", Music Perception 17, 1999) and C. Krumhansl and E. Kessler (1982),
whose mean is compared with the chroma by correlation.
"""

from dataclasses import dataclass

import numpy as np

from tutti.engines.song.hearing.onsets import Values

_TEMPERLEY = {
    "major": (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
    "minor": (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0),
}
_KRUMHANSL = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
# Popular minor keys have the natural seventh more often than the raised one that Temperley's profile expects.
_NATURAL_SEVENTH = {"minor": (0.0,) * 10 + (2.0, -2.0), "major": (0.0,) * 12}


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A key, and how clearly it is heard."""

    # Pitch class of the tonic 0..11 and "major" or "minor".
    tonic: int
    mode: str
    # 0..1: how far the best fit is ahead of the next.
    confidence: float


def find_key(chroma: Values) -> Key:
    """The key of chroma frames of shape (frames, 12), C first."""
    heard = chroma.mean(axis=0) if len(chroma) else np.zeros(12)
    fits = {
        (tonic, mode): _correlation(heard, np.roll(profile, tonic))
        for mode, profile in _profiles().items()
        for tonic in range(12)
    }
    first, second = sorted(fits, key=lambda key: fits[key], reverse=True)[:2]
    lead = fits[first] - fits[second]
    return Key(tonic=first[0], mode=first[1], confidence=round(float(np.clip(lead / 0.2, 0.0, 1.0)), 3))


def _profiles() -> dict[str, Values]:
    return {
        mode: _standard(np.add(_TEMPERLEY[mode], _NATURAL_SEVENTH[mode])) + _standard(np.array(_KRUMHANSL[mode]))
        for mode in _TEMPERLEY
    }


def _standard(values: Values) -> Values:
    return np.asarray((values - values.mean()) / values.std())


def _correlation(first: Values, second: Values) -> float:
    spread = float(first.std() * second.std())
    return float(((first - first.mean()) * (second - second.mean())).mean() / spread) if spread > 0 else 0.0
