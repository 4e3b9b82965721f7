"""Tokens for service accounts, fetched from a server that checks the claim as Google does."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tutti.errors import VendorBusyError, VendorRefusedError, VendorReplyLostError
from tutti.kit.clock import ManualClock
from tutti.routing.channels import Channel, key_tag
from tutti.routing.choice import Pick
from tutti.upstream import UpstreamClient
from tutti.vendors.addressing import Addressing
from tutti.vendors.vertex.token import AccessTokens

pytestmark = pytest.mark.anyio

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any) -> str:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form).decode()


@dataclass
class Granter:
    """The token endpoint."""

    url: str = ""
    claims: list[dict[str, Any]] = field(default_factory=list)
    reply: bytes = b""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        form = parse_qs((await reader.readexactly(length)).decode())
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        self.claims.append(opened(form["assertion"][0]))
        body = self.reply or json.dumps({"access_token": f"ya29.{len(self.claims)}", "expires_in": 3599}).encode()
        status = b"400 Bad Request" if b"error" in body else b"200 OK"
        writer.write(b"HTTP/1.1 %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (status, len(body), body))
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def opened(assertion: str) -> dict[str, Any]:
    """What a claim says; raises when it is not signed with the account's key."""
    signed, _, signature = assertion.rpartition(".")
    KEY.public_key().verify(unbased(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    head, said = (json.loads(unbased(part)) for part in signed.split("."))
    assert head == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    return said


def unbased(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture
async def granter() -> AsyncIterator[Granter]:
    granter = Granter()
    server = await asyncio.start_server(granter.answer, "127.0.0.1", 0)
    async with server:
        granter.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token"
        yield granter


@pytest.fixture
async def client() -> AsyncIterator[UpstreamClient]:
    async with UpstreamClient() as client:
        yield client


def account(granter: Granter, **changes: str) -> str:
    described = {"client_email": "me@p.iam", "private_key": pem(KEY), "private_key_id": "k1", "token_uri": granter.url}
    return json.dumps(described | changes)


async def test_token_is_fetched_once_until_it_ends(granter: Granter, client: UpstreamClient) -> None:
    clock = ManualClock()
    tokens, key = AccessTokens(client, clock), account(granter)
    assert set(await asyncio.gather(*(tokens.token(key) for _ in range(10)))) == {"ya29.1"}
    clock.advance(3599_000 - 120_000 - 1)
    assert await tokens.token(key) == "ya29.1"
    clock.advance(1)
    assert await tokens.token(key) == "ya29.2"
    now_s = clock.now_ms() // 1000
    assert granter.claims[1] == {
        "iss": "me@p.iam",
        "scope": "https://www.googleapis.com/auth/cloud-platform",
        "aud": granter.url,
        "iat": now_s,
        "exp": now_s + 3600,
    }


async def test_accounts_have_tokens_of_their_own(granter: Granter, client: UpstreamClient) -> None:
    tokens = AccessTokens(client, ManualClock())
    assert await tokens.token(account(granter)) == "ya29.1"
    assert await tokens.token(account(granter, client_email="you@p.iam")) == "ya29.2"


async def test_refused_account_is_told_without_its_key(granter: Granter, client: UpstreamClient) -> None:
    granter.reply = b'{"error": "invalid_grant"}'
    with pytest.raises(VendorRefusedError) as caught:
        await AccessTokens(client, ManualClock()).token(account(granter))
    assert "service account" in caught.value.message
    assert "PRIVATE" not in caught.value.message


@pytest.mark.parametrize("key", ["no key", pem(ec.generate_private_key(ec.SECP256R1()))])
async def test_key_of_another_kind_is_told(granter: Granter, client: UpstreamClient, key: str) -> None:
    with pytest.raises(VendorRefusedError, match="private key"):
        await AccessTokens(client, ManualClock()).token(account(granter, private_key=key))


async def test_garbage_and_silence_are_told(granter: Granter, client: UpstreamClient) -> None:
    granter.reply = b"<html>"
    with pytest.raises(VendorReplyLostError):
        await AccessTokens(client, ManualClock()).token(account(granter))
    with pytest.raises(VendorBusyError):
        await AccessTokens(client, ManualClock()).token(account(granter, token_uri="http://127.0.0.1:1/token"))


async def test_address_of_a_vertex_channel_carries_the_token(granter: Granter, client: UpstreamClient) -> None:
    key = account(granter)
    pick = Pick(
        channel=Channel(id=1, name="one", type="vertex", keys=(key,), options={"project": "p"}),
        key_index=0,
        key=key,
        key_tag=key_tag(key),
        upstream_model="gemini-2.5-pro",
        operation="gemini",
    )
    target = await Addressing(AccessTokens(client, ManualClock()))(pick, True)
    assert target.headers == {"authorization": "Bearer ya29.1"}
    assert target.url.endswith("/models/gemini-2.5-pro:streamGenerateContent?alt=sse")
