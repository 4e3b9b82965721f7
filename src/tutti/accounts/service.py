"""The deeds that concern people and keys, called alike by API, console and CLI.

Each one changes the store first and then the keyring, so that what it did holds for the very next request.
"""

import hmac
from dataclasses import dataclass

from tutti.accounts.keyring import PREFIX, Keyring, hash_secret
from tutti.accounts.model import DEFAULT_GROUP, Key, KeyChange, KeyRules, NewKey, User
from tutti.accounts.rules import require_group, require_rules
from tutti.accounts.store import AccountStore
from tutti.errors import InvalidRequestError, NotFoundError, UnknownKeyError
from tutti.kit.ids import random_text

# Letters and digits after "sk-", as in the New-API family: about 286 bits.
SECRET_LENGTH = 48
_TAIL_LENGTH = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedKey:
    """A new key and its secret, which is shown now and never again."""

    key: Key
    secret: str


class Accounts:
    """People and their keys."""

    def __init__(self, store: AccountStore, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    async def load(self) -> None:
        """Fill the keyring from the store; to be called once before the first request."""
        self._keyring.load(await self._store.list_users(), await self._store.list_keys())

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
        """Add a user with an opening quota in units, booked under `ref`, or a reference of our own.

        Raises `InvalidRequestError`, and `ConflictError` when the name or the reference is taken.
        """
        require_group(group)
        if not name.strip():
            raise InvalidRequestError("A user needs a name.", field="name")
        if quota < 0:
            raise InvalidRequestError("The opening quota must not be negative.", field="quota")
        return await self._store.create_user(
            name.strip(), quota=quota, is_admin=is_admin, access_token_hash=access_token_hash, group=group, ref=ref
        )

    async def list_users(self) -> list[User]:
        """Everyone, by id."""
        return await self._store.list_users()

    async def find_user(self, name: str) -> User:
        """The user of this name. Raises `NotFoundError`."""
        for user in await self._store.list_users():
            if user.name == name:
                return user
        raise NotFoundError(f"There is no user named {name!r}.", field="user", subject=name)

    async def user_of_token(self, token: str) -> User:
        """Whose system access token this is. Raises `UnknownKeyError`."""
        digest = hash_secret(token)
        for user in await self._store.list_users():
            if user.access_token_hash is not None and hmac.compare_digest(user.access_token_hash, digest):
                return user
        raise UnknownKeyError("The system access token is not known here.")

    async def top_up(self, user_id: int, units: int, *, ref: str) -> User:
        """Add credit, or take some with negative units; the same `ref` counts once."""
        return await self._store.top_up(user_id, units, ref=ref)

    async def create_key(
        self,
        user: User,
        name: str,
        *,
        quota: int | None = None,
        expires_at_ms: int | None = None,
        models: frozenset[str] | None = None,
        rules: KeyRules | None = None,
    ) -> IssuedKey:
        """Make a key: `quota` in units and `models` by name, None without limit."""
        rules = rules or KeyRules()
        secret = PREFIX + random_text(SECRET_LENGTH)
        new = NewKey(
            user_id=user.id,
            name=name,
            secret_hash=hash_secret(secret),
            tail=secret[-_TAIL_LENGTH:],
            quota=quota,
            expires_at_ms=expires_at_ms,
            models=models,
            rules=rules,
        )
        return IssuedKey(key=await self.adopt_key(user, new), secret=secret)

    async def adopt_key(self, user: User, new: NewKey) -> Key:
        """Take up a key whose secret its callers have already. Raises `InvalidRequestError`."""
        require_rules(new.rules)
        if new.quota is not None and new.quota < 0:
            raise InvalidRequestError("A key's quota must not be negative; without one it has no limit.", field="quota")
        key = await self._store.create_key(new)
        self._keyring.put(key, user)
        return key

    async def list_keys(self, *, user_id: int | None = None) -> list[Key]:
        """Keys by id, revoked ones included."""
        return await self._store.list_keys(user_id=user_id)

    async def revoke_key(self, key_id: int) -> Key:
        """Make a key useless for good. Raises `NotFoundError`."""
        return await self._changed(await self._store.revoke_key(key_id))

    async def find_key(self, key_id: int) -> Key:
        """The key of this id. Raises `NotFoundError`."""
        for key in await self._store.list_keys():
            if key.id == key_id:
                return key
        raise NotFoundError(f"There is no key {key_id}.", field="key_id")

    async def change_key(self, key_id: int, change: KeyChange) -> Key:
        """Change what a key may do, from the very next request on. Raises `NotFoundError`, `InvalidRequestError`."""
        require_rules(change.rules)
        return await self._changed(await self._store.change_key(key_id, change))

    async def grant_key(self, key_id: int, units: int) -> Key:
        """Let a key spend more of its user's balance, or less. Raises `NotFoundError`, `KeyQuotaError`."""
        return await self._store.grant_key(key_id, units)

    async def set_group(self, user: User, group: str) -> User:
        """Move a user and their keys to another group. Raises `InvalidRequestError`."""
        require_group(group)
        moved = await self._store.set_group(user.id, group)
        for key in await self._store.list_keys(user_id=user.id):
            self._keyring.put(key, moved)
        return moved

    async def request_count(self, user_id: int) -> int:
        """Calls and tasks of a user, as far as they are remembered."""
        return await self._store.request_count(user_id)

    async def _changed(self, key: Key) -> Key:
        """Tell the keyring of a key as it is now."""
        owner = next(user for user in await self._store.list_users() if user.id == key.user_id)
        self._keyring.put(key, owner)
        return key

    async def webhook_secrets(self, user_id: int) -> tuple[str, ...]:
        """The secrets that sign a user's webhooks, newest first."""
        return await self._store.webhook_secrets(user_id)

    async def rotate_webhook_secret(self, user_id: int) -> str:
        """Make a new signing secret; the one before it goes on signing until the next rotation."""
        return await self._store.rotate_webhook_secret(user_id)
