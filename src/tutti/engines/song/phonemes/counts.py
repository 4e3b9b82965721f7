"""How a Japanese numeral and what it counts sound together: "イチ" and "ホン" as "イッポン"."""

# The rows of kana before which each numeral closes.
_CLOSING = {"イチ": "カサタハ", "ハチ": "カサタハ", "ジュー": "カサタハ", "ロク": "カハ", "ヒャク": "カハ"}
_ROWS = {"カ": "カキクケコ", "サ": "サシスセソ", "タ": "タチツテト", "ハ": "ハヒフヘホ"}
# The numerals that count others; "十三" are two, and nothing closes between them.
COUNTED_NUMERALS = frozenset("百千")


def counted(numeral: str, thing: str) -> tuple[str, str]:
    """The katakana of both as spoken, each as long as it was."""
    row = next((row for row, letters in _ROWS.items() if thing[:1] in letters and thing), "-")
    if any(numeral.endswith(ending) and row in rows for ending, rows in _CLOSING.items()):
        return f"{numeral[:-1]}ッ", _voiced(thing, 2) if row == "ハ" else thing
    if numeral.endswith("ン") and thing.startswith("フン"):
        return numeral, _voiced(thing, 2)
    if numeral.endswith(("サン", "ナン")) and (row == "ハ" or thing == "セン"):
        return numeral, _voiced(thing, 1)
    return numeral, thing


def _voiced(kana: str, steps: int) -> str:
    """One step along from "ハ" is "バ", and two are "パ"."""
    return chr(ord(kana[0]) + steps) + kana[1:]
