"""Bodies that nest too deep for an upstream: refused in each family's own form, and never sent."""

import json
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.upstream.handle import RunningUpstream
from tutti.kit.nesting import MOST_LEVELS

pytestmark = pytest.mark.anyio

HELLO = [{"role": "user", "content": "hello there"}]
CONTENTS = [{"role": "user", "parts": [{"text": "hello there"}]}]
GEMINI = "/v1beta/models/gemini-test:generateContent"
# Path -> a good request, and where its family tells what kind of error it is, and what it says there.
ROUTES: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "/v1/chat/completions": ({"model": "gpt-test", "messages": HELLO}, ("error", "code"), "invalid_request"),
    "/v1/responses": ({"model": "gpt-test", "input": "hello"}, ("error", "code"), "invalid_request"),
    "/v1/messages": (
        {"model": "claude-test", "messages": HELLO, "max_tokens": 9},
        ("error", "type"),
        "invalid_request_error",
    ),
    GEMINI: ({"contents": CONTENTS}, ("error", "status"), "INVALID_ARGUMENT"),
    "/v1/embeddings": ({"model": "text-embedding-test", "input": "hello"}, ("error", "code"), "invalid_request"),
    "/suno/submit/music": ({"prompt": "la", "title": "la", "tags": "folk"}, ("code",), "invalid_request"),
}


def with_levels(body: dict[str, Any], levels: int) -> bytes:
    """The body with a field that nobody knows and that makes it so deep."""
    inner = b"[" * (levels - 1) + b"1" + b"]" * (levels - 1)
    return json.dumps(body).encode()[:-1] + b', "x": ' + inner + b"}"


@pytest.mark.parametrize("path", ROUTES)
async def test_what_is_too_deep_is_refused_in_the_familys_form(
    gateway: Gateway, upstream: RunningUpstream, path: str
) -> None:
    body, place, kind = ROUTES[path]
    async with gateway.client() as client:
        reply = await client.post(path, content=with_levels(body, MOST_LEVELS + 1))
        assert reply.status_code == 400, reply.text
        assert f"deeper than {MOST_LEVELS} levels" in reply.text
        told = reply.json()
        for name in place:
            told = told[name]
        assert told == kind
        assert upstream.seen() == []
        await client.post(path, content=with_levels(body, MOST_LEVELS))
        assert len(upstream.seen()) == (0 if path.startswith("/suno") else 1)  # what it makes of it is its own affair


async def test_brackets_in_strings_and_in_files_are_no_levels(gateway: Gateway) -> None:
    brackets = '[{"\\' * 9999
    async with gateway.client() as client:
        body = {"model": "gpt-test", "messages": [{"role": "user", "content": brackets}]}
        assert (await client.post("/v1/chat/completions", json=body)).status_code == 200
        form = {"model": "gpt-test"}
        files = {"file": ("a.mp3", brackets.encode(), "audio/mpeg")}
        reply = await client.post("/v1/audio/transcriptions", data=form, files=files)
        assert reply.status_code == 200, reply.text
