"""No reply, however odd, is more than a vendor's fault."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.errors import VendorError
from tutti.vendors.gemini.wire import GeminiUpstream
from tutti.vendors.responses.wire import ResponsesUpstream
from tutti.vendors.wire import UpstreamWire

WORDS = [
    "candidates", "content", "parts", "text", "thought", "functionCall", "name", "args", "inlineData", "data",
    "mimeType", "finishReason", "index", "groundingMetadata", "groundingChunks", "web", "uri", "groundingSupports",
    "segment", "startIndex", "groundingChunkIndices", "citationMetadata", "citationSources", "logprobsResult",
    "chosenCandidates",
    "topCandidates", "token", "usageMetadata", "promptFeedback", "blockReason", "error", "message", "code",
    "output", "type", "status", "id", "reasoning", "summary", "function_call", "call_id", "arguments", "annotations",
    "annotation", "item", "delta", "response", "response.output_item.done", "response.output_text.delta",
    "response.completed", "response.created", "output_text", "url_citation", "url", "incomplete_details", "logprobs",
]  # fmt: skip
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 99), st.sampled_from(WORDS), st.text(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)),
    max_leaves=25,
)
candidate = st.fixed_dictionaries(
    {},
    optional={
        "content": st.builds(
            lambda parts: {"parts": parts},
            st.lists(st.dictionaries(st.sampled_from(WORDS), anything, max_size=3), max_size=3),
        ),
        **{
            name: st.dictionaries(st.sampled_from(WORDS), anything, max_size=3)
            for name in ("groundingMetadata", "citationMetadata", "logprobsResult")
        },
    },
)
replies = st.one_of(
    st.dictionaries(st.sampled_from(WORDS), anything, max_size=6),
    st.builds(lambda told: {"candidates": told}, st.lists(candidate, min_size=1, max_size=2)),
    st.builds(
        lambda told: {"id": "r", "output": told},
        st.lists(st.dictionaries(st.sampled_from(WORDS), anything, max_size=5), max_size=3),
    ),
    st.builds(
        lambda kind, item: {"type": kind, "item": item},
        st.sampled_from([word for word in WORDS if "." in word]),
        st.dictionaries(st.sampled_from(WORDS), anything, max_size=5),
    ),
)


@pytest.mark.parametrize("wire", [GeminiUpstream(), ResponsesUpstream()], ids=["gemini", "responses"])
@given(reply=replies)
def test_reply(wire: UpstreamWire, reply: dict[str, Any]) -> None:
    body = json.dumps(reply).encode()
    with contextlib.suppress(VendorError):
        wire.from_upstream(body)
    wire.stream().feed("", body)
    wire.usage_of(body)
    wire.usage_of_event("", body)
    wire.told(500, body)
