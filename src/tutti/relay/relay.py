"""The door to immediate work: a call goes in, its reply goes to the caller as it comes, and it is settled once.

The stages: a `Call` (what the route knows), a `Bill` (held), an `Exchange` (a channel took it), the reply told, the
bill settled. Up to the exchange nothing has gone to the caller and any failure is told in full; from then on the bill
is settled by what was produced, also for callers who leave and streams that break.
"""

from collections.abc import Mapping
from functools import partial

from tutti.billing.counting import Counter
from tutti.blobs.inputs import InputDoor
from tutti.errors import VendorError
from tutti.kit.asgi import JSON_TYPE, Receive, Send, send_bytes
from tutti.relay.attempts import Attempts
from tutti.relay.bill import Bill, Till
from tutti.relay.call import Call
from tutti.relay.drafting import Draft, Outgoing, headers_about
from tutti.relay.estimate import estimated_usage
from tutti.relay.streams import StreamRelay
from tutti.routing.channels import Channels
from tutti.routing.choice import Chooser, Outcome, Pick
from tutti.upstream import WholeReply
from tutti.vendors.wire import ReplyReader, UpstreamWire


class Relay:
    """Answers calls by channels."""

    def __init__(
        self,
        *,
        channels: Channels,
        chooser: Chooser,
        attempts: Attempts,
        till: Till,
        counter: Counter,
        readers: Mapping[str, ReplyReader],
        wires: Mapping[str, UpstreamWire],
        door: InputDoor,
    ) -> None:
        """`readers` reads replies of each operation, `wires` say conversations anew, files come in by `door`.

        `counter` counts where a reply tells no figures.
        """
        self._readers = readers
        self._channels = channels
        self._attempts = attempts
        self._chooser = chooser
        self._till = till
        self._counter = counter
        self._wires = wires
        self._door = door
        self._streams = StreamRelay(chooser, readers, wires, counter)

    def serves(self, call: Call, operations: tuple[str, ...]) -> bool:
        """Whether there is a channel that does one of these for the model, well or not."""
        group = None if call.only_channel is not None else call.caller.group
        return bool(self._channels.tiers(call.peek.model, group, operations))

    async def answer(self, call: Call, receive: Receive, send: Send) -> None:
        """Answer one call. Raises `TuttiError` as long as nothing has gone to the caller."""
        bill = await self._till.open(call)
        draft = Draft(call, self._wires, self._door)
        try:
            bill.exchange = await self._attempts.send(call, partial(_covered, bill, draft), bill.trail)
        except BaseException as error:
            bill.fail(error)
            raise
        bill.note_first_byte()
        if isinstance(bill.exchange.reply, WholeReply):
            await self._tell_whole(bill, bill.exchange.reply, draft, send)
        else:
            self._chooser.answered(bill.pick)
            await self._streams.tell(bill, bill.exchange.reply, draft, receive, send)

    async def _tell_whole(self, bill: Bill, reply: WholeReply, draft: Draft, send: Send) -> None:
        call, pick = bill.call, bill.pick
        is_same = pick.operation == call.operation
        try:
            usage = self._readers[pick.operation].usage_of(reply.body)
            is_estimated = usage is None
            if usage is None:
                wire = self._wires.get(pick.operation)
                usage = await estimated_usage(call.body, reply.body, wire, self._counter)
            body = _passed(call, reply.body) if is_same else self._said_anew(call, reply.body, pick, draft)
        except VendorError as error:
            # A success that cannot be read: nothing that the caller could use was produced.
            self._chooser.report(pick, Outcome.FAILED)
            bill.fail(error)
            raise
        except BaseException:  # the work was cancelled, or is wrong itself
            self._chooser.report(pick, Outcome.CALLER_FAULT)
            bill.release(status=499, error_code="client_closed_request")
            raise
        self._chooser.report(pick, Outcome.OK)
        bill.settle(usage, reply=reply.body, is_estimated=is_estimated)
        content_type = reply.header("content-type") if is_same else None
        await send_bytes(
            send,
            status=reply.status,
            body=body,
            content_type=content_type.encode("latin-1") if content_type else JSON_TYPE,
            headers=headers_about(bill.outgoing),
        )

    def _said_anew(self, call: Call, reply: bytes, pick: Pick, draft: Draft) -> bytes:
        """A reply in the caller's wire. Raises `VendorError` when it cannot be read."""
        assert call.wire is not None
        return call.wire.to_caller(self._wires[pick.operation].from_upstream(reply), draft.chat)


async def _covered(bill: Bill, draft: Draft, pick: Pick) -> Outgoing:
    """The request for this channel, paid for. Raises `InvalidRequestError`, and `QuotaError` for files in it."""
    outgoing = await draft.write(pick)
    if outgoing.brings_files:
        await bill.cover(outgoing)
    return outgoing


def _passed(call: Call, reply: bytes) -> bytes:
    """A reply of an upstream that speaks the caller's wire."""
    return reply if call.passage.reply is None else call.passage.reply(reply)
