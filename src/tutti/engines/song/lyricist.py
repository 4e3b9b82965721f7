"""The door of the lyrics engine: words never wait behind songs, so they have a light process of their own."""

import msgspec

from tutti.engines.engine import Job, Reporter
from tutti.engines.song.words import write_words
from tutti.errors import EngineError
from tutti.intents import LyricsWish


class LyricsEngine:
    """Fulfils `Engine` for lyrics; needs no weights."""

    def run(self, job: Job, report: Reporter) -> msgspec.Struct:
        """The finished words."""
        wish = job.intent
        if not isinstance(wish, LyricsWish):
            raise EngineError(f"The lyrics engine does not serve {wish.kind!r}.")
        report.progress(0.1, "writing")
        return write_words(wish)
