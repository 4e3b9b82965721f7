"""`GET /metrics` for Prometheus."""

from tutti.billing.wallet import Wallet
from tutti.kit.asgi import Receive, Scope, Send, send_bytes
from tutti.metrics.meters import Meters
from tutti.routing.channels import Channels
from tutti.routing.choice import Chooser
from tutti.tasks.store import Census
from tutti.tasks.worker import Worker


class MetricsPage:
    """Tells everything."""

    def __init__(
        self,
        meters: Meters,
        *,
        channels: Channels,
        chooser: Chooser,
        wallet: Wallet,
        census: Census,
        worker: Worker,
    ) -> None:
        self._meters = meters
        self._channels = channels
        self._chooser = chooser
        self._wallet = wallet
        self._census = census
        self._worker = worker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a GET has no body
        """Answer one request."""
        # Who is never asked for metrics need not carry the library.
        from tutti.metrics import figures, text  # noqa: PLC0415

        live = await self._census.count_live()
        events = await self._census.count_waiting_events()
        metrics = [
            *figures.counted(self._meters),
            *figures.of_channels(self._channels, self._chooser),
            *figures.of_wallet(self._wallet),
            *figures.of_work(live, events, self._worker.busy()),
        ]
        await send_bytes(send, status=200, body=text.page_of(metrics), content_type=text.CONTENT_TYPE)
