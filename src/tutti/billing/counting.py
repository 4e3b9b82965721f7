"""How many tokens a text has: a cheap bound before a call, and our own count after one whose vendor told no figures.

Counting is done in OpenAI's vocabulary of the 4o models for everybody; other vendors' differ by some tenths. The
tokenizer (bpe-openai) is loaded when it is first needed, works in another thread, and lets go between chunks: it
refuses texts of over 200,000 tokens, and holds the interpreter while it works.
"""

import asyncio
from collections.abc import Callable, Iterator
from functools import cache

# Characters that are counted without letting go: about 2 ms.
_CHUNK = 8000
# A chunk ends at the last space of so many characters, so that no word is cut.
_LOOK_BACK = 200

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


def bound_of(body: bytes) -> int:
    """Tokens that the prompt in a request body has at most: one a byte, files in base64 by what files can hold."""
    if len(body) < _SMALL_BODY:
        return len(body)
    files = [len(file) for file in _files(body)]
    return len(body) - sum(files) + sum(_TOKENS_A_FILE + size // _BYTES_A_TOKEN for size in files)


async def count_tokens(text: str) -> int:
    """Tokens of a text of any length."""
    return await asyncio.to_thread(_count, text) if text else 0


async def count_prompt(body: bytes) -> int:
    """About how many tokens the prompt in a request body has, its JSON included."""
    files = list(_files(body)) if len(body) >= _LEAST_FILE else []
    for file in files:
        body = body.replace(file, b"", 1)
    return await count_tokens(body.decode("utf-8", "replace")) + _COUNTED_A_FILE * len(files)


def _files(body: bytes) -> Iterator[bytes]:
    """Pictures, sounds and films that a JSON body holds in base64."""
    for text in body.split(b'"'):
        if len(text) >= _LEAST_FILE:
            file = text.rpartition(b";base64,")[2]
            if not file.translate(None, _BASE64) and not file.startswith(_DOCUMENTS):
                yield file


def _count(text: str) -> int:
    encode = _encoder()
    return sum(len(encode(chunk)) for chunk in _chunks(text))


def _chunks(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = start + _CHUNK
        if end < len(text):
            space = text.rfind(" ", end - _LOOK_BACK, end)
            end = end if space < 0 else space
        yield text[start:end]
        start = end


@cache
def _encoder() -> Callable[[str], list[int]]:
    # Loaded late: it costs a second and 60 MB that most servers never need.
    from bpe_openai import get_encoding  # noqa: PLC0415

    encode: Callable[[str], list[int]] = get_encoding("o200k_base").encode_ordinary
    return encode
