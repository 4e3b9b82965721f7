"""Deeds done in this process, over its own store."""

from pathlib import Path

from tutti.accounts.model import Key, User
from tutti.accounts.service import Accounts
from tutti.admin.channels import LocalChannelDeeds
from tutti.admin.deeds import Finding, KeyInfo, UserInfo
from tutti.database.care import DatabaseCare
from tutti.errors import InvalidRequestError
from tutti.routing.choice import Chooser
from tutti.routing.desk import ChannelDesk


class LocalDeeds(LocalChannelDeeds):
    """Fulfils `Deeds`."""

    def __init__(self, accounts: Accounts, care: DatabaseCare, channels: ChannelDesk, chooser: Chooser) -> None:
        super().__init__(channels, chooser)
        self._accounts = accounts
        self._care = care

    async def create_user(self, name: str, *, units: int) -> UserInfo:
        """Add a user with an opening balance."""
        return _user_info(await self._accounts.create_user(name, quota=units))

    async def list_users(self) -> list[UserInfo]:
        """Everyone."""
        return [_user_info(user) for user in await self._accounts.list_users()]

    async def top_up(self, user: str, *, units: int, ref: str) -> UserInfo:
        """Add or take credit."""
        found = await self._accounts.find_user(user)
        return _user_info(await self._accounts.top_up(found.id, units, ref=ref))

    async def create_key(
        self,
        name: str,
        *,
        user: str | None = None,
        quota: int | None = None,
        expires_at_ms: int | None = None,
        models: list[str] | None = None,
    ) -> KeyInfo:
        """Make a key."""
        owner = await self._owner(user)
        allowed = None if models is None else frozenset(models)
        issued = await self._accounts.create_key(owner, name, quota=quota, expires_at_ms=expires_at_ms, models=allowed)
        return _key_info(issued.key, owner.name, secret=issued.secret)

    async def list_keys(self, *, user: str | None = None) -> list[KeyInfo]:
        """Keys of one user or all."""
        names = {one.id: one.name for one in await self._accounts.list_users()}
        wanted = None if user is None else (await self._accounts.find_user(user)).id
        return [_key_info(key, names[key.user_id]) for key in await self._accounts.list_keys(user_id=wanted)]

    async def revoke_key(self, key_id: int) -> KeyInfo:
        """Make a key useless."""
        key = await self._accounts.revoke_key(key_id)
        names = {one.id: one.name for one in await self._accounts.list_users()}
        return _key_info(key, names[key.user_id])

    async def webhook_secrets(self, user: str) -> list[str]:
        """Signing secrets, newest first."""
        found = await self._accounts.find_user(user)
        return list(await self._accounts.webhook_secrets(found.id))

    async def rotate_webhook_secret(self, user: str) -> str:
        """A new signing secret."""
        found = await self._accounts.find_user(user)
        return await self._accounts.rotate_webhook_secret(found.id)

    async def backup(self, target: str) -> int:
        """Copy the database."""
        path = Path(target)
        if not path.is_absolute():
            raise InvalidRequestError("The backup's path must be absolute.", field="target")
        return await self._care.backup(path)

    async def check(self) -> list[Finding]:
        """What is off."""
        found = await self._care.check()
        return [Finding(what=one.rule, details=f"{one.subject}: {one.detail}") for one in found]

    async def _owner(self, name: str | None) -> User:
        if name is not None:
            return await self._accounts.find_user(name)
        return next(user for user in await self._accounts.list_users() if user.is_admin)


def _user_info(user: User) -> UserInfo:
    return UserInfo(
        id=user.id,
        name=user.name,
        is_admin=user.is_admin,
        quota=user.quota,
        used_quota=user.used_quota,
        created_at_ms=user.created_at_ms,
    )


def _key_info(key: Key, user: str, *, secret: str | None = None) -> KeyInfo:
    return KeyInfo(
        id=key.id,
        user=user,
        name=key.name,
        tail=key.tail,
        quota=key.quota,
        used_quota=key.used_quota,
        expires_at_ms=key.expires_at_ms,
        models=None if key.models is None else tuple(sorted(key.models)),
        is_revoked=key.is_revoked,
        secret=secret,
    )
