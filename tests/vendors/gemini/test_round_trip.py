"""What a Gemini caller says arrives at a Gemini upstream even by way of a chat."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tutti.families.gemini.wire import GeminiWire
from tutti.vendors.gemini.wire import GeminiUpstream

words = st.text(min_size=1, max_size=12)
number = st.floats(0, 1, allow_nan=False).map(lambda value: round(value, 3))
seal = st.sampled_from(["QUJD", "REVGRw=="])
data = st.sampled_from(["aW1n", "c291bmQ="])
arguments = st.dictionaries(words, st.one_of(words, st.integers(-9, 9), st.booleans()), max_size=2)


def with_seal(part: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(part, st.builds(lambda told, sealed: {**told, "thoughtSignature": sealed}, part, seal))


text = st.builds(lambda told: {"text": told}, words)
thought = with_seal(st.builds(lambda told: {"text": told, "thought": True}, words))
inline = st.builds(
    lambda kind, content: {"inlineData": {"mimeType": kind, "data": content}},
    st.sampled_from(["image/png", "audio/wav", "video/mp4", "application/pdf"]),
    data,
)
code = st.builds(lambda told: {"executableCode": {"language": "PYTHON", "code": told}}, words)


@st.composite
def exchanges(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A question, words and calls in answer to it, and the results of the calls."""
    names = draw(st.lists(st.sampled_from(["look", "hear"]), max_size=3))
    calls = [draw(with_seal(st.just({"functionCall": {"name": name, "args": draw(arguments)}}))) for name in names]
    results = [{"functionResponse": {"name": name, "response": draw(arguments)}} for name in names]
    said = draw(st.lists(st.one_of(with_seal(text), thought, code), min_size=1, max_size=3))
    contents = [
        {"role": "user", "parts": draw(st.lists(st.one_of(text, inline), min_size=1, max_size=3))},
        {"role": "model", "parts": said + calls},
    ]
    return [*contents, {"role": "user", "parts": results}] if results else contents


kinds = st.sampled_from(["STRING", "INTEGER", "NUMBER", "BOOLEAN"]).map(lambda kind: {"type": kind})
schema = st.builds(
    lambda members: {"type": "OBJECT", "properties": members, "required": [*members]},
    st.dictionaries(st.sampled_from(["a", "b"]), kinds, min_size=1, max_size=2),
)
config = st.fixed_dictionaries(
    {},
    optional={
        "temperature": number,
        "topP": number,
        "topK": st.integers(1, 40),
        "candidateCount": st.integers(1, 3),
        "maxOutputTokens": st.integers(1, 99),
        "stopSequences": st.lists(words, min_size=1, max_size=5),
        "presencePenalty": number,
        "frequencyPenalty": number,
        "seed": st.integers(0, 9),
        "responseLogprobs": st.booleans(),
        "logprobs": st.integers(0, 5),
        "responseModalities": st.lists(st.sampled_from(["TEXT", "IMAGE", "AUDIO"]), min_size=1, unique=True),
        "thinkingConfig": st.sampled_from(
            [
                {"thinkingBudget": 0},
                {"thinkingBudget": -1, "includeThoughts": True},
                {"thinkingBudget": 64},
                {"thinkingLevel": "LOW"},
            ]
        ),
        "imageConfig": st.just({"aspectRatio": "1:1"}),
        "mediaResolution": st.just("MEDIA_RESOLUTION_LOW"),
        "speechConfig": st.just(
            {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}, "languageCode": "de-DE"}
        ),
    },
)
declared = st.builds(
    lambda told, parameters: {
        "functionDeclarations": [{"name": "look", "description": told, "parameters": parameters}]
    },
    words,
    schema,
)
requests = st.fixed_dictionaries(
    {
        "contents": st.lists(exchanges(), min_size=1, max_size=2).map(
            lambda turns: [turn for two in turns for turn in two]
        )
    },
    optional={
        "systemInstruction": st.builds(lambda part: {"parts": [part]}, text),
        "generationConfig": config.filter(bool),
        "tools": st.lists(st.one_of(declared, st.just({"googleSearch": {}})), min_size=1, max_size=1),
        "safetySettings": st.just([{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}]),
        "cachedContent": st.just("cachedContents/a"),
        "labels": st.just({"a_b": "c"}),
        "serviceTier": st.just("flex"),
    },
)


@given(requests)
def test_request_by_way_of_a_chat_stays_as_it_was(request: dict[str, Any]) -> None:
    body = json.dumps(request).encode()
    chat = GeminiWire().from_caller(body, {"model": "gemini-2.5-flash", "action": "generateContent"})
    written = GeminiUpstream().to_upstream(chat)
    assert json.loads(written.body) == request
    assert written.dropped == ()
