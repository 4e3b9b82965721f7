"""Understands what the caller's words ask for: genre, mood, voice, tempo, language, subject and title.

The words live in `data/brief.toml`; to teach the engine another one, add it there. Style words (`tags`) are read before
the description, and nothing here fails: words that mean nothing to us are left to the song's theme.
"""

import re
from collections.abc import Iterator

from tutti.engines.song.blend import eras, instruments
from tutti.engines.song.genre_words import read_palette, settle_genre
from tutti.engines.song.keys import key_in, read_key
from tutti.engines.song.lyrics import hook_line, parse
from tutti.engines.song.model import Brief, Gender, Language, Lyrics
from tutti.engines.song.phonemes import detect_language, line
from tutti.engines.song.phonemes.japanese import KANA
from tutti.engines.song.phonemes.mandarin import HAN
from tutti.engines.song.tables import table
from tutti.engines.song.vocabulary import PHRASES, found, parted, place, without_words
from tutti.intents import Song

_BPM = re.compile(
    r"(?<!\d)(\d{2,3})\s*bpm|bpm\s*[:=：]?\s*(\d{2,3})(?!\d)|(?:tempo|速度)\s*[:=：]?\s*(\d{2,3})(?!\d)", re.IGNORECASE
)
# Slower than a funeral march or faster than drum and bass is a slip of the pen.
_BPM_RANGE = (40, 220)
_LONGEST_TITLE_WORDS = 6
_LONGEST_TITLE_HAN = 10


def read_brief(song: Song, seed: int) -> Brief:
    """The brief of a song intent; the seed chooses only where the words leave the genre open."""
    words = f"{song.tags}\n{song.description}"
    asked, refused = parted(words)
    # Refused in passing are players; what is named in the field for it is refused whatever it is.
    unwanted = song.wishes.negative_tags
    moods = tuple(mood for mood in found("moods", asked) if mood not in set(found("moods", unwanted)))
    lyrics = parse(song.lyrics) if song.lyrics else None
    genre, second = settle_genre(song, moods, seed)
    tonic, mode = _key(song)
    return Brief(
        genre=genre,
        moods=moods,
        language=_language(song),
        gender=_gender(song),
        voice_colours=tuple(_voice_colours(song)),
        instrumental=_is_instrumental(song),
        theme=song.description.strip() or (song.tags.strip() if song.lyrics is None else ""),
        title=_title(song, lyrics),
        style=_style(song) or ", ".join((genre, *moods)),
        bpm=song.wishes.bpm or _bpm(words),
        tonic=tonic,
        mode=mode,
        palette=read_palette(asked, f"{refused}\n{unwanted}", second=second),
    )


def _gender(song: Song) -> Gender | None:
    """Who is to sing: the wish for it, else the words; who is refused leaves it to the other."""
    if song.wishes.vocal_gender:
        return Gender(song.wishes.vocal_gender)
    said = next(found("genders", f"{song.tags}\n{song.description}"), None)
    if said:
        return Gender(said)
    refused = next(found("genders", song.wishes.negative_tags), None)
    return next((gender for gender in Gender if refused and gender.value != refused), None)


def _voice_colours(song: Song) -> Iterator[str]:
    refused = set(found("voice_colours", song.wishes.negative_tags))
    for colour in found("voice_colours", _voice_words(song.tags) + _voice_words(song.description)):
        if colour not in refused:
            yield colour


def _is_instrumental(song: Song) -> bool:
    """Whether nobody sings: said so, given no words, or asked for where words were to be written."""
    if song.is_instrumental or song.lyrics == "":
        return True
    words = f"{song.tags}\n{song.description}"
    is_refused = re.search(_VOICE, song.wishes.negative_tags, re.IGNORECASE) is not None
    return song.lyrics is None and (any(found("instrumental", words)) or is_refused)


# A voice as such, not one of a kind ("male vocals").
_VOICE = r"(?:^|[,，、;])\s*(?:vocals?|voices?|singing|singers?|人声|演唱|歌声)\s*(?:$|[,，、;])"


