"""`ChannelStore` in every implementation."""

from dataclasses import replace
from typing import Any

import pytest

from tutti.errors import ConflictError, NotFoundError
from tutti.kit.clock import ManualClock

pytestmark = pytest.mark.anyio

FIRST = {"settings": b'{"type":"openai"}', "sealed": b"\x01\x00\xff"}
SECOND = {"settings": b'{"type":"gateway"}', "sealed": b"\x01other"}


async def test_channel_is_read_as_it_was_stored(store: Any, clock: ManualClock) -> None:
    row = await store.add_channel("main", **FIRST)
    assert await store.list_channels() == [row]
    assert (row.name, row.settings, row.sealed) == ("main", FIRST["settings"], FIRST["sealed"])
    assert row.created_at_ms == row.changed_at_ms == clock.now_ms()


async def test_channel_is_changed_as_a_whole(store: Any, clock: ManualClock) -> None:
    row = await store.add_channel("main", **FIRST)
    clock.advance(1000)
    changed = await store.change_channel(row.id, name="other", **SECOND)
    assert changed == replace(row, name="other", changed_at_ms=clock.now_ms(), **SECOND)
    assert await store.list_channels() == [changed]


async def test_names_are_taken_once(store: Any) -> None:
    first = await store.add_channel("main", **FIRST)
    second = await store.add_channel("spare", **FIRST)
    with pytest.raises(ConflictError):
        await store.add_channel("main", **SECOND)
    with pytest.raises(ConflictError):
        await store.change_channel(second.id, name="main", **SECOND)
    assert await store.change_channel(first.id, name="main", **FIRST) == first


async def test_removed_channel_is_gone_and_its_id_is_not_given_again(store: Any) -> None:
    row = await store.add_channel("main", **FIRST)
    await store.remove_channel(row.id)
    assert await store.list_channels() == []
    assert (await store.add_channel("main", **FIRST)).id != row.id


async def test_unknown_channel_is_told(store: Any) -> None:
    with pytest.raises(NotFoundError):
        await store.change_channel(99, name="main", **FIRST)
    with pytest.raises(NotFoundError):
        await store.remove_channel(99)
