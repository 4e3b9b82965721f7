"""Each fault of an upstream: what the caller sees and what is charged, as docs/reference/faults.md tells it."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.gateway import OPENING_QUOTA, Gateway
from tests.relay.conftest import channel
from tests.upstream.handle import RunningUpstream
from tutti.errors import VendorError

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).parents[2] / "docs/reference/faults.md"
COUNT = [{"role": "user", "content": "count to 30"}]
# Words of the page -> the fault, then status, code and charge of a whole reply and of a stream with one channel.
# "fault" is what the test upstream calls its errors; "some" is what was produced until then.
FAULTS: dict[str, tuple[dict[str, Any], tuple[int, str, str], tuple[int, str, str]]] = {
    "400": ({"status": 400}, (400, "fault", "nothing"), (400, "fault", "nothing")),
    "401 or 403": ({"status": 401}, (502, "upstream_key_refused", "nothing"), (502, "upstream_key_refused", "nothing")),
    "429": ({"status": 429}, (429, "fault", "nothing"), (429, "fault", "nothing")),
    "500": ({"status": 500}, (500, "fault", "nothing"), (500, "fault", "nothing")),
    "503": ({"status": 503}, (503, "fault", "nothing"), (503, "fault", "nothing")),
    "no answer in time": ({"hang": True}, (504, "upstream_timeout", "nothing"), (504, "upstream_timeout", "nothing")),
    "cut before the first byte": (
        {"cut_after": 0},
        (502, "upstream_error", "nothing"),
        (200, "upstream_error", "some"),
    ),
    "cut in the midst": ({"cut_after": 5}, (502, "upstream_error", "nothing"), (200, "upstream_error", "some")),
    "an error told in the stream": ({"error_after": 5}, (200, "", "all"), (200, "fault", "some")),
    "no JSON": ({"garbage": True}, (502, "upstream_error", "nothing"), (200, "", "some")),
    "half of the JSON": ({"half_json": True}, (502, "upstream_error", "nothing"), (200, "", "some")),
    "no usage told": ({"no_usage": True}, (200, "", "all, as counted here"), (200, "", "all, as counted here")),
}

# Words of the page -> who is asked next, where there are further channels and keys.
ASKED_NEXT = dict.fromkeys(FAULTS, "nobody") | {
    "401 or 403": "another key",
    "429": "another key",
    "500": "another channel",
    "503": "another channel",
    "no answer in time": "another channel",
    "cut before the first byte": "another channel, unless streamed",
    "cut in the midst": "another channel, unless streamed",
}
KEYS = {"sk-first": "", "sk-another": "another key", "sk-upstream-2": "another channel"}


def timeout_s(fault: dict[str, Any]) -> float:
    """Only an answer that never comes is cut short: on a busy machine the others may take their time."""
    return 1.0 if "hang" in fault else 60.0


async def outcome(gateway: Gateway, *, is_stream: bool) -> tuple[int, str, str]:
    """Status, code and charge of one call."""
    body = {"model": "gpt-test", "messages": COUNT, "stream": is_stream}
    async with gateway.client() as client:
        reply = await client.post("/v1/chat/completions", json=body)
    await gateway.services.wallet.close()
    charged = OPENING_QUOTA - await gateway.balance()
    calls = await gateway.store.list_calls(limit=1)
    assert sum(one.call.units for one in calls) == charged
    code = re.findall(r'"code":"([^"]*)"', reply.text)
    if not charged:
        return reply.status_code, code[0] if code else "", "nothing"
    whole = calls[0].call.output_tokens >= 30
    how = ("all, as counted here" if calls[0].call.is_estimated else "all") if whole else "some"
    return reply.status_code, code[-1] if code else "", how


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("is_stream", [False, True])
async def test_fault_is_told_and_charged_as_promised(
    gateway: Gateway, upstream: RunningUpstream, name: str, *, is_stream: bool
) -> None:
    fault, whole, streamed = FAULTS[name]
    gateway.channels.load([channel(upstream, timeout_s=timeout_s(fault))])
    upstream.set_fault(**fault)
    assert await outcome(gateway, is_stream=is_stream) == (streamed if is_stream else whole)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("is_stream", [False, True])
async def test_whom_a_fault_lets_ask_next(
    gateway: Gateway, upstream: RunningUpstream, name: str, *, is_stream: bool
) -> None:
    first = channel(upstream, priority=1, keys=("sk-first", "sk-another"), timeout_s=timeout_s(FAULTS[name][0]))
    gateway.channels.load([first, channel(upstream, 2)])
    upstream.set_fault(key="sk-first", **FAULTS[name][0])
    await outcome(gateway, is_stream=is_stream)
    next_asked = [KEYS[one["key"]] for one in upstream.seen()][1:]
    promised, _, exception = ASKED_NEXT[name].partition(", ")
    assert next_asked == ([] if promised == "nobody" or (exception and is_stream) else [promised])


def test_page_tells_the_same() -> None:
    rows = re.findall(
        r"^\| (.*?) \| (\d+) ?`?(\w*)`? \| (.*?) \| (\d+) ?`?(\w*)`? \| (.*?) \| (.*?) \|$",
        PAGE.read_text(),
        re.MULTILINE,
    )
    told = {name: ((int(a), b, c), (int(d), e, f), asked) for name, a, b, c, d, e, f, asked in rows}
    assert told == {name: (whole, streamed, ASKED_NEXT[name]) for name, (_, whole, streamed) in FAULTS.items()}


def test_every_failure_of_an_upstream_has_a_status_that_callers_may_see() -> None:
    assert {error.status for error in VendorError.__subclasses__()} <= {429, 502, 504}
