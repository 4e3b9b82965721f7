"""The caller's own words, where a song can sing them: what a request names, without the words of the asking.

"an upbeat song about my dog Rex at the beach" gives the thing "my dog Rex" and the place "at the beach". Only what can
be put into a line without breaking its grammar is kept; the rest still chooses the themes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tutti.engines.song.brief import is_style
from tutti.engines.song.model import Language
from tutti.engines.song.phonemes.lexicon import is_known
from tutti.engines.song.phonemes.mandarin import HAN, is_noun_phrase
from tutti.engines.song.tables import table

_SEGMENTS = re.compile(r"[,.;:!?\n()\"“”，。；：！？、（）《》]+")
_LONGEST_PHRASE_WORDS = 4
_LONGEST_CLAUSE_WORDS = 6
_HAN_PHRASE = range(2, 7)
# Bare words with these endings describe, and name nothing.
_ADJECTIVE = re.compile(r".*(?:ful|ous|ive|ic|al|ish|less|able|ible|ed|ly|ern|esque)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnWords:
    """Phrases of the caller's, ready for a line."""

    # Noun phrases: "the rainy market street", "old friends".
    things: tuple[str, ...] = ()
    # "at dusk", "by the sea".
    places: tuple[str, ...] = ()
    # Whole short clauses: "I miss my mother".
    clauses: tuple[str, ...] = ()


def own_words(request: str, language: Language) -> OwnWords:
    """The singable phrases of a request in the song's language; none when it is written in another."""
    segments = [s.strip() for s in _SEGMENTS.split(request) if s.strip() and not is_unsung(s)]
    if language is Language.MANDARIN:
        found = [phrase for segment in segments for phrase in _han_phrases(segment)]
    else:
        found = [phrase for segment in segments for phrase in _phrases(segment)]
    unique = list(dict.fromkeys(found))
    kinds = {kind: tuple(text for k, text in unique if k == kind) for kind in ("thing", "place", "clause")}
    return OwnWords(things=kinds["thing"][:4], places=kinds["place"][:4], clauses=kinds["clause"][:2])


def is_unsung(text: str) -> bool:
    """Whether the text holds words that no song of ours repeats."""
    return bool(_unsung().search(text.lower()))


@cache
def _unsung() -> re.Pattern[str]:
    words = table(__package__, "requests")["unsung"]["words"].split("|")
    return re.compile("|".join(w if HAN.search(w) else rf"(?<![a-z]){w}" for w in words))


@cache
def _english(name: str) -> frozenset[str]:
    return frozenset(table(__package__, "requests")["english"][name].split("|"))


def _phrases(segment: str) -> Iterator[tuple[str, str]]:
    """The phrases of one segment of an English request, each with its kind."""
    words = _subject(segment.split())
    if words and words[0].lower() in _english("pronouns"):
        clause = _until_stop(words)
        if 3 <= len(clause) <= _LONGEST_CLAUSE_WORDS and all(_is_singable(word) for word in clause):
            yield "clause", " ".join(clause)
        return
    kind: str | None = "thing"
    chunk: list[str] = []
    for word in [*words, "and"]:
        if word.lower() not in _english("prepositions") | _english("stops"):
            chunk.append(word)
            continue
        yield from _phrase(kind, chunk)
        is_place = word.lower() in _english("prepositions")
        kind = "place" if is_place else "thing" if word.lower() in {"and", "or", "about", "for"} else None
        chunk = [word] if is_place else []


def _subject(words: list[str]) -> list[str]:
    """What follows "a song about"; everything when no song is spoken of."""
    lower = [word.lower() for word in words]
    at = next((n for n, word in enumerate(lower) if word in _english("works")), -1)
    rest = words[at + 1 :]
    return rest[1:] if at >= 0 and rest and rest[0].lower() in {"about", "of", "for", "on", "to"} else rest


def _until_stop(words: list[str]) -> list[str]:
    end = next(
        (n for n, word in enumerate(words) if word.lower() in {"and", "but", "when", "because", "while", "so"}), None
    )
    return words[:end]


def _phrase(kind: str | None, chunk: list[str]) -> Iterator[tuple[str, str]]:
    """The chunk as a phrase, if it can be sung as one."""
    words = chunk[1:] if kind == "place" else chunk
    lower = [word.lower() for word in words]
    words = words[: _end(lower)]
    lower = lower[: len(words)]
    if kind is None or not 0 < len(words) <= _LONGEST_PHRASE_WORDS or not all(map(_is_singable, words)):
        return
    if (
        is_style(" ".join(words))
        or set(lower) & (_english("craft") | _english("pronouns"))
        or set(lower) <= _english("determiners") | {"a", "an"}
    ):
        return
    if kind == "place":
        yield "place", " ".join([chunk[0].lower(), *words])
    elif thing := _thing(words, lower):
        yield "thing", thing


def _end(lower: list[str]) -> int | None:
    """Where a chunk is cut short: nouns before what they do ("robots learning"), a long chunk before its "of"."""
    doing = (n for n in range(1, len(lower)) if lower[n].endswith("ing") and lower[n - 1].endswith("s"))
    of = (n for n, word in enumerate(lower) if n and word == "of" and len(lower) > _LONGEST_PHRASE_WORDS)
    return next(doing, next(of, None))


def _thing(words: list[str], lower: list[str]) -> str | None:
    """A noun phrase with the article that a sentence needs; None where the words seem to name nothing."""
    if lower[0] in {"a", "an"}:
        return " ".join(["the", *words[1:]])
    if lower[0] in _english("determiners"):
        return " ".join([lower[0], *words[1:]])
    if len(words) == 1 and _ADJECTIVE.match(lower[0]):
        return None
    is_plural = lower[-1].endswith("s") and not lower[-1].endswith(("ss", "us", "is"))
    is_bare = is_plural or lower[-1] in _english("mass") or lower[0].endswith("ing") or words[0][0].isupper()
    return " ".join(words if is_bare else ["the", *words])


def _is_singable(word: str) -> bool:
    """Whether a word is English as far as we know, or a name."""
    plain = word.replace("’", "'")
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z'-]*", plain)) and (
        plain[0].isupper() or all(map(is_known, plain.lower().split("-")))
    )


def _han_phrases(segment: str) -> Iterator[tuple[str, str]]:
    """The subject of one segment of a Chinese request: a noun short enough for half a line, or a feeling for one."""
    rows = table(__package__, "requests")["mandarin"]
    phrase = "".join(HAN.findall(segment))
    phrase = re.sub(f"^(?:{rows['openings']})*(?:{rows['measures']})?(?:.*关于|献给|送给|给)?", "", phrase)
    phrase = re.sub(f"(?:{rows['works']})$", "", phrase)
    phrase = _without_style(phrase)
    if len(phrase) not in _HAN_PHRASE and "的" in phrase:
        phrase = phrase.rsplit("的", 1)[1]
    if len(phrase) not in _HAN_PHRASE or is_style(phrase):
        return
    if is_noun_phrase(phrase.rsplit("的", 1)[-1]):
        yield "thing", phrase
    elif phrase[0] in "我你" and len(phrase) > 2:
        yield "clause", phrase
    elif re.match(rows["feelings"], phrase):
        yield "clause", f"我{phrase}"


def _without_style(phrase: str) -> str:
    """The phrase without style words at its end: 夏天海边的快乐 -> 夏天海边."""
    head, parting, end = phrase.rpartition("的")
    return head if parting and is_style(end) else phrase
