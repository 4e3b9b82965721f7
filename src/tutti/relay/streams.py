"""Streams: told to the caller piece by piece as they come, watched for their figures, settled at their end.

A caller who leaves ends the upstream's work too. What was produced until then is charged: by the upstream's figures
where they came, else by our count.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Protocol

import structlog

from tutti.billing.counting import Counter
from tutti.errors import TuttiError, VendorError
from tutti.intents.chat import Usage
from tutti.kit.asgi import EVENT_STREAM_HEADERS, ClientGoneError, Receive, Send, connected
from tutti.relay.bill import Bill
from tutti.relay.drafting import Draft, headers_about
from tutti.relay.estimate import usage_of_texts
from tutti.relay.saying import Saying
from tutti.relay.watch import Watch
from tutti.routing.choice import Chooser, Outcome
from tutti.upstream import OpenReply
from tutti.vendors.wire import ReplyReader, UpstreamWire

_log = structlog.get_logger("tutti.relay")

# Silence after which a caller is sent a sign of life: SDKs and proxies give up after a minute.
_BEAT_S = 15.0


class Teller(Protocol):
    """Turns an upstream's bytes into the caller's."""

    usage: Usage | None
    # Pieces of the answer so far, a lower bound of its tokens.
    pieces: int

    def feed(self, chunk: bytes) -> bytes:
        """What goes to the caller now. Raises `VendorError` for an error told in the midst of a stream."""
        ...

    def end(self) -> bytes:
        """What goes to the caller last."""
        ...

    def cut(self) -> bytes:
        """The end of a stream that its credit no longer covers: its limit on length was reached."""
        ...

    def fail(self, error: TuttiError) -> bytes:
        """The end of a stream whose upstream failed. Raises the error where the caller's wire has no word for it."""
        ...

    def said(self) -> tuple[str, float]:
        """The words told so far, as far as they were kept, and by what factor the whole was longer."""
        ...


class StreamRelay:
    """Tells streams."""

    def __init__(
        self,
        chooser: Chooser,
        readers: Mapping[str, ReplyReader],
        wires: Mapping[str, UpstreamWire],
        counter: Counter,
        *,
        beat_s: float = _BEAT_S,
    ) -> None:
        """`readers` reads the figures of each operation's streams, `wires` say conversations anew.

        `counter` counts where no figures came.
        """
        self._chooser = chooser
        self._readers = readers
        self._wires = wires
        self._counter = counter
        self._beat_s = beat_s

    async def tell(self, bill: Bill, reply: OpenReply, draft: Draft, receive: Receive, send: Send) -> None:
        """Tell one reply to its end, or to the caller's, and settle it."""
        outcome, status, code = Outcome.FAILED, 200, ""
        teller = self._teller(bill, draft)
        try:
            async with connected(receive):
                await send(_start(bill, reply))
                await self._pump(bill, reply, teller, send)
            outcome = Outcome.OK
        except VendorError as error:
            status, code = error.status, error.code
            await _tell_break(bill, teller, error, send)
        except ClientGoneError:
            outcome, status, code = Outcome.OK, 499, "client_closed_request"
        finally:
            await reply.close()
            self._chooser.report(bill.pick, outcome)
            await self._settle(bill, teller, status=status, code=code)

    def _teller(self, bill: Bill, draft: Draft) -> Teller:
        call, operation = bill.call, bill.pick.operation
        if _passes(bill):
            again = partial(self._saying, bill, draft) if call.wire else None
            return Watch(
                self._readers[operation],
                call.wire,
                again,
                hides_figures=bill.outgoing.hides_figures,
                change=call.passage.event,
            )
        return self._saying(bill, draft)

    def _saying(self, bill: Bill, draft: Draft) -> Saying:
        """What says the stream anew in the caller's wire."""
        assert bill.call.wire is not None
        return Saying(self._wires[bill.pick.operation].stream(), bill.call.wire.stream(draft.chat))

    async def _pump(self, bill: Bill, reply: OpenReply, teller: Teller, send: Send) -> None:
        """Everything between the head and the end of a reply."""
        if _passes(bill) and bill.call.passage.event is None:
            read: Callable[[], Awaitable[bytes | None]] = reply.chunk
        else:
            read = self._with_beats(bill, reply, send)
        while (chunk := await read()) is not None:
            piece = teller.feed(chunk)
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if teller.pieces > bill.covered_tokens and not await bill.extend():
                await send({"type": "http.response.body", "body": teller.cut()})
                return
        await send({"type": "http.response.body", "body": teller.end()})

    def _with_beats(self, bill: Bill, reply: OpenReply, send: Send) -> Callable[[], Awaitable[bytes | None]]:
        """Reads chunks, and sends the caller a sign of life while none comes; their own upstream's are not theirs."""
        assert bill.call.wire is not None
        beat = {"type": "http.response.body", "body": bill.call.wire.heartbeat, "more_body": True}

        async def read() -> bytes | None:
            reading = asyncio.ensure_future(reply.chunk())
            try:
                while not (await asyncio.wait({reading}, timeout=self._beat_s))[0]:
                    await send(beat)
                return await reading
            finally:
                reading.cancel()

        return read

    async def _settle(self, bill: Bill, teller: Teller, *, status: int, code: str) -> None:
        """Charge what was produced."""
        usage = teller.usage
        if usage is not None and usage.output_tokens is not None and usage.input_tokens is not None:
            bill.settle(usage, status=status, error_code=code)
            return
        words, factor = teller.said()
        counted = await usage_of_texts(bill.call.body, words, self._counter, factor=factor)
        bill.settle(counted, status=status, error_code=code, is_estimated=True)


def _passes(bill: Bill) -> bool:
    """Whether the upstream's bytes are the caller's."""
    return bill.pick.operation == bill.call.operation and not bill.call.reframes


def _start(bill: Bill, reply: OpenReply) -> dict[str, object]:
    """The head of the reply to the caller."""
    wire = bill.call.wire
    headers = [*(wire.stream_headers if wire else EVENT_STREAM_HEADERS), *headers_about(bill.outgoing)]
    content_type = reply.header("content-type")
    if content_type and _passes(bill):
        headers[0] = (b"content-type", content_type.encode("latin-1"))
    return {"type": "http.response.start", "status": reply.status, "headers": headers}


async def _tell_break(bill: Bill, teller: Teller, error: TuttiError, send: Send) -> None:
    """Say in the caller's wire that the answer breaks off; where it has no word for it the connection is broken."""
    _log.warning("stream_broke", channel=bill.pick.channel.name, reason=error.message)
    await send({"type": "http.response.body", "body": teller.fail(error)})
