"""`tutti serve`: sockets, signals, the first greeting, and an orderly end."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import structlog
import uvicorn

from tutti import __version__
from tutti.accounts.first_run import FirstRun, greeting, write_for_owner
from tutti.app import Gateway, open_gateway
from tutti.engines.registry import EngineRow
from tutti.errors import UnavailableError
from tutti.http_protocol import GuardedHttp
from tutti.kit.asgi import App
from tutti.kit.service_manager import READY, STOPPING, tell_service_manager
from tutti.kit.unix_socket import short_path
from tutti.places import Places
from tutti.settings import Settings
from tutti.upstream_socket import MOST_FRAME_BYTES

_log = structlog.get_logger("tutti.server")

# Seconds that cut-off calls get to be settled: their tokens may have to be counted.
_SETTLE_S = 5.0


async def serve(settings: Settings, *, engines: Sequence[EngineRow] | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then let running work finish. Raises `TuttiError` when it cannot start.

    `engines` stand in for those that come with Tutti.
    """
    with _listen(settings.host, settings.port, slow_client_s=settings.slow_client_s) as listener:
        base_url = _base_url(listener)
        async with open_gateway(settings, base_url=base_url, engines=engines) as gateway:
            if gateway.first_run is not None:
                _greet(gateway.first_run, base_url, Places(settings.data.absolute()))
            await _serve_both(gateway, listener, settings, base_url)


async def _serve_both(gateway: Gateway, listener: socket.socket, settings: Settings, base_url: str) -> None:
    def announce() -> None:
        _log.info("server_started", address=base_url, version=__version__, data=str(settings.data))
        _tell(READY)

    public = _server(gateway.app, on_listening=announce)
    with _admin_listener(Places(settings.data.absolute()).socket) as admin_listener:
        async with _beside(_server(gateway.admin), admin_listener):
            _heed_signals(public, gateway, drain_s=settings.drain_s)
            # What was made by now stays for good: the collector need not walk through it again while calls wait.
            gc.collect()
            gc.freeze()
            await public.serve(sockets=[listener])
            # Calls that were cut off are settled before the wallet closes.
            await gateway.gate.wait_until_empty(_SETTLE_S)
            _log.info("server_stopping", running=gateway.worker.running)


def _heed_signals(server: uvicorn.Server, gateway: Gateway, *, drain_s: float) -> None:
    """The first SIGTERM or SIGINT refuses new work and lets what runs finish; a second one cuts that short."""
    gate, loop = gateway.gate, asyncio.get_running_loop()
    draining: set[asyncio.Task[None]] = set()

    async def drain() -> None:
        _log.info("server_draining", calls=gate.running, tasks=gateway.worker.running)
        await gate.wait_until_empty(drain_s)
        server.should_exit = True

    def stop() -> None:
        is_first = not gate.is_closed
        gate.close()
        gateway.worker.drain(grace_s=drain_s if is_first else 0.0)
        if is_first:
            _tell(STOPPING)
            draining.add(loop.create_task(drain()))
        else:
            server.should_exit = server.force_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


def _tell(state: str) -> None:
    """Tell the service manager; one that cannot be told is no reason not to serve."""
    try:
        tell_service_manager(state)
    except OSError as error:
        _log.warning("service_manager_not_told", state=state, reason=str(error))


class _Server(uvicorn.Server):
    """A uvicorn server that tells when it listens.

    It leaves signals alone: uvicorn would raise them again at its end, before our work has drained.
    """

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._on_listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def _server(app: App, on_listening: Callable[[], None] = lambda: None) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            # Whoever stands before us is told of in `public_url`, not believed for a header.
            proxy_headers=False,
            timeout_keep_alive=75,
            # What runs has had its time by then, see `_heed_signals`.
            timeout_graceful_shutdown=1,
            http=GuardedHttp,
            # uvicorn takes what it calls, though it only names classes.
            ws=cast("type[asyncio.Protocol]", _socket_protocol),
            ws_max_size=MOST_FRAME_BYTES,
            # Sound does not shrink.
            ws_per_message_deflate=False,
        ),
        on_listening,
    )


def _socket_protocol(**given: Any) -> asyncio.Protocol:
    """What speaks WebSocket, loaded for the first connection."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol  # noqa: PLC0415

    return WebSocketsSansIOProtocol(**given)


@contextlib.asynccontextmanager
async def _beside(server: _Server, listener: socket.socket) -> AsyncIterator[None]:
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _listen(host: str, port: int, *, slow_client_s: float) -> socket.socket:
    """A bound socket. Raises `UnavailableError` when the address is taken or not ours."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _leave_those_who_do_not_read(listener, slow_client_s)
        listener.bind(address)
    except OSError as error:
        raise UnavailableError(
            f"Cannot listen on {host}:{port}: {error.strerror or error}; choose another with --port."
        ) from error
    return listener


def _leave_those_who_do_not_read(listener: socket.socket, slow_client_s: float) -> None:
    """Let the kernel break connections whose client takes nothing for so long: streams must not wait for them for ever.

    Connections have it from their listener. What the server keeps for a client until then is bounded by its buffers.
    """
    # https://man7.org/linux/man-pages/man7/tcp.7.html; elsewhere there is nothing like it.
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(slow_client_s * 1000))


def _base_url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104 - compared
    return f"http://{shown}:{port}"


@contextlib.contextmanager
def _admin_listener(path: Path) -> Iterator[socket.socket]:
    """A socket that only this user can open; whoever holds the directory's lock may remove an old one."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with contextlib.closing(listener), short_path(path) as reachable:
        before = os.umask(0o177)
        try:
            listener.bind(str(reachable))
        finally:
            os.umask(before)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _greet(first: FirstRun, base_url: str, places: Places) -> None:
    """Show the first key on a terminal; elsewhere keep it in a file, since logs are no place for secrets."""
    text = greeting(first, base_url)
    if sys.stdout.isatty():
        sys.stdout.write(f"\n{text}\n")
        sys.stdout.flush()
    else:
        write_for_owner(places.first_run, text)
        _log.info("first_run_written", path=str(places.first_run))
