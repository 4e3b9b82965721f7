"""Whatever callers and upstreams send, the converters answer in kind: a refusal, a vendor's fault, or a conversion."""

import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversions.streams import STREAMS
from tests.conversions.tables import TABLES
from tests.conversions.wires import CALLERS, UPSTREAMS
from tests.families.hostile import BODIES, JSON
from tutti.errors import InvalidRequestError, VendorError
from tutti.intents.chat import Chat
from tutti.kit.sse import EventReader

pytestmark = pytest.mark.parametrize("name", list(CALLERS))

CHAT = Chat(model="m", messages=())
# What stands in the place of something that was right: anything, or a word that converters look closer at.
_WRONG = JSON | st.sampled_from(["text", "auto", "data:", "https://e.org/a.pdf", "JVBERi0x", "data:a/b;base64,iVBO"])
_NO_REQUESTS = {name: body for name, (body, status) in BODIES.items() if status == 400}
_examples = settings(max_examples=60, deadline=None)


def _rows(kind: str, side: str) -> dict[str, list[Any]]:
    """What the tables send, by wire: requests by the callers', replies by the upstreams'."""
    told: dict[str, list[Any]] = {}
    for table in TABLES.values():
        told.setdefault(table[side], []).extend(msgspec.json.decode(row["sends"]) for row in table[kind])
    return told


REQUESTS, REPLIES = _rows("request", "caller"), _rows("reply", "upstream")


@st.composite
def broken(draw: st.DrawFn, value: Any) -> Any:
    """The value with something wrong at one place in it."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        name = draw(st.sampled_from(sorted(value)))
        if not draw(st.integers(0, 9)):
            return {key: inner for key, inner in value.items() if key != name}
        return {**value, name: draw(broken(value[name]))}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        number = draw(st.integers(0, len(value) - 1))
        return [*value[:number], draw(broken(value[number])), *value[number + 1 :]]
    return draw(_WRONG)


@pytest.mark.parametrize("kind", _NO_REQUESTS)
def test_body_that_is_no_request_is_refused(name, kind):
    caller = CALLERS[name]
    for read in (caller.wire.peek, caller.wire.from_caller):
        with pytest.raises(InvalidRequestError):
            read(_NO_REQUESTS[kind], caller.path)


@_examples
@given(data=st.data())
def test_request_with_something_wrong_is_sent_or_refused(name, data):
    caller = CALLERS[name]
    request = data.draw(broken({**caller.request, **data.draw(st.sampled_from(REQUESTS[name]))}))
    body = json.dumps(request).encode()
    with suppress(InvalidRequestError):
        assert caller.wire.peek(body, caller.path).model
        chat = caller.wire.from_caller(body, caller.path)
        for upstream in UPSTREAMS.values():
            with suppress(InvalidRequestError):
                assert upstream.wire.to_upstream(chat).body


@_examples
@given(data=st.data())
def test_reply_with_something_wrong_is_told_or_the_vendors_fault(name, data):
    upstream = UPSTREAMS[name]
    reply = data.draw(broken({**upstream.reply, **data.draw(st.sampled_from(REPLIES[name]))}))
    body = json.dumps(reply).encode()
    upstream.wire.usage_of(body)
    assert upstream.wire.told(500, body).message
    with suppress(VendorError):
        answer = upstream.wire.from_upstream(body)
        for caller in CALLERS.values():
            assert caller.wire.to_caller(answer, CHAT)


@_examples
@given(data=st.data())
def test_stream_with_something_wrong_is_read_and_told(name, data):
    upstream = UPSTREAMS[name].wire
    reader, tellers = upstream.stream(), [caller.wire.stream(CHAT) for caller in CALLERS.values()]
    events = [event for event in EventReader().feed(STREAMS[name]) if event.data.startswith(b"{")]
    wrong = data.draw(st.integers(0, len(events) - 1))
    for number, (event, sound) in enumerate(events):
        content = json.dumps(data.draw(broken(json.loads(sound)))).encode() if number == wrong else sound
        upstream.usage_of_event(event, content)
        for told in reader.feed(event, content):
            for teller in tellers:
                teller.tell(told)
    for teller in tellers:
        teller.end()
