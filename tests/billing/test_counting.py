"""Bounds of tokens, and our own count of them."""

import base64
import json
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutti.billing.counting import _chunks, _count, bound_of, count_prompt, count_tokens

pytestmark = pytest.mark.anyio

PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(300_000)).decode()
DOCUMENT = base64.b64encode(b"%PDF-1.7" + random.Random(1).randbytes(300_000)).decode()


def asking(*parts: dict) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": parts}]}).encode()


def picture(url: str) -> dict:
    return {"type": "image_url", "image_url": {"url": url}}


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("Hello, world!", 4), ("<|endoftext|>", 7), ("敏捷的棕色狐狸", 7), ("\ud800", 1), (" " * 50, 1)],
)
async def test_texts_are_counted_in_the_vocabulary_of_4o(text: str, tokens: int) -> None:
    assert await count_tokens(text) == tokens


async def test_a_text_longer_than_the_tokenizer_takes_is_counted_in_parts() -> None:
    assert await count_tokens("the lantern drifts " * 100_000) == pytest.approx(400_000, rel=0.01)
    assert await count_tokens("a" * 1_200_000) == pytest.approx(150_000, rel=0.01)


@given(text=st.text(max_size=30_000))
@settings(max_examples=50, deadline=None)
def test_no_character_is_lost_between_chunks_and_no_text_has_more_tokens_than_bytes(text: str) -> None:
    assert "".join(_chunks(text)) == text
    assert _count(text) <= len(text.encode("utf-8", "surrogatepass"))


@given(words=st.lists(st.text(st.characters(codec="ascii"), max_size=400), max_size=60))
@settings(max_examples=30, deadline=None)
def test_a_body_is_bounded_by_its_bytes(words: list[str]) -> None:
    body = asking(*({"type": "text", "text": word} for word in words))
    assert _count(body.decode()) <= bound_of(body) <= len(body)


def test_a_picture_in_a_body_is_bounded_as_a_picture() -> None:
    text = {"type": "text", "text": "What is it? " * 1000}
    for url in (f"data:image/png;base64,{PICTURE}", PICTURE):
        assert len(asking(text)) < bound_of(asking(text, picture(url))) < len(asking(text)) + 30_000


@pytest.mark.parametrize("content", [DOCUMENT, "word" * 20_000 + " ", "敏" * 40_000])
def test_what_may_be_text_is_bounded_by_its_bytes(content: str) -> None:
    body = asking({"type": "file", "file": {"file_data": content}})
    assert bound_of(body) == len(body)


async def test_a_prompt_is_counted_without_its_pictures() -> None:
    plain = await count_prompt(asking({"type": "text", "text": "What is it?"}))
    seen = await count_prompt(asking({"type": "text", "text": "What is it?"}, picture(PICTURE), picture(PICTURE)))
    assert 10 < plain < 50
    assert 2000 < seen < 2100


def test_the_tokenizer_is_loaded_only_when_it_is_needed() -> None:
    code = "import sys, tutti.billing.counting as c; c.bound_of(b'x' * 99999); sys.exit('bpe_openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
