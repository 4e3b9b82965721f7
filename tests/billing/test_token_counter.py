"""Tokens counted in a process of its own: what it says, and that neither its death nor ours matters."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.counting import tokens_of
from tests.waiting import eventually, is_alive
from tutti.billing.counting import count_prompt
from tutti.billing.token_counter import TokenCounter, chunks

pytestmark = pytest.mark.anyio

LONG = "the lantern drifts " * 100_000
# Starts, and never says a word.
SILENT = (sys.executable, "-c", "import sys; sys.stdin.buffer.read()")
DYING = (sys.executable, "-c", "import sys; sys.stdin.buffer.read(4)")
MISSING = ("/nowhere/tokenizer",)
HANGS_ONCE = """
import os, pathlib, sys, time
hung = pathlib.Path(sys.argv[1])
if not hung.exists():
    hung.write_text(str(os.getpid()))
    time.sleep(60)
while sys.stdin.buffer.read(4 + 3):
    os.write(1, bytes([0, 0, 0, 7]))
"""
GATEWAY = """
import asyncio, sys
from tutti.billing.token_counter import TokenCounter

async def main():
    counter = TokenCounter()
    await counter.count("one")
    counting = asyncio.create_task(counter.count("the lantern drifts " * int(sys.argv[1])))
    await asyncio.sleep(0)
    sys.stderr.write(f"{counter.pid}\\n")
    await counting
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def anyio_backend():
    """The loop of the server; the plain one runs below where a test makes its own."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def counter():
    counter = TokenCounter()
    yield counter
    await counter.close()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("Hello, world!", 4), ("<|endoftext|>", 7), ("敏捷的棕色狐狸", 7), ("\ud800", 1), (" " * 50, 1)],
)
async def test_texts_are_counted_in_the_vocabulary_of_4o(counter, text, tokens):
    assert await counter.count(text) == tokens


async def test_a_text_longer_than_the_tokenizer_takes_is_counted_in_parts(counter):
    assert await counter.count(LONG) == pytest.approx(400_000, rel=0.01)
    assert await counter.count("a" * 1_200_000) == pytest.approx(150_000, rel=0.01)


async def test_a_half_of_a_character_is_counted_as_one_that_cannot_be_read(counter):
    halves = json.loads('"moon \\ud83d and \\ude00 lantern"')
    assert await counter.count(halves) == await counter.count("moon ? and ? lantern")
    assert await count_prompt(b'{"input":"\xff\xfe lantern"}', counter) > 5


@given(text=st.text(max_size=30_000))
@settings(max_examples=50, deadline=None)
def test_no_character_is_lost_between_chunks_and_no_text_has_more_tokens_than_bytes(text):
    assert "".join(chunks(text)) == text
    assert tokens_of(text) <= len(text.encode("utf-8", "surrogatepass"))


async def test_many_texts_at_once_are_counted_each_for_itself_by_one_process(counter):
    texts = ["lantern " * number * 100 for number in range(1, 60)]
    counts = await asyncio.gather(*map(counter.count, texts))
    assert counts == [tokens_of(text) for text in texts]
    pid = counter.pid
    assert await counter.count("lantern") == 2
    assert counter.pid == pid


async def test_a_short_text_does_not_wait_for_a_long_one(counter):
    await counter.count("one")
    long = asyncio.create_task(counter.count(LONG))
    await asyncio.sleep(0)
    assert await counter.count("Hello, world!") == 4
    assert not long.done()
    assert await long == pytest.approx(400_000, rel=0.01)


async def test_a_count_given_up_harms_no_other(counter):
    texts = [LONG, "one two", LONG, "one two three"]
    counting = [asyncio.create_task(counter.count(text)) for text in texts]
    counting[0].cancel()  # while the process starts
    await eventually(lambda: counter.pid)
    await asyncio.sleep(0)
    counting[2].cancel()  # while it counts
    assert await counting[1] == 2
    assert await counting[3] == 3
    assert counting[0].cancelled()
    assert counting[2].cancelled()


async def test_nothing_is_started_before_there_is_something_to_count(counter):
    assert await counter.count("") == 0
    assert counter.pid is None


async def test_an_idle_process_is_let_go_and_another_one_started():
    counter = TokenCounter(idle_s=0.2)
    try:
        with capture_logs() as lines:
            assert await counter.count("Hello, world!") == 4
            first = counter.pid
            await eventually(lambda: counter.pid is None and not is_alive(first))
            assert await counter.count("Hello, world!") == 4
            assert counter.pid != first
        assert [line["event"] for line in lines] == ["tokenizer_started"] * 2
    finally:
        await counter.close()


async def test_a_process_killed_in_the_midst_is_started_again_for_all_who_wait(counter):
    await counter.count("one")
    counting = [asyncio.create_task(counter.count(text)) for text in (LONG, "Hello, world!", LONG)]
    await asyncio.sleep(0)
    killed = counter.pid
    with capture_logs() as lines:
        os.kill(killed, signal.SIGKILL)
        assert await asyncio.gather(*counting) == [tokens_of(LONG), 4, tokens_of(LONG)]
    assert counter.pid != killed
    assert [line["event"] for line in lines] == ["tokenizer_died", "tokenizer_started"]


async def test_a_process_killed_while_idle_costs_nothing(counter):
    await counter.count("one")
    os.kill(counter.pid, signal.SIGKILL)
    assert await counter.count("Hello, world!") == 4


async def test_a_process_that_hangs_is_killed_and_started_again(tmp_path):
    counter = TokenCounter(command=(sys.executable, "-c", HANGS_ONCE, str(tmp_path / "hung")), patience_s=3)
    try:
        assert await asyncio.gather(counter.count("one"), counter.count("two")) == [7, 7]
        assert not is_alive(int((tmp_path / "hung").read_text()))
    finally:
        await counter.close()


@pytest.mark.parametrize("command", [DYING, SILENT, MISSING])
async def test_where_no_process_answers_tokens_are_estimated_by_length(command):
    counter = TokenCounter(command=command, patience_s=0.5)
    with capture_logs() as lines:
        texts = ("Hello, world!", LONG, "\ud800", "敏捷的棕色狐狸")
        assert await asyncio.gather(*map(counter.count, texts)) == [4, 542_857, 1, 6]
        assert await counter.count("one two three") == 4
    await counter.close()
    assert [line["event"] for line in lines].count("tokens_estimated") == 1


async def test_a_closed_counter_leaves_no_process_and_estimates(counter):
    await counter.count("one")
    pid = counter.pid
    counting = asyncio.create_task(counter.count(LONG))
    await asyncio.sleep(0)
    await counter.close()
    assert not is_alive(pid)
    assert await counting == 542_857
    assert await counter.count("one two three") == 4
    assert counter.pid is None


async def test_counters_of_two_event_loops_do_not_meet():
    def count_elsewhere():
        async def count():
            counter = TokenCounter()
            try:
                return await asyncio.gather(*(counter.count("Hello, world!") for _ in range(50)))
            finally:
                await counter.close()

        return asyncio.run(count())

    counts = await asyncio.gather(*(asyncio.to_thread(count_elsewhere) for _ in range(2)))
    assert counts == [[4] * 50] * 2


@pytest.mark.parametrize("lanterns", [1, 1_000_000], ids=["idle", "counting"])
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_a_process_dies_with_its_gateway(lanterns, end):
    with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this test
        [sys.executable, "-c", GATEWAY, str(lanterns)], stderr=subprocess.PIPE
    ) as gateway:
        lines = iter(gateway.stderr)
        pid = int(next(line for line in lines if line.strip().isdigit()))
        assert is_alive(pid)
        os.kill(gateway.pid, end)
        # It says nothing at its end, in the midst of a text or not.
        assert list(lines) == []
    await eventually(lambda: not is_alive(pid))
