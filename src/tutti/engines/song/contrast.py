"""How far a song's sections stand apart: a chorus is louder than its verses, and not by too much.

Two means: the arrangement's balance follows the plan's energies while it is mixed (`ride_curve`), and the finished mix
is measured section by section and moved to where those energies put it (`section_curve`), because what is sung and
played adds up to something else every time.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.desk import Desk
from tutti.engines.song.dsp.dynamics import HOP_S, Curve, smooth
from tutti.engines.song.dsp.filters import BLOCK_SAMPLES
from tutti.engines.song.dsp.levels import HOP_SAMPLES, LoudnessMeter, loudness_of_powers
from tutti.engines.song.model import TICKS_PER_BEAT, Audio, Plan, PlanSection, Score, SectionKind

# Bounds of what a verse lies under the liveliest section, in LU before the master, whose compression and clipping take
# nearly half; a listener should hear 1.5 to 4.
_LEAST_LU, _MOST_LU = 4.2, 6.0
# No section is moved further than this, in dB, nor faster than this.
_FURTHEST_DB = 6.0
_GLIDE_S = 0.06

_QUIET = (SectionKind.VERSE, SectionKind.INTRO, SectionKind.OUTRO)


def ride_curve(score: Score, plan: Plan, desk: Desk, samples: int) -> Curve:
    """Gain in dB at control rate that follows the sections' energy; the liveliest one stays at 0."""
    top = _top(plan)
    gains = [desk.ride_db * (section.energy - top) for section in plan.sections]
    return _curve(gains, score, plan, hops=-(-samples // HOP_SAMPLES))


def section_curve(mixed: Audio, score: Score, plan: Plan, desk: Desk) -> Curve:
    """Gain in dB at control rate that moves a mix's sections to loudnesses that follow their energies.

    The loudest ones stay as they are.
    """
    meter = LoudnessMeter()
    for start in range(0, mixed.shape[1], BLOCK_SAMPLES):
        meter.add(mixed[:, start : start + BLOCK_SAMPLES])
    powers = meter.powers
    edges = [*_first_hops(score, plan), powers.size]
    loudness = np.array([loudness_of_powers(powers[a:b]) for a, b in pairwise(edges)])
    gains = section_gains_db(plan, loudness, desk)
    return _curve(list(gains), score, plan, hops=powers.size)


def section_gains_db(plan: Plan, loudness: NDArray[np.float64], desk: Desk) -> NDArray[np.float64]:
    """What to add to each section of these loudnesses (LUFS, -inf where nothing sounds)."""
    wanted = np.array([_under_lu(section, plan, desk) for section in plan.sections])
    heard = np.isfinite(loudness)
    if not heard.any():
        return np.zeros(len(wanted))
    off = np.where(heard, -wanted - np.where(heard, loudness, 0.0), 0.0)
    # The liveliest sections are the measure for the others.
    lively = heard & (wanted <= wanted[heard].min() + 1.0)
    return np.asarray(np.where(heard, np.clip(off - off[lively].mean(), -_FURTHEST_DB, _FURTHEST_DB), 0.0))


def _under_lu(section: PlanSection, plan: Plan, desk: Desk) -> float:
    """How far under the liveliest section this one is to lie."""
    under = desk.ride_db * (_top(plan) - section.energy)
    return float(np.clip(under, _LEAST_LU, _MOST_LU)) if section.kind in _QUIET else float(min(under, _MOST_LU))


def _top(plan: Plan) -> float:
    return max((section.energy for section in plan.sections), default=1.0)


def _first_hops(score: Score, plan: Plan) -> list[int]:
    return [
        int(score.seconds_at(section.start_bar * plan.beats_per_bar * TICKS_PER_BEAT) / HOP_S)
        for section in plan.sections
    ]


def _curve(gains_db: list[float], score: Score, plan: Plan, *, hops: int) -> Curve:
    curve = np.zeros(hops, np.float32)
    for gain_db, first in zip(gains_db, _first_hops(score, plan), strict=True):
        curve[first:] = gain_db
    return smooth(curve, _GLIDE_S)
