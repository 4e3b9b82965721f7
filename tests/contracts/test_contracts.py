"""Every example and every provoked error of every built entry, sent to a gateway in memory."""

import contextlib
import json
from typing import Any

import httpx
import pytest

from tests.contracts.fixtures import FIXTURES
from tests.contracts.reading import at, built_entries, check_fields, contracts, fill
from tests.gateway import Gateway, make_gateway

pytestmark = pytest.mark.anyio


def _cases(kind: str) -> list[Any]:
    return [
        pytest.param(contract, entry, case, id=f"{entry['id']}-{case.get('name') or case['when']}")
        for contract, entry in built_entries()
        for case in entry.get(kind, ())
        if "send" in case
    ]


def _shared_errors() -> list[Any]:
    """The errors that all routes share, sent to the first GET route unless they name one."""
    entry = {"method": "GET", "path": "/v1/tasks"}
    return [
        pytest.param(contract, entry, error, id=f"{contract['family']}-{error['when']}")
        for contract in contracts()
        for error in contract.get("errors", ())
        if "send" in error
    ]


@pytest.mark.parametrize(("contract", "entry", "example"), _cases("examples"))
async def test_example_is_answered_as_promised(
    contract: dict[str, Any], entry: dict[str, Any], example: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    gateway = await _gateway(request)
    reply, values = await _send(gateway, entry, example)
    expect = example["expect"]
    assert reply.status_code == expect["status"], reply.text
    if reply.status_code == httpx.codes.NO_CONTENT:
        return
    assert reply.headers["content-type"].startswith(expect.get("content_type", "application/json"))
    assert {name: reply.headers.get(name) for name in expect.get("headers", {})} == expect.get("headers", {})
    objects = contract.get("objects", {})
    if reply.headers["content-type"].startswith("text/event-stream"):
        _check_chunks(_events(reply.text), entry, objects)
        return
    if not reply.headers["content-type"].startswith("application/json"):
        return
    body = reply.json()
    if isinstance(body, list) and "chunks" in entry:
        _check_chunks(body, entry, objects)
        return
    check_fields(body, entry["response"], objects)
    for path, value in fill(expect.get("fields", {}), values).items():
        assert at(body, path) == value, path


@pytest.mark.parametrize(("contract", "entry", "error"), [*_cases("errors"), *_shared_errors()])
async def test_error_is_told_as_promised(
    contract: dict[str, Any],  # noqa: ARG001 - names the case
    entry: dict[str, Any],
    error: dict[str, Any],
    request: pytest.FixtureRequest,
) -> None:
    gateway = await _gateway(request)
    reply, _ = await _send(gateway, entry, error)
    assert reply.status_code == error["status"], reply.text
    message, code = _told(reply.json(), error["shape"])
    assert error.get("message", "") in message
    assert code == error.get("code", code)


@pytest.mark.parametrize(("contract", "entry", "error"), _cases("errors"))
async def test_refused_call_charges_nothing(
    contract: dict[str, Any],  # noqa: ARG001 - names the case
    entry: dict[str, Any],
    error: dict[str, Any],
    request: pytest.FixtureRequest,
) -> None:
    gateway = await _gateway(request)
    before: dict[str, int] = {}

    def note_balance(total: int) -> None:
        before["units"] = total

    await _send(gateway, entry, error, note_balance=note_balance)
    assert _total(gateway) == before["units"]


async def _gateway(request: pytest.FixtureRequest) -> Gateway:
    """A gateway that can start the test upstream."""
    gateway = await make_gateway()
    gateway.upstream_url = lambda: request.getfixturevalue("upstream").url
    return gateway


async def _send(
    gateway: Gateway, entry: dict[str, Any], case: dict[str, Any], *, note_balance: Any = lambda _total: None
) -> tuple[httpx.Response, dict[str, Any]]:
    """The reply to a case, and what its fixture provided."""
    values = await FIXTURES[case["given"]](gateway) if "given" in case else {}
    note_balance(_total(gateway))
    if entry.get("outgoing"):
        return _posted(gateway), values
    send = fill(case["send"], values)
    path = send["to"] if "to" in send else entry["path"].format(**send.get("path", {}))
    content = send["raw"] if "raw" in send else json.dumps(send["body"]) if "body" in send else None
    key = send.get("key", values.get("secret", gateway.secret)) or ""
    async with gateway.client(key) as client, values.get("worker", contextlib.nullcontext()):
        reply = await client.request(
            send.get("method", entry["method"]),
            path,
            content=content,
            params=send.get("query"),
            headers=send.get("headers"),
        )
    assert reply.headers["x-request-id"] == reply.headers["x-oneapi-request-id"]
    return reply, values


def _posted(gateway: Gateway) -> httpx.Response:
    """The newest webhook as if it were a reply."""
    rows = sorted(gateway.store.tables.outbox.values(), key=lambda row: row.event.seq)
    return httpx.Response(200, content=rows[-1].event.body, headers={"content-type": "application/json"})


def _total(gateway: Gateway) -> int:
    tables = gateway.store.tables
    return sum(user.quota for user in tables.users.values()) + sum(one.units for one in tables.slices.values())


def _check_chunks(chunks: list[Any], entry: dict[str, Any], objects: dict[str, Any]) -> None:
    """Every piece of a stream has its fields."""
    assert chunks
    for chunk in chunks:
        check_fields(chunk, entry.get("chunks", entry["response"]), objects)


def _events(text: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def _told(body: dict[str, Any], shape: str) -> tuple[str, str]:
    """Message and code of an error body, whose form is checked."""
    if shape == "envelope":
        assert body.keys() == {"code", "message", "data"}
        assert body["data"] is None
        return body["message"], body["code"]
    if shape == "google":
        assert body["error"].keys() == {"code", "message", "status"}
        return body["error"]["message"], body["error"]["status"]
    if shape == "claude":
        assert body.keys() - {"request_id"} == {"type", "error"}
        assert (body["type"], body["error"].keys()) == ("error", {"type", "message"})
        return body["error"]["message"], body["error"]["type"]
    if shape == "deed":
        assert body.keys() == {"code", "message", "field"}
        return body["message"], body["code"]
    if shape == "success":
        assert body.keys() == {"success", "message"}
        assert body["success"] is False
        return body["message"], ""
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"message", "type", "param", "code"}
    return body["error"]["message"], body["error"]["code"]
