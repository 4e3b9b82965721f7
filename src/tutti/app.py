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
from tutti.billing.price_desk import PriceDesk
from tutti.billing.prices import Prices
from tutti.billing.wallet import Wallet
from tutti.blobs.growing import GrowingFiles
from tutti.blobs.links import PREFIX, FileLinks
from tutti.blobs.local import LocalBlobStore
from tutti.blobs.serve import FileServer
from tutti.blobs.watermark import Watermark
from tutti.calls import Calls, Watch, open_calls
from tutti.database.care import DatabaseCare
from tutti.database.lock import DirectoryLock
from tutti.engines.host import host_for
from tutti.engines.registry import EngineRow
from tutti.engines.runner import engine_runners
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
from tutti.families.realtime import routes as realtime
from tutti.families.relayed import routes as relayed
from tutti.families.responses import routes as responses
from tutti.families.responses.background import Background
from tutti.families.responses.keeping import Keeping
from tutti.families.services import Services, TaskTeller, link_under
from tutti.families.shortcut import Shortcut
from tutti.families.suno import render as suno_render
from tutti.families.suno import routes as suno
from tutti.families.suno.chat import SongPresenter
from tutti.families.tasks import routes as tasks
from tutti.kit.addresses import parse_networks
from tutti.kit.asgi import App
from tutti.kit.clock import Clock, SystemClock
from tutti.kit.ids import new_id
from tutti.kit.secret_file import read_or_make_secret
from tutti.late_outside import LateOutside
from tutti.metrics.meters import Meters
from tutti.metrics.page import MetricsPage
from tutti.places import Places
from tutti.routing.lanes import LaneChooser
from tutti.routing.listing import Listing
from tutti.routing.models import Models
from tutti.settings import Settings
from tutti.task_channels import TaskChannels
from tutti.tasks.model import Task, TaskPart
from tutti.tasks.render import Renderer
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.webhook import WebhookDeliverer
from tutti.tasks.worker import Worker
from tutti.traces import Tracer
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
    gate: Gate


