"""Understands what the caller's words ask for: genre, mood, voice, tempo, language, subject and title.

The words live in `data/brief.toml`; to teach the engine another one, add it there. Style words (`tags`) are read before
the description, and nothing here fails: words that mean nothing to us are left to the song's theme.
"""

import random
import re
from collections.abc import Iterator

from tutti.engines.song.lyrics import hook_line, parse
from tutti.engines.song.model import Brief, Gender, Language, Lyrics
from tutti.engines.song.phonemes import detect_language
from tutti.engines.song.phonemes.mandarin import HAN
from tutti.engines.song.tables import table
from tutti.intents import Song

_BPM = re.compile(
    r"(?<!\d)(\d{2,3})\s*bpm|bpm\s*[:=：]?\s*(\d{2,3})(?!\d)|(?:tempo|速度)\s*[:=：]?\s*(\d{2,3})(?!\d)", re.IGNORECASE
)
# Slower than a funeral march or faster than drum and bass is a slip of the pen.
_BPM_RANGE = (40, 220)
_PHRASES = re.compile(r"[,;.!?/\n，、；。！？|]+")
_LONGEST_TITLE_WORDS = 6
_LONGEST_TITLE_HAN = 10


def read_brief(song: Song, seed: int) -> Brief:
    """The brief of a song intent; the seed chooses only where the words leave the genre open."""
    words = f"{song.tags}\n{song.description}"
    moods = tuple(_found("moods", words))
    lyrics = parse(song.lyrics) if song.lyrics else None
    genre = _genre(song, moods, seed)
    return Brief(
        genre=genre,
        moods=moods,
        language=_language(song),
        gender=next((Gender(name) for name in _found("genders", words)), None),
        voice_colours=tuple(_found("voice_colours", _voice_words(song.tags) + _voice_words(song.description))),
        instrumental=song.is_instrumental
        or song.lyrics == ""
        or (song.lyrics is None and any(_found("instrumental", words))),
        theme=song.description.strip() or (song.tags.strip() if song.lyrics is None else ""),
        title=_title(song, lyrics),
        style=_style(song) or ", ".join((genre, *moods)),
        bpm=_bpm(words),
    )


def _found(section: str, text: str) -> Iterator[str]:
    """The rows of a table whose words occur in the text, in the order of their first occurrence."""
    places = {
        name: place
        for name, words in table(__package__, "brief")[section].items()
        if (place := _place(words, text)) >= 0
    }
    yield from sorted(places, key=lambda name: places[name])


def _place(words: str, text: str) -> int:
    """Where the first of "|"-parted words stands in the text; -1 when none does."""
    places = [match.start() for match in re.finditer(_pattern(words), text, re.IGNORECASE)]
    return min(places, default=-1)


def _pattern(words: str) -> str:
    """Matches any of the words, longer ones first."""
    return "|".join(_word_pattern(word) for word in sorted(words.split("|"), key=len, reverse=True))


def _word_pattern(word: str) -> str:
    """A Chinese word anywhere, but one of a single character (快) only alone; others between no letters or digits."""
    if HAN.search(word) and len(word) > 1:
        return re.escape(word)
    beside = r"\u4e00-\u9fff" if HAN.search(word) else "a-z0-9"
    return f"(?<![{beside}]){re.escape(word)}(?![{beside}])"


def _genre(song: Song, moods: tuple[str, ...], seed: int) -> str:
    """The genre named, tags first; otherwise one that suits the mood, by seed."""
    for phrase in (*_PHRASES.split(song.tags), *_PHRASES.split(song.description)):
        if genre := _genre_of(phrase):
            return genre
    by_mood = table(__package__, "brief")["genres_by_mood"]
    offers: str = next((by_mood[mood] for mood in moods if mood in by_mood), "pop|pop|ballad|folk")
    return random.Random(seed).choice(offers.split("|"))


