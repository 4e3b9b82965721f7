"""What the song is about and how it is felt: the themes and the stance of a brief."""

import random
import re
from collections import Counter
from functools import cache

from tutti.engines.song.model import Brief
from tutti.engines.song.phonemes.mandarin import HAN
from tutti.engines.song.tables import table

_STANCES = {
    "happy": "bright", "romantic": "bright", "hopeful": "bright", "calm": "bright", "playful": "bright",
    "energetic": "bold", "epic": "bold", "angry": "bold",
    "sad": "blue", "emotional": "blue", "nostalgic": "blue", "dark": "blue", "dreamy": "blue",
}  # fmt: skip
_STANCE_OF_THEME = {"goodbye": "blue", "rain": "blue", "rebel": "bold", "rise": "bold"}
_STANCE_OF_GENRE = {"punk": "bold", "rock": "bold"}
# Subjects that suit any brief that names none.
_OPEN_THEMES = ("love", "stars", "road", "city", "sea", "garden", "home")


def themes_of(brief: Brief, rng: random.Random) -> tuple[str, ...]:
    """One or two theme names, the strongest first: by the caller's words, else by the mood, else by chance."""
    said = Counter(_said(f"{brief.theme}\n{brief.title}".lower()))
    if said:
        return tuple(theme for theme, _ in said.most_common(2))
    fitting = [name for name, row in _themes().items() if set(row["moods"].split("|")) & set(brief.moods)]
    return (rng.choice(fitting or _OPEN_THEMES),)


def stance_of(brief: Brief, themes: tuple[str, ...]) -> str:
    """One of "bright", "blue" and "bold": by the strongest mood named, else by the subject, else by the genre."""
    moods = (_STANCES[mood] for mood in brief.moods if mood in _STANCES)
    by_subject = (_STANCE_OF_THEME[theme] for theme in themes if theme in _STANCE_OF_THEME)
    return next(moods, None) or next(by_subject, None) or _STANCE_OF_GENRE.get(brief.genre, "bright")


def _said(text: str) -> list[str]:
    """The theme of each theme word in the text; a word inside a longer one does not count."""
    themes = (_theme_words()[found[0].removesuffix("'s")] for found in _pattern().finditer(text))
    return [theme for theme in themes if theme != "ignored"]


def _themes() -> dict[str, dict[str, str]]:
    return table(__package__, "themes")


@cache
def _theme_words() -> dict[str, str]:
    return {word: theme for theme, row in _themes().items() for word in row["words"].split("|")}


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_theme_words(), key=len, reverse=True)
    return re.compile("|".join(w if HAN.search(w) else rf"(?<![a-z]){w}(?![a-z])" for w in longest_first))
