"""One small question to an upstream, to see whether a channel works: its address, its key, its model.

The body of each question is pure; asking is done by whoever is given.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from tutti.admin.deeds import ChannelTrial
from tutti.errors import InvalidRequestError, VendorError
from tutti.routing.channels import Channel
from tutti.routing.choice import Pick
from tutti.routing.described import shown_key
from tutti.upstream import UpstreamRequest, WholeReply
from tutti.vendors.registry import ROWS, Target

_TIMEOUT_S = 60.0
# Of what an upstream says when it refuses.
_MOST_WORDS = 300

_HELLO = [{"role": "user", "content": "hi"}]
# Operation -> the smallest request that costs next to nothing; the first that a vendor serves is asked. Responses want
# sixteen tokens at least.
_QUESTIONS: dict[str, Callable[[str], dict[str, Any]]] = {
    "chat": lambda model: {"model": model, "messages": _HELLO, "max_tokens": 1},
    "messages": lambda model: {"model": model, "messages": _HELLO, "max_tokens": 1},
    "gemini": lambda _model: {"contents": [{"parts": [{"text": "hi"}]}], "generationConfig": {"maxOutputTokens": 1}},
    "responses": lambda model: {"model": model, "input": "hi", "max_output_tokens": 16},
    "embeddings": lambda model: {"model": model, "input": "hi"},
}
# Whoever names models by newer rules: https://platform.openai.com/docs/api-reference/chat/create, max_tokens.
_NEWER_LIMIT = frozenset({"openai", "azure"})

_VERDICTS = {
    400: "refused the request",
    401: "refused the key",
    402: "wants to be paid",
    403: "refused the key",
    404: "does not know the model or the path",
    429: "is busy, or the key's quota is used up",
}

Address = Callable[[Pick, bool], Awaitable[Target]]
Fetch = Callable[[UpstreamRequest], Awaitable[WholeReply]]


async def try_channel(channel: Channel, model: str | None, *, address: Address, fetch: Fetch) -> list[ChannelTrial]:
    """What the upstream says to each key of a channel. Raises `InvalidRequestError` when there is nothing to ask."""
    operation = _operation(channel)
    asked = channel.upstream_model(model or _any_model(channel))
    picks = [
        Pick(channel=channel, key_index=index, key=key, key_tag="", upstream_model=asked, operation=operation)
        for index, key in enumerate(channel.keys or ("",))
    ]
    return [await _try(pick, address, fetch) for pick in picks]


async def _try(pick: Pick, address: Address, fetch: Fetch) -> ChannelTrial:
    started = time.perf_counter()
    status: int | None = None
    try:
        target = await address(pick, False)
        reply = await fetch(
            UpstreamRequest(
                url=target.url,
                headers={"content-type": "application/json", **target.headers},
                body=msgspec.json.encode(_question(pick)),
                timeout_s=min(pick.channel.timeout_s, _TIMEOUT_S),
            )
        )
        status = reply.status
        verdict = _verdict(status, reply.body, pick.key)
    except VendorError as error:
        verdict = error.message
    return ChannelTrial(
        key=shown_key(pick.key),
        operation=pick.operation,
        model=pick.upstream_model,
        is_ok=status is not None and 200 <= status < 300,
        status=status,
        latency_ms=round((time.perf_counter() - started) * 1000),
        verdict=verdict,
    )


def _operation(channel: Channel) -> str:
    served = ROWS[channel.type].serves
    found = next((operation for operation in _QUESTIONS if operation in served), None)
    if found is None:
        raise InvalidRequestError(f"A channel of type {channel.type} serves nothing that can be tried.", field="name")
    return found


def _any_model(channel: Channel) -> str:
    names = sorted(name for name in (*channel.models, *channel.model_map) if "*" not in name)
    if not names:
        raise InvalidRequestError("Name a model: the channel has patterns alone.", field="model")
    return names[0]


def _question(pick: Pick) -> dict[str, Any]:
    question = _QUESTIONS[pick.operation](pick.upstream_model)
    if pick.operation == "chat" and pick.channel.type in _NEWER_LIMIT:
        question["max_completion_tokens"] = question.pop("max_tokens")
    return question | dict(pick.channel.param_overrides)


def _verdict(status: int, body: bytes, key: str) -> str:
    if 200 <= status < 300:
        return "answered"
    verdict = _VERDICTS.get(status, f"answered with status {status}")
    said = _words(body)
    # Some upstreams repeat the key that they refuse.
    return f"{verdict}: {said.replace(key, '***') if key else said}" if said else verdict


def _words(body: bytes) -> str:
    """What a reply with an error says, whatever form it has."""
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    error = told.get("error", told) if isinstance(told, dict) else told
    said = error.get("message") if isinstance(error, dict) else error
    return said[:_MOST_WORDS] if isinstance(said, str) else ""
