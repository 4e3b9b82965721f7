"""Whole calls between two wires, told to the letter: what was sent, what came back, and streams.

Each file of tests/data/chat/<caller>-to-<upstream> holds a call: the caller's request and what the upstream receives of
it, the upstream's reply and what the caller reads. `stream.sse` beside them is what the caller reads of the upstream's
recorded stream, tests/data/chat/<upstream>.sse.
"""

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversions.streams import FOLDER, STREAMS
from tests.conversions.wires import CALLERS, UPSTREAMS
from tutti.intents.chat import Chat
from tutti.kit.sse import EventReader

PAIRS = [(caller, upstream) for caller in CALLERS for upstream in UPSTREAMS if caller != upstream]
CALLS = [
    pytest.param(caller, upstream, path, id=f"{caller}-to-{upstream}-{path.stem}")
    for caller, upstream in PAIRS
    for path in sorted((FOLDER / f"{caller}-to-{upstream}").glob("*.json"))
]
# How many bytes at the end of a stream are those of every stream: Gemini closes with a chunk like any other.
_CLOSING = {"gemini": len(b"}\r\n\r\n")}


@pytest.mark.parametrize(("caller", "upstream", "path"), CALLS)
def test_call_is_converted_to_the_letter(caller, upstream, path):
    call = json.loads(path.read_text("utf-8"))
    wire, other = CALLERS[caller].wire, UPSTREAMS[upstream].wire
    chat = wire.from_caller(json.dumps(call["request"]).encode(), CALLERS[caller].path)
    written = other.to_upstream(chat)
    assert json.loads(written.body) == call["sent"]
    assert list(written.dropped) == call["dropped"]
    assert json.loads(wire.to_caller(other.from_upstream(json.dumps(call["reply"]).encode()), chat)) == call["told"]


@pytest.mark.parametrize(("caller", "upstream"), PAIRS)
def test_stream_is_converted_to_the_letter(caller, upstream):
    assert told(caller, upstream, [STREAMS[upstream]]) == golden_stream(caller, upstream)


@pytest.mark.parametrize(("caller", "upstream"), PAIRS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_borders_of_chunks_change_nothing(caller, upstream, data):
    content = STREAMS[upstream]
    borders = sorted(data.draw(st.sets(st.integers(1, len(content) - 1), max_size=30)))
    chunks = [content[begin:end] for begin, end in zip([0, *borders], [*borders, len(content)], strict=True)]
    assert told(caller, upstream, chunks) == golden_stream(caller, upstream)


@pytest.mark.parametrize(("caller", "upstream"), PAIRS)
def test_stream_cut_anywhere_is_closed(caller, upstream):
    content, closing = STREAMS[upstream], golden_stream(caller, upstream)[-_CLOSING.get(caller, 16) :]
    for end in range(0, len(content), 97):
        assert told(caller, upstream, [content[:end]]).endswith(closing)


def golden_stream(caller: str, upstream: str) -> bytes:
    """What a caller reads of an upstream's recorded stream."""
    return (FOLDER / f"{caller}-to-{upstream}" / "stream.sse").read_bytes()


def told(caller: str, upstream: str, chunks: Iterable[bytes]) -> bytes:
    """What a caller reads of a stream that comes in these chunks."""
    reader, stream = EventReader(), UPSTREAMS[upstream].wire.stream()
    teller = CALLERS[caller].wire.stream(Chat(model="m", messages=()))
    out = [
        teller.tell(event) for chunk in chunks for name, data in reader.feed(chunk) for event in stream.feed(name, data)
    ]
    return b"".join([*out, *map(teller.tell, stream.end()), teller.end()])
