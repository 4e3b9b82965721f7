"""Whose words a song is sung to: the caller's, or our own where only a wish was given."""

from dataclasses import replace

from tutti.engines.song.brief import read_brief
from tutti.engines.song.lyrics import parse
from tutti.engines.song.model import Brief, Lyrics
from tutti.engines.song.writer import write_lyrics
from tutti.intents import LyricsResult, LyricsWish, Song
from tutti.singable import check_singable


def settle_words(song: Song, *, seed: int, words_seed: int) -> tuple[Brief, Lyrics]:
    """The brief of one clip and its words; clips of one song share `words_seed` and so sing the same written words.

    Raises `InvalidRequestError` for words in a language that is not sung.
    """
    brief = read_brief(song, seed)
    if brief.instrumental:
        return brief, Lyrics(text="", sections=())
    if song.lyrics is not None:
        check_singable(song.lyrics, field="lyrics")
        return brief, parse(song.lyrics, brief.language)
    shared = read_brief(song, words_seed)
    # Words for the length wanted: short songs have fewer sections.
    longest_s = min(song.longest_s, song.wishes.duration_s or song.longest_s)
    title, text = write_lyrics(shared, words_seed, longest_s=longest_s)
    return replace(brief, title=brief.title or title), parse(text, brief.language)


def write_words(wish: LyricsWish) -> LyricsResult:
    """Words for a wish, and the style they were written for."""
    brief = read_brief(Song(seats=(), description=wish.prompt), wish.seed)
    title, text = write_lyrics(replace(brief, instrumental=False), wish.seed, longest_s=_LONGEST_S)
    return LyricsResult(title=title, text=text, tags=(brief.genre, *brief.moods[:3]))


# A song of this length has two verses, choruses and a bridge.
_LONGEST_S = 240.0
