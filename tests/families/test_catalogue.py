"""The list of models as the SDKs of each wire read it."""

import anthropic
import httpx2
import openai
import pytest
from google import genai
from google.genai import types

from tests.gateway import BASE_URL, Gateway, make_gateway
from tutti.routing.channels import Channel

pytestmark = pytest.mark.anyio

NAMES = ["claude-opus-4", "gpt-4o", "org/large", "text-embedding-3"]


@pytest.fixture
async def gateway() -> Gateway:
    gateway = await make_gateway(embedded_aliases=False)
    gateway.channels.load(
        [
            Channel(id=1, name="up", type="gateway", base_url="http://up", keys=("k",), models=frozenset(NAMES)),
            Channel(
                id=2,
                name="vip",
                type="openai",
                base_url="",
                keys=("k",),
                models=frozenset({"o3"}),
                groups=frozenset({"vip"}),
            ),
        ]
    )
    return gateway


def openai_sdk(gateway: Gateway, secret: str, base: str = "/v1") -> openai.AsyncOpenAI:
    http = gateway.client("")
    return openai.AsyncOpenAI(api_key=secret, base_url=BASE_URL + base, http_client=http, max_retries=0)


@pytest.mark.parametrize("base", ["/v1", "/v1beta/openai"])
async def test_openai_sdk_reads_the_list_and_one(gateway: Gateway, base: str) -> None:
    async with openai_sdk(gateway, gateway.secret, base) as sdk:
        found = [model async for model in sdk.models.list()]
        one = await sdk.models.retrieve("org/large")
        with pytest.raises(openai.NotFoundError):
            await sdk.models.retrieve("o3")
    assert [model.id for model in found] == NAMES
    assert (one.id, one.object, one.owned_by) == ("org/large", "model", "gateway")
    endpoints = {model.id: model.model_extra for model in found}
    assert endpoints["gpt-4o"]["supported_endpoint_types"] == ["openai", "anthropic", "gemini", "openai-response"]
    assert endpoints["text-embedding-3"]["supported_endpoint_types"] == ["embeddings"]


async def test_a_key_sees_its_own_models_only(gateway: Gateway) -> None:
    secret = await gateway.new_secret("bound", models=frozenset({"gpt-4o", "o3"}))
    async with openai_sdk(gateway, secret) as sdk:
        assert [model.id async for model in sdk.models.list()] == ["gpt-4o"]


@pytest.mark.parametrize("form", ["api_key", "auth_token"])
async def test_anthropic_sdk_pages_through(gateway: Gateway, form: str) -> None:
    # This library brings a client of its own.
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=gateway.app))
    async with anthropic.AsyncAnthropic(**{form: gateway.secret}, base_url=BASE_URL, http_client=http) as sdk:
        found = [model async for model in sdk.models.list(limit=2)]
        assert [model.id for model in found] == NAMES
        before = await sdk.models.list(before_id="text-embedding-3", limit=1)
        assert [model.id for model in before.data] == ["org/large"]
        assert (await sdk.models.retrieve("org/large")).display_name == "org/large"
        with pytest.raises(anthropic.NotFoundError):
            await sdk.models.retrieve("nobody")


async def test_google_sdk_reads_the_list_and_one(gateway: Gateway) -> None:
    options = types.HttpOptions(base_url=BASE_URL, httpx_async_client=gateway.client(""))
    sdk = genai.Client(api_key=gateway.secret, http_options=options).aio
    found = [model async for model in await sdk.models.list(config={"page_size": 3})]
    assert [model.name for model in found] == [f"models/{name}" for name in NAMES]
    one = await sdk.models.get(model="text-embedding-3")
    assert one.supported_actions == ["embedContent", "batchEmbedContents"]


async def test_without_a_key_the_refusal_is_of_the_wire(gateway: Gateway) -> None:
    async with gateway.client("") as client:
        assert (await client.get("/v1/models")).json()["error"]["code"] == "invalid_api_key"
        claude = await client.get("/v1/models", headers={"anthropic-version": "2023-06-01"})
        google = await client.get("/v1beta/models")
        assert claude.json()["error"]["type"] == "authentication_error"
        assert google.json()["error"]["status"] == "UNAUTHENTICATED"


async def test_the_root_answers_whoever_looks_for_life(gateway: Gateway) -> None:
    async with gateway.client("") as client:
        assert [(await client.request(method, "/")).status_code for method in ("GET", "HEAD")] == [200, 200]
