"""What every making of a clip is given, and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tutti.engines.song.edits.sources import Source, open_source
from tutti.engines.song.files import Sleeve
from tutti.engines.song.master import Mastered
from tutti.engines.song.model import Brief, Lyrics, Score, VoiceChoice
from tutti.engines.song.production import OnProgress
from tutti.engines.song.record import ClipRecord
from tutti.engines.song.tools import Tools
from tutti.engines.song.words import settle_words
from tutti.intents import ClipSeat, Song, SourceClip


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """One clip to make."""

    song: Song
    # Which of the song's seats it is for.
    index: int
    tools: Tools
    # Blob key -> local file.
    inputs: Mapping[str, Path]
    # Told 0..1 up to the finished sound.
    on_progress: OnProgress
    # The scores of the song's clips before this one, from which a new tune is to differ.
    before: tuple[Score, ...] = ()

    @property
    def seat(self) -> ClipSeat:
        """The clip's seat."""
        return self.song.seats[self.index]

    def words(self) -> tuple[Brief, Lyrics]:
        """What is wanted, and the words to sing; all clips of a song sing the same ones."""
        return settle_words(self.song, seed=self.seat.seed, words_seed=self.song.seats[0].seed)

    def source(self, clip: SourceClip) -> Source:
        """A clip to work from, opened."""
        return open_source(clip, self.inputs)

    def persona(self) -> VoiceChoice | None:
        """The singer asked for: the one of the persona's clip, None where none is or it has none."""
        if self.song.persona is None:
            return None
        record = self.source(self.song.persona).record
        return record.plan.voice if record else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A clip before its files."""

    record: ClipRecord
    mastered: Mastered
    # Mood and genre words that choose the cover's colours.
    colours: str
    # Its cover and tags, where they were made before the sound.
    sleeve: Sleeve | None = None


def colours_of(brief: Brief) -> str:
    """The words of a brief that colour a cover."""
    return " ".join((*brief.moods, brief.genre, brief.theme))
