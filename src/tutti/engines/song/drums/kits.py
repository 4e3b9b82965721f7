"""Kits (`kits.toml`): which stroke sounds for each percussion number, how loud and where.

To add a kit: a table there, usually `like` another one with some pieces replaced. Numbers that a kit lacks fall back to
the acoustic one; a number that no kit knows sounds as its nearest relative in `_RELATIVES`.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources

import msgspec

from tutti.engines.song.drums import effects, strokes
from tutti.engines.song.drums.percussion import PERCUSSION
from tutti.engines.song.drums.strokes import Stroke

KICKS = (PERCUSSION["kick_2"], PERCUSSION["kick"])
# A closed or pedalled hi-hat ends the sound of an open one.
OPEN_HAT = PERCUSSION["open"]
HATS = (PERCUSSION["closed"], PERCUSSION["pedal"], OPEN_HAT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One instrument of a kit: its stroke, level in dB against the kick, and place from -1 (left) to 1 (right)."""

    stroke: Callable[..., Stroke]
    level_db: float = 0.0
    pan: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Kit:
    """A drum set and the way it is recorded."""

    # By percussion number.
    pieces: Mapping[int, Piece]
    # Decay of the room around it and how much of it is heard, in dB against the dry kit.
    room_s: float
    room_db: float
    # Drive into soft clipping on the drum bus.
    drive_db: float
    # Nothing above this frequency: tape and old samplers. None leaves all.
    lowpass_hz: float | None
    # Steps of the sampler it came from, in bits; None leaves the sound whole.
    bits: int | None
    # Other names under which composers ask for it.
    aliases: tuple[str, ...]


class _PieceRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"settings": "with"}):
    stroke: str
    level_db: float = 0.0
    pan: float = 0.0
    settings: dict[str, float] = {}


class _KitRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pieces: dict[str, _PieceRow]
    like: str | None = None
    room_s: float = 0.3
    room_db: float = -22.0
    drive_db: float = 2.0
    lowpass_hz: float | None = None
    bits: int | None = None
    aliases: tuple[str, ...] = ()


def _made(row: _PieceRow) -> Piece:
    stroke: Callable[..., Stroke] = getattr(strokes, row.stroke, None) or getattr(effects, row.stroke)
    return Piece(stroke=partial(stroke, **row.settings), level_db=row.level_db, pan=row.pan)


def _kits() -> dict[str, Kit]:
    """All kits in the order of the file, in which a kit follows the one it is like."""
    text = resources.files(__package__ or "").joinpath("kits.toml").read_text(encoding="utf-8")
    kits: dict[str, Kit] = {}
    for name, row in msgspec.convert(tomllib.loads(text), dict[str, _KitRow]).items():
        own = {PERCUSSION[piece]: _made(each) for piece, each in row.pieces.items()}
        kits[name] = Kit(
            pieces={**(kits[row.like].pieces if row.like else {}), **own},
            room_s=row.room_s,
            room_db=row.room_db,
            drive_db=row.drive_db,
            lowpass_hz=row.lowpass_hz,
            bits=row.bits,
            aliases=row.aliases,
        )
    return kits


KITS = _kits()

_RELATIVES = {58: 49, 59: 51, 61: 63, 66: 45, 68: 67, 71: 75, 72: 75, 74: 73, 78: 62}


def find_kit(name: str) -> Kit:
    """The kit of this name or alias; the acoustic one for a name that is not known."""
    wanted = name.lower()
    for known, kit in KITS.items():
        if wanted == known or wanted in kit.aliases:
            return kit
    return KITS["acoustic"]


def find_piece(kit: Kit, pitch: int) -> Piece:
    """The piece for a percussion number, or its nearest relative; wood block for what nobody knows."""
    return kit.pieces.get(pitch) or kit.pieces[_RELATIVES.get(pitch, PERCUSSION["wood"])]
