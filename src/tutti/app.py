"""The one place where real things are chosen: the parts of a gateway, opened in order and closed in reverse.

`open_gateway` is the whole server but its sockets; `server.py` gives it those, tests give it none.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from tutti import __version__
from tutti.accounts.first_run import FirstRun, set_up_first_admin
from tutti.accounts.keyring import Keyring
from tutti.accounts.service import Accounts
from tutti.admin.local import LocalDeeds
from tutti.admin.routes import DeedRoutes, TokenGate
from tutti.billing.prices import Prices
from tutti.blobs.links import PREFIX, FileLinks
from tutti.blobs.local import LocalBlobStore
from tutti.blobs.serve import FileServer
from tutti.blobs.watermark import Watermark
from tutti.database.care import DatabaseCare
from tutti.database.lock import DirectoryLock
from tutti.engines import machine
from tutti.engines.host import EngineHost
from tutti.engines.registry import embedded_engines
from tutti.engines.runner import engine_runners
from tutti.errors import UnavailableError
from tutti.families import dispatch, fallback, health
from tutti.families.chat import routes as chat
from tutti.families.edge import Edge
from tutti.families.services import Services, TaskTeller, link_under
from tutti.families.suno import render as suno_render
from tutti.families.suno import routes as suno
from tutti.families.suno.chat import SongPresenter
from tutti.families.tasks import routes as tasks
from tutti.kit.asgi import App
from tutti.kit.clock import SystemClock
from tutti.kit.ids import new_id
from tutti.kit.secret_file import read_or_make_secret
from tutti.outside import OutsideClient
from tutti.places import Places
from tutti.routing.models import Models
from tutti.settings import Settings
from tutti.tasks.model import Task, TaskPart
from tutti.tasks.render import Renderer
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.webhook import WebhookDeliverer
from tutti.tasks.worker import Worker
from tutti.upkeep import Upkeep
from tutti.vendors.callbacks import Callbacks

# Every family that has tasks, and how it tells them.
TELLERS: dict[str, TaskTeller] = {"suno": suno_render.tell}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway:
    """An open gateway: what callers reach, what operators reach, and its work."""

    app: App
    admin: App
    first_run: FirstRun | None
    worker: Worker


@asynccontextmanager
async def open_gateway(settings: Settings, *, base_url: str) -> AsyncIterator[Gateway]:
    """Everything of a server but its sockets, at work for as long as the block lasts.

    `base_url` is where it is reached, for links in webhooks. Raises `DirectoryInUseError`, `StoreError`.
    """
    clock = SystemClock()
    places = Places(settings.data.absolute())
    places.make()
    links = FileLinks.of_data_dir(places.data, settings.link_valid_days, clock=clock)
    async with AsyncExitStack() as stack:
        stack.enter_context(DirectoryLock(places.data))
        told_at = settings.public_url or base_url
        store = await SqliteTaskStore.connect(
            places.database, clock=clock, render_event=_event_renderer(links, told_at)
        )
        stack.push_async_callback(store.close)
        owner = await _take_over(store, places)
        accounts = Accounts(store, keyring := Keyring(clock))
        await accounts.load()
        first_run = await set_up_first_admin(accounts)
        blobs = LocalBlobStore(places.blobs)
        watermark = Watermark(places.data, settings.disk_free_bytes)
        services = Services(
            settings=settings,
            clock=clock,
            store=store,
            accounts=accounts,
            keyring=keyring,
            prices=Prices.load(),
            models=Models.load(embedded_aliases=settings.embedded_aliases),
            links=links,
            require_room=watermark.require_room,
        )
        host = EngineHost(
            embedded_engines(settings),
            cores=settings.engine_cores or machine.core_count(),
            memory_bytes=int(machine.memory_limit_bytes() * settings.engine_memory_share),
        )
        stack.push_async_callback(host.close)
        worker = Worker(
            store, blobs, engine_runners(host), owner=owner, scratch=places.scratch, lease_s=settings.lease_s
        )
        outside = await stack.enter_async_context(OutsideClient(settings.allow_private_addresses))
        deliverer = WebhookDeliverer(store, store, post=outside.post, clock=clock, owner=owner)
        upkeep = Upkeep(blobs, settings, clock=clock, known_tasks=store.known)
        deeds = DeedRoutes(LocalDeeds(accounts, DatabaseCare(places.database)))
        callbacks = Callbacks(store, secret=read_or_make_secret(places.secret("callback-key")), clock=clock)

        async def require_ready() -> None:
            watermark.require_room()
            if worker.is_draining:
                raise UnavailableError("The server is shutting down.")
            await store.known(set())

        app = _callers_app(
            services,
            [
                *health.routes(require_ready, error_type=settings.error_type),
                Route("/callback/{task_id}/{token}", callbacks.receive, methods=["POST"], name="callbacks"),
                Mount(PREFIX.rstrip("/"), FileServer(blobs, links), name="files"),
                Mount("/api/admin/v1", TokenGate(accounts, deeds.routes), name="admin"),
            ],
        )
        async with asyncio.TaskGroup() as group:
            at_work = [group.create_task(loop) for loop in (worker.run(), deliverer.run(), upkeep.run())]
            try:
                yield Gateway(app=app, admin=Starlette(routes=deeds.routes), first_run=first_run, worker=worker)
            finally:
                worker.drain(grace_s=settings.drain_s)
                await asyncio.wait(at_work[:1])
                for loop in at_work[1:]:
                    loop.cancel()


def _callers_app(services: Services, more: Sequence[BaseRoute]) -> App:
    """Every route that callers reach, behind the edge."""
    api = FastAPI(title="Tutti", version=__version__, docs_url=None, redoc_url=None)
    api.router.routes += [
        *more,
        *suno.routes(services),
        *chat.routes(services, {"song": SongPresenter(services)}),
        *tasks.routes(services),
        *dispatch.routes(services, TELLERS),
    ]
    fallback.install(api, error_type=services.settings.error_type)
    return Edge(api)


def _event_renderer(links: FileLinks, base_url: str) -> Renderer:
    """How a webhook tells a task: in the words of its family."""
    link = link_under(links, base_url)

    def render(task: Task, parts: Sequence[TaskPart]) -> bytes:
        return TELLERS[task.family](task, parts, link)

    return render


async def _take_over(store: SqliteTaskStore, places: Places) -> str:
    """Free at once what the last process held, and give the name that this one holds leases under."""
    if places.incarnation.exists():
        await store.release(places.incarnation.read_text())
    owner = new_id()
    places.incarnation.write_text(owner)
    return owner
