"""How a command reaches its deeds: the running server if there is one, else the data directory itself."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Annotated

import typer

from tutti.admin.deeds import Deeds
from tutti.cli.configuration import read_settings
from tutti.errors import NotFoundError
from tutti.kit.unix_socket import short_path
from tutti.places import Places

DataOption = Annotated[Path | None, typer.Option("--data", help="Data directory; ./data when left out.")]


@asynccontextmanager
async def open_deeds(data: Path | None) -> AsyncIterator[Deeds]:
    """Deeds over a data directory. Raises `NotFoundError` when it holds no Tutti."""
    from tutti.admin.remote import RemoteDeeds  # noqa: PLC0415 - a client library that `serve` does without

    places = Places(read_settings(data=data).data.absolute())
    if places.socket.exists():
        with short_path(places.socket) as socket:
            if await _answers(socket):
                yield RemoteDeeds(socket)
                return
    if not places.database.exists():
        raise NotFoundError(f"There is no Tutti in {places.data}: start it once with `tutti serve`, or name --data.")
    async with _own_deeds(places) as deeds:
        yield deeds


async def _answers(socket: Path) -> bool:
    """Whether a server listens there: one that was killed has left its socket behind."""
    try:
        _, writer = await asyncio.open_unix_connection(socket)
    except (ConnectionRefusedError, FileNotFoundError):
        return False
    writer.close()
    await writer.wait_closed()
    return True


@asynccontextmanager
async def _own_deeds(places: Places) -> AsyncIterator[Deeds]:
    """Deeds done by this process, which holds the directory for so long."""
    from tutti.accounts.keyring import Keyring  # noqa: PLC0415 - most commands speak to a server
    from tutti.accounts.service import Accounts  # noqa: PLC0415
    from tutti.admin.local import LocalDeeds  # noqa: PLC0415
    from tutti.billing.price_desk import PriceDesk  # noqa: PLC0415
    from tutti.billing.prices import Prices  # noqa: PLC0415
    from tutti.database.care import DatabaseCare  # noqa: PLC0415
    from tutti.database.lock import DirectoryLock  # noqa: PLC0415
    from tutti.kit.clock import SystemClock  # noqa: PLC0415
    from tutti.routing.channels import Channels  # noqa: PLC0415
    from tutti.routing.choice import Chooser  # noqa: PLC0415
    from tutti.routing.declared import declared_channels  # noqa: PLC0415
    from tutti.routing.desk import ChannelDesk  # noqa: PLC0415
    from tutti.routing.key_file import open_seal  # noqa: PLC0415
    from tutti.tasks.sqlite import SqliteTaskStore  # noqa: PLC0415
    from tutti.vendors.checks import check_channel  # noqa: PLC0415
    from tutti.vendors.registry import SERVED  # noqa: PLC0415

    clock = SystemClock()
    with DirectoryLock(places.data):
        store = await SqliteTaskStore.connect(places.database, clock=clock, render_event=lambda _task, _parts: b"{}")
        try:
            accounts = Accounts(store, Keyring(clock))
            await accounts.load()
            channels = Channels(SERVED)
            desk = ChannelDesk(store, channels, open_seal(places), check=check_channel)
            await desk.load(declared_channels(read_settings().channels, os.environ))
            chooser = Chooser(channels, clock=clock, rng=Random())
            prices = Prices.load(unpriced_usd=read_settings().unpriced_usd)
            price_desk = PriceDesk(store, prices)
            await price_desk.load()
            care = DatabaseCare(places.database)
            yield LocalDeeds(accounts, care, desk, chooser, price_desk=price_desk, prices=prices, store=store)
        finally:
            await store.close()
