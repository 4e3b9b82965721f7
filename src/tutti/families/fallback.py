"""The answers to what no family has answered: unknown paths, wrong methods, bad parameters, our own bugs."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tutti.errors import TuttiError
from tutti.families.errors import OPENAI_TYPE, headers_of, openai_body
from tutti.kit.asgi import JSON_TYPE
from tutti.wires import openai


def install(app: FastAPI, *, error_type: str) -> None:
    """Make the app tell every error by the OpenAI error object."""

    async def tell(request: Request, error: Exception) -> Response:
        assert isinstance(error, TuttiError)
        body = openai_body(error, request.scope, error_type=error_type)
        fields = {key.decode(): value.decode() for key, value in headers_of(error)}
        return _reply(error.status, body, fields)

    async def tell_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code != 404:
            return _plain(error.status_code, str(error.detail), dict(error.headers or {}))
        return _plain(404, f"Invalid URL ({request.method} {request.scope['path']})")

    async def tell_validation(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        field = str(first["loc"][-1])
        return _plain(400, f"{field}: {first['msg']}", param=field)

    async def tell_bug(request: Request, _error: Exception) -> Response:
        return await tell(request, TuttiError())

    app.add_exception_handler(TuttiError, tell)
    app.add_exception_handler(HTTPException, tell_http)
    app.add_exception_handler(RequestValidationError, tell_validation)
    app.add_exception_handler(Exception, tell_bug)


def _plain(status: int, message: str, headers: dict[str, str] | None = None, *, param: str = "") -> Response:
    told = openai.ErrorObject(message=message, type=OPENAI_TYPE, param=param, code="")
    return _reply(status, openai.encoder.encode(openai.ErrorBody(error=told)), headers)


def _reply(status: int, body: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status_code=status, headers=headers, media_type=JSON_TYPE.decode())
