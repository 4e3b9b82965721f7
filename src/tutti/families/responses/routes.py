"""The paths of responses, and what can be done with one that is kept. Making them is the business of `creating.py`."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.routing import BaseRoute, Route

from tutti.accounts.model import Caller
from tutti.accounts.response import KeptResponse
from tutti.billing.counting import count_prompt
from tutti.errors import InvalidRequestError, NotFoundError
from tutti.families.endpoint import Endpoint, body_of, caller_of
from tutti.families.errors import openai_teller
from tutti.families.responses.background import Background
from tutti.families.responses.creating import Compacting, Creating
from tutti.families.responses.from_caller import chat_of
from tutti.families.responses.keeping import Keeping, not_kept
from tutti.families.responses.replay import replayed
from tutti.families.responses.response import failed
from tutti.families.services import Services
from tutti.kit.asgi import App, Receive, Scope, Send, end_body, send_bytes, start_events, while_connected
from tutti.wires import responses as wire

# Seconds between signs of life to a caller who waits for the events of a running answer.
_BEAT_S = 5.0
_PING = b": ping\n\n"
_MOST_LISTED = 100
_LEFT_BEHIND = "The server was stopped before the answer was made: ask again."


def routes(services: Services, keeping: Keeping, background: Background) -> Sequence[BaseRoute]:
    """All routes."""
    creating, compacting = Creating(services, keeping, background), Compacting(services, keeping)
    kept = _Kept(services, keeping, background)
    tell_error = openai_teller(error_type=services.settings.error_type)

    async def input_tokens(scope: Scope, receive: Receive, send: Send) -> None:
        caller = caller_of(scope, services)
        prepared = await keeping.prepare(not_kept(await body_of(scope, receive, services)), caller)
        chat_of(prepared.body)
        count = await count_prompt(_prompt_of(prepared.body), services.counter)
        await _send(send, {"object": "response.input_tokens", "input_tokens": count})

    def route(path: str, answer: Callable[[Scope, Receive, Send], Awaitable[None]], method: str, name: str) -> Route:
        endpoint: App = Endpoint(answer, tell_error)
        return Route(f"/v1/responses{path}", endpoint, methods=[method], name=f"responses.{name}")

    return [
        route("", creating.create, "POST", "create"),
        route("/compact", compacting.compact, "POST", "compact"),
        route("/input_tokens", input_tokens, "POST", "input_tokens"),
        route("/{response_id}", kept.retrieve, "GET", "retrieve"),
        route("/{response_id}", kept.delete, "DELETE", "delete"),
        route("/{response_id}/cancel", kept.cancel, "POST", "cancel"),
        route("/{response_id}/input_items", kept.input_items, "GET", "input_items"),
    ]


class _Kept:
    """Deeds upon responses that are kept."""

    def __init__(self, services: Services, keeping: Keeping, background: Background) -> None:
        self._services = services
        self._keeping = keeping
        self._store = keeping.store
        self._background = background

    async def retrieve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell a response, whole or as its events."""
        caller, query = caller_of(scope, self._services), _query(scope)
        kept = await self._find(scope, caller)
        if query.get("stream", "").lower() != "true":
            await _send_raw(send, kept.response)
            return
        after = _number(query, "starting_after", -1)
        await while_connected(self._stream(kept, after, send), receive)

    async def delete(self, scope: Scope, _: Receive, send: Send) -> None:
        """Forget a response, and stop making it."""
        caller = caller_of(scope, self._services)
        kept = await self._find(scope, caller)
        await self._background.cancel(kept.id)
        await self._store.delete_response(kept.id, user_id=caller.user_id)
        await _send(send, {"id": kept.id, "object": "response", "deleted": True})

    async def cancel(self, scope: Scope, _: Receive, send: Send) -> None:
        """Stop making a background response; one that has ended is told as it is."""
        caller = caller_of(scope, self._services)
        kept = await self._find(scope, caller)
        if not kept.is_background:
            raise InvalidRequestError(
                "Only responses made in the background can be cancelled: close the connection instead.",
                field="response_id",
            )
        if kept.status in wire.UNFINISHED:
            response = msgspec.json.decode(kept.response) | {"status": "cancelled"}
            await self._end(kept, response)
            await self._background.cancel(kept.id)
            kept = await self._find(scope, caller)
        await _send_raw(send, kept.response)

    async def input_items(self, scope: Scope, _: Receive, send: Send) -> None:
        """List what went in, the whole conversation before it included."""
        caller, query = caller_of(scope, self._services), _query(scope)
        kept = await self._find(scope, caller)
        chain = await self._store.chain_of_responses(kept.id, user_id=caller.user_id)
        items = [*_inputs(chain)]
        if query.get("order", "desc") != "asc":
            items.reverse()
        if "after" in query:
            ids = [item.get("id") for item in items]
            items = items[ids.index(query["after"]) + 1 :] if query["after"] in ids else []
        limit = min(max(_number(query, "limit", 20), 1), _MOST_LISTED)
        page = items[:limit]
        await _send(
            send,
            {
                "object": "list",
                "data": page,
                "first_id": page[0]["id"] if page else None,
                "last_id": page[-1]["id"] if page else None,
                "has_more": len(items) > limit,
            },
        )

    async def _find(self, scope: Scope, caller: Caller) -> KeptResponse:
        """The response that the path names. Raises `NotFoundError`."""
        response_id = scope["path_params"]["response_id"]
        kept = await self._store.find_response(response_id, user_id=caller.user_id)
        if kept is None:
            raise NotFoundError(f"Response with id '{response_id}' not found.", field="response_id")
        return await self._settled(kept)

    async def _settled(self, kept: KeptResponse) -> KeptResponse:
        """The response as it stands; one that nobody makes any more has failed."""
        if kept.status not in wire.UNFINISHED or self._background.is_running(kept.id):
            return kept
        # It may have ended since it was read, and then stays so.
        await self._end(kept, failed(msgspec.json.decode(kept.response), code="server_error", message=_LEFT_BEHIND))
        return await self._store.find_response(kept.id, user_id=kept.user_id) or kept

    async def _end(self, kept: KeptResponse, response: dict[str, Any]) -> None:
        """Let a response end so, unless it has ended already."""
        ended = {name: getattr(kept, name) for name in KeptResponse.__slots__}
        ended |= {"status": response["status"], "response": wire.encoder.encode(response)}
        await self._store.keep_response(KeptResponse(**ended))

    async def _stream(self, kept: KeptResponse, after: int, send: Send) -> None:
        await start_events(send)
        while self._background.is_running(kept.id):
            await self._background.wait(kept.id, timeout_s=_BEAT_S)
            await send({"type": "http.response.body", "body": _PING, "more_body": True})
        kept = await self._settled(await self._store.find_response(kept.id, user_id=kept.user_id) or kept)
        events = replayed(msgspec.json.decode(kept.response))[after + 1 :]
        await send({"type": "http.response.body", "body": b"".join(events), "more_body": True})
        await end_body(send)


def _inputs(chain: Sequence[KeptResponse]) -> Iterator[dict[str, Any]]:
    """All that went into the last of a chain, which the answers before it are part of."""
    for number, kept in enumerate(chain):
        yield from msgspec.json.decode(kept.input)
        if number < len(chain) - 1:
            yield from msgspec.json.decode(kept.response)["output"]


def _prompt_of(body: bytes) -> bytes:
    """What a model would read of a request."""
    raw = msgspec.json.decode(body)
    return wire.encoder.encode({name: raw[name] for name in ("instructions", "input", "tools") if raw.get(name)})


def _query(scope: Scope) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}


def _number(query: dict[str, str], name: str, default: int) -> int:
    value = query.get(name)
    if value is None:
        return default
    if not value.lstrip("-").isdecimal() or len(value) > 9:
        raise InvalidRequestError(f"{name} must be a whole number.", field=name)
    return int(value)


async def _send(send: Send, body: dict[str, Any]) -> None:
    await _send_raw(send, wire.encoder.encode(body))


async def _send_raw(send: Send, body: bytes) -> None:
    await send_bytes(send, status=200, body=body)
