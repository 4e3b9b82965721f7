"""A static upstream, as light as Python allows, so that what is measured is the relay.

`python -m bench.relaying_upstream` prints its port. POST anything: a canned chat completion, after DELAY_S where the
user is "slow"; a stream of CHUNKS events where the body asks for one.
"""

import asyncio
import json
import socket
import sys

import uvloop

CHUNKS = 100
CHUNK_S = 0.005
DELAY_S = 0.06

_USAGE = {"prompt_tokens": 12, "completion_tokens": 9, "total_tokens": 21}
_REPLY = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_750_000_000,
        "model": "static",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Lanterns drift along the quay tonight."},
                "finish_reason": "stop",
            }
        ],
        "usage": _USAGE,
    }
).encode()
_WHOLE = (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_REPLY)) + _REPLY
_STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def _event(delta: dict, finish: str | None = None, **more: object) -> bytes:
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_750_000_000,
        "model": "static",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return _framed(b"data: " + json.dumps(chunk | more).encode() + b"\n\n")


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


_PIECE = _event({"content": "lantern "})
_LAST = (
    _event({}, "stop")
    + _framed(b"data: " + json.dumps({"id": "chatcmpl-1", "choices": [], "usage": _USAGE}).encode() + b"\n\n")
    + _framed(b"data: [DONE]\n\n")
    + b"0\r\n\r\n"
)


class _Upstream(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._buffer = b""
        self._left = 0

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, body = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        place = head.lower().find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(body) < length:
            return
        self._buffer = b""
        loop = asyncio.get_running_loop()
        if b'"stream":true' in body or b'"stream": true' in body:
            self._transport.write(_STREAM_HEAD)
            self._left = CHUNKS
            loop.call_later(CHUNK_S, self._more)
        elif b'"slow"' in body:
            loop.call_later(DELAY_S, self._transport.write, _WHOLE)
        else:
            self._transport.write(_WHOLE)

    def _more(self) -> None:
        if self._transport.is_closing():
            return
        self._left -= 1
        if self._left:
            self._transport.write(_PIECE)
            asyncio.get_running_loop().call_later(CHUNK_S, self._more)
        else:
            self._transport.write(_LAST)


async def _serve() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = await asyncio.get_running_loop().create_server(_Upstream, sock=listener, backlog=1024)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
