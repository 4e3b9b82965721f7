"""Figures with their uncertainty."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A statistic over a sample of songs or lines, and its 95 % bootstrap interval."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}] n={self.count}"


def median(values: Sequence[float]) -> Figure:
    """The median."""
    return _figure(np.asarray(values, float), np.median)


def quantile90(values: Sequence[float]) -> Figure:
    """The value that a tenth lies above."""
    return _figure(np.asarray(values, float), lambda sample: np.quantile(sample, 0.9))


def mean(values: Sequence[float]) -> Figure:
    """The mean."""
    return _figure(np.asarray(values, float), np.mean)


def pooled_rate(hits: Sequence[float], totals: Sequence[float]) -> Figure:
    """Sum of hits over sum of totals, resampled by whole lines, since what is in one line belongs together."""
    pairs = np.column_stack([hits, totals]).astype(float)
    return _figure(pairs, lambda sample: sample[:, 0].sum() / max(sample[:, 1].sum(), 1e-9))


def pooled_median(groups: Sequence[np.ndarray]) -> Figure:
    """The median of all values of all lines, resampled by whole lines."""
    kept = [group for group in groups if len(group)]
    if not kept:
        return Figure(value=float("nan"), low=float("nan"), high=float("nan"), count=0)
    rng = np.random.default_rng(0)
    draws = [
        np.median(np.concatenate([kept[n] for n in rng.integers(0, len(kept), len(kept))])) for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Figure(value=float(np.median(np.concatenate(kept))), low=float(low), high=float(high), count=len(kept))


_RESAMPLES = 1000


def _figure(values: np.ndarray, statistic) -> Figure:
    if not len(values):
        return Figure(value=float("nan"), low=float("nan"), high=float("nan"), count=0)
    rng = np.random.default_rng(0)
    draws = [statistic(values[rng.integers(0, len(values), len(values))]) for _ in range(_RESAMPLES)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Figure(value=float(statistic(values)), low=float(low), high=float(high), count=len(values))
