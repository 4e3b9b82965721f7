"""The mixing desk as data: where each part stands, and what each genre wants of the whole.

To place a new part: a row in `CHANNELS`, found by the beginning of the part's name. To give a genre its own sound: a
row in `desk.toml`. Levels are RMS in dB of the part's sounding stretches before the master.
"""

import tomllib
from dataclasses import dataclass, field
from importlib import resources

import msgspec

from tutti.engines.song.dsp.filters import Section, high_shelf, highpass, low_shelf, lowpass, peak


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """One strip of the desk."""

    level_db: float
    sections: tuple[Section, ...] = ()
    # -1 left .. 1 right, and the stereo width of the part's own sound.
    pan: float = 0.0
    width: float = 1.0
    # Share sent to the room, as an amplitude.
    room: float = 0.2
    # Whether the voice and the kick make way for themselves in it; the rhythm section is only moved by the kick.
    is_bed: bool = True
    # Ratio of a compressor 6 dB below the level; 1 leaves the dynamics.
    ratio: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """What a genre wants of the whole."""

    # RMS of the lead over the rest while it sings.
    voice_over_backing_db: float = 2.5
    # How far the kick pushes bed and bass down, and how long they take to come back.
    pump_db: float = 1.5
    pump_s: float = 0.14
    # Decay of the common room and of the voice's own, and the voice's share of it.
    room_s: float = 1.3
    voice_room_s: float = 1.7
    voice_room: float = 0.3
    # Level of the voice's repeats, an eighth and a half apart.
    echo: float = 0.12
    # Changes of channel levels in dB, by channel name.
    levels: dict[str, float] = field(default_factory=dict)
    # How much softer than the liveliest section the backing is where the plan's energy is 0.
    ride_db: float = 7.5
    # Drive into the master's soft clipping: loud genres have less crest.
    drive_db: float = 3.0
    # Side signal against its natural level, on the master.
    width: float = 1.1


CHANNELS: dict[str, Channel] = {
    "drums": Channel(
        level_db=-20, sections=(peak(380, -2, 1.0), high_shelf(8000, 1.5)), room=0.06, is_bed=False, ratio=2.5
    ),
    "perc": Channel(level_db=-28, sections=(highpass(160),), room=0.2, is_bed=False),
    "bass": Channel(
        level_db=-22,
        sections=(highpass(36), peak(90, 1.5, 1.0), peak(750, 2, 0.9), lowpass(5500)),
        width=0.0,
        room=0.0,
        is_bed=False,
        ratio=4,
    ),
    "keys": Channel(
        level_db=-25, sections=(highpass(130), peak(350, -2, 1.0), high_shelf(6000, 2)), width=0.9, room=0.3
    ),
    "piano": Channel(
        level_db=-25, sections=(highpass(110), peak(350, -2, 1.0), high_shelf(6000, 2)), width=0.9, room=0.3
    ),
    "organ": Channel(level_db=-28, sections=(highpass(150),), room=0.25),
    "guitar": Channel(level_db=-25, sections=(highpass(110), peak(2400, -1.5, 1.0)), width=1.15, room=0.18),
    "rhythm": Channel(level_db=-25, sections=(highpass(110), peak(2400, -1.5, 1.0)), width=1.15, room=0.15),
    "arp": Channel(level_db=-28, sections=(highpass(200), high_shelf(7000, 2)), pan=0.3, room=0.35),
    "pluck": Channel(level_db=-26, sections=(highpass(160), high_shelf(6000, 1.5)), pan=-0.3, room=0.35),
    "pad": Channel(level_db=-29, sections=(highpass(200), peak(2500, -2.5, 0.8)), width=1.4, room=0.4),
    "strings": Channel(level_db=-27, sections=(highpass(170), high_shelf(5000, 1)), width=1.3, room=0.45),
    "choir": Channel(level_db=-29, sections=(highpass(200), peak(2500, -2, 0.8)), width=1.3, room=0.5),
    "brass": Channel(level_db=-27, sections=(highpass(150),), room=0.3),
    "synth": Channel(level_db=-26, sections=(highpass(140),), width=1.2, room=0.2),
    "woodwind": Channel(level_db=-28, sections=(highpass(250),), pan=-0.2, room=0.4),
    "bells": Channel(level_db=-31, sections=(highpass(300), peak(3500, -2, 0.8)), pan=0.25, room=0.45),
    "harp": Channel(level_db=-28, sections=(highpass(160),), pan=-0.3, room=0.45),
    "ukulele": Channel(level_db=-27, sections=(highpass(180), peak(2400, -1.5, 1.0)), pan=0.2, room=0.25),
    "sax": Channel(level_db=-27, sections=(highpass(140),), pan=0.25, room=0.35),
    "trumpet": Channel(level_db=-28, sections=(highpass(180),), pan=-0.25, room=0.35),
    "cello": Channel(level_db=-27, sections=(highpass(90),), pan=0.3, room=0.4),
    "lead": Channel(level_db=-24, sections=(highpass(180), peak(3000, 1.5, 0.8)), pan=0.1, room=0.4),
    "melody": Channel(level_db=-21.5, sections=(highpass(160), peak(3000, 1.5, 0.8)), room=0.4),
    "counter": Channel(level_db=-28, sections=(highpass(200),), pan=-0.25, room=0.4),
    "fx": Channel(level_db=-25, room=0.3, is_bed=False),
    "sub": Channel(level_db=-24, sections=(lowpass(160),), width=0.0, room=0.0, is_bed=False, ratio=3),
}

_OTHER = Channel(level_db=-27, sections=(highpass(140), low_shelf(250, -1)), room=0.3)


def _desks() -> dict[str, Desk]:
    """All rows of `desk.toml` by genre."""
    text = resources.files(__package__ or "").joinpath("desk.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Desk])


DESKS = _desks()


def find_channel(part_name: str) -> Channel:
    """The strip for a part: the row with the longest name that the part's name begins with."""
    known = [name for name in CHANNELS if part_name.lower().startswith(name)]
    return CHANNELS[max(known, key=len)] if known else _OTHER


def level_change_db(desk: Desk, part_name: str) -> float:
    """The genre's change of a part's level."""
    return next((change for name, change in desk.levels.items() if part_name.lower().startswith(name)), 0.0)


def find_desk(genre: str) -> Desk:
    """The genre's row, or that of the first known genre inside its name ("punk rock" is punk); pop for the rest."""
    name = genre.lower()
    within = (known for known in ("punk", *DESKS) if known in name)
    return DESKS[name if name in DESKS else next(within, "pop")]
