"""A slice of a balance in memory: what may be held of it, what is held, what it has been charged.

Plain arithmetic; who moves units in and out of the database is `tutti.billing.wallet`.
"""

import asyncio
from dataclasses import dataclass, field

from tutti.kit.ids import new_id


@dataclass(kw_only=True, slots=True, eq=False)
class Slice:
    """The units of one user and key that this process may hand out without asking."""

    user_id: int
    key_id: int
    id: str
    # Units that nobody holds.
    free: int = 0
    # Open holds, their number and their units.
    holds: int = 0
    held: int = 0
    # Draws from the balance that are under way.
    draws: int = 0
    # Near zero nothing is kept in stock: what becomes free goes home with the next flush.
    is_tight: bool = False
    # Rounds of the sweep since anyone held of it.
    idle_rounds: int = 0
    # Whoever draws has it, so that many who wait do not each fetch a stock.
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def of(cls, user_id: int, key_id: int) -> "Slice":
        """A slice with nothing in it."""
        return cls(user_id=user_id, key_id=key_id, id=new_id())

    @property
    def is_done(self) -> bool:
        """Whether nothing is in it and nobody will come back to it."""
        return not (self.free or self.holds or self.draws)

    def cover(self, held: int, units: int) -> int:
        """End a hold that turned out to cost `units`; gives those of them that the slice could not cover."""
        self.holds -= 1
        self.held -= held
        self.free += held - units
        owed = max(0, -self.free)
        self.free += owed
        return owed

    def empty(self) -> int:
        """Take out all that nobody holds."""
        free, self.free = self.free, 0
        return free
