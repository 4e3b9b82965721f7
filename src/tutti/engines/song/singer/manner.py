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
    # Slow wandering of the pitch: its standard deviation in cents. With 6 it alone made the median error 7 cents.
    drift_cents: float = 2.5
    # A constant offset in cents and a delay in seconds: nobody sings twice alike.
    detune_cents: float = 0.0
    late_s: float = 0.0
    # Slow wandering of the time around the lead's: its standard deviation in seconds.
    late_drift_s: float = 0.0
    # The resonances' frequencies over the lead's: below 1 a larger mouth.
    formants: float = 1.0
    # Gains of the left and right side.
    sides: tuple[float, float] = (1.0, 1.0)


LEAD = Manner()
# Straighter, so that two vibratos do not beat; late and off by what a careful singer misses a double by. One to each
# side, unlike in pitch, time and mouth, so that their sum has no standing comb.
DOUBLES = (
    Manner(
        vibrato_cents=20.0, vibrato_hz=5.3, scoop_cents=40.0, drift_cents=8.0, detune_cents=6.0, late_s=0.012,
        late_drift_s=0.006, formants=0.965, sides=(0.9, 0.25),
    ),
    Manner(
        vibrato_cents=24.0, vibrato_hz=5.9, scoop_cents=50.0, drift_cents=9.0, detune_cents=-6.0, late_s=0.024,
        late_drift_s=0.008, formants=1.035, sides=(0.25, 0.9),
    ),
)  # fmt: skip
HARMONIES = (
    Manner(
        vibrato_cents=18.0, vibrato_hz=5.4, scoop_cents=30.0, detune_cents=-3.0, late_s=0.016,
        late_drift_s=0.006, formants=0.95, sides=(0.8, 0.45),
    ),
    Manner(
        vibrato_cents=22.0, vibrato_hz=5.8, scoop_cents=40.0, detune_cents=4.0, late_s=0.03,
        late_drift_s=0.008, formants=1.02, sides=(0.45, 0.8),
    ),
)  # fmt: skip
