"""From a call to an upstream's reply: choose a channel, send, and on failure ask another one.

A channel that failed is not asked again, unless it was its key that failed: then another of its keys is asked first,
which costs the same and knows the same; after two of them the other channels, and keys that are left when there is no
other. All of it happens before the caller hears anything, so a failure here costs nothing but time.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from tutti.errors import NoChannelError, VendorError
from tutti.relay.call import Call
from tutti.relay.drafting import Outgoing
from tutti.relay.judging import Verdict, judge_error, judge_status, retry_after_s
from tutti.routing.choice import Chooser, Outcome, Pick
from tutti.upstream import OpenReply, UpstreamClient, UpstreamRequest, WholeReply
from tutti.vendors.registry import Target
from tutti.vendors.wire import ReplyReader

# Asks for the address and headers of a pick: a vendor may have to fetch a token first.
Address = Callable[[Pick, bool], Awaitable[Target]]
Prepare = Callable[[Pick], Awaitable[Outgoing]]
T = TypeVar("T")


@dataclass(kw_only=True, slots=True)
class Trail:
    """Which channels were asked for one call, and why they did not serve it."""

    tried: set[int] = field(default_factory=set)
    # Of the channels that failed by nothing but their keys, the tags of these.
    spent_keys: dict[int, set[str]] = field(default_factory=dict)
    # One for each that was asked.
    failures: list[str] = field(default_factory=list)
    last: Verdict | None = None

    def note(self, pick: Pick, verdict: Verdict) -> None:
        """One more that failed."""
        channel = pick.channel
        self.tried.add(channel.id)
        if verdict.outcome.is_of_key:
            self.spent_keys.setdefault(channel.id, set()).add(pick.key_tag)
        else:
            self.spent_keys.pop(channel.id, None)
        which = f", key {pick.key_index + 1}" if len(channel.keys) > 1 else ""
        self.failures.append(f"{channel.name}{which}: {verdict.error.message}")
        self.last = verdict


class Exchange(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A channel that took the call, and its reply: whole, or open when a stream was asked for."""

    pick: Pick
    outgoing: Outgoing
    reply: WholeReply | OpenReply


class Attempts:
    """Sends calls."""

    def __init__(
        self,
        chooser: Chooser,
        client: UpstreamClient,
        address: Address,
        readers: Mapping[str, ReplyReader],
        *,
        most: int,
    ) -> None:
        """`readers` reads errors by operation; a call is sent `most` times at most."""
        self._chooser = chooser
        self._client = client
        self._address = address
        self._readers = readers
        self._most = most

    async def send(self, call: Call, prepare: Prepare, trail: Trail) -> Exchange:
        """The first reply that is no failure; `prepare` writes the request for the channel picked.

        The channel's slot is held until `Chooser.report` is told how the exchange ended, which is then the caller's to
        do. Raises the last channel's `VendorError`, or `NoChannelError` when there is none to ask.
        """
        return await self.among(call, trail, lambda pick: self._try(call, pick, prepare))

    async def among(self, call: Call, trail: Trail, ask: Callable[[Pick], Awaitable[T | Verdict]]) -> T:
        """What the first channel gives that does not fail; `ask` asks one, and has reported what failed. See `send`."""
        while len(trail.failures) < self._most:
            pick = self._next(call, trail)
            if pick is None:
                break
            found = await ask(pick)
            if not isinstance(found, Verdict):
                return found
            trail.note(pick, found)
            if not found.may_go_elsewhere:
                break
        if trail.last is not None:
            raise trail.last.error
        raise NoChannelError(
            f"No available channel for model {call.peek.model} under group {call.caller.group}.",
            subject=call.peek.model,
            group=call.caller.group,
        )

    def _next(self, call: Call, trail: Trail) -> Pick | None:
        """A second key of a channel whose first one failed, else another channel, else any key that is left."""
        once = [channel_id for channel_id, tags in trail.spent_keys.items() if len(tags) == 1]
        pick = self._other_key(call, trail, once) if once else None
        if pick is None:
            pick = self._chooser.pick(
                call.peek.model,
                call.caller.group,
                call.operations,
                tried=trail.tried,
                only=call.only_channel,
                affinity=call.affinity,
            )
        return pick or self._other_key(call, trail, trail.spent_keys)

    def _other_key(self, call: Call, trail: Trail, channel_ids: Iterable[int]) -> Pick | None:
        """The first of these channels that has a key which did not fail."""
        for channel_id in channel_ids:
            pick = self._chooser.pick(
                call.peek.model,
                call.caller.group,
                call.operations,
                only=channel_id,
                spent_keys=trail.spent_keys[channel_id],
            )
            if pick is not None:
                return pick
        return None

    async def _try(self, call: Call, pick: Pick, prepare: Prepare) -> Exchange | Verdict:
        """One channel's reply, or what its failure means."""
        try:
            outgoing = await prepare(pick)
            reply = await self._ask(call, pick, outgoing)
            if 200 <= reply.status < 300:
                return Exchange(pick=pick, outgoing=outgoing, reply=reply)
            told = self._readers[pick.operation].told(reply.status, await _body_of(reply))
            verdict = judge_status(reply.status, told, retry_after_s=retry_after_s(reply.header("retry-after")))
        except VendorError as error:
            verdict = judge_error(error)
        except BaseException:  # the caller left, or their request cannot be said in this channel's wire
            self._chooser.report(pick, Outcome.CALLER_FAULT)
            raise
        self._chooser.report(pick, verdict.outcome)
        return verdict

    async def _ask(self, call: Call, pick: Pick, outgoing: Outgoing) -> WholeReply | OpenReply:
        target = await self._address(pick, call.peek.is_stream)
        request = UpstreamRequest(
            url=target.url,
            headers={**call.headers, **target.headers, "content-type": outgoing.content_type},
            body=outgoing.body,
            timeout_s=pick.channel.timeout_s,
        )
        if call.peek.is_stream:
            return await self._client.open(request)
        return await self._client.fetch(request)


async def _body_of(reply: WholeReply | OpenReply) -> bytes:
    """The body of an error, its connection let go."""
    if isinstance(reply, WholeReply):
        return reply.body
    try:
        return await reply.read()
    except VendorError:
        return b""
    finally:
        await reply.close()
