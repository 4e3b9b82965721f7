"""Where upstreams call back: `POST /callback/{task_id}/{token}`.

The token is an HMAC of the task's id, so it needs no storage and proves that we gave the address out. A callback is
noted once and only makes the task due for a poll: what it says is never believed, so a forged, repeated, early or late
one does no harm and progress cannot go back.
"""

import hashlib
import hmac
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tutti.kit import failpoint
from tutti.tasks.store import VendorStore

MOST_BODY_BYTES = 1_048_576


class Callbacks:
    """The inbox of upstream callbacks."""

    def __init__(self, store: VendorStore, *, secret: bytes) -> None:
        """Note callbacks in `store`; `secret` makes and checks the tokens."""
        self._store = store
        self._secret = secret

    def path(self, task_id: str) -> str:
        """The path that an upstream is given for one task."""
        return f"/callback/{task_id}/{self._token(task_id)}"

    def address_under(self, base_url: str | None) -> Callable[[str], str | None]:
        """What gives upstreams their addresses under the server's public one; none without it."""
        return lambda task_id: f"{base_url.rstrip('/')}{self.path(task_id)}" if base_url else None

    async def receive(self, request: Request) -> Response:
        """Answer one callback: 401 for a wrong token, 413 for an oversized body, else 200 whatever it says."""
        task_id = request.path_params["task_id"]
        if not hmac.compare_digest(self._token(task_id), request.path_params["token"]):
            return JSONResponse({"error": "wrong token"}, status_code=401)
        body = await _bounded_body(request)
        if body is None:
            return JSONResponse({"error": "body too large"}, status_code=413)
        event_id = hashlib.sha256(body).hexdigest()
        await self._store.receive(task_id, event_id=event_id, body=body)
        failpoint.hit("callback-committed")
        return JSONResponse({"ok": True})

    def _token(self, task_id: str) -> str:
        return hmac.digest(self._secret, f"callback:{task_id}".encode(), hashlib.sha256).hex()


async def _bounded_body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            return None
    return bytes(body)
