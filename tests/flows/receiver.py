"""A receiver of webhooks, as a caller would write one: a small web server that keeps what comes."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Posted:
    """One webhook as it came."""

    body: bytes
    headers: dict[str, str]

    def verified(self, secret: str) -> Any:
        """What it says, if the published library accepts its signature."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """Takes whatever is posted to `url`; a context manager."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        # The status that it answers with.
        self.answer = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.posted.append(Posted(body, {name.lower(): value for name, value in self.headers.items()}))
                self.send_response(receiver.answer)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
