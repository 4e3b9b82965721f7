"""`WalletStore` on SQLite: slices of balances out and home, and flushes of what was used."""

from msgspec import structs

from tutti.billing.records import FIELDS
from tutti.billing.store import Drawn, Flush, SliceAsk, SliceChange, share_of
from tutti.database.driver import Connection
from tutti.errors import KeyQuotaError, NotFoundError, UserQuotaError
from tutti.kit.failpoint import hit
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.rows import marks
from tutti.tasks.sqlite.step import Step

_QUOTAS = """
    SELECT users.quota, keys.quota FROM users JOIN keys ON keys.user_id = users.id WHERE users.id = ? AND keys.id = ?
"""
_MOVE_USER = "UPDATE users SET quota = quota + ?, used_quota = used_quota + ? WHERE id = ?"
# A key without a limit has a null quota, and stays so.
_MOVE_KEY = "UPDATE keys SET quota = quota + ?, used_quota = used_quota + ? WHERE id = ?"
_ADD_TO_SLICE = """
    INSERT INTO wallet_leases (id, owner, user_id, key_id, units) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET units = units + excluded.units
"""
_IN_SLICE = "SELECT units FROM wallet_leases WHERE id = ?"
_TAKE_FROM_SLICE = "UPDATE wallet_leases SET units = ? WHERE id = ?"
_DROP_SLICE = "DELETE FROM wallet_leases WHERE id = ?"
_BOOK = "INSERT INTO ledger (kind, ref, user_id, key_id, amount, at_ms) VALUES (?, ?, ?, ?, ?, ?)"
# ";" is the character after ":".
_IS_WRITTEN = "SELECT 1 FROM ledger WHERE kind = 'flush' AND ref > ? || ':' AND ref < ? || ';' LIMIT 1"
_LOG = f"INSERT INTO usage_log (flush_id, {', '.join(FIELDS)}) VALUES "
_ROW = f"(?, {marks(FIELDS)})"
# By rows a statement, the most first. Whoever runs a statement gives the interpreter away and has to get it back from a
# busy event loop, so few with many rows are better than one for each.
_LOGS = {size: _LOG + ", ".join([_ROW] * size) for size in (64, 16, 4, 1)}
_OWNERS = "SELECT DISTINCT owner FROM wallet_leases ORDER BY owner"
_SLICES = "SELECT id, user_id, key_id, units FROM wallet_leases WHERE owner = ?"


class SqliteWallet(SqliteBase):
    """What the wallet needs."""

    async def draw(self, ask: SliceAsk) -> Drawn:
        """Move units of user and key into a slice."""
        return await self._write(lambda step: draw(step, ask))

    async def flush(self, flush: Flush) -> None:
        """Charge users and keys, and log their calls, in one commit."""
        await self._write(lambda step: write_flush(step, flush))
        hit("flush-committed")

    async def slice_owners(self) -> list[str]:
        """The incarnations that have slices out."""
        return await self._read(lambda connection: [owner for (owner,) in connection.execute(_OWNERS)])

    async def return_slices(self, owner: str) -> int:
        """Bring all slices of an incarnation home, whole."""
        return await self._write(lambda step: return_slices(step, owner))


def draw(step: Step, ask: SliceAsk) -> Drawn:
    """Write the move; both quotas are looked at before either is touched."""
    row = step.connection.execute(_QUOTAS, (ask.user_id, ask.key_id)).fetchone()
    if row is None:
        raise NotFoundError("The key's account does not exist any more.")
    of_user, of_key = row
    if of_user < ask.units:
        raise UserQuotaError(f"The account's credit ({of_user}) does not cover what the call may cost ({ask.units}).")
    if of_key is not None and of_key < ask.units:
        raise KeyQuotaError(f"The key's quota ({of_key}) does not cover what the call may cost ({ask.units}).")
    drawn = share_of(ask, of_user if of_key is None else min(of_user, of_key))
    _move(step.connection, ask.user_id, ask.key_id, back=-drawn.units, used=0)
    step.connection.execute(_ADD_TO_SLICE, (ask.slice_id, ask.owner, ask.user_id, ask.key_id, drawn.units))
    return drawn


def write_flush(step: Step, flush: Flush) -> None:
    """Write all changes and calls, unless that was done before."""
    if step.connection.execute(_IS_WRITTEN, (flush.id, flush.id)).fetchone() is not None:
        return
    for number, change in enumerate(flush.changes):
        _charge(step, change, f"{flush.id}:{number}")
        hit("flush-written")
    _log(step.connection, flush)


def return_slices(step: Step, owner: str) -> int:
    """Move what an owner's slices hold back to users and keys."""
    found = step.connection.execute(_SLICES, (owner,)).fetchall()
    for slice_id, user_id, key_id, units in found:
        step.connection.execute(_DROP_SLICE, (slice_id,))
        _move(step.connection, user_id, key_id, back=units, used=0)
    return sum(units for *_, units in found)


def _charge(step: Step, change: SliceChange, ref: str) -> None:
    """Charge one slice; what is not in it any more is owed by the balance, which stops at 0."""
    spent, home = _take_from_slice(step.connection, change)
    _move(step.connection, change.user_id, change.key_id, back=home, used=spent)
    cost = change.spent + change.owed
    if cost:
        _book(step, "flush", ref, change, -cost)
    if cost > spent:
        _collect(step, change, ref, owed=cost - spent)


def _take_from_slice(connection: Connection, change: SliceChange) -> tuple[int, int]:
    """Take what was spent and what goes home out of a slice's row; gives what of both was there."""
    row = connection.execute(_IN_SLICE, (change.slice_id,)).fetchone()
    units = row[0] if row is not None else 0
    spent = min(change.spent, units)
    home = min(change.home, units - spent)
    left = units - spent - home
    if left:
        connection.execute(_TAKE_FROM_SLICE, (left, change.slice_id))
    else:
        connection.execute(_DROP_SLICE, (change.slice_id,))
    return spent, home


def _collect(step: Step, change: SliceChange, ref: str, *, owed: int) -> None:
    """Take from the balance what goes beyond a slice, and write off what is not there."""
    of_user, of_key = step.connection.execute(_QUOTAS, (change.user_id, change.key_id)).fetchone()
    taken = min(owed, of_user, owed if of_key is None else of_key)
    _move(step.connection, change.user_id, change.key_id, back=-taken, used=taken)
    if taken < owed:
        _book(step, "shortfall", ref, change, owed - taken)


def _move(connection: Connection, user_id: int, key_id: int, *, back: int, used: int) -> None:
    """Give units back to user and key (negative: take them), and count what was used."""
    connection.execute(_MOVE_USER, (back, used, user_id))
    connection.execute(_MOVE_KEY, (back, used, key_id))


def _book(step: Step, kind: str, ref: str, change: SliceChange, amount: int) -> None:
    step.connection.execute(_BOOK, (kind, ref, change.user_id, change.key_id, amount, step.now_ms))


def _log(connection: Connection, flush: Flush) -> None:
    """Write the calls, many at a time."""
    done = 0
    for size, statement in _LOGS.items():
        while len(flush.calls) - done >= size:
            block = flush.calls[done : done + size]
            connection.execute(statement, [value for call in block for value in (flush.id, *structs.astuple(call))])
            done += size
