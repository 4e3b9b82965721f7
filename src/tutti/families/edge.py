"""The outermost layer: an id for every request, open CORS, tolerant paths, one closing log line."""

import re
import time
from collections.abc import Callable

import structlog
from structlog.contextvars import bind_contextvars

from tutti.errors import TuttiError
from tutti.families.errors import openai_teller
from tutti.families.gate import Gate
from tutti.kit.asgi import App, Message, Receive, Scope, Send
from tutti.kit.logs import request_line
from tutti.kit.request_id import new_request_id

_log = structlog.get_logger(__name__)

# Those who watch over a server look until its end.
_ALWAYS_OPEN = frozenset({"/", "/healthz", "/readyz", "/metrics"})
_SLASHES = re.compile("/{2,}")
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")
_EXPOSED = (b"access-control-expose-headers", b"x-request-id, x-oneapi-request-id, x-tutti-engine")
_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"*, authorization"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]

# Hears of an answered request: the route's name, the status, and the seconds that it took.
Watch = Callable[[str, int, float], None]


class Edge:
    """Wraps the whole app."""

    def __init__(
        self, app: App, *, error_type: str = "tutti_error", watch: Watch = lambda *_: None, gate: Gate | None = None
    ) -> None:
        """Take the app, and the `type` of errors that are told when it has a bug.

        `watch` hears of every request; once `gate` is closed, routes refuse what comes in their own words.
        """
        self._app = app
        self._watch = watch
        self._gate = gate or Gate()
        self._tell_bug = openai_teller(error_type=error_type)
        self._write_line = request_line(_log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request or a connection on, named; anything else passes untouched."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = scope["tutti.request_id"] = new_request_id()
        if "//" in scope["path"]:
            # Clients configure the base address with and without a slash at its end.
            scope["path"] = _SLASHES.sub("/", scope["path"])
        # Servers run each request in a context of its own, so what is bound here ends with it.
        bind_contextvars(request_id=request_id)
        if self._gate.is_closed and scope["path"] not in _ALWAYS_OPEN:
            scope["tutti.is_closing"] = True
        self._gate.enter()
        try:
            await (self._answer if scope["type"] == "http" else self._connect)(scope, receive, send)
        finally:
            self._gate.leave()

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket: its status is that of the handshake."""
        status, started_s = 0, time.perf_counter()

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] in {"websocket.accept", "websocket.http.response.start"}:
                status = message.get("status", 101)
                named = (b"x-request-id", scope["tutti.request_id"].encode())
                message["headers"] = [*message.get("headers", ()), named]
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        finally:
            self._close(scope, "GET", status, time.perf_counter() - started_s)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = scope["tutti.request_id"].encode()
        status, started_s = 0, time.perf_counter()

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [
                    *message.get("headers", ()),
                    (b"x-oneapi-request-id", told),
                    (b"x-request-id", told),
                    _EXPOSED,
                ]
                # Browsers refuse a reply that names its origins twice.
                message["headers"] = headers if _ANY_ORIGIN in headers else [*headers, _ANY_ORIGIN]
            await send(message)

        try:
            if scope["method"] == "OPTIONS":
                await send_named({"type": "http.response.start", "status": 204, "headers": list(_PREFLIGHT)})
                await send_named({"type": "http.response.body", "body": b""})
            else:
                await self._app(scope, receive, send_named)
        except Exception:
            # The server logs what is raised; the framework has told its own already.
            if status == 0:
                await self._tell_bug(TuttiError(), scope, send_named)
            raise
        finally:
            self._close(scope, scope["method"], status, time.perf_counter() - started_s)

    def _close(self, scope: Scope, method: str, status: int, spent_s: float) -> None:
        """The closing line."""
        self._watch(_route_of(scope), status, spent_s)
        self._write_line(
            {
                "event": "request_answered",
                "method": method,
                "path": scope["path"],
                "status": status,
                "duration_ms": round(spent_s * 1000, 2),
                "request_id": scope["tutti.request_id"],
            }
        )


def _route_of(scope: Scope) -> str:
    """The name of the route that answered, empty where none did."""
    named: str | None = scope.get("tutti.route")
    return named if named is not None else getattr(scope.get("route"), "name", "")
