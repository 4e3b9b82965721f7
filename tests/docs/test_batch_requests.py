"""The batch client for songs of docs/how-to/batch-requests.md, run as printed."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from tests.gateway import OPENING_QUOTA, SONG_PRICE, make_gateway

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "batch-requests.md"
LINES = [json.dumps({"prompt": f"[Verse]\nline {number}"}) for number in range(20)]


@pytest.fixture
def script(tmp_path: Path) -> ModuleType:
    """The page's program, with pauses short enough for a test."""
    programs = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (source,) = [one for one in programs if "/suno/submit/music" in one]
    file = tmp_path / "batch.py"
    file.write_text(source, "utf-8")
    spec = importlib.util.spec_from_file_location("batch", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.LONGEST_PAUSE_S = module.LOOK_EVERY_S = 0.01
    return module


class LosesReplies(httpx.AsyncBaseTransport):
    """Hands calls on and loses every third reply, after the server has done what was asked."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner
        self.calls = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        reply = await self.inner.handle_async_request(request)
        self.calls += 1
        if self.calls % 3 == 0:
            raise httpx.ReadError("the line is dead")
        return reply


async def test_batch_makes_each_song_once_though_replies_are_lost(script, capsys):
    gateway = await make_gateway()
    async with gateway.working(), gateway.client() as client:
        client._transport = LosesReplies(client._transport)
        await script.run(client, LINES)
        await script.run(client, LINES)
    lines = capsys.readouterr().out.splitlines()
    told = [json.loads(line) for line in lines if line.startswith('{"task_id"')]
    assert [one["status"] for one in told] == ["SUCCESS"] * 40
    assert len({one["task_id"] for one in told}) == 20
    assert await gateway.balance() == OPENING_QUOTA - 20 * SONG_PRICE


async def test_batch_gives_up_at_once_where_repeating_cannot_help(script):
    gateway = await make_gateway()
    async with gateway.client(await gateway.new_secret("poor", quota=0)) as client:
        transport = client._transport = LosesReplies(client._transport)
        with pytest.raises(RuntimeError, match="insufficient_user_quota"):
            await script.run(client, LINES[:1])
    assert transport.calls == 1
