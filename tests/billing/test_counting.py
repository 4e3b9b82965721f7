"""Bounds of tokens, and our own count of prompts."""

import base64
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.counting import CountsHere, tokens_of
from tutti.billing.counting import bound_of, count_prompt

pytestmark = pytest.mark.anyio

PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(300_000)).decode()
DOCUMENT = base64.b64encode(b"%PDF-1.7" + random.Random(1).randbytes(300_000)).decode()


def asking(*parts: dict) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": parts}]}).encode()


def picture(url: str) -> dict:
    return {"type": "image_url", "image_url": {"url": url}}


@given(words=st.lists(st.text(st.characters(codec="ascii"), max_size=400), max_size=60))
@settings(max_examples=30, deadline=None)
def test_a_body_is_bounded_by_its_bytes(words: list[str]) -> None:
    body = asking(*({"type": "text", "text": word} for word in words))
    assert tokens_of(body.decode()) <= bound_of(body) <= len(body)


def test_a_picture_in_a_body_is_bounded_as_a_picture() -> None:
    text = {"type": "text", "text": "What is it? " * 1000}
    for url in (f"data:image/png;base64,{PICTURE}", PICTURE):
        assert len(asking(text)) < bound_of(asking(text, picture(url))) < len(asking(text)) + 30_000


@pytest.mark.parametrize("content", [DOCUMENT, "word" * 20_000 + " ", "敏" * 40_000])
def test_what_may_be_text_is_bounded_by_its_bytes(content: str) -> None:
    body = asking({"type": "file", "file": {"file_data": content}})
    assert bound_of(body) == len(body)


async def test_a_prompt_is_counted_without_its_pictures() -> None:
    plain = await count_prompt(asking({"type": "text", "text": "What is it?"}), CountsHere())
    body = asking({"type": "text", "text": "What is it?"}, picture(PICTURE), picture(PICTURE))
    seen = await count_prompt(body, CountsHere())
    assert 10 < plain < 50
    assert 2000 < seen < 2100
