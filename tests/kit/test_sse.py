import itertools

from hypothesis import given
from hypothesis import strategies as st

from tutti.kit.sse import EventReader, ServerEvent

STREAM = (
    b": a comment\n\n"
    b'event: message_start\ndata: {"a":1}\n\n'
    b"data: one\ndata: two\n\n"
    b"event: ping\r\ndata:tight\r\n\r\n"
    b"id: 7\n\n"
    b"data: [DONE]\n\n"
)
EVENTS = [
    ServerEvent("message_start", b'{"a":1}'),
    ServerEvent("", b"one\ntwo"),
    ServerEvent("ping", b"tight"),
    ServerEvent("", b"[DONE]"),
]


def read(chunks: list[bytes]) -> list[ServerEvent]:
    reader = EventReader()
    return [event for chunk in chunks for event in reader.feed(chunk)] + list(reader.end())


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_chunk_borders_do_not_change_a_stream(borders: list[int]) -> None:
    cuts = [0, *sorted(borders), len(STREAM)]
    assert read([STREAM[start:end] for start, end in itertools.pairwise(cuts)]) == EVENTS


def test_a_line_end_may_be_cut_in_the_middle() -> None:
    reader = EventReader()
    assert [*reader.feed(b"data: one\r\n\r"), *reader.feed(b"\n")] == [ServerEvent("", b"one")]


def test_a_last_event_without_its_empty_line_is_read() -> None:
    assert read([b"data: one\n\nda", b"ta: two"]) == [ServerEvent("", b"one"), ServerEvent("", b"two")]


def test_nothing_follows_the_end() -> None:
    assert read([b"data: one\n\n"]) == [ServerEvent("", b"one")]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    read([noise])
