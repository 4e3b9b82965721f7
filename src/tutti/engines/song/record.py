"""A clip's record: what was asked and what was decided, kept beside the audio so that the song can be worked on."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from tutti.engines.song.model import Plan, Score
from tutti.errors import EngineError
from tutti.intents import Song

# Raised when a field changes its meaning, so that an older record is refused instead of misread.
VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Excerpt:
    """Some bars of what was rendered at once: joined clips are rows of these, and can be rendered again from them."""

    plan: Plan
    score: Score
    # The first bar used, and the one after the last.
    from_bar: int
    to_bar: int
    # Gain at its beginning, and after how many bars it is back at the sound's own level; 0: it stays.
    gain_db: float = 0.0
    settle_bars: int = 0

    @property
    def bars(self) -> int:
        """Its length in bars."""
        return self.to_bar - self.from_bar


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRecord:
    """The plan file of a clip."""

    request: Song
    seed: int
    plan: Plan
    score: Score
    # The words sung, with section marks; "" in an instrumental.
    lyrics: str = ""
    # What a joined clip is made of; empty when plan and score were rendered as they stand.
    excerpts: tuple[Excerpt, ...] = ()
    # Where bar 0 of the score lies in the sound: what comes before was brought.
    offset_s: float = 0.0
    # Whether brought sound is heard in it, which no plan can render again.
    has_brought_sound: bool = False
    version: int = VERSION

    @property
    def bar_s(self) -> float:
        """Seconds of one bar."""
        return self.score.duration_s / self.score.bars

    def made_of(self) -> tuple[Excerpt, ...]:
        """The excerpts of the clip; of one rendered at once, all of it."""
        return self.excerpts or (Excerpt(plan=self.plan, score=self.score, from_bar=0, to_bar=self.score.bars),)


def write_record(path: Path, record: ClipRecord) -> None:
    """Store a record as JSON."""
    path.write_bytes(msgspec.json.encode(record))


def read_record(path: Path) -> ClipRecord:
    """The record in a plan file; raises `EngineError` for a file that is none, or of another version."""
    try:
        record = msgspec.json.decode(path.read_bytes(), type=ClipRecord)
    except (msgspec.DecodeError, OSError) as error:
        raise EngineError(f"The plan file {path.name} of the earlier clip cannot be read.") from error
    if record.version != VERSION:
        raise EngineError(f"The plan file {path.name} has version {record.version}, this engine reads {VERSION}.")
    return record
