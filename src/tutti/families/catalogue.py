"""The models that a key may use: `/v1/models`, told in the dialect that the request speaks.

Three wires share the path. A family brings its `Dialect`; which one a request speaks is seen by the headers that only
SDKs of that wire send. To add one: a `models.py` in the family, and its name in `front.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl

from starlette.routing import BaseRoute, Route

from tutti.accounts.model import Caller
from tutti.errors import TuttiError, UnknownModelError
from tutti.families.endpoint import Endpoint, TellError, caller_of
from tutti.families.services import Services
from tutti.kit.asgi import Receive, Scope, Send, send_bytes
from tutti.routing.listing import Listed

Query = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How one wire lists models."""

    # Whether a request to the shared path is of this wire.
    is_spoken: Callable[[Scope], bool]
    # Where the key may stand beside the Authorization header, see `caller_of`.
    carriers: tuple[bytes, ...]
    # A list, or the page of it that the query asks for. Raises `InvalidRequestError`.
    tell_all: Callable[[Sequence[Listed], Query], bytes]
    tell_one: Callable[[Listed], bytes]
    tell_error: TellError


def routes(services: Services, paths: Mapping[str, Sequence[Dialect]]) -> list[BaseRoute]:
    """Two routes for each path: the list, and one model below it.

    `paths` gives the dialects that are spoken there; the last one answers whoever speaks none of the others.
    """
    return [
        Route(path + below, endpoint, methods=["GET"], name=name)
        for path, dialects in paths.items()
        for below, name, endpoint in _endpoints(services, dialects)
    ]


def _endpoints(services: Services, dialects: Sequence[Dialect]) -> list[tuple[str, str, Endpoint]]:
    listing = services.listing

    def of(scope: Scope) -> Dialect:
        return next((one for one in dialects if one.is_spoken(scope)), dialects[-1])

    def caller(scope: Scope) -> Caller:
        return caller_of(scope, services, *of(scope).carriers)

    async def list_all(scope: Scope, _: Receive, send: Send) -> None:
        who = caller(scope)
        query = {name.decode(): value.decode(errors="replace") for name, value in _query(scope)}
        await send_bytes(send, status=200, body=of(scope).tell_all(listing.all(who.group, who.models), query))

    async def retrieve(scope: Scope, _: Receive, send: Send) -> None:
        who, name = caller(scope), scope["path_params"]["model"]
        found = listing.find(name, who.group, who.models)
        if found is None:
            raise UnknownModelError(f"The model {name!r} does not exist.", field="model", subject=name)
        await send_bytes(send, status=200, body=of(scope).tell_one(found))

    async def tell_error(error: TuttiError, scope: Scope, send: Send) -> None:
        await of(scope).tell_error(error, scope, send)

    return [
        ("", "catalogue.list", Endpoint(list_all, tell_error)),
        # Names of vendors may hold slashes.
        ("/{model:path}", "catalogue.retrieve", Endpoint(retrieve, tell_error)),
    ]


def _query(scope: Scope) -> list[tuple[bytes, bytes]]:
    found = parse_qsl(scope.get("query_string", b""), errors="replace")
    return [(name, value) for name, value in cast("list[tuple[bytes, bytes]]", found) if name.isascii()]
