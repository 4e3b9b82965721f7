"""Which lyrics our own singer can sing: asked when a song is to be its work, and again by whoever sings them."""

import re

from tutti.errors import InvalidRequestError
from tutti.kit.scripts import strange_script

# Section marks are read in whatever language they are written.
_MARKS = re.compile(r"[\[【［][^\]】］]*[\]】］]")
# Unicode's names of the scripts of English, Mandarin and Japanese, and what people call what is written in another.
_SUNG = frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"})
_CALLED = {"HANGUL": "Korean"}


def check_singable(lyrics: str, *, field: str = "prompt") -> None:
    """Raise `InvalidRequestError` for words that nobody here can sing; a few among others are passed over instead.

    Sung as they came, Korean would be silence.
    """
    script = strange_script(_MARKS.sub("", lyrics), _SUNG)
    if script is not None:
        language = _CALLED.get(script, f"the {script.capitalize()} script")
        raise InvalidRequestError(
            f"{field} is in {language}; songs are sung in English, Mandarin and Japanese.", field=field
        )
