"""Streams that pass through: what is read of them, and what of them is shown."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.relay.watch import Watch
from tutti.vendors.responses.wire import ResponsesUpstream

CREATED = b'event: response.created\ndata: {"type":"response.created","response":{"id":"theirs"}}\n\n'
DELTA = b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"a"}\n\n'
ENDED = (
    b'event: response.completed\ndata: {"type":"response.completed","response":'
    b'{"id":"theirs","usage":{"input_tokens":3,"output_tokens":4}}}\n\n'
)


def ours(data: bytes) -> bytes:
    return data.replace(b"theirs", b"ours")


def watch(*, changes: bool = True) -> Watch:
    return Watch(ResponsesUpstream(), None, None, hides_figures=False, change=ours if changes else None)


@given(borders=st.lists(st.integers(0, len(CREATED + DELTA + ENDED))))
def test_events_are_changed_wherever_chunks_end(borders: list[int]) -> None:
    content, watched = CREATED + DELTA + ENDED, watch()
    places = [0, *sorted(borders), len(content)]
    shown = b"".join(watched.feed(content[start:end]) for start, end in pairwise(places))
    assert shown + watched.end() == ours(content)
    assert watched.usage is not None
    assert (watched.usage.input_tokens, watched.usage.output_tokens, watched.pieces) == (3, 4, 3)


def test_data_of_several_lines_stays_so() -> None:
    event = b'data: {"type":\ndata: "ping"}\n\n'
    assert watch().feed(event) == event


@pytest.mark.parametrize("changes", [True, False])
def test_last_event_is_shown_though_its_end_never_came(*, changes: bool) -> None:
    watched = watch(changes=changes)
    shown = watched.feed(CREATED + ENDED[:-2]) + watched.end()
    assert shown == (ours(CREATED + ENDED) if changes else CREATED + ENDED[:-2])
    assert watched.usage is not None
