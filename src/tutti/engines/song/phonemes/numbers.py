"""Numbers as English words: counts, years, ordinals, decimals, prices, clock times."""

import re

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_CURRENCIES = {"$": "dollar", "£": "pound", "€": "euro", "¥": "yuan"}
# Digits beyond this are read one by one, as in a telephone number.
_LONGEST_COUNT_DIGITS = 12

NUMBER = re.compile(r"[$£€¥]?\d+(?:,\d{3})+(?:\.\d+)?%?|[$£€¥]?\d+(?:[.:]\d+)?(?:st|nd|rd|th|s)?%?")


def in_words(written: str) -> str:
    """The words sung for a token that `NUMBER` matches: "1999" -> "nineteen ninety nine", "$5" -> "five dollars"."""
    currency = _CURRENCIES.get(written[0], "")
    is_amount = bool(currency) or "," in written
    body = written.lstrip("$£€¥").replace(",", "")
    percent = " percent" if body.endswith("%") else ""
    body = body.rstrip("%")
    digits = re.match(r"\d+", body)
    whole = digits.group() if digits else "0"
    rest = body[len(whole) :]
    words = _read(whole, rest, is_amount=is_amount)
    if currency and not rest:
        words += f" {currency}" + ("" if currency == "yuan" or whole == "1" else "s")
    return words + percent


def _read(whole: str, rest: str, *, is_amount: bool) -> str:
    if rest.startswith(":"):
        minutes = rest[1:]
        return _count(int(whole)) + ("" if minutes.strip("0") == "" else " " + _minutes(minutes))
    if rest.startswith("."):
        if is_amount and len(rest) == 3:
            return f"{_count(int(whole))} {_minutes(rest[1:])}"
        return _whole(whole, is_amount=True) + " point " + _one_by_one(re.sub(r"\D", "", rest))
    words = _whole(whole, is_amount=is_amount)
    if rest in {"st", "nd", "rd", "th"}:
        return _ordinal(words)
    return _plural(words) if rest == "s" else words


def _whole(digits: str, *, is_amount: bool) -> str:
    if len(digits) > _LONGEST_COUNT_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return _one_by_one(digits)
    number = int(digits)
    is_year = len(digits) == 4 and not is_amount and 1100 <= number <= 2099
    return _year(number) if is_year else _count(number)


def _year(number: int) -> str:
    century, rest = divmod(number, 100)
    if 2000 <= number < 2010 or (rest == 0 and century % 10 == 0):
        return _count(number)
    if rest == 0:
        return f"{_count(century)} hundred"
    return f"{_count(century)} {'oh ' if rest < 10 else ''}{_count(rest)}"


def _count(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _TENS[tens] + (f" {_SMALL[rest]}" if rest else "")
    size, name = next((size, name) for size, name in _SCALES if number >= size)
    head, rest = divmod(number, size)
    return f"{_count(head)} {name}" + (f" {_count(rest)}" if rest else "")


def _minutes(digits: str) -> str:
    return f"oh {_SMALL[int(digits)]}" if len(digits) == 2 and digits[0] == "0" else _whole(digits, is_amount=True)


def _one_by_one(digits: str) -> str:
    return " ".join(_SMALL[int(digit)] for digit in digits)


def _ordinal(words: str) -> str:
    *head, last = words.split(" ")
    ending = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return " ".join([*head, ending])


def _plural(words: str) -> str:
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"
