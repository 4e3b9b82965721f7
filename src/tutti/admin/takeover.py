"""Taking over what another gateway has: users with their balances, keys, channels and prices, each once.

What there is to take over is plain data, see `taken.py`. Whoever repeats it finds everything
there already: users by the reference of their opening balance, keys by their hash, channels by their name.
"""

import msgspec

from tutti.accounts.model import KeyLimits, KeyRules, NewKey, User
from tutti.accounts.rules import require_group, require_rules
from tutti.accounts.service import Accounts
from tutti.admin.taken import TakenChannel, TakenKey, TakenUser, Takeover, TakeoverLine
from tutti.billing.price_desk import PriceDesk
from tutti.errors import ConflictError, InvalidRequestError
from tutti.routing.desk import ChannelDesk
from tutti.tasks.store import Records


class LocalTakeover:
    """The part of `Deeds` that takes over, done in this process."""

    def __init__(self, accounts: Accounts, channels: ChannelDesk, prices: PriceDesk, records: Records) -> None:
        """`records` knows what was taken over before."""
        self._parts = accounts, channels, prices, records

    async def take_over(self, takeover: Takeover, *, is_rehearsal: bool = True) -> list[TakeoverLine]:
        """Take over what is not here yet; a rehearsal changes nothing."""
        accounts, channels, prices, records = self._parts
        people = _People(accounts, records, takeover.source, is_rehearsal=is_rehearsal)
        await people.read()
        return [
            *[await people.take_user(user) for user in takeover.users],
            *[await people.take_key(key) for key in takeover.keys],
            *[await _take_channel(channels, channel, is_rehearsal=is_rehearsal) for channel in takeover.channels],
            *await _take_prices(prices, takeover.prices, is_rehearsal=is_rehearsal),
        ]


class _People:
    """Users and keys, one after another."""

    def __init__(self, accounts: Accounts, records: Records, source: str, *, is_rehearsal: bool) -> None:
        self._accounts = accounts
        self._records = records
        self._source = source
        self._is_rehearsal = is_rehearsal
        self._users: dict[int, User] = {}
        self._names: set[str] = set()
        self._hashes: set[str] = set()
        # By reference; None in a rehearsal, for those who would be new.
        self._owners: dict[str, User | None] = {}

    async def read(self) -> None:
        """Who and what is here."""
        self._users = {user.id: user for user in await self._accounts.list_users()}
        self._names = {user.name for user in self._users.values()}
        self._hashes = {key.secret_hash for key in await self._accounts.list_keys()}

    async def take_user(self, taken: TakenUser) -> TakeoverLine:
        """A user with an opening balance."""
        known = await self._known(taken.ref)
        if known is not None:
            self._owners[taken.ref] = known
            return _line("user", known.name, "there")
        name = taken.name.strip()
        if name in self._names:
            name = f"{name}@{self._source}"
        try:
            self._require_new(name)
            require_group(taken.group)
            self._owners[taken.ref] = None if self._is_rehearsal else await self._create(taken, name)
        except (InvalidRequestError, ConflictError) as error:
            return _line("user", name, "left out", error.message)
        self._names.add(name)
        renamed = "" if name == taken.name.strip() else f"{taken.name.strip()} there"
        role = "administrator" if taken.is_admin else ""
        return _line("user", name, "new", f"{taken.units} units", f"group {taken.group}", role, renamed, taken.note)

    async def take_key(self, taken: TakenKey) -> TakeoverLine:
        """A key that goes on working."""
        name = f"{taken.name} (sk-...{taken.tail})"
        if taken.secret_hash in self._hashes:
            return _line("key", name, "there")
        if taken.user_ref not in self._owners:
            return _line("key", name, "left out", "its user is left out")
        rules = KeyRules(group=taken.group, places=taken.places, limits=KeyLimits())
        try:
            require_rules(rules)
        except InvalidRequestError as error:
            return _line("key", name, "left out", error.message)
        owner = self._owners[taken.user_ref]
        if owner is not None:
            await self._accounts.adopt_key(owner, _new_key(taken, owner, rules))
        self._hashes.add(taken.secret_hash)
        quota = "unlimited" if taken.quota is None else f"{taken.quota} units"
        return _line("key", name, "new", quota, taken.note)

    def _require_new(self, name: str) -> None:
        if name in self._names:
            raise ConflictError(f"There is a user named {name!r} already.")

    async def _known(self, ref: str) -> User | None:
        for row in await self._records.ledger_of(ref):
            if (row.kind, row.ref) == ("topup", ref):
                return self._users.get(row.user_id)
        return None

    async def _create(self, taken: TakenUser, name: str) -> User:
        return await self._accounts.create_user(
            name,
            quota=taken.units,
            is_admin=taken.is_admin,
            access_token_hash=taken.access_token_hash,
            group=taken.group,
            ref=taken.ref,
        )


async def _take_channel(desk: ChannelDesk, taken: TakenChannel, *, is_rehearsal: bool) -> TakeoverLine:
    if any(channel.name == taken.name for channel in desk.all()):
        return _line("channel", taken.name, "there", "a channel of this name is left as it is")
    secrets = {"keys": taken.keys, "header_overrides": taken.headers}
    try:
        if is_rehearsal:
            desk.check(taken.name, taken.settings, secrets)
        else:
            await desk.add(taken.name, taken.settings, secrets)
    except (InvalidRequestError, ConflictError) as error:
        return _line("channel", taken.name, "left out", error.message)
    kind = f"type {taken.settings.get('type')}"
    off = "" if taken.settings.get("is_on", True) else "off"
    return _line("channel", taken.name, "new", kind, f"keys: {len(taken.keys)}", off, taken.note)


async def _take_prices(desk: PriceDesk, options: dict[str, str], *, is_rehearsal: bool) -> list[TakeoverLine]:
    """Prices that nobody has set here."""
    if not options:
        return []
    try:
        all_ = await desk.import_new_api(options, is_rehearsal=True)
        new = set(await desk.import_new_api(options, is_rehearsal=is_rehearsal, keeps_own=True))
    except InvalidRequestError as error:
        return [_line("price", "all of them", "left out", error.message)]
    return [
        _line("price", one.name, "new", one.section, _short(one.value))
        if one in new
        else _line("price", one.name, "there", "a price that was set here is left as it is")
        for one in all_
    ]


def _short(value: str) -> str:
    """A figure without the zeros at its end."""
    return msgspec.json.encode(msgspec.json.decode(value)).decode()


def _new_key(taken: TakenKey, owner: User, rules: KeyRules) -> NewKey:
    return NewKey(
        user_id=owner.id,
        name=taken.name,
        secret_hash=taken.secret_hash,
        tail=taken.tail,
        quota=taken.quota,
        expires_at_ms=taken.expires_at_ms,
        models=None if taken.models is None else frozenset(taken.models),
        rules=rules,
    )


def _line(kind: str, name: str, outcome: str, *notes: str) -> TakeoverLine:
    return TakeoverLine(kind=kind, name=name, outcome=outcome, note="; ".join(note for note in notes if note))
