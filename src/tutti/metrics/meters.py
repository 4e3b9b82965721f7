"""Counts of what happens, kept as plain numbers: counting costs a look-up, and the library that tells them comes later.

Labels are bounded: routes, statuses, channels and the names of models with a price. What callers make up is "other".
Nothing here says who called.
"""

from collections.abc import Callable

from tutti.billing.records import CallRecord
from tutti.routing.choice import Outcome, Pick

OTHER = "other"

Labels = tuple[str, ...]


class Sums:
    """What calls of one kind came to."""

    __slots__ = ("cached", "calls", "first_byte_ms", "first_bytes", "input", "output", "reasoning", "units")

    def __init__(self) -> None:
        self.calls = self.units = 0
        # Tokens.
        self.input = self.cached = self.output = self.reasoning = 0
        # Replies that had a first byte, and the milliseconds until it of all of them together.
        self.first_bytes = self.first_byte_ms = 0


class Spent:
    """How many requests of one kind there were, and the seconds that they took together."""

    __slots__ = ("count", "seconds")

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0


class Meters:
    """All counts of one process."""

    def __init__(self, *, knows_model: Callable[[str], bool]) -> None:
        """`knows_model` says which names may become labels."""
        self._knows_model = knows_model
        # By the route's name and the status.
        self.requests: dict[tuple[str, int], Spent] = {}
        # By channel and outcome.
        self.outcomes: dict[Labels, int] = {}
        # By operation, channel (empty where none took the call), model and status.
        self.calls: dict[tuple[str, str, str, int], Sums] = {}

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """A request was answered by the route of this name, empty when there was none."""
        spent = self.requests.get((route, status))
        if spent is None:
            spent = self.requests[route, status] = Spent()
        spent.count += 1
        spent.seconds += seconds

    def count_outcome(self, pick: Pick, outcome: Outcome) -> None:
        """An exchange with a channel ended."""
        labels = pick.channel.name, outcome.kind.value
        self.outcomes[labels] = self.outcomes.get(labels, 0) + 1

    def count_call(self, call: CallRecord, pick: Pick | None) -> None:
        """An immediate call was settled."""
        model = call.model.lower() if self._knows_model(call.model) else OTHER
        key = (call.operation, pick.channel.name if pick else "", model, call.status)
        sums = self.calls.get(key)
        if sums is None:
            sums = self.calls[key] = Sums()
        sums.calls += 1
        sums.units += call.units
        sums.input += call.input_tokens
        sums.cached += call.cached_tokens
        sums.output += call.output_tokens
        sums.reasoning += call.reasoning_tokens
        if call.first_byte_ms is not None:
            sums.first_bytes += 1
            sums.first_byte_ms += call.first_byte_ms
