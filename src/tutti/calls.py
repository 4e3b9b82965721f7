"""What immediate work stands on, chosen and opened: channels, money, limits, the client for upstreams, the relay."""

import os
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random
from typing import Protocol

from tutti.accounts.limits import Limiter
from tutti.billing.prices import Prices
from tutti.billing.store import UsageStore
from tutti.billing.wallet import Wallet
from tutti.blobs.inputs import Fetch, InputDoor
from tutti.kit.clock import Clock
from tutti.places import Places
from tutti.relay.attempts import Attempts
from tutti.relay.bill import CallTold, Till
from tutti.relay.relay import Relay
from tutti.relay.sessions import Sessions
from tutti.routing.channels import Channels
from tutti.routing.choice import Chooser, Outcome, Pick
from tutti.routing.declared import declared_channels
from tutti.routing.desk import ChannelDesk
from tutti.routing.key_file import open_seal
from tutti.routing.store import ChannelStore
from tutti.settings import Settings
from tutti.upstream import UpstreamClient
from tutti.upstream_socket import connect
from tutti.vendors.addressing import Addressing
from tutti.vendors.anthropic.wire import AnthropicWire
from tutti.vendors.checks import check_channel
from tutti.vendors.gemini.wire import GeminiUpstream
from tutti.vendors.openai.wire import OpenAIWire
from tutti.vendors.operations import OPERATIONS
from tutti.vendors.plain import PlainReader
from tutti.vendors.registry import SERVED
from tutti.vendors.responses.wire import ResponsesUpstream
from tutti.vendors.vertex.token import AccessTokens
from tutti.vendors.wire import ReplyReader, UpstreamWire

# What reads and writes conversations on the upstream's side, by operation.
_WIRES: dict[str, UpstreamWire] = {
    "chat": OpenAIWire(),
    "messages": AnthropicWire(),
    "gemini": GeminiUpstream(),
    "responses": ResponsesUpstream(),
}
_READERS: dict[str, ReplyReader] = {operation: _WIRES.get(operation, PlainReader()) for operation in OPERATIONS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """Who hears of what happens."""

    # How an exchange with a channel ended.
    outcome: Callable[[Pick, Outcome], None]
    # A call that was settled.
    calls: Sequence[CallTold]


@dataclass(frozen=True, kw_only=True, slots=True)
class Calls:
    """The parts that others use."""

    channels: Channels
    chooser: Chooser
    desk: ChannelDesk
    client: UpstreamClient
    relay: Relay
    sessions: Sessions


class CallsStore(ChannelStore, UsageStore, Protocol):
    """The ports of the database that calls use."""


async def open_calls(
    stack: AsyncExitStack,
    settings: Settings,
    clock: Clock,
    store: CallsStore,
    *,
    wallet: Wallet,
    prices: Prices,
    fetch: Fetch,
    places: Places,
    watch: Watch,
) -> Calls:
    """Everything open, to be closed with `stack`; `fetch` gets files at callers' addresses.

    Raises `InvalidRequestError` when a channel that is declared does not make sense.
    """
    channels = Channels(SERVED)
    chooser = Chooser(channels, clock=clock, rng=Random(), told=watch.outcome)
    desk = ChannelDesk(store, channels, open_seal(places), check=check_channel)
    await desk.load(declared_channels(settings.channels, os.environ))
    client = await stack.enter_async_context(UpstreamClient())
    till = Till(wallet, prices, Limiter(clock, store.used_since), told=watch.calls)
    relay, sessions = make_relay(
        channels, chooser, client, till=till, clock=clock, fetch=fetch, most_attempts=settings.most_attempts
    )
    return Calls(channels=channels, chooser=chooser, desk=desk, client=client, relay=relay, sessions=sessions)


def make_relay(
    channels: Channels,
    chooser: Chooser,
    client: UpstreamClient,
    *,
    till: Till,
    clock: Clock,
    fetch: Fetch,
    most_attempts: int,
) -> tuple[Relay, Sessions]:
    """A relay that knows every wire, and what relays sessions."""
    address = Addressing(AccessTokens(client, clock))
    attempts = Attempts(chooser, client, address, _READERS, most=most_attempts)
    relay = Relay(
        channels=channels,
        chooser=chooser,
        attempts=attempts,
        till=till,
        readers=_READERS,
        wires=_WIRES,
        door=InputDoor(fetch),
    )
    sessions = Sessions(
        channels=channels,
        chooser=chooser,
        attempts=attempts,
        till=till,
        address=address,
        reader=_READERS["realtime"],
        connect=connect,
    )
    return relay, sessions
