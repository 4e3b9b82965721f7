import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.families.hostile import told_in_envelope
from tests.families.suno.sung import post
from tests.gateway import OPENING_QUOTA, make_gateway
from tutti.families.suno.tags import expand_tags


@pytest.mark.parametrize(
    ("tags", "trait"),
    [
        ("jazz, rain", "walking upright bass"),
        ("爵士，雨", "walking upright bass"),
        ("emotional punk", "fast palm-muted power chords"),
        ("Lo-Fi Hip-Hop", "vinyl crackle"),
        ("something unheard of", "memorable hook"),
    ],
)
def test_tags_gain_what_belongs_to_their_style(tags, trait):
    assert trait in expand_tags(tags).split(", ")


def test_tags_keep_the_callers_own_words_first():
    assert expand_tags("jazz， rain、neon").startswith("jazz, rain, neon, brushed swing drums")


def test_tags_say_nothing_twice():
    words = expand_tags("jazz, brushed swing drums, jazz").split(", ")
    assert len(words) == len(set(words))


def test_style_within_another_word_is_none():
    assert "rhythmic rap delivery" not in expand_tags("wrapped in trapeze")


@given(st.text(min_size=1, max_size=200))
def test_no_tags_break_the_expansion(tags):
    assert expand_tags(tags) == expand_tags(tags)


@pytest.mark.anyio
@pytest.mark.parametrize("field", ["original_tags", "tags"])
@pytest.mark.parametrize("path", ["/suno/act/tags", "/suno/submit/UPSAMPLE_TAGS"])
async def test_tags_are_expanded_for_nothing(path, field):
    gateway = await make_gateway()
    reply = await post(gateway, path, json={field: "jazz, rain"})
    told = reply.json().get("data", reply.json())
    assert told["upsampled_tags"] == expand_tags("jazz, rain")
    assert told["request_id"] == reply.headers["x-request-id"]
    assert await gateway.balance() == OPENING_QUOTA


@pytest.mark.anyio
@pytest.mark.parametrize("body", [{}, {"original_tags": " "}, {"tags": 1}, {"tags": "x" * 1001}, {"tags": "a\0"}, []])
async def test_body_without_style_words_is_refused(body):
    reply = await post(await make_gateway(), "/suno/act/tags", content=json.dumps(body).encode())
    assert reply.status_code == 400
    assert told_in_envelope(reply)
