"""A clip's record: what was asked and what was decided, kept beside the audio so that the song can be continued."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from tutti.engines.song.model import Plan, Score
from tutti.errors import EngineError
from tutti.intents import Song

# Raised when a field changes its meaning, so that an older record is refused instead of misread.
VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRecord:
    """The plan file of a clip."""

    request: Song
    seed: int
    plan: Plan
    score: Score
    # The words sung, with section marks; "" in an instrumental.
    lyrics: str = ""
    version: int = VERSION


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
