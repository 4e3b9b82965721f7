"""One number for how good a tune is by its measures, so that the better of several can be kept.

Each measure is brought to 0..1 by a ramp from where it is bad to where more of it does no more good, and weighted. The
weights say what a listener misses first: a tune off its chords or without a hook before one that is hard to sing, and
that before one that is merely plain. They were set by thought, not by listeners.
"""

from dataclasses import dataclass

from tutti.engines.song.measures import ScoreMeasures


@dataclass(frozen=True, slots=True)
class Term:
    """One measure's share: 0 at `worst` and beyond, 1 at `best` and beyond."""

    weight: float
    worst: float
    best: float

    def of(self, value: float | None) -> float:
        """What a value earns; one that does not apply earns half."""
        if value is None:
            return self.weight / 2
        return self.weight * min(1.0, max(0.0, (value - self.worst) / (self.best - self.worst)))


TERMS = {
    # In tune with the band, and singable.
    "chord_tone_rate": Term(2.0, 0.7, 0.95),
    "leap_rate": Term(1.0, 0.18, 0.06),
    "leap_recovery": Term(0.7, 0.3, 0.9),
    "in_range_rate": Term(2.0, 0.95, 1.0),
    "shortest_syllable_s": Term(0.7, 0.14, 0.2),
    "longest_breath_s": Term(0.7, 12.0, 7.0),
    "breath_rate": Term(1.0, 0.7, 1.0),
    "tone_agreement": Term(1.2, 0.6, 0.9),
    # A hook, and a chorus that is one.
    "hook_count": Term(1.0, 1.0, 4.0),
    "repetition": Term(1.5, 0.2, 0.6),
    "chorus_complexity": Term(0.8, 1.15, 0.85),
    # Form and life.
    "cadence_rate": Term(1.3, 0.6, 0.95),
    "contour_variety": Term(0.8, 0.2, 0.6),
}
# These are best in a band: too much is as bad as too little. (lowest, from, to, highest).
BANDS = {
    "chorus_lift": (1.5, (-1.0, 2.0, 5.0, 8.0)),
    "off_beat_excess": (0.8, (-0.35, -0.12, 0.12, 0.35)),
}


def merit(measures: ScoreMeasures) -> float:
    """The weighted mean of all terms, 0..1."""
    earned = sum(term.of(getattr(measures, name)) for name, term in TERMS.items())
    banded = {
        "chorus_lift": measures.chorus_lift,
        "off_beat_excess": measures.off_beat_rate - measures.off_beat_wanted,
    }
    for name, (weight, (lowest, start, end, highest)) in BANDS.items():
        value = banded[name]
        below, above = Term(weight, lowest, start).of(value), Term(weight, highest, end).of(value)
        earned += min(below, above)
    return earned / (sum(term.weight for term in TERMS.values()) + sum(weight for weight, _ in BANDS.values()))
