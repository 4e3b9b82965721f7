"""The deeds of an operator, and the values they give.

What they give of prices, calls and tasks stands in `told.py`. To add a deed: a method here, in `remote.py`, and in
`local.py` or one of the files that it is made of; `routes.py` offers it by its name without being told.
"""

from typing import Any, Protocol

import msgspec

from tutti.admin.taken import Takeover, TakeoverLine
from tutti.admin.told import CallInfo, Explanation, PriceInfo, TaskInfo, TaskStory, WebhookInfo
from tutti.kit.money import Whole, WholeOrMore
from tutti.routing.described import ChannelSettings


class UserInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A user as shown to operators."""

    id: int
    name: str
    is_admin: bool
    quota: int
    used_quota: int
    created_at_ms: int
    group: str = "default"


class KeyRuleset(msgspec.Struct, frozen=True, kw_only=True):
    """How a key may be used; 0 is no limit."""

    # None: the group of its user.
    group: str | None = None
    # Networks such as "203.0.113.0/24"; empty: anywhere.
    places: tuple[str, ...] = ()
    requests_per_minute: WholeOrMore = 0
    tokens_per_minute: WholeOrMore = 0
    # Calls at once, and units a UTC day.
    parallel: WholeOrMore = 0
    daily_units: WholeOrMore = 0


class KeyChanges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to change of a key; what is left out stays. None: no end, all models, the group of its user."""

    expires_at_ms: Whole | msgspec.UnsetType | None = msgspec.UNSET
    models: tuple[str, ...] | msgspec.UnsetType | None = msgspec.UNSET
    group: str | msgspec.UnsetType | None = msgspec.UNSET
    places: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    requests_per_minute: WholeOrMore | msgspec.UnsetType = msgspec.UNSET
    tokens_per_minute: WholeOrMore | msgspec.UnsetType = msgspec.UNSET
    parallel: WholeOrMore | msgspec.UnsetType = msgspec.UNSET
    daily_units: WholeOrMore | msgspec.UnsetType = msgspec.UNSET


class KeyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A key as shown to operators; `secret` is there only in the answer that creates it."""

    id: int
    user: str
    name: str
    tail: str
    quota: int | None
    used_quota: int
    expires_at_ms: int | None
    models: tuple[str, ...] | None
    is_revoked: bool
    rules: KeyRuleset = KeyRuleset()
    secret: str | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that `check` found to be off."""

    what: str
    details: str


class ChannelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as shown to operators: of its secrets only what tells them apart."""

    id: int
    name: str
    settings: ChannelSettings
    # The last letters of each key, and the names of the headers that are sent with every request.
    keys: tuple[str, ...]
    headers: tuple[str, ...]
    # Declared in tutti.toml: no deed changes it.
    is_declared: bool
    # "well", "off", or why it is not asked now and, in milliseconds since 1970, until when (0: not known).
    state: str
    resting_until_ms: int = 0
    in_flight: int = 0


class ChannelTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What an upstream said to one key of a channel."""

    key: str
    operation: str
    model: str
    is_ok: bool
    # None when nobody answered.
    status: int | None
    latency_ms: int
    verdict: str


