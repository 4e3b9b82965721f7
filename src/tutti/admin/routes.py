"""Answers deeds by name: `POST /deeds/{name}` with the arguments as a JSON object; `GET /openapi.json` lists them.

Mounted on the server's own socket, which only its user can open, and under /api/admin/v1 for the system access token.
"""

from collections.abc import Sequence

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router

from tutti.accounts.service import Accounts
from tutti.admin.deeds import Deeds
from tutti.admin.forms import FORMS
from tutti.errors import AuthError, InvalidRequestError, MissingKeyError, NotAdminError, NotFoundError, TuttiError
from tutti.kit.asgi import Receive, Scope, Send, header

_log = structlog.get_logger("tutti.admin")


class DeedRoutes:
    """One route for all deeds, and one that describes them."""

    def __init__(self, deeds: Deeds) -> None:
        self._deeds = deeds
        self.routes = [
            Route("/deeds/{name}", self._answer, methods=["POST"]),
            Route("/openapi.json", _describe, methods=["GET"]),
        ]

    async def _answer(self, request: Request) -> Response:
        name = request.path_params["name"]
        try:
            result = await self._do(name, await request.body())
        except TuttiError as error:
            body = {"code": error.code, "message": error.message, "field": error.field}
            return _reply(body, status=error.status)
        _log.info("deed_done", deed=name)
        return _reply({"result": result}, status=200)

    async def _do(self, name: str, body: bytes) -> object:
        if name not in FORMS:
            raise NotFoundError(f"There is no deed {name!r}; known are {', '.join(sorted(FORMS))}.")
        try:
            form = msgspec.json.decode(body or b"{}", type=FORMS[name])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidRequestError(f"The arguments of {name} do not fit: {error}") from error
        return await getattr(self._deeds, name)(**{field: getattr(form, field) for field in form.__struct_fields__})


class TokenGate:
    """Lets administrators through who send their system access token as a bearer token."""

    def __init__(self, accounts: Accounts, routes: Sequence[BaseRoute]) -> None:
        self._accounts = accounts
        self.routes = routes
        self._router = Router(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a deed, or 401 and 403."""
        try:
            await self._require_admin(scope)
        except AuthError as error:
            body = {"code": error.code, "message": error.message, "field": None}
            await _reply(body, status=error.status)(scope, receive, send)
        else:
            await self._router(scope, receive, send)

    async def _require_admin(self, scope: Scope) -> None:
        scheme, _, token = (header(scope, b"authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise MissingKeyError("Send the system access token as a bearer token.")
        if not (await self._accounts.user_of_token(token.strip())).is_admin:
            raise NotAdminError


async def _describe(_request: Request) -> Response:
    from tutti.admin.openapi import document  # noqa: PLC0415 - few ask for it

    return Response(document(), media_type="application/json")


def _reply(body: object, *, status: int) -> Response:
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")
