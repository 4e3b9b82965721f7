"""POST /v1/realtime/client_secrets, and /v1/realtime/sessions of the beta dialect: secrets for browsers and apps.

The settings that come along are told to the upstream when a session is opened with the secret. Nothing is charged, and
no upstream is asked: the secret is one of ours.
"""

from typing import Any

import msgspec

from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError
from tutti.families.endpoint import body_of, caller_of, decode
from tutti.families.reading import object_of
from tutti.families.realtime.call import call_of
from tutti.families.realtime.ephemeral import Ephemeral
from tutti.families.services import Services
from tutti.kit.asgi import Receive, Scope, Send, send_bytes
from tutti.kit.ids import random_text
from tutti.wires import realtime as wire

# As OpenAI's, https://platform.openai.com/docs/api-reference/realtime-sessions, seen 2026-11.
_DEFAULT_S = 600
_BETA_DEFAULT_S = 60
_KIND = "realtime"

_request_decoder = msgspec.json.Decoder(wire.SecretRequest)
_beta_decoder = msgspec.json.Decoder(wire.BetaRequest)


class Minting:
    """Answers requests for secrets."""

    def __init__(self, services: Services, ephemeral: Ephemeral, *carriers: bytes) -> None:
        """`carriers` as of `caller_of`."""
        self._services = services
        self._ephemeral = ephemeral
        self._carriers = carriers

    async def client_secret(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises `TuttiError`."""
        caller, body = await self._read(scope, receive)
        asked = decode(_request_decoder, body)
        session = asked.session or {}
        if session.get("type", _KIND) != _KIND:
            raise InvalidRequestError(
                "session.type: realtime is relayed here; ask /v1/audio/transcriptions for words alone.",
                field="session.type",
            )
        session = {"type": _KIND, **session}
        value, expires_at = await self._mint(
            scope, caller, session, is_beta=False, seconds=_seconds(asked.expires_after, _DEFAULT_S)
        )
        await _reply(send, {"value": value, "expires_at": expires_at, "session": {**_named(), **session}})

    async def beta_session(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request in the beta dialect, whose body is the session. Raises `TuttiError`."""
        caller, body = await self._read(scope, receive)
        asked, session = decode(_beta_decoder, body).client_secret or wire.BetaSecret(), object_of(body)
        value, expires_at = await self._mint(
            scope, caller, session, is_beta=True, seconds=_seconds(asked.expires_after, _BETA_DEFAULT_S)
        )
        secret = {"value": value, "expires_at": expires_at}
        await _reply(send, {**_named(), **session, "client_secret": secret})

    async def _read(self, scope: Scope, receive: Receive) -> tuple[Caller, bytes]:
        caller = caller_of(scope, self._services, *self._carriers)
        return caller, await body_of(scope, receive, self._services) or b"{}"

    async def _mint(
        self, scope: Scope, caller: Caller, session: dict[str, Any], *, is_beta: bool, seconds: int
    ) -> tuple[str, int]:
        """Make a secret for sessions that could be opened now. Raises `TuttiError`."""
        model = session.get("model")
        if model is not None and not isinstance(model, str):
            raise InvalidRequestError("model: Expected str", field="model" if is_beta else "session.model")
        if model is not None:
            call_of(scope, self._services, caller, model=model, is_beta=is_beta)
        self._services.require_room()
        return await self._ephemeral.make(caller, session, model=model, is_beta=is_beta, seconds=seconds)


def _seconds(asked: wire.ExpiresAfter | None, default: int) -> int:
    return default if asked is None or asked.seconds is None else asked.seconds


def _named() -> dict[str, Any]:
    return {"id": f"sess_{random_text(21)}", "object": "realtime.session"}


async def _reply(send: Send, told: dict[str, Any]) -> None:
    await send_bytes(send, status=200, body=wire.encoder.encode(told))
