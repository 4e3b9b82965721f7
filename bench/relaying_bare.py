"""The least that a Python relay can do, for comparison: raw ASGI, one pooled client, no key, no money, no log.

`python -m bench.relaying_bare UPSTREAM_URL` prints its port.
"""

import socket
import sys

import uvicorn
from pyreqwest.client import Client, ClientBuilder


class _Bare:
    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Client | None = None

    async def __call__(self, _scope: dict, receive: object, send: object) -> None:
        if self._client is None:
            self._client = ClientBuilder().http1_only().pool_max_idle_per_host(256).build()
        body = (await receive())["body"]
        sent = self._client.post(self._url).headers({"content-type": "application/json"}).body_bytes(body)
        if b'"stream":true' in body or b'"stream": true' in body:
            async with sent.streamed_read_buffer_limit(0).build_streamed() as reply:
                await send(_start(reply))
                while (chunk := await reply.body_reader.read_chunk()) is not None:
                    await send({"type": "http.response.body", "body": bytes(chunk), "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            return
        reply = await sent.build().send()
        content = bytes(await reply.bytes())
        start = _start(reply)
        start["headers"].append((b"content-length", b"%d" % len(content)))
        await send(start)
        await send({"type": "http.response.body", "body": content})


def _start(reply: object) -> dict:
    kind = reply.get_header("content-type").encode()
    return {"type": "http.response.start", "status": reply.status, "headers": [(b"content-type", kind)]}


if __name__ == "__main__":
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(_Bare(sys.argv[1]), log_config=None, access_log=False, lifespan="off", loop="uvloop")
    uvicorn.Server(config).run(sockets=[listener])
