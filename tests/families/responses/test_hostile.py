"""No request, however odd, is more than a caller's fault."""

import asyncio
import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError
from tutti.families.responses.keeping import Keeping
from tutti.families.responses.wire import ResponsesWire
from tutti.kit.clock import ManualClock
from tutti.tasks.memory import InMemoryTaskStore
from tutti.vendors.responses.wire import ResponsesUpstream

CALLER = Caller(user_id=1, key_id=1, is_admin=False, models=None)
WORDS = [
    "type", "role", "content", "text", "id", "input_text", "input_image", "input_file", "input_audio", "output_text",
    "refusal", "function_call", "function_call_output", "reasoning", "summary", "encrypted_content", "call_id", "name",
    "arguments", "output", "image_url", "file_data", "file_id", "user", "assistant", "message", "data:,", "annotations",
    "url_citation", "function", "parameters", "format", "json_schema", "effort", "mode", "tools", "allowed_tools",
]  # fmt: skip
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 99), st.sampled_from(WORDS), st.text(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)),
    max_leaves=20,
)
items = st.lists(st.dictionaries(st.sampled_from(WORDS), anything, max_size=6), max_size=3)
OPTIONAL = ("instructions", "tools", "tool_choice", "text", "reasoning", "include", "metadata", "odd", "prompt")
requests = st.fixed_dictionaries(
    {"model": st.just("m"), "input": st.one_of(items, anything)}, optional=dict.fromkeys(OPTIONAL, anything)
)


@given(requests)
def test_request(request: dict[str, Any]) -> None:
    with contextlib.suppress(InvalidRequestError):
        chat = ResponsesWire(ManualClock()).from_caller(json.dumps(request).encode(), {})
        ResponsesUpstream().to_upstream(chat)


@given(requests, st.booleans())
def test_request_with_its_past(request: dict[str, Any], is_kept: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    keeping = Keeping(InMemoryTaskStore(), ManualClock())
    with contextlib.suppress(InvalidRequestError):
        prepared = asyncio.run(keeping.prepare(json.dumps(request | {"store": is_kept}).encode(), CALLER))
        assert prepared.is_changed >= is_kept
