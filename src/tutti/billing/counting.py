"""How many tokens a text has: a cheap bound before a call, and our own count after one whose vendor told no figures.

Counting is done in OpenAI's vocabulary of the 4o models for everybody; other vendors' differ by some tenths. Who counts
is `token_counter.py`.
"""

from collections.abc import Iterator
from typing import Protocol

# Bodies below are taken by their length: whatever they hold cannot cost much more than it seems.
_SMALL_BODY = 65_536
# What is shorter is not worth a look: every kind of file has some hundred bytes of heading.
_LEAST_FILE = 4096
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-"
# How base64 of a PDF and of a zip (office documents) begins: their bytes may each be a character of text.
_DOCUMENTS = (b"JVBERi", b"UEsDB")
# A picture, sound or film of so many base64 bytes has at most so many tokens: 4,000 for a whole picture at the highest
# detail that any vendor has; a second of sound has 32 in at least 1,300 bytes, one of film 300 in at least 16,000.
_TOKENS_A_FILE = 4000
_BYTES_A_TOKEN = 16
# What we count for a file whose vendor told no figures, about a picture.
_COUNTED_A_FILE = 1000


class Counter(Protocol):
    """Counts tokens."""

    async def count(self, text: str) -> int:
        """Tokens of a text of any length; whatever happens, it raises nothing."""
        ...


def bound_of(body: bytes) -> int:
    """Tokens that the prompt in a request body has at most: one a byte, files in base64 by what files can hold."""
    if len(body) < _SMALL_BODY:
        return len(body)
    files = [len(file) for file in _files(body)]
    return len(body) - sum(files) + sum(_TOKENS_A_FILE + size // _BYTES_A_TOKEN for size in files)


async def count_prompt(body: bytes, counter: Counter) -> int:
    """About how many tokens the prompt in a request body has, its JSON included."""
    files = list(_files(body)) if len(body) >= _LEAST_FILE else []
    for file in files:
        body = body.replace(file, b"", 1)
    return await counter.count(body.decode("utf-8", "replace")) + _COUNTED_A_FILE * len(files)


def _files(body: bytes) -> Iterator[bytes]:
    """Pictures, sounds and films that a JSON body holds in base64."""
    for text in body.split(b'"'):
        if len(text) >= _LEAST_FILE:
            file = text.rpartition(b";base64,")[2]
            if not file.translate(None, _BASE64) and not file.startswith(_DOCUMENTS):
                yield file
