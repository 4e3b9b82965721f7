"""The server: finds the wire of a request, lets it answer, does what the fault says, and remembers all of it."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from tests.upstream import realtime
from tests.upstream.call import Answer, Call, Refused, Reply, Wire, encode
from tests.upstream.faults import Fault, Faults
from tests.upstream.wires import new_wires

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MOST_REMEMBERED = 10_000


class Upstream:
    """The application."""

    def __init__(self, *, remembers: bool = True) -> None:
        """With `remembers` off it keeps no requests: for benchmarks."""
        self._remembers = remembers
        self._wires = new_wires()
        self._faults = Faults()
        self._seen: list[dict[str, Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one connection."""
        if scope["type"] == "websocket":
            await self._talk(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        call = await _read(scope, receive)
        own = {"/_seen": self._tell_seen, "/_reset": self._reset, "/_faults": self._set_faults}.get(call.path)
        if own is not None:
            await _send(send, own(call), Fault())
            return
        wire, answer, call = self._route(call)
        call = replace(call, fault=self._faults.of(model=call.model, key=call.key, path=call.path))
        self._remember(call, wire)
        if call.fault.hang:
            await asyncio.Event().wait()
        await asyncio.sleep(call.fault.head_s)
        reply = _answered(wire, answer if call.fault.status is None else _fail, call)
        await _send(send, _spoilt(wire, call, reply), call.fault)

    async def _talk(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        call = _call(scope, b"")
        call = replace(call, fault=self._faults.of(model=call.query.get("model", ""), key=call.key, path=call.path))
        seen = {"wire": "realtime", "path": call.path, "query": call.query, "headers": call.headers}
        self._seen.append(seen | {"key": call.key, "body": ""})
        if call.path != "/v1/realtime" or call.fault.status is not None:
            await realtime.refuse(send, call.fault.status or 404)
            return
        await send({"type": "websocket.accept"})
        is_beta = call.headers.get("openai-beta") == "realtime=v1"
        if call.query.get("intent") == "transcription":
            await realtime.Transcribing(is_beta=is_beta, fault=call.fault, send=send).run(receive)
            return
        await realtime.Session(call.query["model"], is_beta=is_beta, fault=call.fault, send=send).run(receive)

    def _route(self, call: Call) -> tuple[Wire, Answer, Call]:
        """The wire that has a route for the path, what answers there, and the call with what its pattern found."""
        for wire in self._wires:
            for one in wire.routes:
                match = one.pattern.fullmatch(call.path)
                if match and one.method == call.method and wire.is_mine(call):
                    return wire, one.answer, replace(call, found=match.groupdict())
        return self._wires[0], _miss, call

    def _remember(self, call: Call, wire: Wire) -> None:
        if not self._remembers:
            return
        seen = {
            "wire": wire.name,
            "method": call.method,
            "path": call.path,
            "query": call.query,
            "headers": call.headers,
            "key": call.key,
            "model": call.model,
            "body": call.body.decode(errors="replace"),
            "body_base64": base64.b64encode(call.body).decode(),
        }
        self._seen.append(seen)
        del self._seen[:-MOST_REMEMBERED]

    def _tell_seen(self, _call: Call) -> Reply:
        return Reply(body=encode(self._seen))

    def _reset(self, _call: Call) -> Reply:
        self._wires, self._faults, self._seen = new_wires(), Faults(), []
        return Reply(body=b"{}")

    def _set_faults(self, call: Call) -> Reply:
        try:
            self._faults.set(call.body)
        except msgspec.DecodeError as error:
            return Reply(status=400, body=encode({"error": str(error)}))
        return Reply(body=b"{}")


def _answered(wire: Wire, answer: Answer, call: Call) -> Reply:
    try:
        return answer(call)
    except Refused as error:
        return Reply(status=error.status, body=encode(wire.tell_error(error)))


def _miss(call: Call) -> Reply:
    raise Refused(f"Invalid URL ({call.method} {call.path})", status=404)


def _fail(call: Call) -> Reply:
    status = call.fault.status or 500
    raise Refused(f"A fault of status {status}.", status=status, code="fault")


async def _read(scope: Scope, receive: Receive) -> Call:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return _call(scope, bytes(body))


def _call(scope: Scope, body: bytes) -> Call:
    raw = scope.get("raw_path") or scope["path"].encode()
    return Call(
        method=scope.get("method", "GET"),
        path=raw.decode(),
        query=dict(parse_qsl(scope["query_string"].decode())),
        headers={name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
    )


def _spoilt(wire: Wire, call: Call, reply: Reply) -> Reply:
    """The reply as the fault wants it."""
    fault = call.fault
    if fault.retry_after is not None and reply.status >= 400:
        reply = replace(reply, headers={**reply.headers, "retry-after": fault.retry_after})
    if fault.garbage:
        return replace(reply, body=b"<html>It works!</html>", chunks=None, content_type="text/html")
    if fault.half_json and reply.chunks is None:
        reply = replace(reply, body=reply.body[: len(reply.body) // 2])
    if fault.half_json and reply.chunks:
        first, second = reply.chunks[0], reply.chunks[1]
        reply = replace(reply, chunks=(first, second[: len(second) // 2]))
    if fault.unclosed and reply.chunks:
        reply = replace(reply, chunks=reply.chunks[:-2])
    if fault.error_after is not None and reply.chunks:
        told = wire.tell_error(Refused("A fault in the midst of the stream.", status=529, code="fault"))
        name = b"event: error\n" if wire.name in ("claude", "responses") else b""
        event = name + b"data: " + encode(told) + b"\n\n"
        reply = replace(reply, chunks=(*reply.chunks[: fault.error_after], event))
    return reply


async def _send(send: Send, reply: Reply, fault: Fault) -> None:
    whole = [] if reply.chunks is not None else [(b"content-length", str(len(reply.body)).encode())]
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"x-request-id", b"upstream-request"),
        (b"request-id", b"upstream-request"),
        *whole,
        *((name.encode(), value.encode()) for name, value in reply.headers.items()),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await asyncio.sleep(fault.first_byte_s)
    chunks = reply.chunks
    if chunks is None and fault.cut_after is not None:
        chunks = (reply.body[: len(reply.body) // 2],)
    if chunks is None:
        await send({"type": "http.response.body", "body": reply.body})
        return
    for number, chunk in enumerate(chunks if fault.cut_after is None else chunks[: max(fault.cut_after, 1)]):
        if number and fault.chunk_s:
            await asyncio.sleep(fault.chunk_s)
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    if fault.cut_after is not None:
        # Ending without the last message makes the server close the connection in the midst of the body.
        return
    await send({"type": "http.response.body", "body": b""})
