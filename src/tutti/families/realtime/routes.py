"""GET /v1/realtime?model=...: a WebSocket, relayed frame by frame.

With intent=transcription it is one of a model that only writes down what is said.
What is wrong before the session stands is told as an HTTP error; from then on as an event of the wire, after which the
connection is closed. Browsers cannot set headers, so the key, or a secret that stands for it, may come among the
subprotocols.
"""

from urllib.parse import parse_qsl

from starlette.routing import BaseRoute, Route, WebSocketRoute

from tutti.accounts.ephemeral import EphemeralSecret, EphemeralStore
from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError, ModelForbiddenError, TuttiError
from tutti.families.endpoint import Endpoint, credential_of, require_open, require_place
from tutti.families.errors import openai_teller
from tutti.families.realtime.call import call_of
from tutti.families.realtime.ephemeral import TRANSCRIPTION, Ephemeral, is_transcribing, opening_at
from tutti.families.realtime.minting import Minting
from tutti.families.realtime.pump import Pump
from tutti.families.services import Services
from tutti.kit.asgi import Message, Receive, Scope, Send, header
from tutti.relay.sessions import Session

_KEY_PREFIX = "openai-insecure-api-key."
_BETA_PROTOCOL = "openai-beta.realtime-v1"
# The only one that is ever agreed on: browsers drop a connection whose offer was not taken up.
_PROTOCOL = "realtime"
_CARRIERS = (b"api-key",)


def routes(services: Services, store: EphemeralStore) -> list[BaseRoute]:
    """The session itself, and secrets for those who open one."""
    ephemeral = Ephemeral(store, services.keyring, services.clock)
    minting = Minting(services, ephemeral, *_CARRIERS)
    tell_error = openai_teller(error_type=services.settings.error_type)
    secrets = {
        "/v1/realtime/client_secrets": (minting.client_secret, "realtime.client_secrets"),
        "/v1/realtime/sessions": (minting.beta_session, "realtime.sessions"),
        "/v1/realtime/transcription_sessions": (minting.beta_transcription, "realtime.transcription_sessions"),
    }
    return [
        WebSocketRoute("/v1/realtime", Realtime(services, ephemeral), name="realtime.connect"),
        *(
            Route(path, Endpoint(answer, tell_error), methods=["POST"], name=name)
            for path, (answer, name) in secrets.items()
        ),
    ]


class Realtime:
    """Answers connections."""

    def __init__(self, services: Services, ephemeral: Ephemeral) -> None:
        self._services = services
        self._ephemeral = ephemeral
        self._tell_error = openai_teller(error_type=services.settings.error_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        await receive()  # the wish to connect
        try:
            require_open(scope)
            caller, secret = await self._who(scope)
            session = await self._open(scope, caller, secret)
        except TuttiError as error:
            await self._tell_error(error, scope, _refusing(send))
            return
        await send({"type": "websocket.accept", "subprotocol": _agreed(scope)})
        opening = None if secret is None else opening_at(secret, session.upstream_model)
        await Pump(session, scope["tutti.request_id"], opening=opening).run(receive, send)

    async def _open(self, scope: Scope, caller: Caller, secret: EphemeralSecret | None) -> Session:
        """A session at an upstream. Raises `TuttiError`."""
        query = dict(reversed(parse_qsl(scope["query_string"].decode("latin-1"))))
        is_beta, transcribes = _is_beta(scope), query.get("intent") == TRANSCRIPTION
        if secret is not None:
            _require_fit(secret, is_beta=is_beta, asks_for_transcripts=transcribes)
            transcribes = is_transcribing(secret)
        model = _model(query.get("model"), secret)
        call = call_of(scope, self._services, caller, model=model, is_beta=is_beta, transcribes=transcribes)
        return await self._services.sessions.open(call)

    async def _who(self, scope: Scope) -> tuple[Caller, EphemeralSecret | None]:
        """Who opens the session, by key or by a secret that stands for it. Raises `AuthError`."""
        key = _key_among(scope["subprotocols"])
        credential = credential_of(scope, _CARRIERS) if key is None else key
        found = await self._ephemeral.find(credential)
        caller, secret = found if found is not None else (self._services.keyring.read(credential), None)
        require_place(caller, scope, self._services)
        return caller, secret


def _key_among(protocols: list[str]) -> str | None:
    return next((one.removeprefix(_KEY_PREFIX) for one in protocols if one.startswith(_KEY_PREFIX)), None)


def _agreed(scope: Scope) -> str | None:
    return _PROTOCOL if _PROTOCOL in scope["subprotocols"] else None


def _is_beta(scope: Scope) -> bool:
    return _BETA_PROTOCOL in scope["subprotocols"] or header(scope, b"openai-beta") == "realtime=v1"


def _require_fit(secret: EphemeralSecret, *, is_beta: bool, asks_for_transcripts: bool) -> None:
    """Refuse a secret that was made for other sessions. Raises `InvalidRequestError`."""
    if secret.is_beta != is_beta:
        kind = "the beta dialect" if secret.is_beta else "sessions out of beta"
        raise InvalidRequestError(f"The client secret is for {kind}.")
    if asks_for_transcripts and not is_transcribing(secret):
        raise InvalidRequestError("The client secret is not for transcription.", field="intent")


def _model(asked: str | None, secret: EphemeralSecret | None) -> str:
    """The model of the query, or of the secret. Raises `InvalidRequestError`, `ModelForbiddenError`."""
    bound = None if secret is None else secret.model
    if asked is None and bound is None:
        raise InvalidRequestError("model is missing: name the model in the query.", field="model")
    if asked is not None and bound is not None and asked != bound:
        raise ModelForbiddenError(f"The client secret is for the model {bound}, not {asked}.", subject=asked)
    return bound or asked or ""


def _refusing(send: Send) -> Send:
    """Sends an HTTP reply in place of the connection."""

    async def send_reply(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return send_reply
