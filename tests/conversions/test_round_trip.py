"""What a caller says arrives at an upstream of the same wire even by way of a chat."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversions.wires import CALLERS, MODELS, UPSTREAMS

# Letters of every plane; Claude refuses words that are empty or, at the end, blank.
words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=12)
share = st.floats(0, 1).map(lambda value: round(value, 3))
arguments = st.dictionaries(words, st.one_of(words, st.integers(-9, 9), st.booleans(), st.none()), max_size=2)
schema = st.just({"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]})
names = st.sampled_from(["look", "hear"])
mark = st.sampled_from(
    [{}, {}, {"cache_control": {"type": "ephemeral"}}, {"cache_control": {"type": "ephemeral", "ttl": "1h"}}]
)
_examples = settings(max_examples=60, deadline=None)


def marked(part: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """A part with a cache mark or without."""
    return st.builds(lambda told, cache: {**told, **cache}, part, mark)


def one(strategy: st.SearchStrategy[Any], name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda value: {name: value}, strategy)


# Claude


claude_text = st.builds(lambda text: {"type": "text", "text": text}, words)
claude_picture = st.sampled_from(
    [
        {"type": "image", "source": {"type": "url", "url": "https://e.org/a.png"}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}},
        {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
    ]
)
claude_document = st.sampled_from(
    [
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBE"},
            "title": "A",
        },
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}},
        {"type": "document", "source": {"type": "url", "url": "https://e.org/a.pdf"}},
    ]
)
claude_thought = st.sampled_from(
    [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2VhbA=="},
        {"type": "redacted_thinking", "data": "aGlk"},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}},
    ]
)


@st.composite
def claude_exchanges(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A question, thoughts, words and calls in answer to it, and the results of the calls with the next question."""
    used = draw(st.lists(names, max_size=3))
    calls = [
        {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": draw(arguments)} | draw(mark)
        for number, name in enumerate(used)
    ]
    content = st.one_of(words, st.lists(st.one_of(marked(claude_text), claude_picture), min_size=2, max_size=2))
    results = [
        {
            "type": "tool_result",
            "tool_use_id": call["id"],
            "content": draw(content),
            **draw(st.sampled_from([{}, {"is_error": True}])),
        }
        for call in calls
    ]
    part = st.one_of(claude_text, claude_picture, claude_document).flatmap(lambda told: marked(st.just(told)))
    asked = draw(st.lists(part, min_size=2, max_size=3))
    said = draw(st.lists(claude_thought, max_size=2)) + draw(st.lists(marked(claude_text), min_size=2, max_size=2))
    turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": said + calls}]
    return [*turns, {"role": "user", "content": [*results, {"type": "text", "text": "Go on."}, *asked]}]


claude_requests = st.fixed_dictionaries(
    {"max_tokens": st.integers(5000, 9000), "messages": claude_exchanges()},
    optional={
        "system": st.one_of(words, st.lists(marked(claude_text), min_size=2, max_size=2)),
        "stream": st.just(True),
        "temperature": share,
        "top_p": share,
        "top_k": st.integers(1, 40),
        "stop_sequences": st.lists(words, min_size=1, max_size=2),
        "metadata": st.sampled_from([{"user_id": "u-1"}, {"other": 1, "user_id": "u-1"}]),
        "tools": st.lists(
            st.one_of(
                marked(
                    st.builds(
                        lambda name, told: {
                            "name": name,
                            "description": told,
                            "input_schema": {"type": "object"},
                            "strict": True,
                        },
                        names,
                        words,
                    )
                ),
                st.just({"type": "web_search_20250305", "name": "web_search", "max_uses": 2}),
            ),
            min_size=1,
            max_size=2,
        ),
        "thinking": st.sampled_from([{"type": "disabled"}]),
        "output_config": st.just({"format": {"type": "json_schema", "schema": {"type": "object"}}}),
        "service_tier": st.sampled_from(["auto", "standard_only"]),
        "container": st.just("c"),
    },
)


@_examples
@given(claude_requests)
def test_claude_request_by_way_of_a_chat_stays_as_it_was(request):
    assert sent_back("claude", request) == ({"model": MODELS["claude"], **request}, ())


# OpenAI


openai_text = st.builds(lambda text: {"type": "text", "text": text}, words)
openai_part = st.one_of(
    marked(openai_text),
    st.sampled_from(
        [
            {"type": "image_url", "image_url": {"url": "https://e.org/a.png", "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}},
            {"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}},
            {"type": "file", "file": {"file_id": "file-1"}},
            {"type": "video_url", "video_url": {"url": "https://e.org/a.mp4"}},
            {"type": "new_part", "new": 1},
        ]
    ),
)


@st.composite
def openai_exchanges(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Instructions, a question, an answer with words and calls, the results of the calls, and the next question."""
    used = draw(st.lists(names, max_size=3))
    calls = [
        {
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(draw(arguments))},
        }
        | draw(st.sampled_from([{}, {"extra_content": {"google": {"thought_signature": "QUJD"}}}]))
        for number, name in enumerate(used)
    ]
    sealed = [{"type": "reasoning.text", "text": "Hm.", "signature": "c2VhbA==", "index": 0}]
    thoughts = draw(
        st.sampled_from([{}, {"reasoning_content": "Hm."}, {"reasoning_content": "Hm.", "reasoning_details": sealed}])
    )
    answer = {
        "role": "assistant",
        "content": draw(words),
        **thoughts,
        **draw(st.sampled_from([{}, {"refusal": "No."}])),
    }
    return [
        {"role": draw(st.sampled_from(["system", "developer"])), "content": draw(words)},
        {
            "role": "user",
            "content": draw(st.lists(openai_part, min_size=2, max_size=3)),
            **draw(st.sampled_from([{}, {"name": "mira"}])),
        },
        answer | ({"tool_calls": calls} if calls else {}),
        *({"role": "tool", "tool_call_id": call["id"], "content": draw(words)} for call in calls),
        {"role": "user", "content": draw(words)},
    ]


openai_requests = st.fixed_dictionaries(
    {"messages": openai_exchanges()},
    optional={
        "stream": st.just(True),
        "max_tokens": st.integers(1, 99),
        "temperature": st.floats(0, 2),
        "top_p": share,
        "top_k": st.integers(1, 40),
        "n": st.integers(1, 3),
        "stop": st.lists(words, min_size=1, max_size=4),
        "seed": st.integers(0, 9),
        "presence_penalty": st.floats(-2, 2),
        "frequency_penalty": st.floats(-2, 2),
        "logprobs": st.booleans(),
        "top_logprobs": st.integers(0, 20),
        "response_format": st.sampled_from(
            [
                {"type": "text"},
                {"type": "json_object"},
                {"type": "json_schema", "json_schema": {"name": "a", "description": "b", "schema": {}, "strict": True}},
            ]
        ),
        "tools": st.lists(
            st.one_of(
                marked(
                    st.builds(
                        lambda name, told: {
                            "type": "function",
                            "function": {"name": name, "description": told, "parameters": {}, "strict": False},
                        },
                        names,
                        words,
                    )
                ),
                st.just({"type": "custom", "custom": {"name": "sql"}}),
            ),
            min_size=1,
            max_size=2,
        ),
        "enable_thinking": st.booleans(),
        "verbosity": st.just("low"),
        "modalities": st.just(["text", "audio"]),
        "audio": st.just({"voice": "alloy", "format": "wav"}),
        "user": words,
        "metadata": st.just({"project": "x"}),
        "service_tier": st.sampled_from(["auto", "default", "flex", "priority"]),
        "logit_bias": st.just({"1": 2}),
        "prediction": st.just({"type": "content", "content": "x"}),
    },
)


@_examples
@given(openai_requests)
def test_openai_request_by_way_of_a_chat_stays_as_it_was(request):
    body, dropped = sent_back("openai", request)
    if request.get("stream"):  # the figures are asked for by ourselves
        assert body.pop("stream_options") == {"include_usage": True}
    assert (body, dropped) == ({"model": MODELS["openai"], **request}, ())


def sent_back(wire: str, request: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What an upstream of the caller's own wire receives, and what was dropped."""
    body = json.dumps({"model": MODELS[wire], **request}).encode()
    written = UPSTREAMS[wire].wire.to_upstream(CALLERS[wire].wire.from_caller(body, CALLERS[wire].path))
    return json.loads(written.body), written.dropped
