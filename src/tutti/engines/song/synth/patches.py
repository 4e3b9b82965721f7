"""What our synthesiser sounds like under each General MIDI program that it stands in for, as data in `patches.toml`."""

import tomllib
from functools import cache
from importlib import resources

import msgspec


class Patch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sound. Times are in seconds; levels are amplitudes."""

    # The General MIDI programs it plays.
    programs: tuple[int, ...]
    # "saw", "square", "pulse" (a quarter wide), "triangle", "sine", "vowel" (a saw through an open mouth) or "fm".
    wave: str = "saw"
    # Oscillators a note, how far apart they are tuned from the first to the last, and how wide they stand, 0..1.
    voices: int = 1
    detune_cents: float = 0.0
    width: float = 0.0
    # A sine an octave below.
    sub: float = 0.0
    # Envelope: rise, fall to `sustain` in `decay_s` (a time constant), and what is heard after the note's end.
    attack_s: float = 0.004
    decay_s: float = 1.0
    sustain: float = 1.0
    release_s: float = 0.08
    # The low-pass corner, in multiples of the note's frequency, at the onset and where it settles; how fast it does so
    # (a time constant), and how much the corner itself is lifted, in dB.
    bright: float = 30.0
    settled: float = 30.0
    closing_s: float = 0.3
    resonance_db: float = 0.0
    # For "fm": the modulator's frequency against the carrier's, its depth at the onset and where it settles.
    ratio: float = 1.0
    depth: float = 0.0
    settled_depth: float = 0.0
    # The pitch begins so many semitones above and falls in `drop_s` (a time constant).
    drop_semitones: float = 0.0
    drop_s: float = 0.03
    # Slow tremolo of the corner, for basses that growl: cycles a beat and share, 0..1.
    wobble_per_beat: float = 0.0
    wobble: float = 0.0
    # Drive of the whole part into soft clipping, in dB; 0 leaves it clean.
    drive_db: float = 0.0


@cache
def patches() -> dict[str, Patch]:
    """All patches by name."""
    text = resources.files(__package__ or "").joinpath("patches.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Patch])


def find_patch(program: int) -> Patch | None:
    """The patch that plays a General MIDI program; None for those that are no synthesiser's."""
    return _by_program().get(program)


@cache
def _by_program() -> dict[int, Patch]:
    return {program: patch for patch in patches().values() for program in patch.programs}
