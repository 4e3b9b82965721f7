"""What is charged beside tokens."""

from typing import Any

import httpx
import pytest

from tests.gateway import OPENING_QUOTA, Gateway
from tests.relay.conftest import channel
from tests.upstream.handle import RunningUpstream
from tutti.accounts.model import Caller
from tutti.billing.overrides import Override
from tutti.relay.call import Call
from tutti.relay.things import count_of
from tutti.relay.wires import Peek

pytestmark = pytest.mark.anyio


def call(body: bytes, *, count: int = 1) -> Call:
    caller = Caller(user_id=1, key_id=1, is_admin=False, models=None)
    peek = Peek(model="m", count=count)
    return Call(caller=caller, request_id="", client_ip="", operations=("images",), wire=None, peek=peek, body=body)


@pytest.mark.parametrize(
    ("thing", "asked", "reply", "count"),
    [
        ("call", call(b"{}", count=3), b"", 1),
        ("image", call(b"{}", count=3), b"", 3),
        ("character", call('{"input": "灯火 two"}'.encode()), b"\xff sound", 6),
        ("second", call(b"x" * 32_000), b'{"text": "a", "duration": 7.5}', 7.5),
        ("second", call(b"x" * 32_000), b'{"text": "a", "usage": {"type": "duration", "seconds": 3}}', 3),
        ("second", call(b"x" * 32_000), b"plain words", 2),
    ],
)
def test_things_are_counted(thing: Any, asked: Call, reply: bytes, count: float) -> None:
    assert count_of(thing, asked, reply) == count


@pytest.mark.parametrize(
    ("path", "model", "price", "body", "units", "things"),
    [
        (
            "/v1/audio/speech",
            "tts-x",
            '{"million_characters": 2}',
            {"input": "a" * 1000, "voice": "alloy"},
            1000,
            ("character", 1000),
        ),
        ("/v1/images/generations", "dall-x", '{"image": 0.02}', {"prompt": "a lantern", "n": 2}, 20_000, ("image", 2)),
        ("/v1/moderations", "omni-x", '{"call": 0.001}', {"input": "a text"}, 500, ("call", 1)),
        ("/v1/moderations", "omni-x", '{"input": 0}', {"input": "a text"}, 0, ("", 0)),
    ],
)
async def test_what_is_no_token_is_charged_by_its_number(
    gateway: Gateway,
    upstream: RunningUpstream,
    path: str,
    model: str,
    price: str,
    body: dict[str, Any],
    units: int,
    things: tuple[str, float],
) -> None:
    gateway.channels.load([channel(upstream, models=frozenset({model}))])
    gateway.services.prices.override([Override("models", model, price)])
    async with gateway.client() as client:
        reply = await client.post(path, json={"model": model, **body})
    assert reply.status_code == httpx.codes.OK, reply.text
    await gateway.services.wallet.close()
    assert OPENING_QUOTA - await gateway.balance() == units
    [logged] = await gateway.store.list_calls(limit=9)
    assert (logged.call.thing, logged.call.thing_count) == things
