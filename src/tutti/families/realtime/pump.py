"""Frames of one session in both directions, until one side ends it."""

import asyncio

import structlog

from tutti.errors import TuttiError
from tutti.families.errors import words
from tutti.kit.asgi import Receive, Send
from tutti.relay.sessions import Session
from tutti.wires import realtime as wire

_log = structlog.get_logger("tutti.realtime")

_NORMAL = 1000
_BROKEN = 1006
_POLICY = 1008
_SERVER_ERROR = 1011
# Codes that may be sent, https://www.rfc-editor.org/rfc/rfc6455#section-7.4: others only describe what happened.
_SENDABLE = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})


class Pump:
    """Relays one session."""

    def __init__(self, session: Session, request_id: str, *, opening: bytes | None = None) -> None:
        """`opening` goes to the upstream before all that the caller says."""
        self._session = session
        self._request_id = request_id
        self._opening = opening

    async def run(self, receive: Receive, send: Send) -> None:
        """Relay until one side ends it, then end the other."""
        code, is_upstreams_fault = _NORMAL, False
        upwards = asyncio.create_task(self._upwards(receive))
        downwards = asyncio.create_task(self._downwards(send))
        try:
            await asyncio.wait({upwards, downwards}, return_when=asyncio.FIRST_COMPLETED)
            if upwards.done():
                code = upwards.result()
            else:
                is_upstreams_fault = not downwards.result()
        finally:
            for one in (upwards, downwards):
                one.cancel()
            await asyncio.gather(upwards, downwards, return_exceptions=True)
            await self._session.close(code=_sendable(code), is_upstreams_fault=is_upstreams_fault)

    async def _upwards(self, receive: Receive) -> int:
        """Send the caller's frames on; the code that the caller closes with."""
        if self._opening is not None:
            await self._session.socket.send(self._opening.decode())
        while (message := await receive())["type"] == "websocket.receive":
            frame = message.get("text")
            await self._session.socket.send(message["bytes"] if frame is None else frame)
        code: int = message.get("code") or _NORMAL
        return code

    async def _downwards(self, send: Send) -> bool:
        """Send the upstream's frames on and close as it does; whether it ended as it should."""
        socket = self._session.socket
        while (frame := await socket.receive()) is not None:
            kind = "text" if isinstance(frame, str) else "bytes"
            await send({"type": "websocket.send", kind: frame})
            try:
                await self._session.account(frame)
            except TuttiError as error:
                await self._tell(error, send)
                await send({"type": "websocket.close", "code": _POLICY, "reason": error.code})
                return True
        code, reason = socket.closed
        is_broken = code in {_BROKEN, _SERVER_ERROR}
        if is_broken:
            _log.warning("session_broke", code=code, reason=reason)
        await send({"type": "websocket.close", "code": _sendable(code), "reason": reason})
        return not is_broken

    async def _tell(self, error: TuttiError, send: Send) -> None:
        """Say in the wire why the session ends."""
        kind = "server_error" if error.status >= 500 else "invalid_request_error"
        told = wire.ErrorObject(type=kind, code=error.code, message=words(error, "en"))
        event = wire.ErrorEvent(event_id=f"event_{self._request_id}", error=told)
        await send({"type": "websocket.send", "text": wire.encoder.encode(event).decode()})


def _sendable(code: int) -> int:
    """A code that may be sent on: a connection that broke is an error of a server."""
    return code if code in _SENDABLE or 3000 <= code <= 4999 else _SERVER_ERROR
