"""The seam to stored money for immediate calls, and to the log of what they used.

The stores of `tutti.tasks` fulfil it, since balances, slices and usage rows change in the same transactions. For each
user the balance and the open slices together equal the ledger; `tutti check` proves it.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from tutti.billing.records import CallRecord, LoggedCall

# A slice is meant to last for so many calls of the size that asked for it, or be this part of what is left.
_CALLS = 8
_PART_OF_LEFT = 100
# Never more than this part of what is left: whoever comes near zero pays for each call from the balance itself.
_MOST_PART_OF_LEFT = 4


class Payer(Protocol):
    """Who pays: `accounts.model.Caller` is one."""

    @property
    def user_id(self) -> int:
        """Whose balance."""
        ...

    @property
    def key_id(self) -> int:
        """By which key."""
        ...


class SliceAsk(NamedTuple):
    """Who asks for units to be moved out of a balance, and into which slice."""

    slice_id: str
    # The incarnation of the process that will hand them out.
    owner: str
    user_id: int
    key_id: int
    # What is needed now.
    units: int
    # What is held already: a slice grows with the number of calls in flight.
    held: int = 0


class Drawn(NamedTuple):
    """What was moved."""

    units: int
    # Whether that is no more than was needed, because little is left.
    is_tight: bool


class SliceChange(NamedTuple):
    """What became of one slice since the flush before."""

    slice_id: str
    user_id: int
    key_id: int
    # Units charged that were in the slice, and units charged beyond it, to be taken from the balance if they are there.
    spent: int = 0
    owed: int = 0
    # Units that go back to user and key.
    home: int = 0


class Flush(NamedTuple):
    """Changes and calls that are written together, once."""

    id: str
    changes: Sequence[SliceChange]
    calls: Sequence[CallRecord]


def share_of(ask: SliceAsk, left: int) -> Drawn:
    """How much of the `left` units of user and key goes into a slice; the ask is covered by them."""
    wish = max(_CALLS * ask.units, left // _PART_OF_LEFT, ask.held)
    if wish <= left // _MOST_PART_OF_LEFT:
        return Drawn(wish, is_tight=False)
    return Drawn(ask.units, is_tight=True)


class WalletStore(Protocol):
    """What the wallet needs."""

    async def draw(self, ask: SliceAsk) -> Drawn:
        """Move units of user and key into a slice: at least those asked for, see `share_of`.

        Raises `UserQuotaError`, `KeyQuotaError` when they are not there, `NotFoundError` for a key that is not the
        user's; nothing is moved then.
        """
        ...

    async def flush(self, flush: Flush) -> None:
        """Charge users and keys, write one `flush` row of the ledger for each, and a usage row for each call.

        What is owed and not there is a `shortfall` row; the balance stops at 0. The same flush counts once.
        """
        ...

    async def slice_owners(self) -> list[str]:
        """The incarnations that have slices out."""
        ...

    async def return_slices(self, owner: str) -> int:
        """Bring all slices of an incarnation that is no more home, whole; gives their units."""
        ...


class UsageStore(Protocol):
    """What readers and keepers of the usage log need."""

    async def list_calls(
        self,
        *,
        user_id: int | None = None,
        key_id: int | None = None,
        channel_id: int | None = None,
        request_id: str | None = None,
        since_ms: int | None = None,
        before_id: int | None = None,
        limit: int,
    ) -> list[LoggedCall]:
        """Calls that fulfil all conditions given, newest first."""
        ...

    async def used_since(self, caller: Payer, since_ms: int) -> int:
        """Units of a key's calls that ended, and of its tasks that began, since then."""
        ...

    async def prune_calls(self, *, before_ms: int, keep_rows: int, limit: int) -> int:
        """Forget up to `limit` of the oldest calls: those that ended before, and those beyond `keep_rows` (0: any).

        What was charged stays in the ledger. Gives their number.
        """
        ...

    async def fold_flushes(self, *, before_ms: int, limit: int) -> int:
        """Add up to `limit` old `flush` rows of the ledger into one row for each user and key; gives their number."""
        ...
