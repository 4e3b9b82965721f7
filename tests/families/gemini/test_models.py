"""Models and counts, read by Google's own SDK."""

import json

import httpx
import pytest
from google import genai
from google.genai import types

from tutti.errors import InvalidRequestError
from tutti.families.gemini.models import listing, model_object
from tutti.families.gemini.tokens import count_reply, prompt_of

MODELS = [model_object(f"m{number}") for number in range(5)]


def sdk() -> genai.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(":countTokens"):
            return httpx.Response(200, content=count_reply(len(prompt_of(request.content, model="m"))))
        return httpx.Response(200, content=listing(MODELS, dict(request.url.params)))

    client = httpx.Client(transport=httpx.MockTransport(answer))
    options = types.HttpOptions(base_url="http://upstream.test", httpx_client=client)
    return genai.Client(api_key="sk-test", http_options=options)


def test_sdk_lists_models_page_by_page() -> None:
    models = [*sdk().models.list(config={"page_size": 2, "query_base": True})]
    assert [model.name for model in models] == [f"models/m{number}" for number in range(5)]
    assert models[0].supported_actions == ["generateContent", "streamGenerateContent", "countTokens"]


def test_sdk_counts_tokens() -> None:
    counted = sdk().models.count_tokens(model="m", contents="hi")
    prompt = b'{"contents":[{"parts":[{"text":"hi"}],"role":"user"}]}'
    assert counted.total_tokens == len(prompt)


def test_count_of_a_whole_request_leaves_out_what_no_model_reads() -> None:
    contents = [{"parts": [{"text": "hi"}]}]
    inner = {
        "model": "models/m",
        "contents": contents,
        "generationConfig": {"seed": 1},
        "system_instruction": {"parts": []},
    }
    told = prompt_of(json.dumps({"generateContentRequest": inner}).encode(), model="m")
    assert json.loads(told) == {"contents": contents, "systemInstruction": {"parts": []}}


@pytest.mark.parametrize("body", [b"{}", b'{"generateContentRequest": 1}', b'{"contents": [{"parts": [{}]}]}'])
def test_nothing_to_count_is_the_caller_s_fault(body: bytes) -> None:
    with pytest.raises(InvalidRequestError):
        prompt_of(body, model="m")


@pytest.mark.parametrize("size", ["many", "-1", "99999999"])
def test_wrong_page_size_is_the_caller_s_fault(size: str) -> None:
    with pytest.raises(InvalidRequestError):
        listing(MODELS, {"pageSize": size})
