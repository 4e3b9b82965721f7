import asyncio

import pytest

from tutti.kit.asgi import (
    BodyOverLimitError,
    ClientGoneError,
    base_url,
    header,
    read_body,
    send_bytes,
    send_event,
    while_connected,
)

pytestmark = pytest.mark.anyio


def receiver(*messages):
    waiting = list(messages)

    async def receive():
        return waiting.pop(0)

    return receive


def body(content, *, more=False):
    return {"type": "http.request", "body": content, "more_body": more}


@pytest.mark.parametrize(
    ("messages", "content"),
    [
        ([body(b"abc")], b"abc"),
        ([body(b"ab", more=True), body(b"c")], b"abc"),
        ([body(b"", more=True), body(b"abc", more=True), body(b"")], b"abc"),
        ([{"type": "http.request"}], b""),
    ],
)
async def test_body_is_read_whole(messages, content):
    assert await read_body({"headers": []}, receiver(*messages), limit_bytes=3) == content


@pytest.mark.parametrize("messages", [[body(b"abcd")], [body(b"ab", more=True), body(b"cd", more=True)]])
async def test_body_over_the_limit_is_refused(messages):
    with pytest.raises(BodyOverLimitError):
        await read_body({"headers": []}, receiver(*messages), limit_bytes=3)


async def test_body_declared_too_long_is_not_read():
    with pytest.raises(BodyOverLimitError):
        await read_body({"headers": [(b"content-length", b"4")]}, receiver(), limit_bytes=3)


async def test_body_of_a_gone_client_is_told():
    messages = [body(b"a", more=True), {"type": "http.disconnect"}]
    with pytest.raises(ClientGoneError):
        await read_body({"headers": []}, receiver(*messages), limit_bytes=3)


def test_header_is_found_by_its_lower_case_name():
    scope = {"headers": [(b"accept", b"a"), (b"accept", b"b")]}
    assert header(scope, b"accept") == "a"
    assert header(scope, b"host") is None


@pytest.mark.parametrize(
    ("scope", "address"),
    [
        ({"scheme": "https", "headers": [(b"host", b"a.example.org")]}, "https://a.example.org"),
        ({"headers": [], "server": ("127.0.0.1", 80)}, "http://127.0.0.1:80"),
    ],
)
def test_base_url_is_what_the_client_used(scope, address):
    assert base_url(scope) == address


async def test_reply_carries_its_length():
    sent = []

    async def send(message):
        sent.append(message)

    await send_bytes(send, status=200, body=b"{}", headers=[(b"x-a", b"b")])
    await send_event(send, b"{}", name="done")
    assert (b"content-length", b"2") in sent[0]["headers"]
    assert (b"x-a", b"b") in sent[0]["headers"]
    assert sent[2]["body"] == b"event: done\ndata: {}\n\n"


async def test_work_goes_on_while_connected():
    done = []

    async def work():
        await asyncio.sleep(0)
        done.append(1)

    await while_connected(work(), asyncio.Event().wait)
    assert done == [1]


async def test_work_is_cancelled_when_the_client_leaves():
    cancelled = []

    async def work():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(1)
            raise

    with pytest.raises(ClientGoneError):
        await while_connected(work(), receiver(body(b""), {"type": "http.disconnect"}))
    assert cancelled == [1]


async def test_error_of_the_work_is_raised():
    async def work():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await while_connected(work(), asyncio.Event().wait)
