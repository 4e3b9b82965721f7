"""What a Responses caller says arrives at a Responses upstream even by way of a chat."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tutti.families.responses.wire import ResponsesWire
from tutti.kit.clock import ManualClock
from tutti.vendors.responses.wire import ResponsesUpstream

words = st.text(min_size=1, max_size=12)
number = st.floats(0, 1, allow_nan=False)
annotation = st.just({"type": "url_citation", "url": "https://e.test", "title": "E", "start_index": 0, "end_index": 1})
asked = st.one_of(
    st.builds(lambda text: {"type": "input_text", "text": text}, words),
    st.sampled_from(
        [
            {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"},
            {"type": "input_image", "image_url": "https://e.test/a.png"},
            {"type": "input_image", "file_id": "file-1"},
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
            {"type": "input_file", "file_url": "https://e.test/a.pdf"},
            {"type": "input_file", "file_id": "file-2"},
        ]
    ),
)
said = st.one_of(
    st.builds(
        lambda text, notes: {"type": "output_text", "text": text, "annotations": notes},
        words,
        st.lists(annotation, max_size=1),
    ),
    st.builds(lambda text: {"type": "refusal", "refusal": text}, words),
)
message = st.one_of(
    st.builds(
        lambda role, content: {"type": "message", "role": role, "content": content},
        st.sampled_from(["user", "developer"]),
        st.lists(asked, min_size=1, max_size=3),
    ),
    st.builds(
        lambda content: {"type": "message", "role": "assistant", "content": content},
        st.lists(said, min_size=1, max_size=3),
    ),
)
call = st.builds(
    lambda number, arguments: [
        {"type": "function_call", "call_id": f"c{number}", "name": "look", "arguments": json.dumps(arguments)},
        {"type": "function_call_output", "call_id": f"c{number}", "output": "moon"},
    ],
    st.integers(0, 9),
    st.dictionaries(words, words, max_size=1),
)
reasoning = st.builds(
    lambda number, text: [
        {
            "type": "reasoning",
            "id": f"rs_{number}",
            "summary": [{"type": "summary_text", "text": text}],
            "encrypted_content": "gAAA",
        }
    ],
    st.integers(0, 9),
    words,
)
foreign = st.just([{"type": "web_search_call", "id": "ws_1", "status": "completed"}])
# Two messages of the model side by side are one turn: they come out as one item.
items = (
    st.lists(st.one_of(message.map(lambda item: [item]), call, reasoning, foreign), min_size=1, max_size=5)
    .map(lambda groups: [item for group in groups for item in group])
    .filter(lambda items: not any(one.get("role") == two.get("role") == "assistant" for one, two in pairwise(items)))
)
requests = st.fixed_dictionaries(
    {"model": st.just("gpt-4.1"), "input": items, "store": st.just(False)},
    optional={
        "instructions": words,
        "max_output_tokens": st.integers(16, 99),
        "temperature": number,
        "top_p": number,
        "parallel_tool_calls": st.booleans(),
        "stream": st.just(True),
        "tools": st.just(
            [
                {
                    "type": "function",
                    "name": "look",
                    "description": "d",
                    "parameters": {"type": "object"},
                    "strict": True,
                },
                {"type": "web_search"},
            ]
        ),
        "text": st.sampled_from(
            [
                {"format": {"type": "text"}},
                {"format": {"type": "json_object"}, "verbosity": "low"},
                {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True}},
            ]
        ),
        "reasoning": st.sampled_from([{"effort": "low"}, {"effort": "none"}, {"effort": "high", "summary": "auto"}]),
        "user": words,
        "metadata": st.just({"a": "b"}),
        "service_tier": st.just("flex"),
        "truncation": st.just("auto"),
        "prompt_cache_key": words,
    },
)


@given(requests)
def test_request_by_way_of_a_chat_stays_as_it_was(request: dict[str, Any]) -> None:
    chat = ResponsesWire(ManualClock()).from_caller(json.dumps(request).encode(), {})
    written = ResponsesUpstream().to_upstream(chat)
    told = json.loads(written.body)
    is_sealed = any(item["type"] == "reasoning" for item in request["input"])
    assert told.pop("include", []) == (["reasoning.encrypted_content"] if is_sealed else [])
    assert told == request
    assert written.dropped == ()
