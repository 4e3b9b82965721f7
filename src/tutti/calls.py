"""What immediate work stands on, chosen and opened: channels, money, limits, the client for upstreams, the relay."""

import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random

from tutti.accounts.limits import Limiter
from tutti.billing.counting import Counter
from tutti.billing.price_desk import PriceDesk
from tutti.billing.prices import Prices
from tutti.billing.token_counter import TokenCounter
from tutti.billing.wallet import Wallet
from tutti.blobs.inputs import Fetch, InputDoor
from tutti.ground import Ground
from tutti.kit.clock import Clock
from tutti.metrics.meters import Meters
from tutti.relay.attempts import Attempts
from tutti.relay.bill import Till
from tutti.relay.relay import Relay
from tutti.relay.sessions import Sessions
from tutti.relay.tracing import BeginTrace
from tutti.routing.channels import Channels
from tutti.routing.choice import Chooser
from tutti.routing.declared import declared_channels
from tutti.routing.desk import ChannelDesk
from tutti.routing.key_file import open_seal
from tutti.settings import Settings
from tutti.traces import Tracer
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
class Calls:
    """The parts that others use."""

    channels: Channels
    chooser: Chooser
    desk: ChannelDesk
    client: UpstreamClient
    wallet: Wallet
    prices: Prices
    price_desk: PriceDesk
    meters: Meters
    limiter: Limiter
    counter: Counter
    relay: Relay
    sessions: Sessions
    begin_trace: BeginTrace | None


async def open_calls(stack: AsyncExitStack, ground: Ground) -> Calls:
    """Everything open, to be closed with `stack`.

    Raises `InvalidRequestError` when a channel that is declared does not make sense.
    """
    settings, clock, store = ground.settings, ground.clock, ground.store
    wallet = Wallet(store, owner=ground.owner)
    stack.push_async_callback(wallet.close)
    prices = Prices.load(unpriced_usd=settings.unpriced_usd)
    price_desk = PriceDesk(store, prices)
    await price_desk.load()
    meters = Meters(knows_model=prices.names)
    channels = Channels(SERVED)
    chooser = Chooser(channels, clock=clock, rng=Random(), told=meters.count_outcome)
    desk = ChannelDesk(store, channels, open_seal(ground.places), check=check_channel)
    await desk.load(declared_channels(settings.channels, os.environ))
    client = await stack.enter_async_context(UpstreamClient())
    limiter = Limiter(clock, store.used_since)
    counter = TokenCounter()
    stack.push_async_callback(counter.close)
    relay, sessions = make_relay(
        channels,
        chooser,
        client,
        till=Till(wallet, prices, limiter, told=[meters.count_call]),
        counter=counter,
        clock=clock,
        fetch=ground.outside.fetch,
        most_attempts=settings.most_attempts,
    )
    return Calls(
        channels=channels,
        chooser=chooser,
        desk=desk,
        client=client,
        wallet=wallet,
        prices=prices,
        price_desk=price_desk,
        meters=meters,
        limiter=limiter,
        counter=counter,
        relay=relay,
        sessions=sessions,
        begin_trace=_traces(stack, settings),
    )


def _traces(stack: AsyncExitStack, settings: Settings) -> BeginTrace | None:
    """What traces calls, where an operator has said where traces go."""
    if not settings.otlp_endpoint:
        return None
    tracer = Tracer(settings.otlp_endpoint)
    stack.push_async_callback(tracer.close)
    return tracer.begin


def make_relay(
    channels: Channels,
    chooser: Chooser,
    client: UpstreamClient,
    *,
    till: Till,
    counter: Counter,
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
        counter=counter,
        readers=_READERS,
        wires=_WIRES,
        door=InputDoor(fetch),
    )
    sessions = Sessions(
        chooser=chooser,
        attempts=attempts,
        till=till,
        address=address,
        reader=_READERS["realtime"],
        connect=connect,
    )
    return relay, sessions
