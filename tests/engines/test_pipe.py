import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.engines import pipe
from tutti.errors import EngineError, InvalidRequestError
from tutti.intents import ClipSeat, LyricsResult, Song

pytestmark = pytest.mark.anyio

RUN = pipe.RunJob(
    number=3,
    task_id="t",
    attempt=2,
    intent=Song(seats=(ClipSeat(clip_id="a", seed=7),), lyrics="啦"),
    scratch="/s",
    inputs={"k": "/i"},
)
TO_CHILD = [
    pipe.Load(factory="m:c", options={"a": "b"}),
    RUN,
    pipe.CancelJob(number=3),
    pipe.Answer(result={"text": "x"}),
    pipe.Answer(failure=pipe.Failed(error="EngineError", message="no")),
]
FROM_CHILD = [
    pipe.Ready(),
    pipe.Progress(fraction=0.5, note="啦"),
    pipe.PartDone(index=1, result={"a": [1, None, "x"]}),
    pipe.Ask(intent=RUN.intent, scratch="/s/asked-1", inputs={}),
    pipe.Done(result={}),
    pipe.Failed(error="EngineError", message="no"),
    pipe.Cancelled(),
]


def reader_of(content):
    reader = asyncio.StreamReader()
    reader.feed_data(content)
    reader.feed_eof()
    return reader


def test_messages_of_the_host_arrive_whole_then_the_end():
    ours, theirs = socket.socketpair()
    child = pipe.ChildPipe(theirs.detach())
    with ours:
        for message in TO_CHILD:
            ours.sendall(pipe.frame(message))
    assert [child.receive() for _ in TO_CHILD] == TO_CHILD
    assert child.receive() is None
    child.close()


async def test_messages_of_the_child_arrive_whole_then_the_end():
    reader = reader_of(b"".join(pipe.frame(message) for message in FROM_CHILD))
    assert [await pipe.read_from_child(reader) for _ in FROM_CHILD] == FROM_CHILD
    assert await pipe.read_from_child(reader) is None


async def test_results_arrive_as_plain_values():
    done = pipe.Done(result=LyricsResult(title="t", text="x", tags=("pop",)))
    arrived = await pipe.read_from_child(reader_of(pipe.frame(done)))
    assert arrived == pipe.Done(result={"title": "t", "text": "x", "tags": ["pop"]})


@pytest.mark.parametrize("content", [b"\0\0\0\3abc", b"\xff\xff\xff\xff", b"\0\0\0\0"])
async def test_rubbish_is_a_value_error(content):
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec words it
        await pipe.read_from_child(reader_of(content))


@given(cut=st.integers(0, 40))
def test_cut_frame_is_the_end_of_the_peer(cut):
    content = pipe.frame(pipe.Progress(fraction=0.25, note="a note of some length to cut"))
    assert cut < len(content)
    assert asyncio.run(_read(content[:cut])) is None


async def _read(content):
    return await pipe.read_from_child(reader_of(content))


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (pipe.Failed.of(InvalidRequestError("m")), InvalidRequestError),
        (pipe.Failed.of(EngineError("m")), EngineError),
        (pipe.Failed(error="ZeroDivisionError", message="m"), EngineError),
        (pipe.Failed(error="ClassVar", message="m"), EngineError),
    ],
)
def test_failure_becomes_the_error_it_names(failure, kind):
    error = failure.as_error()
    assert (type(error), error.message) == (kind, "m")
