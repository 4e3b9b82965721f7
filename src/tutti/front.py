"""Every route that is reached from outside, put together: those of the families, and those of no family.

A new family is a line in `callers_app`, and one in `TELLERS` when it has tasks.
"""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route

from tutti import __version__
from tutti.admin.routes import DeedRoutes, TokenGate
from tutti.blobs.links import PREFIX, FileLinks
from tutti.blobs.serve import FileServer
from tutti.errors import UnavailableError
from tutti.families import catalogue, dispatch, edge, fallback, health
from tutti.families.account import routes as account
from tutti.families.chat import models as chat_models
from tutti.families.chat import routes as chat
from tutti.families.claude import models as claude_models
from tutti.families.claude import routes as claude
from tutti.families.gate import Gate
from tutti.families.gemini import models as gemini_models
from tutti.families.gemini import routes as gemini
from tutti.families.relayed import routes as relayed
from tutti.families.services import Services, TaskTeller, link_under
from tutti.families.shortcut import Shortcut
from tutti.families.suno import render as suno_render
from tutti.families.suno import routes as suno
from tutti.families.suno.chat import SongPresenter
from tutti.families.tasks import routes as tasks
from tutti.ground import Ground
from tutti.kit.asgi import App
from tutti.tasks.model import Task, TaskPart
from tutti.tasks.render import Renderer
from tutti.vendors.callbacks import Callbacks
from tutti.works import Works

# Every family that has tasks, and how it tells them.
TELLERS: dict[str, TaskTeller] = {"suno": suno_render.tell}


def callers_app(services: Services, more: Sequence[BaseRoute], *, watch: edge.Watch, gate: Gate) -> App:
    """Every route that callers reach, behind the edge."""
    api = FastAPI(title="Tutti", version=__version__, docs_url=None, redoc_url=None)
    api.router.routes += [
        *more,
        *suno.routes(services),
        *chat.routes(services, {"song": SongPresenter(services)}),
        *claude.routes(services),
        *gemini.routes(services),
        *relayed.routes(services),
        *catalogue.routes(services, dialects_of(services)),
        *account.routes(services),
        *tasks.routes(services),
        *dispatch.routes(services, TELLERS),
    ]
    error_type = services.settings.error_type
    fallback.install(api, error_type=error_type)
    return edge.Edge(Shortcut(api, api.routes), error_type=error_type, watch=watch, gate=gate)


def dialects_of(services: Services) -> dict[str, Sequence[catalogue.Dialect]]:
    """Where models are listed, and in which wires."""
    openai = chat_models.dialect(error_type=services.settings.error_type)
    google = gemini_models.dialect()
    return {
        "/v1/models": (claude_models.dialect(), google, openai),
        "/v1beta/models": (google,),
        "/v1beta/openai/models": (openai,),
    }


def server_routes(
    services: Services,
    ground: Ground,
    works: Works,
    *,
    files: FileServer,
    deeds: DeedRoutes,
    callbacks: Callbacks,
) -> Sequence[BaseRoute]:
    """Routes of no family: health, files, callbacks of upstreams, the admin API."""

    async def require_ready() -> None:
        services.require_room()
        if works.worker.is_draining:
            raise UnavailableError("The server is shutting down.")
        await ground.store.known(set())

    admin = TokenGate(services.accounts, deeds.routes)
    return [
        *health.routes(require_ready, error_type=services.settings.error_type),
        Route("/callback/{task_id}/{token}", callbacks.receive, methods=["POST"], name="callbacks"),
        Mount(PREFIX.rstrip("/"), files, name="files"),
        Mount("/api/admin/v1", admin, name="admin"),
    ]


def metrics_routes(services: Services, page: App) -> list[BaseRoute]:
    """The page for Prometheus, as open as the operator wants it."""
    route = Route("/metrics", page, methods=["GET"], name="metrics")
    match services.settings.metrics:
        case "off":
            return []
        case "open":
            return [route]
        case "token":
            return [Route("/metrics", TokenGate(services.accounts, [route]), methods=["GET"], name="metrics")]


def event_renderer(links: FileLinks, base_url: str) -> Renderer:
    """How a webhook tells a task: in the words of its family."""
    link = link_under(links, base_url)

    def render(task: Task, parts: Sequence[TaskPart]) -> bytes:
        return TELLERS[task.family](task, parts, link)

    return render
