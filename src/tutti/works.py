"""What a server does by itself: work on tasks, bring and send what they need, keep its house."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from tutti.billing.wallet import Wallet
from tutti.blobs.growing import GrowingFiles
from tutti.engines.host import EngineHost
from tutti.engines.runner import engine_runners
from tutti.ground import Ground
from tutti.task_channels import TaskChannels
from tutti.tasks.webhook import WebhookDeliverer
from tutti.tasks.worker import Worker
from tutti.upkeep import Upkeep


@dataclass(frozen=True, kw_only=True, slots=True)
class Works:
    """What goes on by itself."""

    worker: Worker
    deliverer: WebhookDeliverer
    upkeep: Upkeep
    wallet: Wallet
    task_channels: TaskChannels


def open_works(
    stack: AsyncExitStack,
    ground: Ground,
    *,
    wallet: Wallet,
    growing: GrowingFiles,
    host: EngineHost,
    task_channels: TaskChannels,
) -> Works:
    """All of it, not yet at work; engine children are closed with `stack`."""
    settings, store, blobs = ground.settings, ground.store, ground.blobs
    stack.push_async_callback(host.close)
    return Works(
        worker=Worker(
            store,
            blobs,
            engine_runners(host),
            owner=ground.owner,
            scratch=ground.places.scratch,
            lease_s=settings.lease_s,
            growing=growing,
        ),
        deliverer=WebhookDeliverer(store, store, post=ground.outside.post, clock=ground.clock, owner=ground.owner),
        upkeep=Upkeep(blobs, store, settings, clock=ground.clock, known_tasks=store.known),
        wallet=wallet,
        task_channels=task_channels,
    )


@asynccontextmanager
async def at_work(works: Works, *, drain_s: float) -> AsyncIterator[None]:
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
