"""Raw ASGI in a handful of functions, for routes too busy for request and response objects.

Nothing here knows of keys, tasks or wires: it reads bodies and headers and sends bytes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

JSON_TYPE = b"application/json"
# Intermediaries must neither buffer nor keep a stream of events.
EVENT_STREAM_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)


class BodyOverLimitError(Exception):
    """The request body is longer than the route takes."""


class ClientGoneError(Exception):
    """The client closed the connection before its request was read."""


def header(scope: Scope, name: bytes) -> str | None:
    """The first value of a header, its name in lower case; None when it was not sent."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


async def read_body(scope: Scope, receive: Receive, *, limit_bytes: int, timeout_s: float | None = None) -> bytes:
    """The whole request body.

    Raises `BodyOverLimitError` as soon as it is too long, `TimeoutError` when it is not there in time,
    `ClientGoneError`.
    """
    declared = header(scope, b"content-length")
    if declared is not None and declared.isdigit() and int(declared) > limit_bytes:
        raise BodyOverLimitError
    message = await receive()
    body: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body", False) and len(body) <= limit_bytes:
        return body  # most are there at once, and need no timer
    async with asyncio.timeout(timeout_s):
        while message["type"] == "http.request":
            if len(body) > limit_bytes:
                raise BodyOverLimitError
            if not message.get("more_body", False):
                return body
            message = await receive()
            body += message.get("body", b"")
    raise ClientGoneError


async def send_bytes(
    send: Send, *, status: int, body: bytes, content_type: bytes = JSON_TYPE, headers: Headers = ()
) -> None:
    """One whole reply."""
    fields = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


async def start_events(send: Send, *, headers: Headers = ()) -> None:
    """Begin a stream of server-sent events."""
    await send({"type": "http.response.start", "status": 200, "headers": [*EVENT_STREAM_HEADERS, *headers]})


async def send_event(send: Send, data: bytes, *, name: str = "") -> None:
    """One event; `data` must not contain line breaks, as JSON does not."""
    head = b"event: %s\n" % name.encode() if name else b""
    await send({"type": "http.response.body", "body": head + b"data: " + data + b"\n\n", "more_body": True})


async def end_body(send: Send) -> None:
    """The end of a streamed reply."""
    await send({"type": "http.response.body", "body": b""})


async def while_connected(work: Coroutine[Any, Any, None], receive: Receive) -> None:
    """Do the work unless the client leaves first: then it is cancelled and `ClientGoneError` raised.

    To be used once the request's body was read.
    """
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_disconnect(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGoneError
        await working
    finally:
        leaving.cancel()
        working.cancel()
        await asyncio.gather(leaving, working, return_exceptions=True)


@asynccontextmanager
async def connected(receive: Receive) -> AsyncIterator[None]:
    """As `while_connected`, for a block of this task: cheaper by a task where calls are many.

    When the client leaves the block is cancelled and `ClientGoneError` raised.
    """
    present, is_over = asyncio.current_task(), False
    leaving = asyncio.create_task(_disconnect(receive))

    def leave(_: asyncio.Task[None]) -> None:
        if present is not None and not is_over:
            present.cancel()

    leaving.add_done_callback(leave)
    try:
        yield
    except asyncio.CancelledError:
        if present is None or not leaving.done() or leaving.cancelled() or present.uncancel():
            raise
        raise ClientGoneError from None
    finally:
        is_over = True
        leaving.cancel()


async def _disconnect(receive: Receive) -> None:
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()


def base_url(scope: Scope) -> str:
    """The address that the client used: scheme and host, without a slash at the end."""
    host = header(scope, b"host")
    if host is None:
        name, port = scope.get("server") or ("127.0.0.1", 80)
        host = f"{name}:{port}"
    return f"{scope.get('scheme', 'http')}://{host}"
