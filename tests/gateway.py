"""A whole gateway in memory, and a worker that finishes songs and words at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
from fastapi import FastAPI
from starlette.routing import Mount

from tutti.accounts.keyring import Keyring
from tutti.accounts.model import User
from tutti.accounts.service import Accounts
from tutti.billing.prices import Prices
from tutti.blobs.links import FileLinks
from tutti.blobs.memory import InMemoryBlobStore
from tutti.blobs.serve import FileServer
from tutti.families import dispatch, fallback, health
from tutti.families.chat import routes as chat
from tutti.families.edge import Edge
from tutti.families.services import Services, link_under
from tutti.families.shortcut import Shortcut
from tutti.families.suno import render
from tutti.families.suno import routes as suno
from tutti.families.suno.chat import SongPresenter
from tutti.families.tasks import routes as tasks
from tutti.intents import ClipResult, LyricsResult, LyricsWish, Song
from tutti.kit.clock import SystemClock
from tutti.routing.models import Models
from tutti.settings import Settings
from tutti.tasks.memory import InMemoryTaskStore
from tutti.tasks.model import Task, TaskFailure
from tutti.tasks.states import TaskState

BASE_URL = "http://tutti.test"
LANES = ("engine:song", "engine:lyrics")
OPENING_QUOTA = 100_000_000
SONG_PRICE = 150_000
LEASE_MS = 60_000
CLIP_SECONDS = 96.5
CLIP_FILES = ("audio.mp3", "image.jpeg", "image_large.jpeg", "video.mp4", "plan.json", "midi.mid")

_encoder = msgspec.json.Encoder()
_song_decoder = msgspec.json.Decoder(Song)
_wish_decoder = msgspec.json.Decoder(LyricsWish)


@dataclass
class Gateway:
    """The gateway and the hands of its worker."""

    services: Services
    store: InMemoryTaskStore
    blobs: InMemoryBlobStore
    accounts: Accounts
    api: FastAPI
    user: User
    secret: str
    # Raised by the next submits, for a full disk and the like.
    refusal: list[Exception] = field(default_factory=list)

    @property
    def app(self) -> Edge:
        return Edge(Shortcut(self.api, self.api.routes))

    def client(self, secret: str | None = None) -> httpx.AsyncClient:
        """A client that holds a key; "" sends none."""
        key = self.secret if secret is None else secret
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers)

    async def new_secret(self, name: str, *, quota: int = OPENING_QUOTA, **limits: Any) -> str:
        """The key of another user."""
        user = await self.accounts.create_user(name, quota=quota)
        return (await self.accounts.create_key(user, name, **limits)).secret

    async def balance(self) -> int:
        return next(user.quota for user in await self.accounts.list_users() if user.id == self.user.id)

    async def claim(self) -> list[Task]:
        """Begin everything that waits."""
        return [
            task
            for lane in LANES
            for task in await self.store.claim(lane, owner="w", limit=1000, lease_ms=LEASE_MS, state=TaskState.RUNNING)
        ]

    async def publish(self, task: Task, index: int) -> ClipResult:
        """Finish one clip."""
        song = _song_decoder.decode(task.intent)
        clip = ClipResult(
            clip_id=song.seats[index].clip_id,
            title=song.title or "Lanterns",
            tags=song.tags or "folk",
            lyrics=song.lyrics if song.lyrics is not None else "[Verse]\nWords of the engine",
            duration_s=CLIP_SECONDS,
            files={name.partition(".")[0]: f"results/{task.id}/{index}/{name}" for name in CLIP_FILES},
        )
        for name, key in clip.files.items():
            await self.blobs.put(key, b"ID3" + bytes(100) if name == "audio" else name.encode())
        assert await self.store.publish_part(task.lease, index=index, result=_encoder.encode(clip))
        return clip

    async def finish(self, task: Task) -> None:
        """Do all of a task."""
        if task.kind == Song.kind:
            clips = [await self.publish(task, index) for index in range(len(_song_decoder.decode(task.intent).seats))]
            output = _encoder.encode(clips)
        else:
            theme = _wish_decoder.decode(task.intent).prompt
            output = _encoder.encode(LyricsResult(title="Market Rain", text=f"[Verse]\n{theme}", tags=("folk",)))
        assert await self.store.complete(task.lease, output=output)

    async def finish_all(self) -> None:
        for task in await self.claim():
            await self.finish(task)

    async def fail(self, task: Task, message: str = "the engine gave up") -> None:
        failure = TaskFailure(code="engine_failed", message=message)
        await self.store.fail(task.lease, failure, may_retry=False)

    async def work(self) -> None:
        """Finish whatever comes, until cancelled."""
        while True:
            await self.finish_all()
            await self.store.wait_for_work(LANES, timeout_s=1.0)

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A worker beside the test."""
        worker = asyncio.create_task(self.work())
        try:
            yield
        finally:
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker


async def make_gateway(*, works: bool = False, beat_s: float = 5.0, **settings: Any) -> Gateway:
    """A gateway with one user and key; with `works` its worker runs in the app's lifespan."""
    clock = SystemClock()
    links = FileLinks(b"secret", 7)
    blobs = InMemoryBlobStore()
    tell_event = render.renderer(link_under(links, BASE_URL))
    store = InMemoryTaskStore(clock=clock, render_event=tell_event)
    keyring = Keyring(clock)
    accounts = Accounts(store, keyring)
    refusal: list[Exception] = []

    def require_room() -> None:
        if refusal:
            raise refusal[0]

    async def require_ready() -> None:
        require_room()

    services = Services(
        settings=Settings(**settings),
        clock=clock,
        store=store,
        accounts=accounts,
        keyring=keyring,
        prices=Prices.load(),
        models=Models.load(embedded_aliases=settings.get("embedded_aliases", True)),
        links=links,
        require_room=require_room,
    )
    user = await accounts.create_user("mira", quota=OPENING_QUOTA)
    issued = await accounts.create_key(user, "test")

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with gateway.working() if works else contextlib.nullcontext():
            yield

    api = FastAPI(lifespan=lifespan)
    api.router.routes += [
        *suno.routes(services),
        *chat.routes(services, {"song": SongPresenter(services)}, beat_s=beat_s),
        *tasks.routes(services, ping_s=0.05),
        *dispatch.routes(services, {"suno": render.tell}),
        *health.routes(require_ready, error_type=services.settings.error_type),
        Mount("/files", FileServer(blobs, links)),
    ]
    fallback.install(api, error_type=services.settings.error_type)
    gateway = Gateway(
        services=services,
        store=store,
        blobs=blobs,
        accounts=accounts,
        api=api,
        user=user,
        secret=issued.secret,
        refusal=refusal,
    )
    return gateway
