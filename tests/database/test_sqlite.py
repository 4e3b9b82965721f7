"""The one writer: groups, refusals, and a database that says no."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tutti.database.check import check
from tutti.database.driver import Connection
from tutti.database.sqlite import Readers, Writer
from tutti.errors import ConflictError, StoreError
from tutti.kit.clock import SystemClock

pytestmark = pytest.mark.anyio

_PUT = "INSERT INTO meta (name, value) VALUES (?, ?)"


def _put(name: str, value: str = "v"):
    return lambda connection: connection.execute(_PUT, (name, value)).rowcount


def _names(connection: Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM meta")}


@pytest.fixture
async def writer(database: Path) -> AsyncIterator[Writer]:
    writer = Writer(database)
    yield writer
    await writer.close()


@contextlib.asynccontextmanager
async def _held(writer: Writer) -> AsyncIterator[None]:
    """What is asked for inside travels in one group, for the writer is busy until the end."""
    began, gate = threading.Event(), threading.Event()
    holding = asyncio.ensure_future(writer.run(lambda _connection: (began.set(), gate.wait())))
    await asyncio.to_thread(began.wait)
    yield
    await asyncio.sleep(0)
    gate.set()
    await holding


async def test_operations_that_wait_together_are_committed_together(writer: Writer) -> None:
    seen = []

    def put(number: int):
        def operation(connection: Connection) -> None:
            seen.append((number, connection.in_transaction, len(_names(connection))))
            connection.execute(_PUT, (str(number), ""))

        return operation

    async with _held(writer):
        answers = [asyncio.ensure_future(writer.run(put(number))) for number in range(3)]
    await asyncio.gather(*answers)
    assert seen == [(0, True, 0), (1, True, 1), (2, True, 2)]


async def test_one_that_fails_after_writing_undoes_its_own_writes_only(writer: Writer) -> None:
    def half(connection: Connection) -> None:
        connection.execute(_PUT, ("half", ""))
        raise ConflictError

    def broken(connection: Connection) -> None:
        connection.execute("INSERT INTO nowhere VALUES (1)")

    async with _held(writer):
        answers = [
            asyncio.ensure_future(writer.run(operation))
            for operation in (_put("a"), half, broken, _put("a"), _put("b"))
        ]
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, ConflictError, StoreError, StoreError, int]
    assert await writer.run(_names) == {"a", "b"}


async def test_one_who_gave_up_does_not_keep_others_from_their_answer(writer: Writer) -> None:
    async with _held(writer):
        gone = asyncio.ensure_future(writer.run(_put("gone")))
        here = asyncio.ensure_future(writer.run(_put("here")))
        await asyncio.sleep(0)
        gone.cancel()
    assert await here == 1
    assert await writer.run(_names) == {"gone", "here"}


async def test_row_21_a_full_disk_is_a_clear_error_and_the_writer_survives(database: Path, writer: Writer) -> None:
    await writer.run(_put("before"))
    [pages] = await writer.run(lambda connection: connection.execute("PRAGMA page_count").fetchone())
    await writer.run(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone())
    async with _held(writer):
        answers = [asyncio.ensure_future(writer.run(_put(f"large {number}", "x" * 20_000))) for number in range(3)]
    for outcome in await asyncio.gather(*answers, return_exceptions=True):
        assert isinstance(outcome, StoreError)
        assert "disk is full" in outcome.message
    await writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchone())
    await writer.run(_put("after"))
    assert await writer.run(_names) == {"before", "after"}
    assert check(database) == []


async def test_row_21_a_read_only_database_is_a_clear_error(writer: Writer) -> None:
    # Root may write anywhere, so the connection itself is made read-only.
    await writer.run(lambda connection: connection.execute("PRAGMA query_only = ON").fetchone())
    with pytest.raises(StoreError, match="read-only"):
        await writer.run(_put("a"))


async def test_row_21_a_directory_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Writer(tmp_path / "nowhere" / "tutti.sqlite3")


async def test_row_21_a_clock_set_back_or_forward_moves_no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    before = clock.now_ms()
    wall_ns = time.time_ns()
    for shift_s in (3600, -3600):
        monkeypatch.setattr(time, "time_ns", lambda shift_s=shift_s: wall_ns + shift_s * 1_000_000_000)
        assert 0 <= clock.now_ms() - before < 60_000


async def test_what_was_asked_for_before_the_close_is_done(database: Path) -> None:
    writer = Writer(database)
    asked = [asyncio.ensure_future(writer.run(_put(str(number)))) for number in range(10)]
    await asyncio.sleep(0)
    await writer.close()
    assert await asyncio.gather(*asked) == [1] * 10
    with pytest.raises(StoreError, match="closed"):
        await writer.run(_put("late"))


async def test_readers_see_what_was_committed_and_cannot_write(database: Path, writer: Writer) -> None:
    readers = Readers(database)
    await writer.run(_put("a"))
    assert await readers.run(_names) == {"a"}
    with pytest.raises(StoreError, match="read-only"):
        await readers.run(_put("b"))
    assert await readers.run(_names) == {"a"}
    await readers.close()
