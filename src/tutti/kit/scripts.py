"""Which scripts a text is written in, by the names that Unicode gives its letters."""

import unicodedata
from collections import Counter
from collections.abc import Collection

# What is quoted in passing does not make a text one of another script.
_IN_PASSING = 0.2
# Letters whose names begin with another word than their script.
_OF_SCRIPT = {"FULLWIDTH": "LATIN", "MODIFIER": "LATIN", "KATAKANA-HIRAGANA": "KATAKANA", "IDEOGRAPHIC": "CJK"}


def strange_script(text: str, known: Collection[str]) -> str | None:
    """The commonest script that is not `known`, where such make up more than a fifth of the letters; else None.

    Scripts are named as in Unicode: "LATIN", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "CYRILLIC" ...

    >>> strange_script("さくら, さくら", {"LATIN", "CJK"})
    'HIRAGANA'
    >>> strange_script("I said さ to the whole wide world", {"LATIN"}) is None
    True
    """
    if text.isascii():
        return None
    letters = Counter(_script(letter) for letter in text if letter.isalpha())
    strange = Counter({script: count for script, count in letters.items() if script not in known})
    if strange.total() <= _IN_PASSING * letters.total():
        return None
    return strange.most_common(1)[0][0]


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").partition(" ")[0]
    return _OF_SCRIPT.get(first, first)
