"""`AccountStore` on SQLite: people, keys, credit, and the secrets that sign webhooks."""

import base64
import json
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from tutti.accounts.model import DEFAULT_GROUP, Key, KeyChange, KeyRules, NewKey, User, cannot_grant
from tutti.database.driver import Connection
from tutti.errors import ConflictError, KeyQuotaError, NotFoundError, UserQuotaError
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.step import Step

# What is out in slices is the user's until it is charged. Nobody can take it from there, so `top_up` looks at `quota`.
_OUT = "coalesce((SELECT sum(units) FROM wallet_leases WHERE wallet_leases.{owner} = {table}.id), 0)"
_SELECT_USER = f"""
    SELECT id, name, is_admin, quota + {_OUT.format(owner="user_id", table="users")}, used_quota, created_at_ms,
        access_token_hash, group_name
    FROM users
"""
_SELECT_KEY = f"""
    SELECT id, user_id, name, secret_hash, tail, quota + {_OUT.format(owner="key_id", table="keys")}, used_quota,
        expires_at_ms, models, is_revoked, created_at_ms, rules
    FROM keys
"""
_QUOTA = "SELECT quota FROM users WHERE id = ?"
_INSERT_USER = """
    INSERT INTO users (name, is_admin, quota, access_token_hash, group_name, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)
    RETURNING id
"""
_IS_BOOKED = "SELECT 1 FROM ledger WHERE kind = 'topup' AND ref = ?"
_INSERT_KEY = """
    INSERT INTO keys (user_id, name, secret_hash, tail, granted, quota, expires_at_ms, models, created_at_ms, rules)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
"""
_CHANGE_KEY = "UPDATE keys SET expires_at_ms = ?, models = ?, rules = ? WHERE id = ?"
# Written so that a limit that is not there, or too low, is met by no row.
_GRANT_KEY = """
    UPDATE keys SET quota = quota + :units, granted = granted + :units WHERE id = :key AND quota + :units >= 0
"""
_REQUEST_COUNT = """
    SELECT (SELECT count(*) FROM tasks WHERE user_id = :user) + (SELECT count(*) FROM usage_log WHERE user_id = :user)
"""
_TOP_UP = "INSERT INTO ledger (kind, ref, user_id, amount, at_ms) VALUES ('topup', ?, ?, ?, ?)"
_SECRETS = "SELECT secret FROM webhook_secrets WHERE user_id = ? ORDER BY id DESC LIMIT 2"
_INSERT_SECRET = "INSERT INTO webhook_secrets (user_id, secret, created_at_ms) VALUES (?, ?, ?)"  # noqa: S105 - SQL
_DROP_OLD_SECRETS = """
    DELETE FROM webhook_secrets WHERE user_id = :user AND id NOT IN (
        SELECT id FROM webhook_secrets WHERE user_id = :user ORDER BY id DESC LIMIT 2)
"""


class SqliteAccounts(SqliteBase):
    """People and keys."""

    async def create_user(
        self,
        name: str,
        *,
        quota: int,
        is_admin: bool = False,
        access_token_hash: str | None = None,
        group: str = DEFAULT_GROUP,
        ref: str | None = None,
    ) -> User:
        """Add a user; the opening quota is a `topup` row."""
        values = (name, is_admin, quota, access_token_hash, group)
        return await self._write(lambda step: create_user(step, values, ref))

    async def list_users(self) -> list[User]:
        """Everyone, by id."""
        query = f"{_SELECT_USER} ORDER BY id"
        return await self._read(lambda connection: [_user(row) for row in connection.execute(query)])

    async def top_up(self, user_id: int, units: int, *, ref: str) -> User:
        """Add or take credit; the same `ref` counts once."""
        return await self._write(lambda step: top_up(step, user_id, units, ref=ref))

    async def create_key(self, new: NewKey) -> Key:
        """Store a key. Raises `NotFoundError` when there is no such user."""
        return await self._write(lambda step: create_key(step, new))

    async def list_keys(self, *, user_id: int | None = None) -> list[Key]:
        """Keys by id, revoked ones included."""
        query = f"{_SELECT_KEY} WHERE ? IS NULL OR user_id = ? ORDER BY id"
        return await self._read(lambda connection: [_key(row) for row in connection.execute(query, (user_id, user_id))])

    async def change_key(self, key_id: int, change: KeyChange) -> Key:
        """Change what a key may do."""
        return await self._write(lambda step: change_key(step, key_id, change))

    async def grant_key(self, key_id: int, units: int) -> Key:
        """Let a key spend more, or less."""
        return await self._write(lambda step: grant_key(step, key_id, units))

    async def set_group(self, user_id: int, group: str) -> User:
        """Move a user to another group."""
        return await self._write(lambda step: set_group(step, user_id, group))

    async def request_count(self, user_id: int) -> int:
        """Calls and tasks of a user, as far as they are remembered."""
        return await self._read(
            lambda connection: int(connection.execute(_REQUEST_COUNT, {"user": user_id}).fetchone()[0])
        )

    async def revoke_key(self, key_id: int) -> Key:
        """Make a key useless for good."""
        return await self._write(lambda step: revoke_key(step, key_id))

    async def webhook_secrets(self, user_id: int) -> tuple[str, ...]:
        """The secrets that sign a user's webhooks, newest first."""
        found = await self._read(lambda connection: _secrets(connection, user_id))
        return found or await self._write(lambda step: first_secret(step, user_id))

    async def rotate_webhook_secret(self, user_id: int) -> str:
        """Make a new secret; the one before it goes on signing beside it."""
        return await self._write(lambda step: rotate_secret(step, user_id))


