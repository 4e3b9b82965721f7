"""Kits as data: which stroke sounds for each General MIDI percussion number, how loud and where.

To add a kit: a row in `KITS`, usually `_ACOUSTIC` with some pieces replaced. Numbers that a kit lacks fall back to the
acoustic one; a number that no kit knows sounds as its nearest relative in `_RELATIVES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from tutti.engines.song.drums import strokes
from tutti.engines.song.drums.strokes import Stroke

# General MIDI level 2 leaves 27..34 to effects; these two are ours.
RISER = 27  # climbs for the length of its note
IMPACT = 28

KICKS = (35, 36)

# A closed or pedalled hi-hat ends the sound of an open one.
HATS = (42, 44, 46)


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One instrument of a kit: its stroke, level in dB against the kick, and place from -1 (left) to 1 (right)."""

    stroke: Callable[..., Stroke]
    level_db: float = 0.0
    pan: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Kit:
    """A drum set and the way it is recorded."""

    pieces: Mapping[int, Piece]
    # Decay of the room around it and how much of it is heard, in dB against the dry kit.
    room_s: float = 0.5
    room_db: float = -14.0
    # Drive into soft clipping on the drum bus.
    drive_db: float = 2.0
    # Nothing above this frequency: tape and old samplers. None leaves all.
    lowpass_hz: float | None = None
    # Other names under which composers ask for it.
    aliases: tuple[str, ...] = field(default=())


_ACOUSTIC: dict[int, Piece] = {
    35: Piece(stroke=partial(strokes.kick, pitch_hz=48, decay_s=0.15, click=0.25)),
    36: Piece(stroke=strokes.kick),
    37: Piece(stroke=strokes.rim, level_db=-9, pan=0.1),
    38: Piece(stroke=strokes.snare, level_db=-1.5, pan=0.05),
    39: Piece(stroke=strokes.clap, level_db=-8, pan=-0.1),
    40: Piece(stroke=partial(strokes.snare, pitch_hz=215, wires=1.1, crack_hz=4200), level_db=-1.5, pan=0.05),
    41: Piece(stroke=partial(strokes.tom, pitch_hz=78, decay_s=0.3), level_db=-3, pan=0.55),
    43: Piece(stroke=partial(strokes.tom, pitch_hz=92, decay_s=0.28), level_db=-3, pan=0.4),
    45: Piece(stroke=partial(strokes.tom, pitch_hz=112), level_db=-3, pan=0.2),
    47: Piece(stroke=partial(strokes.tom, pitch_hz=132), level_db=-3, pan=0.0),
    48: Piece(stroke=partial(strokes.tom, pitch_hz=158, decay_s=0.2), level_db=-3, pan=-0.25),
    50: Piece(stroke=partial(strokes.tom, pitch_hz=185, decay_s=0.18), level_db=-3, pan=-0.4),
    42: Piece(stroke=strokes.hat, level_db=-8.5, pan=-0.35),
    44: Piece(stroke=partial(strokes.hat, decay_s=0.06, metal=0.35), level_db=-13, pan=-0.35),
    46: Piece(stroke=partial(strokes.hat, decay_s=0.32), level_db=-10, pan=-0.35),
    49: Piece(stroke=partial(strokes.cymbal, decay_s=1.0), level_db=-8, pan=-0.5),
    51: Piece(stroke=partial(strokes.cymbal, decay_s=0.7, low_hz=500, ping=0.6), level_db=-13, pan=0.5),
    52: Piece(stroke=partial(strokes.cymbal, decay_s=0.6, low_hz=250), level_db=-9, pan=0.6),
    53: Piece(stroke=partial(strokes.cymbal, decay_s=0.5, low_hz=600, bell=1.0, ping=0.4), level_db=-13, pan=0.5),
    55: Piece(stroke=partial(strokes.cymbal, decay_s=0.35, low_hz=600), level_db=-10, pan=-0.2),
    57: Piece(stroke=partial(strokes.cymbal, decay_s=1.2, low_hz=260), level_db=-8, pan=0.5),
    54: Piece(stroke=partial(strokes.shaken, hz=8000, decay_s=0.07, jingle=0.8), level_db=-13, pan=0.3),
    56: Piece(stroke=partial(strokes.struck, hz=562, decay_s=0.09, ratio=1.5), level_db=-13, pan=0.25),
    62: Piece(stroke=partial(strokes.struck, hz=330, decay_s=0.03, ratio=1.6), level_db=-8, pan=-0.3),
    63: Piece(stroke=partial(strokes.struck, hz=280, decay_s=0.12, ratio=1.6), level_db=-8, pan=-0.3),
    64: Piece(stroke=partial(strokes.struck, hz=205, decay_s=0.14, ratio=1.6), level_db=-7, pan=-0.15),
    69: Piece(stroke=partial(strokes.shaken, hz=5200, decay_s=0.06), level_db=-14, pan=0.4),
    70: Piece(stroke=strokes.shaken, level_db=-14, pan=0.45),
    75: Piece(stroke=partial(strokes.struck, hz=2450, decay_s=0.03, ratio=1.02), level_db=-12, pan=-0.4),
    76: Piece(stroke=partial(strokes.struck, hz=920, decay_s=0.04, ratio=1.48), level_db=-11, pan=-0.3),
    77: Piece(stroke=partial(strokes.struck, hz=690, decay_s=0.05, ratio=1.48), level_db=-11, pan=-0.3),
    82: Piece(stroke=partial(strokes.shaken, hz=7200, decay_s=0.05), level_db=-14, pan=0.45),
    RISER: Piece(stroke=strokes.riser, level_db=-8),
    IMPACT: Piece(stroke=strokes.impact, level_db=-3),
}

