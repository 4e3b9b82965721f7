"""What is told: the counts since the start, and what stands at this moment. A new figure is a few lines here."""

from collections import Counter
from collections.abc import Iterator, Mapping

from prometheus_client import Metric

from tutti.billing.wallet import Wallet
from tutti.metrics.meters import OTHER, Labels, Meters
from tutti.metrics.text import counter, gauge, timed
from tutti.routing.channels import Channels
from tutti.routing.choice import Chooser
from tutti.tasks.states import TaskState


def counted(meters: Meters) -> Iterator[Metric]:
    """What has happened since the start."""
    requests: dict[Labels, tuple[int, float]] = {}
    for (route, status), spent in meters.requests.items():
        family = route.partition(".")[0] or OTHER
        count, seconds = requests.get((family, str(status)), (0, 0.0))
        requests[family, str(status)] = (count + spent.count, seconds + spent.seconds)
    yield timed("tutti_requests_seconds", "Requests answered, streams to their end.", "family status", requests)
    yield counter(
        "tutti_upstream_exchanges", "Exchanges with channels by their end.", "channel outcome", meters.outcomes.items()
    )
    yield from _of_calls(meters)


def _of_calls(meters: Meters) -> Iterator[Metric]:
    calls: Counter[Labels] = Counter()
    units: Counter[Labels] = Counter()
    tokens: Counter[Labels] = Counter()
    first: dict[Labels, tuple[int, float]] = {}
    for (operation, channel, model, status), sums in meters.calls.items():
        calls[operation, channel, str(status)] += sums.calls
        units[operation,] += sums.units
        for direction in ("input", "cached", "output", "reasoning"):
            tokens[model, direction] += getattr(sums, direction)
        count, seconds = first.get((operation,), (0, 0.0))
        first[operation,] = (count + sums.first_bytes, seconds + sums.first_byte_ms / 1000)
    yield counter("tutti_calls", "Immediate calls by who served them.", "operation channel status", calls.items())
    yield counter("tutti_units", "Units charged for immediate calls.", "operation", units.items())
    yield counter(
        "tutti_tokens",
        "Tokens of immediate calls; cached are part of input, reasoning of output.",
        "model direction",
        tokens.items(),
    )
    yield timed("tutti_first_byte_seconds", "Until an upstream began to answer.", "operation", first)


def of_channels(channels: Channels, chooser: Chooser) -> Iterator[Metric]:
    """How those channels are that are on."""
    switched_on = [one for one in channels.all() if one.is_on]
    well = [((one.name,), float(chooser.standing(one).is_well)) for one in switched_on]
    yield gauge("tutti_channel_well", "1 while a channel can be asked.", "channel", well)
    flying = [((one.name,), chooser.in_flight(one)) for one in switched_on]
    yield gauge("tutti_channel_in_flight", "Requests that a channel works on.", "channel", flying)


def of_wallet(wallet: Wallet) -> Iterator[Metric]:
    """Money that is out of the balances for the time of calls."""
    stock = wallet.stock()
    yield gauge(
        "tutti_wallet_units",
        "Units out of balances, for running calls (held) and for coming ones (free).",
        "kind",
        [(("held",), stock.held), (("free",), stock.free)],
    )
    waiting = [((), stock.unwritten)]
    yield gauge("tutti_wallet_unwritten_calls", "Settled calls that wait for the database.", "", waiting)


def of_work(live: Mapping[tuple[str, TaskState], int], events: int, busy: Mapping[str, int]) -> Iterator[Metric]:
    """Durable work: tasks that have not ended, webhook events to be delivered, tasks at work in each lane."""
    yield gauge("tutti_tasks_live", "Tasks that have not ended, by queue.", "lane state", live.items())
    yield gauge("tutti_webhooks_waiting", "Webhook events to be delivered.", "", [((), events)])
    at_work = [((lane,), count) for lane, count in busy.items()]
    yield gauge("tutti_engine_busy", "Tasks that an engine is at.", "lane", at_work)
