"""Addresses that stand in plain words: where each begins and where it ends.

An address begins where a word does and ends at the next space, as people write who set it off by one. Chinese and
Japanese put no spaces between words, so their letters and signs may stand before it, and their signs end it; their
letters do not, for they are common in the names of files. Quoted, bracketed and linked addresses are talked of rather
than given, and stay words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

# Signs of Chinese and Japanese, and the full-width forms of ours.
_SIGNS = r"\u2014\u2018\u2019\u201c\u201d\u2026\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_LETTERS = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
# RFC 3986 has no quotes, angle brackets or backticks in an address.
_ADDRESS = re.compile(rf"(?<![^\s{_SIGNS}{_LETTERS}])https?://[^\s\"<>`{_SIGNS}]+", re.IGNORECASE)
# What ends the sentence around an address rather than the address.
_TRAILING = ".,;:!?)]}'"


@dataclass(frozen=True, slots=True)
class Address:
    """One that was found."""

    url: str

    @property
    def file_name(self) -> str:
        """The last step of its path, as a person reads it; empty where there is none."""
        try:
            return unquote(urlsplit(self.url).path.rpartition("/")[2])
        except ValueError:  # such as brackets that hold no IPv6 address
            return ""


def split(text: str) -> Iterator[str | Address]:
    """The words and the addresses in them, in order; joined they are the text."""
    end = 0
    for match in _ADDRESS.finditer(text):
        url = match[0].rstrip(_TRAILING)
        if match.start() > end:
            yield text[end : match.start()]
        yield Address(url)
        end = match.start() + len(url)
    if end < len(text):
        yield text[end:]
