"""What nobody should send, and how it must be met: refused in the family's form, by name, at no cost."""

from typing import Any

import httpx
from hypothesis import strategies as st

from tests.gateway import OPENING_QUOTA, Gateway

DEEP = 100_000
MIB = 1_048_576

# Name -> a body that no route takes, and the status it gets.
BODIES: dict[str, tuple[bytes, int]] = {
    "empty": (b"", 400),
    "no JSON": (b"prompt=la&title=x", 400),
    "cut short": (b'{"prompt": "la', 400),
    "two values": (b'{"prompt": "la"} {"prompt": "la"}', 400),
    "an array": (b'[{"prompt": "la"}]', 400),
    "a string": (b'"la"', 400),
    "a number": (b"1", 400),
    "null": (b"null", 400),
    "deep arrays": (b"[" * DEEP, 400),
    "deep objects": (b'{"a":' * DEEP, 400),
    "deep, in an unknown field": (b'{"prompt": "la", "x":' + b"[" * DEEP + b"]" * DEEP + b"}", 400),
    "a lone surrogate": (b'{"prompt": "\\ud800", "ids": ["\\ud800"], "model": "\\ud800"}', 400),
    "an encoded surrogate": (b'{"prompt": "\xed\xa0\x80", "ids": ["\xed\xa0\x80"], "model": "\xed\xa0\x80"}', 400),
    "no UTF-8": (b'{"prompt": "\xff", "ids": ["\xff"], "model": "\xff"}', 400),
    "UTF-16": ('{"prompt": "la"}'.encode("utf-16"), 400),
    "a byte order mark": (b'\xef\xbb\xbf{"prompt": "la"}', 400),
    "one byte over 1 MiB": (b'{"prompt": "' + b"x" * (MIB + 1 - 14) + b'"}', 413),
}

# Any JSON at all; floats as JSON has them, letters of every plane that UTF-8 can carry.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def json_objects(*fields: str) -> st.SearchStrategy[Any]:
    """JSON objects in which the named fields are there or not, holding anything."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(fields, JSON))


def told_in_envelope(reply: httpx.Response) -> str:
    """The message of an error in the Suno envelope, whose form is checked."""
    body = reply.json()
    assert body.keys() == {"code", "message", "data"}
    assert body["data"] is None
    assert body["code"] != "success"
    return body["message"]


def told_as_openai(reply: httpx.Response) -> tuple[str, str | None]:
    """Message and offending field of an OpenAI error object, whose form is checked."""
    body = reply.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"message", "type", "param", "code"}
    return body["error"]["message"], body["error"]["param"]


async def assert_untouched(gateway: Gateway) -> None:
    """Nothing was charged and nothing was begun."""
    assert await gateway.balance() == OPENING_QUOTA
    assert not gateway.store.tables.tasks