def create_user(step: Step, values: tuple[str, bool, int, str | None, str], ref: str | None) -> User:
    """Write a user and the opening balance; `values` are in the order of the columns."""
    name, _, quota, *_ = values
    if step.connection.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone() is not None:
        raise ConflictError(f"There is a user named {name!r} already.", field="name")
    if step.connection.execute(_IS_BOOKED, (ref,)).fetchone() is not None:
        raise ConflictError(f"The reference {ref!r} belongs to another account's payment.", field="ref")
    (user_id,) = step.connection.execute(_INSERT_USER, (*values, step.now_ms)).fetchone()
    step.connection.execute(_TOP_UP, (ref or f"opening:{user_id}", user_id, quota, step.now_ms))
    return _read_user(step.connection, user_id)


def top_up(step: Step, user_id: int, units: int, *, ref: str) -> User:
    """Move the balance once per `ref`."""
    user = _read_user(step.connection, user_id)
    seen = step.connection.execute("SELECT user_id FROM ledger WHERE kind = 'topup' AND ref = ?", (ref,)).fetchone()
    if seen is not None:
        if seen[0] != user_id:
            raise ConflictError(f"The reference {ref!r} belongs to another account's payment: choose a new one.")
        return user
    (left,) = step.connection.execute(_QUOTA, (user_id,)).fetchone()
    if left + units < 0:
        raise UserQuotaError(f"Only {left} units are left to take.")
    step.connection.execute(_TOP_UP, (ref, user_id, units, step.now_ms))
    step.connection.execute("UPDATE users SET quota = quota + ? WHERE id = ?", (units, user_id))
    return _read_user(step.connection, user_id)


def create_key(step: Step, new: NewKey) -> Key:
    """Write a key."""
    _read_user(step.connection, new.user_id)
    values = (
        new.user_id,
        new.name,
        new.secret_hash,
        new.tail,
        new.quota,
        new.quota,
        new.expires_at_ms,
        _models_text(new.models),
        step.now_ms,
        _rules_text(new.rules),
    )
    (key_id,) = step.connection.execute(_INSERT_KEY, values).fetchone()
    return _read_key(step.connection, key_id)


def change_key(step: Step, key_id: int, change: KeyChange) -> Key:
    """Write what a key may do."""
    values = (change.expires_at_ms, _models_text(change.models), _rules_text(change.rules), key_id)
    step.connection.execute(_CHANGE_KEY, values)
    return _read_key(step.connection, key_id)


def grant_key(step: Step, key_id: int, units: int) -> Key:
    """Move a key's own limit."""
    left = _read_key(step.connection, key_id).quota
    if not step.connection.execute(_GRANT_KEY, {"units": units, "key": key_id}).rowcount:
        raise KeyQuotaError(cannot_grant(left))
    return _read_key(step.connection, key_id)


def set_group(step: Step, user_id: int, group: str) -> User:
    """Write a user's group."""
    step.connection.execute("UPDATE users SET group_name = ? WHERE id = ?", (group, user_id))
    return _read_user(step.connection, user_id)


def revoke_key(step: Step, key_id: int) -> Key:
    """Mark a key as revoked."""
    _read_key(step.connection, key_id)
    step.connection.execute("UPDATE keys SET is_revoked = 1 WHERE id = ?", (key_id,))
    return _read_key(step.connection, key_id)


def first_secret(step: Step, user_id: int) -> tuple[str, ...]:
    """A user's secrets, one made if there is none."""
    found = _secrets(step.connection, user_id)
    return found or (rotate_secret(step, user_id),)


def rotate_secret(step: Step, user_id: int) -> str:
    """Write a new secret and forget all but the one before it."""
    _read_user(step.connection, user_id)
    # 256 bits in the form of the Standard Webhooks specification.
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    step.connection.execute(_INSERT_SECRET, (user_id, secret, step.now_ms))
    step.connection.execute(_DROP_OLD_SECRETS, {"user": user_id})
    return secret


def _secrets(connection: Connection, user_id: int) -> tuple[str, ...]:
    return tuple(secret for (secret,) in connection.execute(_SECRETS, (user_id,)))


def _read_user(connection: Connection, user_id: int) -> User:
    row = connection.execute(f"{_SELECT_USER} WHERE id = ?", (user_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"There is no user {user_id}.")
    return _user(row)


def _read_key(connection: Connection, key_id: int) -> Key:
    row = connection.execute(f"{_SELECT_KEY} WHERE id = ?", (key_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"There is no key {key_id}.")
    return _key(row)


def _user(row: Sequence[Any]) -> User:
    return User(
        id=row[0],
        name=row[1],
        is_admin=bool(row[2]),
        quota=row[3],
        used_quota=row[4],
        created_at_ms=row[5],
        access_token_hash=row[6],
        group=row[7],
    )


def _key(row: Sequence[Any]) -> Key:
    return Key(
        id=row[0],
        user_id=row[1],
        name=row[2],
        secret_hash=row[3],
        tail=row[4],
        quota=row[5],
        used_quota=row[6],
        expires_at_ms=row[7],
        models=None if row[8] is None else frozenset(json.loads(row[8])),
        is_revoked=bool(row[9]),
        created_at_ms=row[10],
        rules=KeyRules() if row[11] is None else msgspec.json.decode(row[11], type=KeyRules),
    )


def _models_text(models: frozenset[str] | None) -> str | None:
    return None if models is None else json.dumps(sorted(models))


def _rules_text(rules: KeyRules) -> str | None:
    return None if rules == KeyRules() else msgspec.json.encode(rules).decode()
