"""A reporter that keeps what it is told."""

from dataclasses import dataclass, field

import msgspec

from tutti.engines.engine import LoneReporter


@dataclass
class Told(LoneReporter):
    """What an engine said of itself; it may not go back."""

    shares: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parts: list[tuple[int, msgspec.Struct]] = field(default_factory=list)

    def progress(self, fraction, note=""):
        assert not self.shares or fraction >= self.shares[-1] - 1e-9
        self.shares.append(fraction)
        self.notes.append(note)

    def part(self, index, result):
        self.parts.append((index, result))