def _key(song: Song) -> tuple[int | None, str | None]:
    """Tonic and mode: the wish's, else those that the words name, else a mode alone."""
    words = f"{song.tags}\n{song.description}"
    named = (read_key(song.wishes.key) if song.wishes.key else None) or key_in(words)
    return named or (None, next(found("modes", words), None))


def _language(song: Song) -> Language:
    """The lyrics' own; otherwise the one asked for; otherwise the one that the caller writes in, where we do too."""
    if song.lyrics:
        return detect_language(re.sub(r"[\[【][^\]】]*[\]】]", "", song.lyrics))
    words = f"{song.tags}\n{song.description}"
    asked = next(found("languages", words), None)
    own = detect_language(f"{words}\n{song.title}")
    if asked or own is not Language.JAPANESE:
        return Language(asked) if asked else own
    # No words are written in Japanese: its kanji at least look Chinese.
    return Language.MANDARIN if HAN.search(words) else Language.ENGLISH


def _voice_words(text: str) -> str:
    """The phrases that speak of the voice, and single words such as "breathy", which cannot mean anything else."""
    return "\n".join(
        phrase
        for phrase in PHRASES.split(text)
        if re.search(r"voice|vocal|sing|声|嗓|唱", phrase, re.IGNORECASE) or len(phrase.split()) == 1
    )


def _bpm(words: str) -> float | None:
    """The number named, or the one a tempo word stands for."""
    for match in _BPM.finditer(words):
        number = int(next(group for group in match.groups() if group))
        if _BPM_RANGE[0] <= number <= _BPM_RANGE[1]:
            return float(number)
    tempos = [
        (place(names, words), -len(names), float(bpm)) for bpm, names in table(__package__, "brief")["tempos"].items()
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
            next((p for p in PHRASES.split(f"{song.description}\n{song.tags}") if p.strip()), "Untitled")
        )
    return ""


def is_style(words: str) -> bool:
    """Whether the words say only how a song should sound or feel, and nothing of what it is about."""
    tables = table(__package__, "brief")
    rows = [words for section in _STYLE_TABLES for words in tables[section].values()]
    rows += [instrument.words for instrument in instruments().values()]
    rows += [era.words for era in eras().values()]
    return not re.search(r"[A-Za-z]{3,}|[\u3400-\u9fff]", without_words(rows, words))


# Longer words stand in the earlier tables.
_STYLE_TABLES = (
    "genres", "lenders", "moods", "genders", "voice_colours", "tempos", "languages", "instrumental", "metres", "modes",
)  # fmt: skip


def shorten_title(words: str) -> str:
    """A title out of a longer line: its first phrase, a few words long, capitalised."""
    phrase = next((p.strip() for p in PHRASES.split(words) if p.strip()), words.strip()).strip("()（）\"'“”‘’ ")
    if KANA.search(phrase):
        return _first_words(phrase)
    if HAN.search(phrase):
        return phrase[:_LONGEST_TITLE_HAN]
    kept = phrase.split()[:_LONGEST_TITLE_WORDS]
    while len(kept) > 1 and _NEVER_LAST.fullmatch(kept[-1]):
        kept.pop()
    return " ".join(_capitalised(word, is_first=n == 0) for n, word in enumerate(kept))


def _first_words(phrase: str) -> str:
    """As many words of a Japanese phrase as a title has room for, the first cut where it must be."""
    title, shown = "", ""
    for syllable in line(phrase, Language.JAPANESE).syllables:
        shown += syllable.text
        if syllable.ends_word and len(shown.rstrip()) <= _LONGEST_TITLE_HAN:
            title = shown.rstrip()
    return title or phrase[:_LONGEST_TITLE_HAN]


def _capitalised(word: str, *, is_first: bool) -> str:
    is_small = _SMALL_WORDS.fullmatch(word) and not is_first
    return word.lower() if is_small else word[:1].upper() + word[1:]


_SMALL_WORDS = re.compile("a|an|the|of|to|in|on|at|and|or|but|for|with|from|by|as", re.IGNORECASE)
_NEVER_LAST = re.compile(f"{_SMALL_WORDS.pattern}|my|your|our|his|her|their", re.IGNORECASE)


def _style(song: Song) -> str:
    """What people read under the title: the tags, or the description's first phrase."""
    return " ".join((song.tags.strip() or song.description.strip()).split())[:200]
