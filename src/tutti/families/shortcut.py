"""A short way to the raw routes, past the layers of the framework, which cost more than all of ours together.

The routes stay the framework's own, and it still answers whatever is not in this table: other methods, other forms of
path, routes with parameters to validate. Taking the shortcut away changes no answer.
"""

import re
from collections.abc import Iterable

from starlette.routing import BaseRoute, Route

from tutti.families.endpoint import Endpoint
from tutti.kit.asgi import App, Receive, Scope, Send

# A path that ends with its only parameter: "/suno/fetch/{task_id}". One that may hold slashes is found by itself only
# where it holds none.
_ENDS_WITH_PARAMETER = re.compile(r"([^{}]*)/\{(\w+)(?::path)?\}")

# The endpoint, the route's name, and the parameters of its path.
_Found = tuple[Endpoint, str, dict[str, str]]


class Shortcut:
    """Answers what it knows by one or two look-ups, and passes on the rest."""

    def __init__(self, app: App, routes: Iterable[BaseRoute]) -> None:
        """Take the app that answers the rest, and its routes in their order of precedence."""
        self._app = app
        self._whole: dict[tuple[str, str], tuple[Endpoint, str]] = {}
        # By method and what stands before the last slash: the endpoint, the route's name, and its parameter's.
        self._open: dict[tuple[str, str], tuple[Endpoint, str, str]] = {}
        for route in routes:
            if isinstance(route, Route) and isinstance(route.endpoint, Endpoint):
                for method in route.methods or ():
                    self._add(method, route.path, route.endpoint, route.name)

    def _add(self, method: str, path: str, endpoint: Endpoint, name: str) -> None:
        match = _ENDS_WITH_PARAMETER.fullmatch(path)
        if match is not None:
            self._open.setdefault((method, match[1]), (endpoint, name, match[2]))
        elif "{" not in path and self._find(method, path) is None:
            self._whole[method, path] = endpoint, name

    def _find(self, method: str, path: str) -> _Found | None:
        whole = self._whole.get((method, path))
        if whole is not None:
            return *whole, {}
        before, _, last = path.rpartition("/")
        found = self._open.get((method, before))
        return (found[0], found[1], {found[2]: last}) if found is not None and last else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let the framework do it."""
        found = None
        # Under a prefix paths are the framework's to cut.
        if scope["type"] == "http" and not scope.get("root_path"):
            found = self._find(scope["method"], scope["path"])
        if found is None:
            await self._app(scope, receive, send)
            return
        endpoint, scope["tutti.route"], scope["path_params"] = found
        await endpoint(scope, receive, send)