@asynccontextmanager
async def open_gateway(
    settings: Settings, *, base_url: str, engines: Sequence[EngineRow] | None = None
) -> AsyncIterator[Gateway]:
    """Everything of a server but its sockets, at work for as long as the block lasts.

    `base_url` is where it is reached, for links in webhooks; `engines` stand in for those that come with Tutti. Raises
    `DirectoryInUseError`, `StoreError`.
    """
    clock = SystemClock()
    places = Places(settings.data.absolute())
    places.make()
    async with AsyncExitStack() as stack:
        stack.enter_context(DirectoryLock(places.data))
        links = FileLinks.of_data_dir(places.data, settings.link_valid_days, clock=clock)
        renderer = _event_renderer(links, settings.public_url or base_url)
        store = await SqliteTaskStore.connect(places.database, clock=clock, render_event=renderer)
        stack.push_async_callback(store.close)
        owner = await _take_over(store)
        wallet = Wallet(store, owner=owner)
        stack.push_async_callback(wallet.close)
        outside = LateOutside(stack, settings.allow_private_addresses)
        blobs = LocalBlobStore(places.blobs)
        prices = Prices.load(unpriced_usd=settings.unpriced_usd)
        price_desk = PriceDesk(store, prices)
        await price_desk.load()
        meters = Meters(knows_model=prices.names)
        tracers = [Tracer(settings.otlp_endpoint)] if settings.otlp_endpoint else []
        for tracer in tracers:
            stack.push_async_callback(tracer.close)
        calls = await open_calls(
            stack,
            settings,
            clock,
            store,
            wallet=wallet,
            prices=prices,
            fetch=outside.fetch,
            places=places,
            watch=Watch(
                outcome=meters.count_outcome, calls=[meters.count_call, *(tracer.tell_call for tracer in tracers)]
            ),
        )
        models = Models.load(embedded_aliases=settings.embedded_aliases)
        lanes = LaneChooser(models, calls.channels, calls.chooser)
        services = _services(
            settings,
            clock,
            store,
            links,
            wallet=wallet,
            prices=prices,
            blobs=blobs,
            outside=outside,
            places=places,
            calls=calls,
            lanes=lanes,
            models=models,
        )
        await services.accounts.load()
        first_run = await set_up_first_admin(services.accounts)
        deeds = DeedRoutes(
            LocalDeeds(
                services.accounts,
                DatabaseCare(places.database),
                calls.desk,
                calls.chooser,
                price_desk=price_desk,
                prices=prices,
                store=store,
            )
        )
        growing = GrowingFiles()
        callbacks = Callbacks(store, secret=read_or_make_secret(places.secret("callback-key")))
        task_channels = TaskChannels.over(
            store,
            blobs,
            lanes,
            channels=calls.channels,
            chooser=calls.chooser,
            client=calls.client,
            copy_from=outside.copy,
            callback=callbacks.address_under(settings.public_url),
            clock=clock,
            owner=owner,
        )
        works = await _open_works(
            stack,
            services,
            store,
            blobs,
            places,
            owner=owner,
            growing=growing,
            outside=outside,
            engines=engines,
            task_channels=task_channels,
        )
        page = MetricsPage(
            meters,
            channels=calls.channels,
            chooser=calls.chooser,
            wallet=wallet,
            census=store,
            worker=works.worker,
        )
        gate = Gate()
        background = Background(gate)
        stack.push_async_callback(background.close)
        more = [
            *_server_routes(
                services, store, works, files=FileServer(blobs, links, growing), deeds=deeds, callbacks=callbacks
            ),
            *_metrics_routes(services, page),
            *responses.routes(services, Keeping(store, clock), background),
        ]
        async with _at_work(works, drain_s=settings.drain_s):
            yield Gateway(
                app=_callers_app(services, more, watch=meters.count_request, gate=gate),
                admin=Starlette(routes=deeds.routes),
                first_run=first_run,
                worker=works.worker,
                gate=gate,
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Works:
    """What goes on by itself."""

    worker: Worker
    deliverer: WebhookDeliverer
    upkeep: Upkeep
    wallet: Wallet
    task_channels: TaskChannels


def _services(
    settings: Settings,
    clock: Clock,
    store: SqliteTaskStore,
    links: FileLinks,
    *,
    wallet: Wallet,
    prices: Prices,
    blobs: LocalBlobStore,
    outside: LateOutside,
    places: Places,
    calls: Calls,
    lanes: LaneChooser,
    models: Models,
) -> Services:
    keyring = Keyring(clock)
    watermark = Watermark(settings.data.absolute(), settings.disk_free_bytes)
    return Services(
        settings=settings,
        clock=clock,
        store=store,
        personas=store,
        blobs=blobs,
        accounts=Accounts(store, keyring),
        keyring=keyring,
        prices=prices,
        wallet=wallet,
        models=models,
        lanes=lanes,
        listing=Listing(calls.channels, models),
        links=links,
        copy_from=outside.copy,
        scratch=places.scratch,
        form_secret=read_or_make_secret(places.secret("form-key")),
        require_room=watermark.require_room,
        relay=calls.relay,
        sessions=calls.sessions,
        trusted_proxies=parse_networks(settings.trusted_proxies),
    )


async def _open_works(
    stack: AsyncExitStack,
    services: Services,
    store: SqliteTaskStore,
    blobs: LocalBlobStore,
    places: Places,
    *,
    owner: str,
    growing: GrowingFiles,
    outside: LateOutside,
    engines: Sequence[EngineRow] | None,
    task_channels: TaskChannels,
) -> _Works:
    settings = services.settings
    host = host_for(settings, engines)
    stack.push_async_callback(host.close)
    return _Works(
        worker=Worker(
            store,
            blobs,
            engine_runners(host),
            owner=owner,
            scratch=places.scratch,
            lease_s=settings.lease_s,
            growing=growing,
        ),
        deliverer=WebhookDeliverer(store, store, post=outside.post, clock=services.clock, owner=owner),
        upkeep=Upkeep(blobs, store, settings, clock=services.clock, known_tasks=store.known),
        wallet=services.wallet,
        task_channels=task_channels,
    )


@asynccontextmanager
async def _at_work(works: _Works, *, drain_s: float) -> AsyncIterator[None]:
    """Run all works beside the block; at its end give running tasks `drain_s` seconds, then hand them back."""
    working = asyncio.create_task(works.worker.run())
    beside = [
        asyncio.create_task(work.run()) for work in (works.deliverer, works.upkeep, works.wallet, works.task_channels)
    ]
    try:
        yield
    finally:
        works.worker.drain(grace_s=drain_s)
        await working
        for loop in beside:
            loop.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _take_over(store: SqliteTaskStore) -> str:
    """Free at once what dead processes held (the lock proves them dead); the name that this one holds leases under."""
    for former in await store.lease_owners():
        await store.release(former)
    for former in await store.slice_owners():
        await store.return_slices(former)
    return new_id()


def _server_routes(
    services: Services,
    store: SqliteTaskStore,
    works: _Works,
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
        await store.known(set())

    admin = TokenGate(services.accounts, deeds.routes)
    return [
        *health.routes(require_ready, error_type=services.settings.error_type),
        Route("/callback/{task_id}/{token}", callbacks.receive, methods=["POST"], name="callbacks"),
        Mount(PREFIX.rstrip("/"), files, name="files"),
        Mount("/api/admin/v1", admin, name="admin"),
    ]


def _metrics_routes(services: Services, page: App) -> list[BaseRoute]:
    """The page for Prometheus, as open as the operator wants it."""
    route = Route("/metrics", page, methods=["GET"], name="metrics")
    match services.settings.metrics:
        case "off":
            return []
        case "open":
            return [route]
        case "token":
            return [Route("/metrics", TokenGate(services.accounts, [route]), methods=["GET"], name="metrics")]


def _callers_app(services: Services, more: Sequence[BaseRoute], *, watch: edge.Watch, gate: Gate) -> App:
    """Every route that callers reach, behind the edge."""
    api = FastAPI(title="Tutti", version=__version__, docs_url=None, redoc_url=None)
    api.router.routes += [
        *more,
        *suno.routes(services),
        *chat.routes(services, {"song": SongPresenter(services)}),
        *claude.routes(services),
        *gemini.routes(services),
        *relayed.routes(services),
        *realtime.routes(services),
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


def _event_renderer(links: FileLinks, base_url: str) -> Renderer:
    """How a webhook tells a task: in the words of its family."""
    link = link_under(links, base_url)

    def render(task: Task, parts: Sequence[TaskPart]) -> bytes:
        return TELLERS[task.family](task, parts, link)

    return render
