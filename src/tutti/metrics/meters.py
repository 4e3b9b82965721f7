"""Counts of what happens, kept as plain numbers: counting costs a look-up, and the library that tells them comes later.

Labels are bounded: routes, statuses, channels and the names of models with a price. What callers make up is "other".
Nothing here says who called.
"""

from collections.abc import Callable
from typing import NamedTuple

from tutti.billing.records import CallRecord
from tutti.routing.choice import Outcome, Pick

OTHER = "other"

Labels = tuple[str, ...]


class Timed(NamedTuple):
    """How many, and how long they took together."""

    number: int = 0
    seconds: float = 0.0


class Meters:
    """All counts of one process."""

    def __init__(self, *, knows_model: Callable[[str], bool]) -> None:
        """`knows_model` says which names may become labels."""
        self._knows_model = knows_model
        # By family and status.
        self.requests: dict[Labels, Timed] = {}
        # By channel and outcome.
        self.outcomes: dict[Labels, int] = {}
        # By operation, channel and status; the channel is empty where none took the call.
        self.calls: dict[Labels, int] = {}
        # By model and direction.
        self.tokens: dict[Labels, int] = {}
        # By operation.
        self.units: dict[Labels, int] = {}
        # By operation: until the first byte of those that had one.
        self.first_bytes: dict[Labels, Timed] = {}

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """A request was answered; `route` is named for its family, empty when there was none."""
        key = (route.partition(".")[0] or OTHER, str(status))
        before = self.requests.get(key, Timed())
        self.requests[key] = Timed(before.number + 1, before.seconds + seconds)

    def count_outcome(self, pick: Pick, outcome: Outcome) -> None:
        """An exchange with a channel ended."""
        _add(self.outcomes, (pick.channel.name, outcome.kind.value), 1)

    def count_call(self, call: CallRecord, pick: Pick | None) -> None:
        """An immediate call was settled."""
        channel = pick.channel.name if pick else ""
        _add(self.calls, (call.operation, channel, str(call.status)), 1)
        _add(self.units, (call.operation,), call.units)
        model = call.model.lower() if self._knows_model(call.model) else OTHER
        for direction, tokens in (
            ("input", call.input_tokens),
            ("cached", call.cached_tokens),
            ("output", call.output_tokens),
            ("reasoning", call.reasoning_tokens),
        ):
            if tokens:
                _add(self.tokens, (model, direction), tokens)
        if call.first_byte_ms is not None:
            before = self.first_bytes.get((call.operation,), Timed())
            self.first_bytes[call.operation,] = Timed(before.number + 1, before.seconds + call.first_byte_ms / 1000)


def _add(counts: dict[Labels, int], labels: Labels, number: int) -> None:
    counts[labels] = counts.get(labels, 0) + number
