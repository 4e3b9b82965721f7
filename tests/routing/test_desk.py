"""Deeds on channels: they hold at once and after a restart, and no secret is stored or told."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from tests.databases import database, empty_database
from tests.routing.factories import SERVED, channel
from tutti.errors import ConflictError, InvalidRequestError, NotFoundError
from tutti.kit.clock import ManualClock
from tutti.kit.seal import Seal
from tutti.routing.channels import Channels
from tutti.routing.desk import ChannelDesk
from tutti.tasks.memory import InMemoryTaskStore
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.vendors.checks import check_channel

__all__ = ["database", "empty_database"]

pytestmark = pytest.mark.anyio

KEY, NEWER = bytes(32), bytes([1]) * 32
SETTINGS = {"type": "openai", "models": ["gpt-4o"]}
SECRETS = {"keys": ["sk-very-secret"], "header_overrides": {"x-token": "also-secret"}}


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    if request.param == "memory":
        yield InMemoryTaskStore(clock=ManualClock())
        return
    path = request.getfixturevalue("database")
    sqlite = SqliteTaskStore(path, clock=ManualClock(), render_event=lambda _task, _parts: b"{}")
    await sqlite.open()
    yield sqlite
    await sqlite.close()


async def opened(store: Any, *keys: bytes, declared: Any = ()) -> tuple[ChannelDesk, Channels]:
    """A desk as a server that starts has it."""
    channels = Channels(SERVED)
    desk = ChannelDesk(store, channels, Seal(*(keys or (KEY,))), check=check_channel)
    await desk.load(declared)
    return desk, channels


def serving(channels: Channels) -> list[str]:
    return [one.channel.name for tier in channels.tiers("gpt-4o", "default", ("chat",)) for one in tier.candidates]


async def test_added_channel_serves_at_once_and_after_a_restart(store: Any) -> None:
    desk, channels = await opened(store)
    made = await desk.add("main", SETTINGS, SECRETS)
    assert serving(channels) == ["main"]
    desk, channels = await opened(store)
    assert desk.find("main") == made
    assert (made.keys, made.header_overrides) == (("sk-very-secret",), {"x-token": "also-secret"})


async def test_nothing_secret_is_stored_or_told(store: Any) -> None:
    desk, _ = await opened(store)
    with structlog.testing.capture_logs() as logs:
        made = await desk.add("main", SETTINGS, SECRETS)
        await desk.change("main", {"weight": 3}, {})
        await opened(store, NEWER)
    (row,) = await store.list_channels()
    for text in (str(row), repr(made), str(logs)):
        assert "secret" not in text.replace("secrets", "")


async def test_changed_channel_keeps_what_was_not_named(store: Any) -> None:
    desk, channels = await opened(store)
    await desk.add("main", SETTINGS, SECRETS)
    changed = await desk.change("main", {"weight": 3, "max_parallel": 5}, {})
    assert (changed.weight, changed.max_parallel, changed.models) == (3, 5, frozenset({"gpt-4o"}))
    assert changed.keys == ("sk-very-secret",)
    changed = await desk.change("main", {"max_parallel": None, "is_on": False}, {"keys": ["sk-new"]})
    assert (changed.weight, changed.max_parallel, changed.keys) == (3, None, ("sk-new",))
    assert changed.header_overrides == {"x-token": "also-secret"}
    assert serving(channels) == []
    desk, _ = await opened(store)
    assert desk.find("main") == changed


async def test_removed_channel_is_gone(store: Any) -> None:
    desk, channels = await opened(store)
    await desk.add("main", SETTINGS, SECRETS)
    await desk.remove("main")
    assert serving(channels) == []
    with pytest.raises(NotFoundError):
        await desk.remove("main")
    assert await store.list_channels() == []


@pytest.mark.parametrize(
    ("settings", "keys", "field"),
    [
        ({"type": "nothing"}, ["k"], "type"),
        ({"type": "openai"}, [], "keys"),
        ({"type": "openai", "options": {"region": "eu"}}, ["k"], "options"),
        ({"type": "openai", "base_url": "ftp://host"}, ["k"], "base_url"),
        ({"type": "azure"}, ["k"], "base_url"),
        ({"type": "vertex", "options": {"project": "p"}}, ["k"], "keys"),
        ({"type": "vertex"}, ["{}"], "options"),
        ({"type": "openai"}, ['{"client_email": ""}'], "keys"),
    ],
)
async def test_what_its_vendor_cannot_work_with_is_refused(
    store: Any, settings: dict[str, Any], keys: list[str], field: str
) -> None:
    desk, _ = await opened(store)
    with pytest.raises(InvalidRequestError) as caught:
        await desk.add("main", settings, {"keys": keys})
    assert caught.value.field == field
    assert desk.all() == []


async def test_change_that_does_not_fit_changes_nothing(store: Any) -> None:
    desk, _ = await opened(store)
    made = await desk.add("main", SETTINGS, SECRETS)
    for settings, secrets in (({"weight": -1}, {}), ({"type": "azure"}, {}), ({}, {"keys": []})):
        with pytest.raises(InvalidRequestError):
            await desk.change("main", settings, secrets)
    desk, _ = await opened(store)
    assert desk.find("main") == made


async def test_names_are_taken_once(store: Any) -> None:
    desk, _ = await opened(store, declared=[channel(-5, name="declared")])
    await desk.add("main", SETTINGS, SECRETS)
    for name in ("main", "declared"):
        with pytest.raises(ConflictError):
            await desk.add(name, SETTINGS, SECRETS)


async def test_declared_channel_serves_and_no_deed_changes_it(store: Any) -> None:
    desk, channels = await opened(store, declared=[channel(-5, name="declared")])
    assert serving(channels) == ["declared"]
    with pytest.raises(ConflictError, match=r"tutti\.toml"):
        await desk.change("declared", {"weight": 3}, {})
    with pytest.raises(ConflictError, match=r"tutti\.toml"):
        await desk.remove("declared")


async def test_declared_channel_is_checked(store: Any) -> None:
    with pytest.raises(InvalidRequestError, match="base URL"):
        await opened(store, declared=[channel(-5, type="azure")])


async def test_lost_key_file_turns_channels_off_until_they_get_new_keys(store: Any) -> None:
    desk, _ = await opened(store)
    await desk.add("main", SETTINGS, SECRETS)
    desk, channels = await opened(store, NEWER)
    assert serving(channels) == []
    assert "channel-key" in (desk.problem(desk.find("main")) or "")
    await desk.change("main", {}, {"keys": ["sk-new"]})
    assert serving(channels) == ["main"]
    assert desk.problem(desk.find("main")) is None


async def test_start_under_a_newer_key_seals_everything_anew(store: Any) -> None:
    desk, _ = await opened(store)
    await desk.add("main", SETTINGS, SECRETS)
    await opened(store, NEWER, KEY)
    desk, channels = await opened(store, NEWER)
    assert desk.find("main").keys == ("sk-very-secret",)
    assert serving(channels) == ["main"]
