"""Suno tasks at another gateway of the family: submitted, fetched in batches, or told by a callback."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

import msgspec

from tutti.errors import VendorBusyError, VendorError, VendorReplyLostError, VendorTimeoutError
from tutti.intents.stored import read_intent
from tutti.routing.channels import Channel, Channels, key_tag
from tutti.routing.choice import Chooser, Outcome, Pick
from tutti.routing.lanes import lane_of
from tutti.tasks.model import Task
from tutti.tasks.vendor import LostReplyPolicy, VendorAnswer
from tutti.upstream import UpstreamClient, UpstreamRequest, WholeReply
from tutti.vendors.gateway.answers import from_fetch, from_submit, outcome_of
from tutti.vendors.gateway.files import Files
from tutti.vendors.gateway.refs import VendorRef, key_of
from tutti.vendors.gateway.requests import origins_of, to_upstream, verb_of
from tutti.vendors.registry import ROWS, target

OPERATION = "suno"
SUBMIT_TIMEOUT_S = 60.0
# A key that was turned down so soon leaves time to ask with another one, within the lease of a submission.
SOON_S = 20.0
POLL_TIMEOUT_S = 20.0

_encoder = msgspec.json.Encoder()

# A task's id -> the address that its upstream may call back at; None where there is none to give.
CallbackAddress = Callable[[str], str | None]


class GatewaySuno:
    """One channel; what it is at present is looked up at each call. Fulfils `Vendor`."""

    def __init__(
        self,
        channel_id: int,
        *,
        channels: Channels,
        chooser: Chooser,
        client: UpstreamClient,
        files: Files,
        callback: CallbackAddress,
    ) -> None:
        self.lane = lane_of(channel_id)
        self._id = channel_id
        self._channels = channels
        self._chooser = chooser
        self._client = client
        self._files = files
        self._callback = callback

    @property
    def lost_reply(self) -> LostReplyPolicy:
        """As the channel's option says."""
        channel = self._channels.get(self._id)
        option = "" if channel is None else channel.options.get("lost_reply", "")
        return LostReplyPolicy(option or ROWS["gateway"].options["lost_reply"])

    async def submit(self, task: Task, *, idempotency_key: str) -> str:
        """Ask for the work; with another key when it is the key that was turned down."""
        origins = origins_of(read_intent(task.intent))
        tag = next((VendorRef.read(one.vendor_ref).tag for one in origins.values()), None)
        pick, started_s = self._pick(task, tag), time.monotonic()
        reply, outcome = await self._ask(task, pick, idempotency_key)
        if outcome.is_of_key and time.monotonic() - started_s < SOON_S:
            other = self._choose(task, tag, spent_keys={pick.key_tag})
            if other is not None:
                pick, (reply, _) = other, await self._ask(task, other, idempotency_key)
        return str(VendorRef(pick.key_tag, from_submit(reply.status, reply.body)))

    async def _ask(self, task: Task, pick: Pick, idempotency_key: str) -> tuple[WholeReply, Outcome]:
        """The reply to a submit, and what it says of the channel and the key: that is reported."""
        try:
            intent = read_intent(task.intent)
            body = to_upstream(task.request, intent, pick.channel, callback=self._callback(task.id))
            reply = await self._post(pick, verb_of(intent), body, idempotency_key)
        except VendorTimeoutError as error:
            self._chooser.report(pick, Outcome.TIMEOUT)
            raise VendorReplyLostError(error.message) from error
        except VendorError:
            self._chooser.report(pick, Outcome.FAILED)
            raise
        except BaseException:
            # A cancellation, or our own fault, says nothing of the channel.
            self._chooser.report(pick, Outcome.CALLER_FAULT)
            raise
        outcome = outcome_of(reply.status, reply.header("retry-after"))
        self._chooser.report(pick, outcome)
        return reply, outcome

    async def look_up(self, idempotency_key: str) -> str | None:  # noqa: ARG002 - the wire has no such question
        """Nobody can be asked: policy decides."""
        return None

    async def poll(self, tasks: Sequence[Task]) -> Sequence[VendorAnswer]:
        """One fetch for each account."""
        channel = self._channel()
        by_tag: defaultdict[str, list[Task]] = defaultdict(list)
        for task in tasks:
            by_tag[VendorRef.read(task.vendor_ref or "").tag].append(task)
        answers = await asyncio.gather(*(self._fetch(channel, tag, some) for tag, some in by_tag.items()))
        return [answer for some in answers for answer in some]

    async def fetch(self, address: str, target: Path) -> None:
        """Download one file of a result."""
        await self._files.fetch(address, target, base_url=self._channel().base_url)

    def _channel(self) -> Channel:
        channel = self._channels.get(self._id)
        if channel is None:
            raise VendorError(f"The channel of {self.lane} is not configured any more.")
        return channel

    def _pick(self, task: Task, tag: str | None) -> Pick:
        """The channel with a key that can be asked now: the one of the account where the work must go on."""
        pick = self._choose(task, tag)
        if pick is None:
            raise VendorBusyError(f"The channel {self._channel().name} takes no work at present.")
        return pick

    def _choose(self, task: Task, tag: str | None, *, spent_keys: AbstractSet[str] = frozenset()) -> Pick | None:
        is_held = tag in {key_tag(key) for key in self._channel().keys}
        only_key = tag if is_held else None
        return self._chooser.pick(task.model, "", (OPERATION,), only=self._id, only_key=only_key, spent_keys=spent_keys)

    async def _post(self, pick: Pick, verb: str, body: bytes, idempotency_key: str) -> WholeReply:
        to = target(ROWS[pick.channel.type], pick.channel, pick.key, OPERATION, pick.upstream_model, verb=verb)
        headers = {"content-type": "application/json", "idempotency-key": idempotency_key, **to.headers}
        timeout_s = min(pick.channel.timeout_s, SUBMIT_TIMEOUT_S)
        return await self._client.fetch(UpstreamRequest(url=to.url, headers=headers, body=body, timeout_s=timeout_s))

    async def _fetch(self, channel: Channel, tag: str, tasks: Sequence[Task]) -> list[VendorAnswer]:
        ids = [VendorRef.read(task.vendor_ref or "").id for task in tasks]
        to = target(ROWS[channel.type], channel, key_of(channel, tag), OPERATION, "", verb="fetch")
        headers = {"content-type": "application/json", **to.headers}
        body = _encoder.encode({"ids": ids, "action": "MUSIC"})
        request = UpstreamRequest(url=to.url, headers=headers, body=body, timeout_s=POLL_TIMEOUT_S)
        reply = await self._client.fetch(request)
        return from_fetch(reply.status, reply.body, tasks, lane=self.lane)
