"""POST /v1/realtime/client_secrets, in the beta dialect /v1/realtime/sessions and /v1/realtime/transcription_sessions.

The settings that come along are told to the upstream when a session is opened with the secret. Nothing is charged, and
no upstream is asked: the secret is one of ours.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError
from tutti.families.endpoint import body_of, caller_of, decode
from tutti.families.reading import object_of
from tutti.families.realtime.call import call_of
from tutti.families.realtime.ephemeral import BETA_TRANSCRIBER, TRANSCRIBER, TRANSCRIPTION, Ephemeral, Wanted
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
        session = {"type": _KIND, **(asked.session or {})}
        if session["type"] not in (_KIND, TRANSCRIPTION):
            raise InvalidRequestError("session.type: give realtime or transcription.", field="session.type")
        is_transcription = session["type"] == TRANSCRIPTION
        wanted = Wanted(
            session=session,
            model=_transcriber(session, TRANSCRIBER, "session.") if is_transcription else _model(session, "session."),
            is_beta=False,
            transcribes=is_transcription,
        )
        value, expires_at = await self._mint(scope, caller, wanted, asked.expires_after, default_s=_DEFAULT_S)
        await _reply(send, {"value": value, "expires_at": expires_at, "session": {**_named(wanted), **session}})

    async def beta_session(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request in the beta dialect, whose body is the session. Raises `TuttiError`."""
        caller, body = await self._read(scope, receive)
        session = object_of(body)
        wanted = Wanted(session=session, model=_model(session), is_beta=True)
        await self._reply_beta(scope, caller, body, wanted, send)

    async def beta_transcription(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for a session that only writes down, in the beta dialect. Raises `TuttiError`."""
        caller, body = await self._read(scope, receive)
        session = object_of(body)
        model = _transcriber(session, BETA_TRANSCRIBER)
        wanted = Wanted(session=session, model=model, is_beta=True, transcribes=True)
        await self._reply_beta(scope, caller, body, wanted, send)

    async def _reply_beta(self, scope: Scope, caller: Caller, body: bytes, wanted: Wanted, send: Send) -> None:
        asked = decode(_beta_decoder, body).client_secret or wire.BetaSecret()
        value, expires_at = await self._mint(scope, caller, wanted, asked.expires_after, default_s=_BETA_DEFAULT_S)
        secret = {"value": value, "expires_at": expires_at}
        await _reply(send, {**_named(wanted), **wanted.session, "client_secret": secret})

    async def _read(self, scope: Scope, receive: Receive) -> tuple[Caller, bytes]:
        caller = caller_of(scope, self._services, *self._carriers)
        return caller, await body_of(scope, receive, self._services) or b"{}"

    async def _mint(
        self, scope: Scope, caller: Caller, wanted: Wanted, asked: wire.ExpiresAfter | None, *, default_s: int
    ) -> tuple[str, int]:
        """Make a secret for sessions that could be opened now. Raises `TuttiError`."""
        if wanted.model is not None:
            call_of(
                scope,
                self._services,
                caller,
                model=wanted.model,
                is_beta=wanted.is_beta,
                transcribes=wanted.transcribes,
            )
        self._services.require_room()
        seconds = default_s if asked is None or asked.seconds is None else asked.seconds
        return await self._ephemeral.make(caller, wanted, seconds=seconds)


def _model(session: Mapping[str, Any], where: str = "") -> str | None:
    """The model of a conversation. Raises `InvalidRequestError`."""
    model = session.get("model")
    if model is not None and not isinstance(model, str):
        raise InvalidRequestError(f"{where}model: Expected str", field=f"{where}model")
    return model


def _transcriber(session: Mapping[str, Any], path: Iterable[str], where: str = "") -> str:
    """The model that writes down, without which nobody knows whom to ask. Raises `InvalidRequestError`."""
    found: Any = session
    for name in (*path, "model"):
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, str) or not found:
        field = where + ".".join((*path, "model"))
        raise InvalidRequestError(f"{field}: name the model that writes down what is said.", field=field)
    return found


def _named(wanted: Wanted) -> dict[str, Any]:
    kind = "realtime.transcription_session" if wanted.transcribes else "realtime.session"
    return {"id": f"sess_{random_text(21)}", "object": kind}


async def _reply(send: Send, told: dict[str, Any]) -> None:
    await send_bytes(send, status=200, body=wire.encoder.encode(told))
