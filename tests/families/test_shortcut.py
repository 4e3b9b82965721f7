"""The shortcut answers as the framework would, only sooner."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from tests.gateway import make_gateway
from tutti.families.endpoint import Endpoint
from tutti.families.shortcut import Shortcut
from tutti.kit.asgi import send_bytes

pytestmark = pytest.mark.anyio


def endpoint(name: str) -> Endpoint:
    async def answer(scope, _receive, send):
        await send_bytes(send, status=200, body=f"{name} {scope['path_params']}".encode())

    async def tell_error(_error, _scope, _send):
        raise AssertionError

    return Endpoint(answer, tell_error)


ROUTES = [
    Route("/song", endpoint("song"), methods=["GET", "POST"]),
    Route("/song/first", endpoint("first"), methods=["POST"]),
    Route("/song/{id}", endpoint("open"), methods=["GET", "POST"]),
    Route("/song/last", endpoint("last"), methods=["POST"]),
    Route("/number/{id:int}", endpoint("number"), methods=["GET"]),
    Route("/part/{id}/{index}", endpoint("part"), methods=["GET"]),
    Mount("/under", Starlette(routes=[Route("/{id}", endpoint("under"))])),
]


async def ask(app, method, path, **more):
    sent = []

    async def send(message):
        sent.append(message)

    await app({"type": "http", "method": method, "path": path, "headers": [], **more}, None, send)
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
@pytest.mark.parametrize(
    "path",
    [
        "/song",
        "/song/",
        "/song/first",
        "/song/last",
        "/song/x y",
        "/song/x/y",
        "/number/7",
        "/number/x",
        "/part/a/b",
        "/under/x",
        "/",
        "",
    ],
)
@pytest.mark.parametrize("root_path", ["", "/song"])
async def test_shortcut_changes_no_answer(method, path, root_path):
    framework = Starlette(routes=ROUTES)
    expected = await ask(framework, method, path, root_path=root_path)
    assert await ask(Shortcut(framework, ROUTES), method, path, root_path=root_path) == expected


async def test_raw_routes_of_all_families_are_reached_by_it():
    gateway = await make_gateway()
    passed_on = []

    async def framework(scope, _receive, _send):
        passed_on.append(scope["path"])

    app = Shortcut(framework, gateway.api.routes)
    for method, path in (("POST", "/suno/fetch"), ("GET", "/task/x"), ("GET", "/healthz"), ("GET", "/nowhere")):
        scope = {"type": "http", "method": method, "path": path, "headers": []}
        await app(scope, None, _swallow)
    assert passed_on == ["/nowhere"]


async def _swallow(_message):
    pass