def _genre_of(phrase: str) -> str | None:
    """The genre that one phrase names: the noun comes last in both languages, and "pop" is the weakest word."""
    ends: dict[str, tuple[bool, int, int]] = {}
    for genre, words in table(__package__, "brief")["genres"].items():
        for match in re.finditer(_pattern(words), phrase, re.IGNORECASE):
            ends[genre] = max(ends.get(genre, (False, 0, 0)), (genre != "pop", match.end(), len(match[0])))
    return max(ends, key=lambda genre: ends[genre], default=None)


def _language(song: Song) -> Language:
    """The lyrics' own; otherwise the one asked for; otherwise the one that the caller writes in."""
    if song.lyrics:
        return detect_language(re.sub(r"[\[【][^\]】]*[\]】]", "", song.lyrics))
    words = f"{song.tags}\n{song.description}"
    asked = next(_found("languages", words), None)
    return Language(asked) if asked else detect_language(f"{words}\n{song.title}")


def _voice_words(text: str) -> str:
    """The phrases that speak of the voice, and single words such as "breathy", which cannot mean anything else."""
    return "\n".join(
        phrase
        for phrase in _PHRASES.split(text)
        if re.search(r"voice|vocal|sing|声|嗓|唱", phrase, re.IGNORECASE) or len(phrase.split()) == 1
    )


def _bpm(words: str) -> float | None:
    """The number named, or the one a tempo word stands for."""
    for match in _BPM.finditer(words):
        number = int(next(group for group in match.groups() if group))
        if _BPM_RANGE[0] <= number <= _BPM_RANGE[1]:
            return float(number)
    tempos = [
        (_place(names, words), -len(names), float(bpm)) for bpm, names in table(__package__, "brief")["tempos"].items()
    ]
    return min((tempo for tempo in tempos if tempo[0] >= 0), default=(0, 0, None))[2]


def _title(song: Song, lyrics: Lyrics | None) -> str:
    """The caller's title; otherwise their lyrics' hook, or an instrumental's subject; "" leaves it to the writer."""
    if title := " ".join(song.title.split()):
        return title
    if lyrics and (hook := hook_line(lyrics)):
        return shorten_title(hook)
    if song.lyrics is not None or song.is_instrumental:
        return shorten_title(
            next((p for p in _PHRASES.split(f"{song.description}\n{song.tags}") if p.strip()), "Untitled")
        )
    return ""


def is_style(words: str) -> bool:
    """Whether the words say only how a song should sound or feel, and nothing of what it is about."""
    rest = words
    for section in ("genres", "moods", "genders", "voice_colours", "tempos", "languages", "instrumental"):
        rest = re.sub(
            "|".join(map(_pattern, table(__package__, "brief")[section].values())), " ", rest, flags=re.IGNORECASE
        )
    return not re.search(r"[A-Za-z]{3,}|[\u3400-\u9fff]", rest)


def shorten_title(words: str) -> str:
    """A title out of a longer line: its first phrase, a few words long, capitalised."""
    phrase = next((p.strip() for p in _PHRASES.split(words) if p.strip()), words.strip()).strip("()（）\"'“”‘’ ")
    if HAN.search(phrase):
        return phrase[:_LONGEST_TITLE_HAN]
    kept = phrase.split()[:_LONGEST_TITLE_WORDS]
    while len(kept) > 1 and _NEVER_LAST.fullmatch(kept[-1]):
        kept.pop()
    return " ".join(_capitalised(word, is_first=n == 0) for n, word in enumerate(kept))


def _capitalised(word: str, *, is_first: bool) -> str:
    is_small = _SMALL_WORDS.fullmatch(word) and not is_first
    return word.lower() if is_small else word[:1].upper() + word[1:]


_SMALL_WORDS = re.compile("a|an|the|of|to|in|on|at|and|or|but|for|with|from|by|as", re.IGNORECASE)
_NEVER_LAST = re.compile(f"{_SMALL_WORDS.pattern}|my|your|our|his|her|their", re.IGNORECASE)


def _style(song: Song) -> str:
    """What people read under the title: the tags, or the description's first phrase."""
    return " ".join((song.tags.strip() or song.description.strip()).split())[:200]