class Deeds(Protocol):
    """Everything an operator can ask for; each raises `TuttiError`."""

    async def create_user(self, name: str, *, units: int, group: str = "default") -> UserInfo:
        """Add a user with an opening balance."""
        ...

    async def list_users(self) -> list[UserInfo]:
        """Everyone."""
        ...

    async def top_up(self, user: str, *, units: int, ref: str) -> UserInfo:
        """Add credit to a user by name, or take some with negative units; the same `ref` counts once."""
        ...

    async def set_group(self, user: str, group: str) -> UserInfo:
        """Move a user, and with them those of their keys that have no group of their own, to another group."""
        ...

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
        """Make a key for a user (the first admin when None)."""
        ...

    async def list_keys(self, *, user: str | None = None) -> list[KeyInfo]:
        """Keys of one user or all."""
        ...

    async def change_key(self, key_id: int, changes: KeyChanges) -> KeyInfo:
        """Change what a key may do, at once."""
        ...

    async def grant_key(self, key_id: int, *, units: int) -> KeyInfo:
        """Let a key with a quota spend more of its user's balance, or less with negative units."""
        ...

    async def revoke_key(self, key_id: int) -> KeyInfo:
        """Make a key useless at once and for good."""
        ...

    async def webhook_secrets(self, user: str) -> list[str]:
        """The secrets that sign a user's webhooks, newest first."""
        ...

    async def rotate_webhook_secret(self, user: str) -> str:
        """A new signing secret; the one before it goes on signing until the next rotation."""
        ...

    async def add_channel(
        self, name: str, *, settings: dict[str, Any], keys: list[str], headers: dict[str, str] | None = None
    ) -> ChannelInfo:
        """Add an upstream; `settings` are the fields of `ChannelSettings`."""
        ...

    async def list_channels(self) -> list[ChannelInfo]:
        """Every channel, declared ones first."""
        ...

    async def change_channel(
        self,
        name: str,
        *,
        settings: dict[str, Any] | None = None,
        keys: list[str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> ChannelInfo:
        """Replace some settings, all keys or all headers; what is None stays."""
        ...

    async def remove_channel(self, name: str) -> ChannelInfo:
        """Forget a channel; requests under way end as they would."""
        ...

    async def test_channel(self, name: str, *, model: str | None = None) -> list[ChannelTrial]:
        """Ask the upstream for one token with each key; costs that much, and counts for nothing else."""
        ...

    async def list_prices(self, *, name: str | None = None, is_all: bool = False) -> list[PriceInfo]:
        """What was set; with a name what holds for it; with `is_all` everything that holds."""
        ...

    async def set_price(self, section: str, name: str, value: Any) -> PriceInfo:
        """Set a figure in place of the one that ships: rows in "models", units in "calls", a factor in "groups"."""
        ...

    async def drop_price(self, section: str, name: str) -> list[PriceInfo]:
        """Let the figure that ships hold again; gives what holds now."""
        ...

    async def import_prices(self, options: dict[str, str], *, is_rehearsal: bool = False) -> list[PriceInfo]:
        """Set the prices of a gateway of the New-API family, given its options (name -> JSON text)."""
        ...

    async def list_calls(
        self,
        *,
        user: str | None = None,
        key_id: int | None = None,
        channel: str | None = None,
        since_ms: int | None = None,
        before_id: int | None = None,
        limit: int = 50,
    ) -> list[CallInfo]:
        """Immediate calls that fulfil all conditions given, newest first, up to 1,000."""
        ...

    async def explain(self, subject: str) -> Explanation:
        """What happened under an id (of a request, a task or a part of one): who served it, what it cost and why."""
        ...

    async def list_tasks(
        self, *, user: str | None = None, state: str | None = None, before_id: str | None = None, limit: int = 50
    ) -> list[TaskInfo]:
        """Tasks that fulfil all conditions given, newest first, up to 1,000."""
        ...

    async def show_task(self, task_id: str) -> TaskStory:
        """What happened with a task, by our id or its caller's."""
        ...

    async def cancel_task(self, task_id: str, *, refund: str = "full") -> TaskInfo:
        """Cancel a task: one that waits at once, one in work when its worker next reports; an ended one stays.

        `refund` is "full" or "none", for one that has begun.
        """
        ...

    async def buried_webhooks(self, *, limit: int = 50) -> list[WebhookInfo]:
        """Webhooks that were given up, newest first."""
        ...

    async def redeliver(self, webhook_ids: list[str]) -> list[WebhookInfo]:
        """Try webhooks that were given up again, from the beginning."""
        ...

    async def take_over(self, takeover: Takeover, *, is_rehearsal: bool = True) -> list[TakeoverLine]:
        """Take over what another gateway has and is not here yet; a rehearsal changes nothing."""
        ...

    async def backup(self, target: str) -> int:
        """Copy the database to a new file while everything runs on; gives its bytes."""
        ...

    async def check(self) -> list[Finding]:
        """Prove that ledger, balances, tasks and events agree; gives what is off."""
        ...
