"""Deeds done in this process, over its own store."""

from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import UNSET

from tutti.accounts.model import DEFAULT_GROUP, Key, KeyChange, KeyLimits, KeyRules, User
from tutti.accounts.service import Accounts
from tutti.admin.calls import LocalCallDeeds, LogStore
from tutti.admin.channels import LocalChannelDeeds
from tutti.admin.deeds import Finding, KeyChanges, KeyInfo, KeyRuleset, UserInfo
from tutti.admin.names import Names
from tutti.admin.prices import LocalPriceDeeds
from tutti.admin.takeover import LocalTakeover
from tutti.admin.tasks import LocalTaskDeeds, WorkBooks
from tutti.admin.told import Explanation
from tutti.billing.price_desk import PriceDesk
from tutti.billing.prices import Prices
from tutti.database.care import DatabaseCare
from tutti.errors import InvalidRequestError, NotFoundError
from tutti.routing.choice import Chooser
from tutti.routing.desk import ChannelDesk


class DeedStore(WorkBooks, LogStore, Protocol):
    """What is written of calls and tasks."""


class LocalDeeds(LocalChannelDeeds, LocalPriceDeeds, LocalCallDeeds, LocalTaskDeeds, LocalTakeover):
    """Fulfils `Deeds`."""

    def __init__(
        self,
        accounts: Accounts,
        care: DatabaseCare,
        channels: ChannelDesk,
        chooser: Chooser,
        *,
        price_desk: PriceDesk,
        prices: Prices,
        store: DeedStore,
    ) -> None:
        LocalChannelDeeds.__init__(self, channels, chooser)
        LocalPriceDeeds.__init__(self, price_desk, prices)
        LocalCallDeeds.__init__(self, accounts, channels, prices, store)
        LocalTaskDeeds.__init__(self, accounts, channels, store)
        LocalTakeover.__init__(self, accounts, channels, price_desk, store)
        self._accounts = accounts
        self._channels = channels
        self._care = care

    async def explain(self, subject: str) -> Explanation:
        """What happened under an id."""
        names = await Names.read(self._accounts, self._channels)
        found = Explanation(
            calls=await self.call_stories(subject, names), tasks=await self.task_stories(subject, names)
        )
        if not found.calls and not found.tasks:
            raise NotFoundError(
                f"Neither a call nor a task is known as {subject!r}: it was refused before it had a price, or is"
                " forgotten by now.",
                field="subject",
                subject=subject,
            )
        return found

    async def create_user(self, name: str, *, units: int, group: str = DEFAULT_GROUP) -> UserInfo:
        """Add a user with an opening balance."""
        return _user_info(await self._accounts.create_user(name, quota=units, group=group))

    async def set_group(self, user: str, group: str) -> UserInfo:
        """Move a user to another group."""
        return _user_info(await self._accounts.set_group(await self._accounts.find_user(user), group))

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
        rules: KeyRuleset | None = None,
    ) -> KeyInfo:
        """Make a key."""
        owner = await self._owner(user)
        issued = await self._accounts.create_key(
            owner,
            name,
            quota=quota,
            expires_at_ms=expires_at_ms,
            models=None if models is None else frozenset(models),
            rules=_rules(rules or KeyRuleset()),
        )
        return _key_info(issued.key, owner.name, secret=issued.secret)

    async def list_keys(self, *, user: str | None = None) -> list[KeyInfo]:
        """Keys of one user or all."""
        names = {one.id: one.name for one in await self._accounts.list_users()}
        wanted = None if user is None else (await self._accounts.find_user(user)).id
        return [_key_info(key, names[key.user_id]) for key in await self._accounts.list_keys(user_id=wanted)]

    async def change_key(self, key_id: int, changes: KeyChanges) -> KeyInfo:
        """Change what a key may do."""
        key = await self._accounts.find_key(key_id)
        return await self._told(await self._accounts.change_key(key_id, _changed(key, changes)))

    async def grant_key(self, key_id: int, *, units: int) -> KeyInfo:
        """Let a key spend more, or less."""
        return await self._told(await self._accounts.grant_key(key_id, units))

    async def revoke_key(self, key_id: int) -> KeyInfo:
        """Make a key useless."""
        return await self._told(await self._accounts.revoke_key(key_id))

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

    async def _told(self, key: Key) -> KeyInfo:
        names = {one.id: one.name for one in await self._accounts.list_users()}
        return _key_info(key, names[key.user_id])

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
        group=user.group,
    )


def _rules(told: KeyRuleset) -> KeyRules:
    limits = KeyLimits(
        requests_per_minute=told.requests_per_minute,
        tokens_per_minute=told.tokens_per_minute,
        parallel=told.parallel,
        daily_units=told.daily_units,
    )
    return KeyRules(group=told.group, places=tuple(told.places), limits=limits)


def _ruleset(rules: KeyRules) -> KeyRuleset:
    limits = rules.limits
    return KeyRuleset(
        group=rules.group,
        places=rules.places,
        requests_per_minute=limits.requests_per_minute,
        tokens_per_minute=limits.tokens_per_minute,
        parallel=limits.parallel,
        daily_units=limits.daily_units,
    )


def _changed(key: Key, changes: KeyChanges) -> KeyChange:
    """The key as it is, but for what is to change."""
    told = {field: value for field in changes.__struct_fields__ if (value := getattr(changes, field)) is not UNSET}
    models = told.pop("models", key.models)
    return KeyChange(
        expires_at_ms=told.pop("expires_at_ms", key.expires_at_ms),
        models=None if models is None else frozenset(models),
        rules=_rules(msgspec.structs.replace(_ruleset(key.rules), **told)),
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
        rules=_ruleset(key.rules),
        secret=secret,
    )
