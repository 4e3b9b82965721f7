"""How a take is sung: what tells a lead from the voices laid around it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """The freedoms of one take."""

    # Depth of the vibrato at its widest, in cents to each side, and its rate.
    vibrato_cents: float = 38.0
    vibrato_hz: float = 5.6
    # How far below the first note a phrase begins, in cents, within its first tenth of a second.
    scoop_cents: float = 70.0
    # Slow wandering of the pitch: its standard deviation in cents.
    drift_cents: float = 6.0
    # A constant offset in cents and a delay in seconds: nobody sings twice alike.
    detune_cents: float = 0.0
    late_s: float = 0.0


LEAD = Manner()
# Straighter, so that two vibratos do not beat; late and off by what a careful singer misses a double by.
DOUBLE = Manner(vibrato_cents=20.0, scoop_cents=40.0, drift_cents=8.0, detune_cents=5.0, late_s=0.014)
HARMONY = Manner(vibrato_cents=18.0, scoop_cents=30.0, drift_cents=6.0, detune_cents=-3.0, late_s=0.018)
