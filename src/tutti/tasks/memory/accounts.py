"""`AccountStore` over dicts."""

import base64
import secrets
from dataclasses import replace

from tutti.accounts.model import DEFAULT_GROUP, Key, KeyChange, NewKey, User, cannot_grant
from tutti.errors import ConflictError, KeyQuotaError, NotFoundError, UserQuotaError
from tutti.tasks.memory.tables import Tables


class MemoryAccounts:
    """People and keys."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

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
        """Add a user with an opening balance."""
        tables = self._tables
        if any(user.name == name for user in tables.users.values()):
            raise ConflictError(f"There is a user named {name!r} already.", field="name")
        if ("topup", ref) in tables.ledger:
            raise ConflictError(f"The reference {ref!r} belongs to another account's payment.", field="ref")
        user = User(
            id=len(tables.users) + 1,
            name=name,
            is_admin=is_admin,
            quota=quota,
            used_quota=0,
            created_at_ms=tables.clock.now_ms(),
            access_token_hash=access_token_hash,
            group=group,
        )
        tables.users[user.id] = user
        tables.ledger["topup", ref or f"opening:{user.id}"] = (user.id, quota)
        return user

    async def list_users(self) -> list[User]:
        """Everyone, by id."""
        return [self._with_slices(user) for user in self._tables.users.values()]

    async def top_up(self, user_id: int, units: int, *, ref: str) -> User:
        """Add or take credit once per `ref`."""
        tables = self._tables
        user = tables.users.get(user_id)
        if user is None:
            raise NotFoundError(f"There is no user {user_id}.")
        if ("topup", ref) in tables.ledger:
            return self._with_slices(user)
        if user.quota + units < 0:
            raise UserQuotaError(f"Only {user.quota} units are left to take.")
        tables.ledger["topup", ref] = (user_id, units)
        tables.users[user_id] = replace(user, quota=user.quota + units)
        return self._with_slices(tables.users[user_id])

    async def create_key(self, new: NewKey) -> Key:
        """Store a key."""
        tables = self._tables
        if new.user_id not in tables.users:
            raise NotFoundError(f"There is no user {new.user_id}.")
        key = Key(
            id=len(tables.keys) + 1,
            user_id=new.user_id,
            name=new.name,
            secret_hash=new.secret_hash,
            tail=new.tail,
            quota=new.quota,
            used_quota=0,
            expires_at_ms=new.expires_at_ms,
            models=new.models,
            is_revoked=False,
            created_at_ms=tables.clock.now_ms(),
            rules=new.rules,
        )
        tables.keys[key.id] = key
        return key

    async def list_keys(self, *, user_id: int | None = None) -> list[Key]:
        """Keys by id."""
        return [self._key_with_slices(key) for key in self._tables.keys.values() if user_id in (None, key.user_id)]

    async def change_key(self, key_id: int, change: KeyChange) -> Key:
        """Change what a key may do."""
        return self._put(
            replace(self._key(key_id), expires_at_ms=change.expires_at_ms, models=change.models, rules=change.rules)
        )

    async def grant_key(self, key_id: int, units: int) -> Key:
        """Let a key spend more, or less."""
        key = self._key(key_id)
        if key.quota is None or key.quota + units < 0:
            raise KeyQuotaError(cannot_grant(key.quota))
        return self._put(replace(key, quota=key.quota + units))

    async def set_group(self, user_id: int, group: str) -> User:
        """Move a user to another group."""
        if user_id not in self._tables.users:
            raise NotFoundError(f"There is no user {user_id}.")
        self._tables.users[user_id] = replace(self._tables.users[user_id], group=group)
        return self._tables.users[user_id]

    async def request_count(self, user_id: int) -> int:
        """Tasks of a user."""
        return sum(row.task.user_id == user_id for row in self._tables.tasks.values())

    async def revoke_key(self, key_id: int) -> Key:
        """Make a key useless."""
        return self._put(replace(self._key(key_id), is_revoked=True))

    def _key(self, key_id: int) -> Key:
        key = self._tables.keys.get(key_id)
        if key is None:
            raise NotFoundError(f"There is no key {key_id}.")
        return key

    def _put(self, key: Key) -> Key:
        self._tables.keys[key.id] = key
        return self._key_with_slices(key)

    async def webhook_secrets(self, user_id: int) -> tuple[str, ...]:
        """A user's signing secrets, newest first."""
        return self._tables.secrets.setdefault(user_id, (_new_webhook_secret(),))

    async def rotate_webhook_secret(self, user_id: int) -> str:
        """Add a new secret and keep the one before it."""
        secret = _new_webhook_secret()
        self._tables.secrets[user_id] = (secret, *self._tables.secrets.get(user_id, ())[:1])
        return secret

    def _with_slices(self, user: User) -> User:
        """A user as told: what is out in slices is theirs until it is charged."""
        out = sum(row.units for row in self._tables.slices.values() if row.user_id == user.id)
        return replace(user, quota=user.quota + out)

    def _key_with_slices(self, key: Key) -> Key:
        out = sum(row.units for row in self._tables.slices.values() if row.key_id == key.id)
        return key if key.quota is None else replace(key, quota=key.quota + out)


def _new_webhook_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
