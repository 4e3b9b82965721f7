"""WebSockets to addresses that an operator configured; for plain requests see `upstream.py`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from tutti.errors import VendorBusyError, VendorReplyLostError, VendorTimeoutError
from tutti.upstream import host_of

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

# The largest event of OpenAI's wire holds 15 MiB of sound: https://platform.openai.com/docs/api-reference/realtime
MOST_FRAME_BYTES = 16 * 1024 * 1024
# Frames read ahead of a caller who is slow; then the upstream has to wait.
_READ_AHEAD = 4
# An upstream that does not answer a close in time is left.
_CLOSE_TIMEOUT_S = 5.0
_LONGEST_REASON_BYTES = 123


class RefusedError(Exception):
    """The upstream answered the handshake with an HTTP error."""

    def __init__(self, status: int, body: bytes, retry_after: str | None) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.body = body
        self.retry_after = retry_after


class Socket(Protocol):
    """An open connection."""

    # How the other side closed, once it has; 1006 where the connection broke.
    closed: tuple[int, str]

    async def send(self, frame: str | bytes) -> None:
        """Send a frame; nothing happens when it is closed."""
        ...

    async def receive(self) -> str | bytes | None:
        """The next frame, None once it is closed."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close it, if it is open."""
        ...


class UpstreamSocket:
    """Fulfils `Socket`."""

    def __init__(self, connection: "ClientConnection") -> None:
        self._connection = connection
        self.closed = (1006, "")

    async def send(self, frame: str | bytes) -> None:
        """Send a frame."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - as in `connect`

        try:
            await self._connection.send(frame)
        except ConnectionClosed:
            return

    async def receive(self) -> str | bytes | None:
        """The next frame."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - as in `connect`

        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            if error.rcvd is not None:
                self.closed = (error.rcvd.code, error.rcvd.reason)
            return None

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close it."""
        short = reason.encode()[:_LONGEST_REASON_BYTES].decode(errors="ignore")
        await self._connection.close(code, short)


async def connect(url: str, headers: Mapping[str, str], *, timeout_s: float) -> UpstreamSocket:
    """An open connection to an http or https address.

    Raises `RefusedError`, `VendorBusyError` when nobody is there, `VendorTimeoutError`, `VendorReplyLostError`.
    """
    # Servers that relay no such calls need not carry the library.
    from websockets.asyncio.client import connect as open_connection  # noqa: PLC0415
    from websockets.exceptions import InvalidHandshake, InvalidStatus  # noqa: PLC0415

    try:
        return UpstreamSocket(
            await open_connection(
                "ws" + url.removeprefix("http"),
                additional_headers=headers,
                user_agent_header=None,
                # Sound does not shrink; compressing it would only cost time.
                compression=None,
                open_timeout=timeout_s,
                close_timeout=_CLOSE_TIMEOUT_S,
                max_size=MOST_FRAME_BYTES,
                max_queue=_READ_AHEAD,
            )
        )
    except InvalidStatus as error:
        response = error.response
        raise RefusedError(
            response.status_code, bytes(response.body or b""), response.headers.get("retry-after")
        ) from error
    except InvalidHandshake as error:
        raise VendorReplyLostError(f"{host_of(url)} does not speak WebSocket there.") from error
    except TimeoutError as error:
        raise VendorTimeoutError(f"{host_of(url)} did not answer within {timeout_s:.0f} s.") from error
    except OSError as error:
        raise VendorBusyError(f"{host_of(url)} cannot be reached.") from error
