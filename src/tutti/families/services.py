"""What routes work with, chosen once in `app.py` and handed to every family."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tutti.accounts.keyring import Keyring
from tutti.accounts.limits import Limiter
from tutti.accounts.persona import PersonaStore
from tutti.accounts.service import Accounts
from tutti.billing.counting import Counter
from tutti.billing.prices import Prices
from tutti.billing.wallet import Wallet
from tutti.blobs.store import BlobStore
from tutti.kit.addresses import Network
from tutti.kit.asgi import Scope, base_url
from tutti.kit.client_ip import client_ip
from tutti.kit.clock import Clock
from tutti.relay.relay import Relay
from tutti.relay.sessions import Sessions
from tutti.relay.tracing import BeginTrace, Trace
from tutti.routing.lanes import LaneChooser
from tutti.routing.listing import Listing
from tutti.routing.models import Models
from tutti.settings import Settings
from tutti.tasks.model import Task, TaskPart
from tutti.tasks.wait import WaitStore


class FileLinks(Protocol):
    """Makes signed addresses of stored files."""

    def url(self, key: str, *, base_url: str, filename: str) -> str:
        """Where a blob is served, under the name that a browser saves it by."""
        ...


class Link(Protocol):
    """Makes addresses of files for one reader, who knows the server by one base address."""

    def __call__(self, key: str, *, name: str) -> str:
        """Where a blob is served."""
        ...


class TaskTeller(Protocol):
    """Tells a task in one family's wire, with the links of one reader."""

    def __call__(self, task: Task, parts: Sequence[TaskPart], link: Link) -> bytes:
        """The bare task object as JSON."""
        ...


class CopyFrom(Protocol):
    """Copies from addresses that callers gave, through the guarded client."""

    async def __call__(
        self, url: str, write: Callable[[bytes], Awaitable[None]], max_bytes: int, *, timeout_s: float = ...
    ) -> None:
        """Hand the content to `write` in chunks. Raises `InvalidRequestError` and its kinds."""
        ...


def link_under(links: FileLinks, base: str) -> Link:
    """Links for readers who know the server by this base address."""

    def link(key: str, *, name: str) -> str:
        return links.url(key, base_url=base, filename=name)

    return link


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """The real things behind the routes."""

    settings: Settings
    clock: Clock
    store: WaitStore
    personas: PersonaStore
    blobs: BlobStore
    accounts: Accounts
    keyring: Keyring
    prices: Prices
    wallet: Wallet
    limiter: Limiter
    counter: Counter
    models: Models
    lanes: LaneChooser
    listing: Listing
    links: FileLinks
    # `OutsideClient.copy`: content at a caller's address, written as it comes.
    copy_from: CopyFrom
    # Where files lie that are coming in, until they are whole.
    scratch: Path
    # Signs the forms that callers post files to.
    form_secret: bytes
    # Raises `DiskFullError` when results of new work would not fit.
    require_room: Callable[[], None]
    relay: Relay
    sessions: Sessions
    # Whose word on their clients' addresses is believed.
    trusted_proxies: tuple[Network, ...] = ()
    # None where nobody wants traces.
    begin_trace: BeginTrace | None = None

    def trace(self, scope: Scope) -> Trace | None:
        """The part of this request in its caller's trace."""
        return None if self.begin_trace is None else self.begin_trace(scope["headers"])

    def client_ip(self, scope: Scope) -> str:
        """Who sent this request, as trusted proxies tell it."""
        return client_ip(scope, self.trusted_proxies)

    def link(self, scope: Scope) -> Link:
        """Links for whoever sent this request: under the server's public address, or the one that was used."""
        return link_under(self.links, self.settings.public_url or base_url(scope))
