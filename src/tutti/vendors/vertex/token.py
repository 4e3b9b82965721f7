"""Access tokens for service accounts: a signed claim is exchanged for a token that lasts an hour.

https://developers.google.com/identity/protocols/oauth2/service-account (seen 2026-11-28), "HTTP/REST".
"""

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec

from tutti.errors import VendorRefusedError, VendorReplyLostError
from tutti.kit.clock import Clock
from tutti.routing.channels import key_tag
from tutti.upstream import UpstreamClient, UpstreamRequest, host_of

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# The longest that a claim may be valid.
_CLAIM_S = 3600
# A token is renewed this long before its end, so that no request arrives with an old one.
_EARLY_MS = 120_000
_TIMEOUT_S = 20.0


class _Granted(msgspec.Struct):
    access_token: str
    expires_in: int


_granted_decoder = msgspec.json.Decoder(_Granted)


@dataclass(slots=True)
class _Account:
    """One service account's token."""

    token: str = ""
    good_until_ms: int = 0
    renewing: asyncio.Lock = field(default_factory=asyncio.Lock)


class AccessTokens:
    """Tokens by service account, each fetched once however many requests wait for it."""

    def __init__(self, client: UpstreamClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._accounts: dict[str, _Account] = {}

    async def token(self, key: str) -> str:
        """A token for the account whose JSON this is.

        Raises `VendorRefusedError` when the account is not accepted, and the errors of `UpstreamClient.fetch`.
        """
        account = self._accounts.setdefault(key_tag(key), _Account())
        if self._clock.now_ms() >= account.good_until_ms:
            async with account.renewing:
                if self._clock.now_ms() >= account.good_until_ms:
                    await self._renew(account, json.loads(key))
        return account.token

    async def _renew(self, account: _Account, described: dict[str, Any]) -> None:
        now_ms = self._clock.now_ms()
        asked = UpstreamRequest(
            url=described["token_uri"],
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=urlencode({"grant_type": _GRANT, "assertion": claim(described, now_s=now_ms // 1000)}).encode(),
            timeout_s=_TIMEOUT_S,
        )
        reply = await self._client.fetch(asked)
        if 400 <= reply.status < 500:
            raise VendorRefusedError(f"{host_of(asked.url)} does not accept the channel's service account.")
        try:
            granted = _granted_decoder.decode(reply.body)
        except msgspec.DecodeError as error:
            raise VendorReplyLostError(f"{host_of(asked.url)} gave no access token.") from error
        account.token = granted.access_token
        account.good_until_ms = now_ms + granted.expires_in * 1000 - _EARLY_MS


def claim(described: dict[str, Any], *, now_s: int) -> str:
    """What is signed to ask for a token: a JSON Web Token by RS256. Raises `VendorRefusedError` for a broken key."""
    # Only channels of this type need them.
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(described["private_key"].encode(), password=None)
    except ValueError as error:
        raise VendorRefusedError("The private key of the channel's service account cannot be read.") from error
    if not isinstance(key, RSAPrivateKey):
        raise VendorRefusedError("The private key of the channel's service account is not an RSA key.")
    head = {"alg": "RS256", "typ": "JWT", "kid": described.get("private_key_id")}
    said = {
        "iss": described["client_email"],
        "scope": _SCOPE,
        "aud": described["token_uri"],
        "iat": now_s,
        "exp": now_s + _CLAIM_S,
    }
    signed = f"{_base64(msgspec.json.encode(head))}.{_base64(msgspec.json.encode(said))}"
    return f"{signed}.{_base64(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _base64(data: bytes) -> str:
    """As RFC 7515 has it: safe in addresses, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
