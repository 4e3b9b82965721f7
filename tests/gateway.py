"""A whole gateway in memory, and a worker that finishes songs and words at once."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec
from fastapi import FastAPI
from starlette.routing import Mount

from tests.counting import CountsHere
from tutti.accounts.keyring import Keyring
from tutti.accounts.limits import Limiter
from tutti.accounts.model import User
from tutti.accounts.service import Accounts
from tutti.admin.local import LocalDeeds
from tutti.admin.routes import DeedRoutes, TokenGate
from tutti.billing.price_desk import PriceDesk
from tutti.billing.prices import Prices
from tutti.billing.wallet import Wallet
from tutti.blobs.inputs import Fetch
from tutti.blobs.links import FileLinks
from tutti.blobs.memory import InMemoryBlobStore
from tutti.blobs.serve import FileServer
from tutti.calls import make_relay
from tutti.database.care import DatabaseCare
from tutti.errors import UnsafeAddressError
from tutti.families import catalogue, dispatch, fallback, health
from tutti.families.account import routes as account
from tutti.families.chat import routes as chat
from tutti.families.claude import routes as claude
from tutti.families.edge import Edge
from tutti.families.gate import Gate
from tutti.families.gemini import routes as gemini
from tutti.families.realtime import routes as realtime
from tutti.families.relayed import routes as relayed
from tutti.families.responses import routes as responses
from tutti.families.responses.background import Background
from tutti.families.responses.keeping import Keeping
from tutti.families.services import CopyFrom, Services, link_under
from tutti.families.shortcut import Shortcut
from tutti.families.suno import render
from tutti.families.suno import routes as suno
from tutti.families.suno.chat import SongPresenter
from tutti.families.suno.seats import promised
from tutti.families.tasks import routes as tasks
from tutti.front import dialects_of
from tutti.intents import ClipResult, FileResult, LyricsResult, LyricsWish, Song, SongResult, SoundFile, SoundImport
from tutti.intents.stored import read_intent, seats_of
from tutti.kit.clock import SystemClock
from tutti.kit.seal import Seal
from tutti.relay.bill import Till
from tutti.routing.channels import Channels
from tutti.routing.choice import Chooser
from tutti.routing.desk import ChannelDesk
from tutti.routing.lanes import LaneChooser
from tutti.routing.listing import Listing
from tutti.routing.models import Models
from tutti.settings import Settings
from tutti.tasks.memory import InMemoryTaskStore
from tutti.tasks.model import Task, TaskFailure
from tutti.tasks.states import TaskState
from tutti.upstream import UpstreamClient
from tutti.vendors.checks import check_channel
from tutti.vendors.registry import SERVED

BASE_URL = "http://tutti.test"
LANES = ("engine:song", "engine:sounds", "engine:lyrics")
OPENING_QUOTA = 100_000_000
SONG_PRICE = 150_000
LEASE_MS = 60_000
CLIP_SECONDS = 96.5
SCORE = (
    b'{"bpm":120.0,"beats_per_bar":4,"bars":1,"vocals":[{"text":"Lanterns"}],'
    b'"parts":[{"name":"bass"},{"name":"drums"}]}'
)
PLAN = b'{"score":' + SCORE + b',"has_brought_sound":false}'
PLAN_OVER_BROUGHT_SOUND = PLAN.replace(b"false", b"true")
TIMED_LYRICS = (
    b'[{"text":"Lanterns drift","start_s":8.1,"end_s":9.5,"syllables":['
    b'{"text":"Lan","start_s":8.1,"end_s":8.4,"ends_word":false},{"text":"terns","start_s":8.4,"end_s":8.9},'
    b'{"text":"drift","start_s":9.0,"end_s":9.5}]}]'
)
# One track "Bass" at 120 bpm and 480 ticks a quarter note: C2 for half a second.
_TRACK = b"\0\xff\x03\x04Bass\0\x90\x24\x60\x83\x60\x80\x24\0\0\xff\x2f\0"
MIDI = b"MThd\0\0\0\6\0\1\0\1\x01\xe0" + b"MTrk" + len(_TRACK).to_bytes(4, "big") + _TRACK
SOUND = b"ID3" + bytes(1000)
# The files that the worker makes, with what they hold; those of sound that was brought, and of songs made here.
UPLOAD_FILES = {"audio.mp3": b"ID3" + bytes(100), "analysis.json": b"{}"}
CLIP_FILES = {
    "audio.mp3": b"ID3" + bytes(100),
    "image.jpeg": b"image",
    "image_large.jpeg": b"image",
    "video.mp4": b"video",
    "plan.json": PLAN,
    "midi.mid": MIDI,
    "score.json": SCORE,
    "timed_lyrics.json": TIMED_LYRICS,
    "waveform.json": b"[0.25,1.0]",
}

_encoder = msgspec.json.Encoder()
_wish_decoder = msgspec.json.Decoder(LyricsWish)


async def sound_at(
    url: str,
    write: Callable[[bytes], Awaitable[None]],
    max_bytes: int,  # noqa: ARG001 - what writes counts for itself
    *,
    timeout_s: float = 1.0,  # noqa: ARG001 - never late
) -> None:
    """A sound at every address of files.example.org, and nothing elsewhere."""
    if not url.startswith("https://files.example.org/"):
        raise UnsafeAddressError(f"{url[:100]} leads to no public address.")
    await write(SOUND)


async def _nothing_fetched(url: str, max_bytes: int) -> bytes:  # noqa: ARG001 - as the guarded client
    """No address is public here."""
    raise UnsafeAddressError(f"{url[:100]} leads to no public address.")


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
    # Those that calls go to, to be filled by tests.
    channels: Channels = field(default_factory=lambda: Channels(SERVED))
    # Where the test upstream listens, for tests that have one.
    upstream_url: Callable[[], str] = str

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

    async def publish(self, task: Task, index: int, **changes: Any) -> ClipResult:
        """Finish one clip, changed in some way."""
        intent = read_intent(task.intent)
        empty = promised(intent)[index]
        contents = UPLOAD_FILES if isinstance(intent, SoundImport) else CLIP_FILES
        clip = msgspec.structs.replace(
            empty,
            title=empty.title or "Lanterns",
            tags=empty.tags or "folk",
            lyrics=empty.lyrics if _brings_words(intent) else "[Verse]\nWords of the engine",
            duration_s=CLIP_SECONDS,
            files={name.partition(".")[0]: f"results/{task.id}/{index}/{name}" for name in contents},
        )
        clip = msgspec.structs.replace(clip, **changes)
        for name, content in contents.items():
            await self.blobs.put(f"results/{task.id}/{index}/{name}", content)
        assert await self.store.publish_part(task.lease, index=index, result=_encoder.encode(clip))
        return clip

    async def finish(self, task: Task) -> None:
        """Do all of a task."""
        assert await self.store.complete(task.lease, output=_encoder.encode(await self._result(task)))

    async def _result(self, task: Task) -> SongResult | FileResult | LyricsResult:
        intent = read_intent(task.intent)
        if isinstance(intent, SoundFile):
            key = f"results/{task.id}/1/{intent.form}.{intent.form}"
            await self.blobs.put(key, b"RIFF    WAVE")
            return FileResult(files={intent.form: key})
        if isinstance(intent, LyricsWish):
            theme = _wish_decoder.decode(task.intent).prompt
            return LyricsResult(title="Market Rain", text=f"[Verse]\n{theme}", tags=("folk",))
        return SongResult(clips=tuple([await self.publish(task, index) for index in range(len(seats_of(intent)))]))

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


def _brings_words(intent: Any) -> bool:
    return not isinstance(intent, Song) or intent.lyrics is not None


async def make_gateway(
    *,
    works: bool = False,
    beat_s: float = 5.0,
    wait_s: float = 0.05,
    copy_from: CopyFrom = sound_at,
    fetch: Fetch = _nothing_fetched,
    **settings: Any,
) -> Gateway:
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

    models = Models.load(embedded_aliases=settings.get("embedded_aliases", True))
    channels = Channels(SERVED)
    chooser = Chooser(channels, clock=clock, rng=Random(1))
    prices = Prices.load()
    wallet = Wallet(store, owner="test")
    limiter = Limiter(clock, store.used_since)
    relay, sessions = make_relay(
        channels,
        chooser,
        UpstreamClient(),
        till=Till(wallet, prices, limiter),
        counter=CountsHere(),
        clock=clock,
        fetch=fetch,
        most_attempts=3,
    )
    services = Services(
        settings=Settings(**settings),
        clock=clock,
        store=store,
        personas=store,
        blobs=blobs,
        accounts=accounts,
        keyring=keyring,
        prices=prices,
        wallet=wallet,
        limiter=limiter,
        counter=CountsHere(),
        models=models,
        lanes=LaneChooser(models, channels, chooser),
        listing=Listing(channels, models),
        links=links,
        copy_from=copy_from,
        scratch=Path(tempfile.gettempdir()) / "tutti-tests",
        form_secret=b"form secret",
        require_room=require_room,
        relay=relay,
        sessions=sessions,
    )
    deeds = LocalDeeds(
        accounts,
        DatabaseCare(Path(tempfile.gettempdir()) / "tutti-tests" / "none.db"),
        ChannelDesk(store, channels, Seal(bytes(32)), check=check_channel),
        chooser,
        price_desk=PriceDesk(store, prices),
        prices=prices,
        store=store,
    )
    user = await accounts.create_user("mira", quota=OPENING_QUOTA)
    issued = await accounts.create_key(user, "test")

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with gateway.working() if works else contextlib.nullcontext():
            yield

    api = FastAPI(lifespan=lifespan)
    api.router.routes += [
        *suno.routes(services, wait_s=wait_s),
        *chat.routes(services, {"song": SongPresenter(services)}, beat_s=beat_s),
        *claude.routes(services),
        *gemini.routes(services),
        *responses.routes(services, Keeping(store, clock), Background(Gate())),
        *relayed.routes(services),
        *realtime.routes(services, store),
        *catalogue.routes(services, dialects_of(services)),
        *account.routes(services),
        *tasks.routes(services, ping_s=0.05),
        *dispatch.routes(services, {"suno": render.tell}),
        *health.routes(require_ready, error_type=services.settings.error_type),
        Mount("/files", FileServer(blobs, links)),
        Mount("/api/admin/v1", TokenGate(accounts, DeedRoutes(deeds).routes), name="admin"),
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
        channels=channels,
    )
    return gateway
