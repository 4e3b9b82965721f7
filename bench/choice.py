"""What it costs to choose a channel and report on it: `script/bench choice`.

Channels of one priority serve the same model; some of them rest, so that draws meet them. One thread, processor time.
"""

import argparse
import time
from random import Random

from rich.console import Console
from rich.table import Table

from tutti.kit.clock import SystemClock
from tutti.routing.channels import DEFAULT_GROUP, Channel, Channels
from tutti.routing.choice import Chooser, Outcome

OPERATIONS = ("chat", "messages", "gemini", "responses")
# Issue 4: a pick among 50 channels.
MOST_US = 10.0


def chooser_of(count: int, resting: int) -> Chooser:
    channels = Channels({"openai": frozenset({"chat"})})
    channels.load(
        Channel(
            id=number, name=str(number), type="openai", keys=("a", "b"), models=frozenset({"gpt-4o"}), weight=number
        )
        for number in range(1, count + 1)
    )
    chooser = Chooser(channels, clock=SystemClock(), rng=Random(1))
    for number in range(count, count - resting, -1):
        while (pick := chooser.pick("gpt-4o", DEFAULT_GROUP, OPERATIONS, only=number)) is not None:
            chooser.report(pick, Outcome.FAILED)
    return chooser


def microseconds(chooser: Chooser, rounds: int) -> float:
    """A pick and its report."""
    start = time.process_time()
    for _ in range(rounds):
        pick = chooser.pick("gpt-4o", DEFAULT_GROUP, OPERATIONS)
        assert pick is not None
        chooser.report(pick, Outcome.OK)
    return (time.process_time() - start) / rounds * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20_000)
    rounds = parser.parse_args().rounds
    table = Table("channels", "resting", "us", "most us", box=None)
    for count, resting in ((1, 0), (5, 0), (50, 0), (50, 10), (50, 40)):
        found_us = microseconds(chooser_of(count, resting), rounds)
        table.add_row(str(count), str(resting), f"{found_us:.2f}", f"{MOST_US:g}")
    Console().print(table)


if __name__ == "__main__":
    main()
