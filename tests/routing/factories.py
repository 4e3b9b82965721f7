"""Channels that differ from one another in what a test is about."""

from random import Random
from typing import Any

from tutti.kit.clock import ManualClock
from tutti.routing.channels import Channel, Channels
from tutti.routing.choice import Chooser

SERVED = {
    "openai": frozenset({"chat", "embeddings"}),
    "anthropic": frozenset({"messages"}),
    "gateway": frozenset({"chat", "messages", "gemini", "responses", "suno"}),
}


def channel(number: int = 1, **changes: Any) -> Channel:
    """A channel for gpt-4o with one key."""
    given = {"name": f"channel {number}", "type": "openai", "keys": (f"sk-{number}",), "models": frozenset({"gpt-4o"})}
    return Channel(id=number, **{**given, **changes})


def chooser_of(*given: Channel, seed: int = 1, clock: ManualClock | None = None) -> Chooser:
    channels = Channels(SERVED)
    channels.load(given)
    return Chooser(channels, clock=clock or ManualClock(), rng=Random(seed))
