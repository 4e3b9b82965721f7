"""What the raw routes of all families share: who calls, what they sent, and where errors go."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
import structlog

from tutti.accounts.model import Caller
from tutti.errors import (
    BodyTooLargeError,
    BodyTooLateError,
    InvalidRequestError,
    PlaceForbiddenError,
    ShuttingDownError,
    TuttiError,
)
from tutti.families.services import Services
from tutti.kit.asgi import BodyOverLimitError, ClientGoneError, Receive, Scope, Send, header, read_body
from tutti.kit.client_ip import is_in
from tutti.kit.nesting import MOST_LEVELS, depths, is_flat

_log = structlog.get_logger(__name__)

# The longest Idempotency-Key taken, in characters.
_LONGEST_IDEMPOTENCY_KEY = 255

Form = TypeVar("Form")
Answer = Callable[[Scope, Receive, Send], Awaitable[None]]
TellError = Callable[[TuttiError, Scope, Send], Awaitable[None]]


class Endpoint:
    """A route as a plain ASGI callable whose errors are told in its family's form."""

    def __init__(self, answer: Answer, tell_error: TellError) -> None:
        """Take what answers, and what tells an error before a reply has begun."""
        self._answer = answer
        self._tell_error = tell_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            require_open(scope)
            await self._answer(scope, receive, send)
        except TuttiError as error:
            if error.fault == "us":
                _log.exception("request_failed", path=scope["path"], code=error.code)
            await self._tell_error(error, scope, send)
        except ClientGoneError:
            _log.debug("client_gone", path=scope["path"])


def require_open(scope: Scope) -> None:
    """Refuse what came when the server is to end, see `Edge`. Raises `ShuttingDownError`."""
    if "tutti.is_closing" in scope:
        raise ShuttingDownError


def caller_of(scope: Scope, services: Services, *carriers: bytes) -> Caller:
    """Who sent the request, by the key in the first of `carriers` that is there, else in its Authorization header.

    A carrier is a header's name, or `b"?key"` for that parameter of the query. Raises `AuthError`.
    """
    caller = services.keyring.read(credential_of(scope, carriers))
    require_place(caller, scope, services)
    return caller


def require_place(caller: Caller, scope: Scope, services: Services) -> None:
    """Refuse a key that is not to be used from where the request came. Raises `PlaceForbiddenError`."""
    if caller.places and not is_in(services.client_ip(scope), caller.places):
        raise PlaceForbiddenError


def credential_of(scope: Scope, carriers: Iterable[bytes]) -> str | None:
    """What a request came with to prove who sent it, see `caller_of`."""
    for carrier in carriers:
        found = _parameter(scope, carrier[1:]) if carrier[:1] == b"?" else header(scope, carrier)
        if found:
            return found
    return header(scope, b"authorization")


def _parameter(scope: Scope, name: bytes) -> str | None:
    """The first value of a parameter of the query."""
    for key, value in parse_qsl(scope.get("query_string", b"")):
        if key == name:
            return str(value, "utf-8", "replace")
    return None


async def body_of(scope: Scope, receive: Receive, services: Services, *, with_files: bool = False) -> bytes:
    """The request's body within the operator's limit, another one where files may be in it.

    JSON in it is no deeper than upstreams can bear: one that breaks would count as if it had failed of itself.
    Raises `BodyTooLargeError`, `BodyTooLateError`, `InvalidRequestError`.
    """
    limit = services.settings.max_media_body_bytes if with_files else services.settings.max_body_bytes
    try:
        body = await read_body(scope, receive, limit_bytes=limit, timeout_s=services.settings.body_timeout_s)
    except TimeoutError:
        raise BodyTooLateError from None
    except BodyOverLimitError:
        raise BodyTooLargeError(f"The request body is longer than {limit} bytes.") from None
    if not is_flat(body):
        await _refuse_deep(body)
    return body


async def _refuse_deep(body: bytes) -> None:
    for level in depths(body):
        if level > MOST_LEVELS:
            raise InvalidRequestError(f"The body nests deeper than {MOST_LEVELS} levels.")
        await asyncio.sleep(0)  # others get their turn between the pieces of a long body


def require_size(body: bytes, services: Services) -> None:
    """Refuse a body that came by a route for files, but holds none. Raises `BodyTooLargeError`."""
    if len(body) > services.settings.max_body_bytes:
        raise BodyTooLargeError(f"The request body is longer than {services.settings.max_body_bytes} bytes.")


def decode(decoder: msgspec.json.Decoder[Form], body: bytes) -> Form:
    """A body as a struct. Raises `InvalidRequestError` that names the field of a wrong type."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).replace("`", "").partition(" - at ")
        field = place.removeprefix("$").removeprefix(".")
        raise InvalidRequestError(f"{field or 'body'}: {reason}", field=field or None) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequestError(f"The body is not valid JSON: {error}") from error


def idempotency_key_of(scope: Scope) -> str | None:
    """The caller's Idempotency-Key. Raises `InvalidRequestError` when it is empty or too long."""
    key = header(scope, b"idempotency-key")
    if key is not None and not 0 < len(key) <= _LONGEST_IDEMPOTENCY_KEY:
        raise InvalidRequestError(
            f"Idempotency-Key must have 1 to {_LONGEST_IDEMPOTENCY_KEY} characters.", field="Idempotency-Key"
        )
    return key
