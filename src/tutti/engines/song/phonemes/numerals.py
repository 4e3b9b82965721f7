"""Arabic digits as Japanese writes numbers, which its dictionary can read."""

_DIGITS = ("ゼロ", "一", "二", "三", "四", "五", "六", "七", "八", "九")
_PLACES = ("", "十", "百", "千")
_MYRIADS = ("", "万", "億", "兆")
# Longer ones are read digit by digit, as a telephone number is.
_LONGEST_COUNT_DIGITS = 16


def japanese_number(written: str) -> str:
    """The number that ASCII digits with commas and points stand for: "1200" -> "千二百", "3.5" -> "三点五"."""
    whole, *fractions = written.replace(",", "").split(".")
    if len(whole) > _LONGEST_COUNT_DIGITS or (len(whole) > 1 and whole[0] == "0"):
        words = _by_digit(whole)
    else:
        words = _by_value(whole)
    return "点".join([words, *map(_by_digit, fractions)])


def _by_digit(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _by_value(digits: str) -> str:
    """Groups of four digits, each with its name."""
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)]
    words = "".join(_group(group) + _MYRIADS[n] for n, group in reversed(list(enumerate(groups))) if group.strip("0"))
    return words or _DIGITS[0]


def _group(digits: str) -> str:
    words = ""
    for place, digit in zip(reversed(range(len(digits))), digits, strict=True):
        # A hundred is no "one hundred".
        words += ("" if digit == "1" and place else _DIGITS[int(digit)] if digit != "0" else "") + (
            _PLACES[place] if digit != "0" else ""
        )
    return words
