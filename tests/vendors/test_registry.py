"""Where requests to each kind of upstream go, and with which headers."""

import pytest

from tutti.errors import InvalidRequestError
from tutti.routing.channels import Channel
from tutti.vendors.operations import OPERATIONS
from tutti.vendors.registry import ROWS, check_base_url, missing_options, target


def asked(vendor, operation="chat", model="m", *, is_stream=False, verb="", key="sk-x", **channel):
    row = ROWS[vendor]
    return target(
        row,
        Channel(id=1, name="one", type=vendor, **channel),
        key,
        operation,
        model,
        is_stream=is_stream,
        verb=verb,
    )


@pytest.mark.parametrize(
    ("vendor", "operation", "url"),
    [
        ("openai", "chat", "https://api.openai.com/v1/chat/completions"),
        ("openai", "realtime", "https://api.openai.com/v1/realtime?model=m"),
        ("anthropic", "messages", "https://api.anthropic.com/v1/messages"),
        ("gemini", "gemini", "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent"),
        ("gemini", "gemini_embed", "https://generativelanguage.googleapis.com/v1beta/models/m:embedContent"),
        ("deepseek", "messages", "https://api.deepseek.com/anthropic/v1/messages"),
        ("dashscope", "chat", "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions"),
        ("zhipu", "chat", "https://open.bigmodel.cn/api/paas/v4/chat/completions"),
        ("volcengine", "embeddings", "https://ark.cn-beijing.volces.com/api/v3/embeddings"),
        ("groq", "transcriptions", "https://api.groq.com/openai/v1/audio/transcriptions"),
        ("openrouter", "chat", "https://openrouter.ai/api/v1/chat/completions"),
        ("ollama", "chat", "http://127.0.0.1:11434/v1/chat/completions"),
    ],
)
def test_target_of_a_vendor_with_an_address_of_its_own(vendor, operation, url):
    assert asked(vendor, operation).url == url


@pytest.mark.parametrize(
    ("base_url", "operation", "url"),
    [
        ("https://host", "chat", "https://host/v1/chat/completions"),
        ("https://host/", "chat", "https://host/v1/chat/completions"),
        ("https://host/v1", "chat", "https://host/v1/chat/completions"),
        ("https://host/v1/", "gemini", "https://host/v1beta/models/m:generateContent"),
        ("https://host/v1beta", "gemini", "https://host/v1beta/models/m:generateContent"),
        ("https://host/v1", "suno", "https://host/suno/submit/music"),
        ("https://host/llm", "messages", "https://host/llm/v1/messages"),
        ("https://host/api/v3", "chat", "https://host/api/v3/chat/completions"),
        ("http://10.0.0.1:8000/v1/chat/completions", "chat", "http://10.0.0.1:8000/v1/chat/completions"),
    ],
)
def test_target_takes_a_base_url_as_operators_write_it(base_url, operation, url):
    assert asked("gateway", operation, base_url=base_url).url == url


def test_base_url_with_a_path_of_the_vendor_serves_its_other_paths_too():
    base_url = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
    assert asked("dashscope", "chat", base_url=base_url).url == f"{base_url}/chat/completions"
    url = "https://dashscope-intl.aliyuncs.com/apps/anthropic/v1/messages"
    assert asked("dashscope", "messages", base_url=base_url).url == url


def test_gemini_streams_as_server_sent_events():
    target = asked("gemini", "gemini", "gemini-2.5-pro", is_stream=True)
    assert target.url.endswith("/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse")
    assert target.headers == {"x-goog-api-key": "sk-x"}


def test_verb_asks_for_another_of_the_paths_that_share_one():
    assert asked("gemini", "gemini", verb="countTokens").url.endswith("/models/m:countTokens")
    assert asked("gateway", "suno", verb="fetch/17", base_url="https://host").url == "https://host/suno/fetch/17"


def test_azure_has_the_deployment_and_the_version_in_its_address():
    target = asked("azure", model="prod 4o", base_url="https://mine.openai.azure.com")
    path = "https://mine.openai.azure.com/openai/deployments/prod%204o/chat/completions"
    assert target.url == f"{path}?api-version=2024-10-21"
    assert target.headers == {"api-key": "sk-x"}
    newer = asked("azure", base_url="https://mine.openai.azure.com", options={"api_version": "2025-01-01-preview"})
    assert newer.url.endswith("?api-version=2025-01-01-preview")


def test_vertex_has_project_and_region_in_its_address():
    target = asked("vertex", "gemini", "gemini-2.5-pro", key="ya29.token", options={"project": "p", "region": "eu"})
    path = "https://aiplatform.googleapis.com/v1/projects/p/locations/eu/publishers/google/models/gemini-2.5-pro"
    assert target.url == f"{path}:generateContent"
    assert target.headers == {"authorization": "Bearer ya29.token"}
    assert missing_options(ROWS["vertex"], {}) == ("project",)


def test_messages_carry_key_and_version_as_anthropic_wants_them():
    expected = {"x-api-key": "sk-x", "anthropic-version": "2023-06-01"}
    assert asked("anthropic", "messages").headers == expected
    assert asked("gateway", "messages", base_url="https://host").headers == expected


def test_headers_of_the_channel_win():
    overrides = {"X-Title": "Tutti", "Authorization": "Token {api_key}"}
    assert asked("openai", header_overrides=overrides).headers == {"x-title": "Tutti", "authorization": "Token sk-x"}


def test_no_key_no_header():
    assert asked("ollama", key="").headers == {}


def test_target_keeps_the_key_to_itself():
    assert "sk-x" not in repr(asked("openai"))


@pytest.mark.parametrize("model", ["", ".", ".."])
def test_model_that_would_lead_elsewhere_is_refused(model):
    with pytest.raises(InvalidRequestError):
        asked("azure", model=model, base_url="https://mine.openai.azure.com")


def test_model_stays_one_segment():
    target = asked("gemini", "gemini", "../../v1/files?x=#y")
    assert "/models/..%2F..%2Fv1%2Ffiles%3Fx%3D%23y:generateContent" in target.url


def test_missing_base_url_is_told():
    with pytest.raises(InvalidRequestError, match="needs a base URL"):
        asked("azure")


@pytest.mark.parametrize(
    "base_url",
    [
        "ftp://host",
        "host",
        "https://",
        "https://me:pw@host",
        "https://host?x=1",
        "https://host#x",
        "https://host:99999",
    ],
)
def test_base_url_is_checked(base_url):
    with pytest.raises(InvalidRequestError) as caught:
        check_base_url(base_url)
    assert caught.value.field == "base_url"
    assert "pw" not in caught.value.message


def test_every_row_says_where_it_is_from_and_serves_known_operations():
    for row in ROWS.values():
        assert row.title
        assert row.page.startswith("https://")
        assert row.serves.keys() <= OPERATIONS.keys()
        assert row.serves


def test_gateway_serves_everything():
    assert ROWS["gateway"].serves.keys() == OPERATIONS.keys()


def test_every_operation_of_every_row_has_a_target():
    for vendor, row in ROWS.items():
        for operation in row.serves:
            url = asked(vendor, operation, base_url=row.base_url or "https://host", options={"project": "p"}).url
            assert "{" not in url
