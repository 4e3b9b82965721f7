"""Songs, sung and produced on a plain CPU: a neural voice driven by the score over a band composed for the words.

As a library: `Songs`, `wish_for` and what they take and give; `library.py` has an example.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutti.engines.song.library import Songs as Songs
    from tutti.engines.song.library import wish_for as wish_for
    from tutti.engines.song.model import Plan as Plan
    from tutti.engines.song.model import Score as Score
    from tutti.engines.song.record import ClipRecord as ClipRecord
    from tutti.engines.song.record import read_record as read_record
    from tutti.intents import ClipResult as ClipResult
    from tutti.intents import Song as Song
    from tutti.intents import SongWishes as SongWishes

_HOMES = {
    "Songs": "tutti.engines.song.library",
    "wish_for": "tutti.engines.song.library",
    "Plan": "tutti.engines.song.model",
    "Score": "tutti.engines.song.model",
    "ClipRecord": "tutti.engines.song.record",
    "read_record": "tutti.engines.song.record",
    "ClipResult": "tutti.intents",
    "Song": "tutti.intents",
    "SongWishes": "tutti.intents",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: the lyrics engine lives in this package and needs none of the singer."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(_HOMES)
