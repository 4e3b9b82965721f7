"""Which genre leads, which one lends, and what else words ask of the band."""

import random
import re
from collections.abc import Iterator

from tutti.engines.song.blend import eras, instruments
from tutti.engines.song.genre import genres
from tutti.engines.song.model import Palette
from tutti.engines.song.tables import table
from tutti.engines.song.vocabulary import PHRASES, found, found_in, parted, spans
from tutti.intents import Song

_COMPANY = re.compile(r"\b(?:with|featuring|feat|meets)\b|配上|加上|搭配", re.IGNORECASE)
# Leads only where nothing else is named.
_WEAKEST = "pop"
_OPEN = "pop|pop|ballad|folk|indie"


def settle_genre(song: Song, moods: tuple[str, ...], seed: int) -> tuple[str, str]:
    """The genre that leads and the one that lends ("" for none): those named, else one that suits the mood, by seed."""
    refused = set(_named(song.wishes.negative_tags)) | set(_named(parted(song.tags)[1]))
    for text in (song.tags, song.description):
        asked = parted(text)[0]
        leader = next((name for phrase in PHRASES.split(asked) if (name := _leader(phrase, refused))), None)
        if leader:
            return leader, _lender(asked, leader, refused)
    by_mood = table(__package__, "brief")["genres_by_mood"]
    offers: str = next((by_mood[mood] for mood in moods if mood in by_mood), _OPEN)
    fitting = [name for name in offers.split("|") if name not in refused]
    others = [name for name in genres() if name not in refused]
    return random.Random(seed).choice(fitting or others or [_WEAKEST]), ""


def read_palette(asked: str, refused: str, *, second: str) -> Palette:
    """What words ask of the band beyond its genre; whatever is refused is not wanted."""
    by_word = {name: row.words for name, row in instruments().items()}
    unwanted = tuple(_instruments_in(by_word, refused))
    return Palette(
        second=second,
        wanted=tuple(name for name in _instruments_in(by_word, asked) if name not in unwanted),
        unwanted=unwanted,
        era=next(found_in({name: row.words for name, row in eras().items()}, asked), ""),
        metre=next(found("metres", asked), ""),
    )


def _instruments_in(rows: dict[str, str], text: str) -> Iterator[str]:
    """Instruments named in the text; "bass" inside "drum and bass" names none."""
    genre_words = table(__package__, "brief")["genres"]
    named = spans({**{f"genre {name}": words for name, words in genre_words.items()}, **rows}, text)
    yield from dict.fromkeys(name for _, _, name in named if name in rows)


def _named(text: str) -> Iterator[str]:
    """The genres named in a text, in its order."""
    yield from dict.fromkeys(name for _, _, name in spans(table(__package__, "brief")["genres"], text))


def _leader(phrase: str, refused: set[str]) -> str | None:
    """The genre that leads in one phrase: the noun comes last in both languages, before what it comes with."""
    for part in _COMPANY.split(phrase):
        in_order = [name for _, _, name in spans(table(__package__, "brief")["genres"], part)]
        named = [(name != _WEAKEST, at, name) for at, name in enumerate(in_order) if name not in refused]
        if named:
            return max(named)[2]
    return None


def _lender(text: str, leader: str, refused: set[str]) -> str:
    """The genre that lends: one inside a compound word, else the first other one named."""
    compounds = [name for name in found("lenders", text) if name != leader]
    others = [name for name in _named(text) if name != leader]
    return next((name for name in (*compounds, *others) if name not in refused), "")
