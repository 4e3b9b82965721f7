"""No request, however odd, is more than a caller's fault."""

import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tutti.errors import InvalidRequestError
from tutti.families.gemini.wire import GeminiWire
from tutti.vendors.gemini.wire import GeminiUpstream

WORDS = [
    "text", "thought", "thoughtSignature", "inlineData", "inline_data", "mimeType", "data", "fileData", "fileUri",
    "functionCall", "functionResponse", "name", "args", "response", "parts", "role", "user", "model", "id", "error",
    "functionDeclarations", "parameters", "parametersJsonSchema", "type", "properties", "items", "anyOf", "enum",
    "OBJECT", "$ref", "nullable", "http://[", "Y2xhdWRlOmE=", "mode", "functionCallingConfig", "thinkingBudget",
]  # fmt: skip
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 99), st.sampled_from(WORDS), st.text(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)),
    max_leaves=20,
)
parts = st.lists(st.dictionaries(st.sampled_from(WORDS), anything, max_size=4), max_size=3)
contents = st.lists(st.builds(lambda told: {"role": "model", "parts": told}, parts), max_size=3)
requests = st.fixed_dictionaries(
    {"contents": st.one_of(contents, anything)},
    optional={
        "tools": st.one_of(
            anything,
            st.builds(
                lambda schema: [{"functionDeclarations": [{"name": "f", "parameters": schema}]}],
                st.dictionaries(st.sampled_from(WORDS), anything, max_size=4),
            ),
        ),
        **dict.fromkeys(("systemInstruction", "generationConfig", "toolConfig", "odd", "labels"), anything),
    },
)


@given(requests)
def test_request(request: dict[str, Any]) -> None:
    with contextlib.suppress(InvalidRequestError):
        path = {"model": "gemini-3-pro", "action": "generateContent"}
        chat = GeminiWire().from_caller(json.dumps(request).encode(), path)
        GeminiUpstream().to_upstream(chat)
