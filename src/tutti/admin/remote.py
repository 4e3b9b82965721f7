"""Deeds asked of a running server through the socket in its data directory."""

from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import msgspec

from tutti.accounts.model import DEFAULT_GROUP
from tutti.admin.deeds import ChannelInfo, ChannelTrial, Finding, KeyChanges, KeyInfo, KeyRuleset, UserInfo
from tutti.admin.taken import Takeover, TakeoverLine
from tutti.admin.told import CallInfo, Explanation, PriceInfo, TaskInfo, TaskStory, WebhookInfo
from tutti.errors import TuttiError, UnavailableError

T = TypeVar("T")

# A backup or a takeover takes as long as it takes; a server that dies meanwhile closes the socket.
_TIMEOUT = aiohttp.ClientTimeout(total=None)


class RemoteDeeds:
    """Fulfils `Deeds` by asking; raises `TuttiError` with the server's words."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def create_user(self, name: str, *, units: int, group: str = DEFAULT_GROUP) -> UserInfo:
        """Add a user."""
        return await self._ask("create_user", UserInfo, name=name, units=units, group=group)

    async def set_group(self, user: str, group: str) -> UserInfo:
        """Move a user to another group."""
        return await self._ask("set_group", UserInfo, user=user, group=group)

    async def list_users(self) -> list[UserInfo]:
        """Everyone."""
        return await self._ask("list_users", list[UserInfo])

    async def top_up(self, user: str, *, units: int, ref: str) -> UserInfo:
        """Add or take credit."""
        return await self._ask("top_up", UserInfo, user=user, units=units, ref=ref)

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
        return await self._ask(
            "create_key",
            KeyInfo,
            name=name,
            user=user,
            quota=quota,
            expires_at_ms=expires_at_ms,
            models=models,
            rules=rules,
        )

    async def list_keys(self, *, user: str | None = None) -> list[KeyInfo]:
        """Keys of one user or all."""
        return await self._ask("list_keys", list[KeyInfo], user=user)

    async def change_key(self, key_id: int, changes: KeyChanges) -> KeyInfo:
        """Change what a key may do."""
        return await self._ask("change_key", KeyInfo, key_id=key_id, changes=changes)

    async def grant_key(self, key_id: int, *, units: int) -> KeyInfo:
        """Let a key spend more, or less."""
        return await self._ask("grant_key", KeyInfo, key_id=key_id, units=units)

    async def revoke_key(self, key_id: int) -> KeyInfo:
        """Make a key useless."""
        return await self._ask("revoke_key", KeyInfo, key_id=key_id)

    async def webhook_secrets(self, user: str) -> list[str]:
        """Signing secrets, newest first."""
        return await self._ask("webhook_secrets", list[str], user=user)

    async def rotate_webhook_secret(self, user: str) -> str:
        """A new signing secret."""
        return await self._ask("rotate_webhook_secret", str, user=user)

    async def add_channel(
        self, name: str, *, settings: dict[str, Any], keys: list[str], headers: dict[str, str] | None = None
    ) -> ChannelInfo:
        """Add an upstream."""
        return await self._ask("add_channel", ChannelInfo, name=name, settings=settings, keys=keys, headers=headers)

    async def list_channels(self) -> list[ChannelInfo]:
        """Every channel."""
        return await self._ask("list_channels", list[ChannelInfo])

    async def change_channel(
        self,
        name: str,
        *,
        settings: dict[str, Any] | None = None,
        keys: list[str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> ChannelInfo:
        """Replace some of a channel."""
        return await self._ask("change_channel", ChannelInfo, name=name, settings=settings, keys=keys, headers=headers)

    async def remove_channel(self, name: str) -> ChannelInfo:
        """Forget a channel."""
        return await self._ask("remove_channel", ChannelInfo, name=name)

    async def test_channel(self, name: str, *, model: str | None = None) -> list[ChannelTrial]:
        """Ask the upstream for one token with each key."""
        return await self._ask("test_channel", list[ChannelTrial], name=name, model=model)

    async def list_prices(self, *, name: str | None = None, is_all: bool = False) -> list[PriceInfo]:
        """What was set, or what holds."""
        return await self._ask("list_prices", list[PriceInfo], name=name, is_all=is_all)

    async def set_price(self, section: str, name: str, value: Any) -> PriceInfo:
        """Set a figure."""
        return await self._ask("set_price", PriceInfo, section=section, name=name, value=value)

    async def drop_price(self, section: str, name: str) -> list[PriceInfo]:
        """Let the figure that ships hold again."""
        return await self._ask("drop_price", list[PriceInfo], section=section, name=name)

    async def import_prices(self, options: dict[str, str], *, is_rehearsal: bool = False) -> list[PriceInfo]:
        """Set the prices of another gateway."""
        return await self._ask("import_prices", list[PriceInfo], options=options, is_rehearsal=is_rehearsal)

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
        """Calls, newest first."""
        return await self._ask(
            "list_calls",
            list[CallInfo],
            user=user,
            key_id=key_id,
            channel=channel,
            since_ms=since_ms,
            before_id=before_id,
            limit=limit,
        )

    async def explain(self, subject: str) -> Explanation:
        """What happened under an id."""
        return await self._ask("explain", Explanation, subject=subject)

    async def list_tasks(
        self, *, user: str | None = None, state: str | None = None, before_id: str | None = None, limit: int = 50
    ) -> list[TaskInfo]:
        """Tasks, newest first."""
        return await self._ask("list_tasks", list[TaskInfo], user=user, state=state, before_id=before_id, limit=limit)

    async def show_task(self, task_id: str) -> TaskStory:
        """What happened with a task."""
        return await self._ask("show_task", TaskStory, task_id=task_id)

    async def cancel_task(self, task_id: str, *, refund: str = "full") -> TaskInfo:
        """Cancel a task."""
        return await self._ask("cancel_task", TaskInfo, task_id=task_id, refund=refund)

    async def buried_webhooks(self, *, limit: int = 50) -> list[WebhookInfo]:
        """Webhooks that were given up."""
        return await self._ask("buried_webhooks", list[WebhookInfo], limit=limit)

    async def redeliver(self, webhook_ids: list[str]) -> list[WebhookInfo]:
        """Try them again."""
        return await self._ask("redeliver", list[WebhookInfo], webhook_ids=webhook_ids)

    async def take_over(self, takeover: Takeover, *, is_rehearsal: bool = True) -> list[TakeoverLine]:
        """Take over what another gateway has."""
        return await self._ask("take_over", list[TakeoverLine], takeover=takeover, is_rehearsal=is_rehearsal)

    async def backup(self, target: str) -> int:
        """Copy the database."""
        return await self._ask("backup", int, target=target)

    async def check(self) -> list[Finding]:
        """What is off."""
        return await self._ask("check", list[Finding])

    async def _ask(self, deed: str, wanted: type[T], **arguments: Any) -> T:
        connector = aiohttp.UnixConnector(path=str(self._socket))
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session,
                session.post(f"http://tutti/deeds/{deed}", data=msgspec.json.encode(arguments)) as reply,
            ):
                answer = msgspec.json.decode(await reply.read())
        except aiohttp.ClientError as error:
            raise UnavailableError(f"The server on {self._socket} does not answer: {error}") from error
        if reply.status != 200:
            raise TuttiError(answer["message"], field=answer.get("field"))
        return msgspec.convert(answer["result"], wanted)
