"""Every proven vendor over a real connection: its path, how the key is shown, and a reply in its documented form."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anthropic.types
import openai.types.chat
import pytest
from google.genai.types import GenerateContentResponse

from tutti.intents.chat import Text, Usage
from tutti.kit.clock import ManualClock
from tutti.routing.channels import Channel
from tutti.routing.choice import Pick
from tutti.upstream import UpstreamClient, UpstreamRequest
from tutti.vendors.addressing import Addressing
from tutti.vendors.anthropic.wire import AnthropicWire
from tutti.vendors.gemini.wire import GeminiUpstream
from tutti.vendors.openai.wire import OpenAIWire
from tutti.vendors.registry import ROWS
from tutti.vendors.vertex.token import AccessTokens

DATA = Path(__file__).parents[1] / "data" / "vendors"
# Vendor -> the operation and what is known of it.
CASES = {path.parent.name: (path.stem, json.loads(path.read_text("utf-8"))) for path in DATA.glob("*/*.json")}
WIRES = {"chat": OpenAIWire(), "messages": AnthropicWire(), "gemini": GeminiUpstream()}
KEY = "sk-proven"


@dataclass
class Upstream:
    """Answers one request with one reply, and keeps how it was asked."""

    url: str
    reply: bytes = b""
    head: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head = (await reader.readuntil(b"\r\n\r\n")).decode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(self.reply), self.reply))
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream("")
    server = await asyncio.start_server(upstream.answer, "127.0.0.1", 0)
    async with server:
        upstream.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield upstream


class Tokens(AccessTokens):
    """Tokens for any account."""

    async def token(self, key: str) -> str:
        return key


def test_vendors_with_replies_are_the_proven_ones() -> None:
    assert CASES.keys() == {name for name, row in ROWS.items() if row.is_proven}


@pytest.mark.anyio
@pytest.mark.parametrize("vendor", sorted(CASES))
async def test_documented_reply_is_read(vendor: str, upstream: Upstream) -> None:
    operation, case = CASES[vendor]
    upstream.reply = json.dumps(case["reply"]).encode()
    channel = Channel(id=1, name="one", type=vendor, base_url=upstream.url, keys=(KEY,), options={"project": "p"})
    pick = Pick(channel=channel, key_index=0, key=KEY, key_tag="", upstream_model="m", operation=operation)
    async with UpstreamClient() as client:
        target = await Addressing(Tokens(client, ManualClock()))(pick, False)
        reply = await client.fetch(UpstreamRequest(url=target.url, headers=target.headers, body=b"{}"))

    first, *headers = upstream.head.splitlines()
    assert first == f"POST {case['path']} HTTP/1.1"
    assert case["header"].lower() in [header.lower() for header in headers]
    wire: Any = WIRES[operation]
    answer = wire.from_upstream(reply.body)
    words = "".join(part.text for part in answer.choices[0].parts if isinstance(part, Text))
    assert (words, answer.usage) == (case["text"], Usage(**case["usage"]))
    assert wire.usage_of(reply.body) == Usage(**case["usage"])


@pytest.mark.parametrize("vendor", sorted(CASES))
def test_documented_reply_is_one_that_client_libraries_read(vendor: str) -> None:
    operation, case = CASES[vendor]
    assert LIBRARIES[operation](case["reply"]) == case["text"]


def openai_text(reply: dict[str, Any]) -> str | None:
    # As the library makes replies: leniently, since many vendors leave something out.
    return openai.types.chat.ChatCompletion.construct(**reply).choices[0].message.content


def anthropic_text(reply: dict[str, Any]) -> str | None:
    block = anthropic.types.Message.model_validate(reply).content[0]
    return block.text if block.type == "text" else None


def google_text(reply: dict[str, Any]) -> str | None:
    return GenerateContentResponse.model_validate(reply).text


LIBRARIES = {"chat": openai_text, "messages": anthropic_text, "gemini": google_text}
