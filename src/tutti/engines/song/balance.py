"""The hand on the voice's fader: it keeps the voice as far above the band as wanted, in loud passages and soft ones.

Over a few seconds the lead is compared with what plays while it sings; the fader follows slowly and not all the way,
so that a singer still gets louder with the band.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from tutti.engines.song.dsp.dynamics import HOP_S, Curve
from tutti.engines.song.dsp.levels import HOP_SAMPLES, hop_powers, to_db
from tutti.engines.song.model import Audio

# What the fader listens to and how far from its middle it moves, in dB.
_LISTENING_S = 4.0
_FURTHEST_DB = 3.0

# Below this mean square there is nothing to compare.
_NOTHING = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """The fader's way."""

    # At control rate, for the voice and all that belongs to it.
    gain_db: Curve
    # RMS of the lead over the band while it sings, in dB, after the gain; 0 where one of them is silent.
    over_db: float


def ride_over(lead: Audio, buses: tuple[Audio, ...], singing: Curve, *, over_db: float) -> Balance:
    """How to move a lead of shape (1, samples) so that it stands `over_db` above buses (2, samples) while it sings.

    `singing` is 0..1 at control rate. The whole comes out at `over_db`; passages near it.
    """
    sings = (singing > 0.5).astype(np.float32)
    lead_powers = hop_powers(lead, HOP_SAMPLES) * sings
    band_powers = sum((hop_powers(bus, HOP_SAMPLES) for bus in buses), np.zeros_like(sings)) * sings
    if min(lead_powers.sum(), band_powers.sum()) < _NOTHING:
        return Balance(gain_db=np.zeros_like(sings), over_db=0.0)
    middle_db = over_db - _ratio_db(lead_powers, band_powers)
    near_db = over_db - 10 * np.log10(_near(lead_powers) / _near(band_powers))
    # Where nobody sings the fader goes on as it was led from both sides.
    near_db = np.where(_near(sings) > 1e-3, near_db, middle_db)
    gain_db = middle_db + np.clip(near_db - middle_db, -_FURTHEST_DB, _FURTHEST_DB)
    gain_db = uniform_filter1d(gain_db, round(1.0 / HOP_S), mode="nearest").astype(np.float32)
    off_db = over_db - _ratio_db(lead_powers * np.power(10, gain_db / 10, dtype=np.float32), band_powers)
    return Balance(gain_db=gain_db + np.float32(off_db), over_db=over_db)


def _near(powers: NDArray[np.float32]) -> NDArray[np.float64]:
    size = round(_LISTENING_S / HOP_S)
    return np.asarray(np.maximum(uniform_filter1d(powers.astype(np.float64), size, mode="constant"), _NOTHING))


def _ratio_db(lead_powers: NDArray[np.float32], band_powers: NDArray[np.float32]) -> float:
    return to_db(float(np.sqrt(lead_powers.sum(dtype=np.float64) / band_powers.sum(dtype=np.float64))))
