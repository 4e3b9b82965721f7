"""The balances that a group of submits draws on: each read once, drawn on in order, and written once.

Only the writer's thread changes balances, and it is inside a transaction, so what was read still holds when written.
"""

from dataclasses import dataclass

from tutti.database.driver import Connection
from tutti.errors import KeyQuotaError, NotFoundError, UserQuotaError
from tutti.tasks.model import NewTask

_READ = """
    SELECT users.quota, users.weight, keys.quota FROM users JOIN keys ON keys.user_id = users.id
    WHERE users.id = ? AND keys.id = ?
"""
_DRAW_USER = "UPDATE users SET quota = quota - ? WHERE id = ?"
# A key without a limit has a null quota, and stays so.
_DRAW_KEY = "UPDATE keys SET quota = quota - ? WHERE id = ?"


@dataclass(slots=True)
class _Purse:
    """What is left, None without a limit, and what this group has taken of it."""

    left: int | None
    taken: int = 0

    def take(self, units: int) -> None:
        self.taken += units
        if self.left is not None:
            self.left -= units


class Purses:
    """The purses of users and keys, read when they are first drawn on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._users: dict[int, _Purse] = {}
        self._keys: dict[int, _Purse] = {}
        # By user and key: a key pays for its own user only.
        self._weights: dict[tuple[int, int], int] = {}

    def take(self, new: NewTask) -> int:
        """Take a task's price from its user and key; gives the user's weight.

        Both are looked at before either is touched. Raises `UserQuotaError`, `KeyQuotaError`, and `NotFoundError` for
        a key that does not exist or is not the user's.
        """
        weight = self._weights.get((new.user_id, new.key_id)) or self._read(new.user_id, new.key_id)
        user, key = self._users[new.user_id], self._keys[new.key_id]
        if user.left is not None and user.left < new.price:
            raise UserQuotaError(f"The account's credit ({user.left}) does not cover the price ({new.price}).")
        if key.left is not None and key.left < new.price:
            raise KeyQuotaError(f"The key's quota ({key.left}) does not cover the price ({new.price}).")
        user.take(new.price)
        key.take(new.price)
        return weight

    def _read(self, user_id: int, key_id: int) -> int:
        row = self._connection.execute(_READ, (user_id, key_id)).fetchone()
        if row is None:
            raise NotFoundError("The key's account does not exist any more.")
        user_left, weight, key_left = row
        self._users.setdefault(user_id, _Purse(user_left))
        self._keys.setdefault(key_id, _Purse(key_left))
        self._weights[user_id, key_id] = weight
        return int(weight)

    def write(self) -> None:
        """Write what was taken."""
        self._connection.executemany(_DRAW_USER, [(purse.taken, user_id) for user_id, purse in self._users.items()])
        self._connection.executemany(
            _DRAW_KEY, [(purse.taken, key_id) for key_id, purse in self._keys.items() if purse.left is not None]
        )
