"""The one place where real things are chosen: the parts of a gateway, opened in order and closed in reverse.

`open_gateway` is the whole server but its sockets; `server.py` gives it those, tests give it none. What it opens is
chosen part by part: the ground (`ground.py`), immediate calls (`calls.py`), what goes on by itself (`works.py`), and
what is reached from outside (`front.py`).
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette

from tutti.accounts.first_run import FirstRun, set_up_first_admin
from tutti.accounts.keyring import Keyring
from tutti.accounts.service import Accounts
from tutti.admin.local import LocalDeeds
from tutti.admin.routes import DeedRoutes
from tutti.blobs.growing import GrowingFiles
from tutti.blobs.serve import FileServer
from tutti.blobs.watermark import Watermark
from tutti.calls import Calls, open_calls
from tutti.database.care import DatabaseCare
from tutti.engines.host import EngineHost, host_for
from tutti.engines.registry import EngineRow
from tutti.families.gate import Gate
from tutti.families.realtime import routes as realtime
from tutti.families.responses import routes as responses
from tutti.families.responses.background import Background
from tutti.families.responses.keeping import Keeping
from tutti.families.services import Services
from tutti.front import callers_app, event_renderer, metrics_routes, server_routes
from tutti.ground import Ground, open_ground
from tutti.kit.addresses import parse_networks
from tutti.kit.asgi import App
from tutti.kit.secret_file import read_or_make_secret
from tutti.metrics.page import MetricsPage
from tutti.routing.lanes import LaneChooser
from tutti.routing.listing import Listing
from tutti.routing.models import Models
from tutti.settings import Settings
from tutti.task_channels import TaskChannels
from tutti.tasks.worker import Worker
from tutti.vendors.callbacks import Callbacks
from tutti.works import Works, at_work, open_works


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
    async with AsyncExitStack() as stack:
        renderer_with = partial(event_renderer, base_url=settings.public_url or base_url)
        ground = await open_ground(stack, settings, renderer_with=renderer_with)
        calls = await open_calls(stack, ground)
        host = host_for(settings, engines)
        services = _services(ground, calls, host)
        await services.accounts.load()
        first_run = await set_up_first_admin(services.accounts)
        growing = GrowingFiles()
        callbacks = Callbacks(ground.store, secret=read_or_make_secret(ground.places.secret("callback-key")))
        task_channels = _task_channels(ground, calls, services.lanes, callbacks)
        works = open_works(stack, ground, wallet=calls.wallet, growing=growing, host=host, task_channels=task_channels)
        deeds = _deeds(ground, calls, services.accounts)
        gate = Gate()
        background = Background(gate)
        stack.push_async_callback(background.close)
        files = FileServer(ground.blobs, ground.links, growing)
        more = [
            *server_routes(services, ground, works, files=files, deeds=deeds, callbacks=callbacks),
            *metrics_routes(services, _metrics_page(ground, calls, works)),
            *responses.routes(services, Keeping(ground.store, ground.clock), background),
            *realtime.routes(services, ground.store),
        ]
        async with at_work(works, drain_s=settings.drain_s):
            yield Gateway(
                app=callers_app(services, more, watch=calls.meters.count_request, gate=gate),
                admin=Starlette(routes=deeds.routes),
                first_run=first_run,
                worker=works.worker,
                gate=gate,
            )


def _services(ground: Ground, calls: Calls, host: EngineHost) -> Services:
    settings = ground.settings
    keyring = Keyring(ground.clock)
    models = Models.load(embedded_aliases=settings.embedded_aliases, absent=host.absent)
    watermark = Watermark(settings.data.absolute(), settings.disk_free_bytes)
    return Services(
        settings=settings,
        clock=ground.clock,
        store=ground.store,
        personas=ground.store,
        blobs=ground.blobs,
        accounts=Accounts(ground.store, keyring),
        keyring=keyring,
        prices=calls.prices,
        wallet=calls.wallet,
        limiter=calls.limiter,
        counter=calls.counter,
        models=models,
        lanes=LaneChooser(models, calls.channels, calls.chooser),
        listing=Listing(calls.channels, models),
        links=ground.links,
        copy_from=ground.outside.copy,
        scratch=ground.places.scratch,
        form_secret=read_or_make_secret(ground.places.secret("form-key")),
        require_room=watermark.require_room,
        relay=calls.relay,
        sessions=calls.sessions,
        trusted_proxies=parse_networks(settings.trusted_proxies),
        begin_trace=calls.begin_trace,
    )


def _task_channels(ground: Ground, calls: Calls, lanes: LaneChooser, callbacks: Callbacks) -> TaskChannels:
    return TaskChannels.over(
        ground.store,
        ground.blobs,
        lanes,
        channels=calls.channels,
        chooser=calls.chooser,
        client=calls.client,
        copy_from=ground.outside.copy,
        callback=callbacks.address_under(ground.settings.public_url),
        clock=ground.clock,
        owner=ground.owner,
    )


def _deeds(ground: Ground, calls: Calls, accounts: Accounts) -> DeedRoutes:
    deeds = LocalDeeds(
        accounts,
        DatabaseCare(ground.places.database),
        calls.desk,
        calls.chooser,
        price_desk=calls.price_desk,
        prices=calls.prices,
        store=ground.store,
    )
    return DeedRoutes(deeds)


def _metrics_page(ground: Ground, calls: Calls, works: Works) -> MetricsPage:
    return MetricsPage(
        calls.meters,
        channels=calls.channels,
        chooser=calls.chooser,
        wallet=calls.wallet,
        census=ground.store,
        worker=works.worker,
    )
