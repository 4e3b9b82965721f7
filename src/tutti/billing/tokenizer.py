"""The process that counts tokens: `python -m tutti.billing.tokenizer`, started by `token_counter.py` only.

Texts come over its standard input and are answered over its standard output in the order in which they came. It ends
when its input does, so that none outlives its server. Nothing else of ours is imported here: the process is there to
keep a tokenizer's memory out of the gateway's, and should take no more than that.
"""

import contextlib
import os
import struct
import sys

# A text goes as its length in bytes and its UTF-8, an answer as its tokens.
NUMBER = struct.Struct(">I")


def serve() -> None:
    """Count text after text for as long as somebody asks."""
    from bpe_openai import get_encoding  # noqa: PLC0415 - for those who only want to know how numbers are told

    encode = get_encoding("o200k_base").encode_ordinary
    texts, answers = sys.stdin.buffer, sys.stdout.fileno()
    while head := texts.read(NUMBER.size):
        (length,) = NUMBER.unpack(head)
        text = texts.read(length).decode()
        os.write(answers, NUMBER.pack(len(encode(text))))


if __name__ == "__main__":
    # Whoever asked is gone, in the midst of a question or before its answer.
    with contextlib.suppress(ConnectionError, struct.error, UnicodeDecodeError):
        serve()
