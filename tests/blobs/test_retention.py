import pytest

from tutti.blobs.memory import InMemoryBlobStore
from tutti.blobs.retention import sweep, sweep_orphans
from tutti.kit.clock import ManualClock

pytestmark = pytest.mark.anyio

DAY_MS = 86_400_000


async def four_tasks(clock: ManualClock) -> InMemoryBlobStore:
    """Four tasks, a day apart, each with a song of 100 bytes and a cover of 10."""
    store = InMemoryBlobStore(clock)
    for task in "abcd":
        await store.put(f"results/{task}/1/song.mp3", bytes(100))
        await store.put(f"results/{task}/1/cover.jpg", bytes(10))
        clock.advance(DAY_MS)
    return store


async def tasks_left(store: InMemoryBlobStore) -> str:
    keys = [info.key async for info in store.list_all()]
    left = "".join(sorted({key.split("/")[1] for key in keys}))
    assert len(keys) == 2 * len(left)
    return left


@pytest.mark.parametrize(
    ("keep_days", "keep_bytes", "left"),
    [
        (30, 0, "abcd"),
        (2.5, 0, "cd"),
        (30, 440, "abcd"),
        (30, 439, "bcd"),
        (30, 115, "d"),
        (2.5, 115, "d"),
        (0.5, 1, ""),
    ],
)
async def test_sweep_keeps_the_youngest(keep_days: float, keep_bytes: int, left: str) -> None:
    clock = ManualClock()
    store = await four_tasks(clock)
    gone = await sweep(store, clock, keep_days=keep_days, keep_bytes=keep_bytes)
    assert await tasks_left(store) == left
    assert gone == 2 * (4 - len(left))
    assert await sweep(store, clock, keep_days=keep_days, keep_bytes=keep_bytes) == 0


async def test_row_6_orphans_go_when_they_are_old_enough() -> None:
    clock = ManualClock()
    store = await four_tasks(clock)
    await store.put("inputs/x/1", b"another folder")
    asked: list[set[str]] = []

    async def known(task_ids: set[str]) -> set[str]:
        asked.append(task_ids)
        return task_ids & {"a", "c"}

    assert await sweep_orphans(store, clock, known, prefix="results", min_age_s=1.5 * 86_400) == 2
    assert asked == [{"a", "b", "c"}]
    await store.delete(["inputs/x/1"])
    assert await tasks_left(store) == "acd"