_PUNK = _ACOUSTIC | {
    36: Piece(stroke=partial(strokes.kick, pitch_hz=62, decay_s=0.11, click=0.8, drive=2.2)),
    38: Piece(stroke=partial(strokes.snare, pitch_hz=225, ring_s=0.1, wires_s=0.16, crack_hz=4200), pan=0.05),
    46: Piece(stroke=partial(strokes.hat, decay_s=0.45, metal=0.4), level_db=-10, pan=-0.35),
    49: Piece(stroke=partial(strokes.cymbal, decay_s=1.3), level_db=-7, pan=-0.5),
}

_ELECTRONIC = _ACOUSTIC | {
    36: Piece(
        stroke=partial(strokes.kick, pitch_hz=47, sweep_hz=260, sweep_s=0.022, decay_s=0.2, click=0.5, drive=2.4)
    ),
    38: Piece(stroke=partial(strokes.snare, pitch_hz=205, ring_s=0.06, wires_s=0.12, wires=1.2), level_db=-3),
    39: Piece(stroke=partial(strokes.clap, tail_s=0.11), level_db=-3),
    42: Piece(stroke=partial(strokes.hat, decay_s=0.03, tone_hz=540, metal=0.7), level_db=-11, pan=0.15),
    46: Piece(stroke=partial(strokes.hat, decay_s=0.16, tone_hz=540, metal=0.7), level_db=-11, pan=0.15),
    49: Piece(stroke=partial(strokes.cymbal, decay_s=1.4, low_hz=900, swell_s=0.006), level_db=-9),
}

_LOFI = _ACOUSTIC | {
    36: Piece(stroke=partial(strokes.kick, pitch_hz=56, sweep_hz=80, decay_s=0.12, click=0.12, drive=1.8)),
    38: Piece(stroke=partial(strokes.snare, pitch_hz=175, ring_s=0.05, wires_s=0.09, wires=0.7), level_db=-3),
    42: Piece(stroke=partial(strokes.hat, decay_s=0.03, metal=0.3), level_db=-14, pan=-0.2),
}

_SOFT = _ACOUSTIC | {
    36: Piece(stroke=partial(strokes.kick, pitch_hz=50, sweep_hz=70, decay_s=0.17, click=0.1, drive=1.1), level_db=-1),
    38: Piece(stroke=partial(strokes.snare, pitch_hz=180, wires=0.65, wires_s=0.15, crack_hz=2600), level_db=-4),
    42: Piece(stroke=partial(strokes.hat, decay_s=0.04, metal=0.25), level_db=-15, pan=-0.35),
}

KITS: dict[str, Kit] = {
    "acoustic": Kit(pieces=_ACOUSTIC, aliases=("standard", "pop", "room")),
    "punk": Kit(pieces=_PUNK, room_s=0.6, room_db=-10, drive_db=5, aliases=("rock", "power", "metal")),
    "electronic": Kit(
        pieces=_ELECTRONIC, room_s=0.35, room_db=-20, drive_db=4, aliases=("edm", "dance", "house", "trap")
    ),
    "lofi": Kit(pieces=_LOFI, room_s=0.4, room_db=-16, drive_db=4, lowpass_hz=7500, aliases=("lo-fi", "hip-hop")),
    "soft": Kit(pieces=_SOFT, room_s=0.9, room_db=-11, drive_db=1, aliases=("ballad", "brush", "jazz", "chinese")),
}

_RELATIVES = {58: 49, 59: 51, 60: 62, 61: 63, 65: 48, 66: 45, 67: 56, 68: 56, 71: 75, 72: 75, 73: 69, 74: 69, 78: 62}


def find_kit(name: str) -> Kit:
    """The kit of this name or alias; the acoustic one for a name that is not known."""
    wanted = name.lower()
    for known, kit in KITS.items():
        if wanted == known or wanted in kit.aliases:
            return kit
    return KITS["acoustic"]


def find_piece(kit: Kit, pitch: int) -> Piece:
    """The piece for a percussion number, or its nearest relative; wood block for what nobody knows."""
    return kit.pieces.get(pitch) or kit.pieces.get(_RELATIVES.get(pitch, 76)) or _ACOUSTIC[76]
