"""The text form of Prometheus: the only part that knows the library.

Names follow https://prometheus.io/docs/practices/naming/: one prefix, base units, `_total` behind what only grows.
"""

from collections.abc import Iterable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.registry import Collector

# Labels and value of each sample.
Samples = Iterable[tuple[Iterable[str], float]]

CONTENT_TYPE = CONTENT_TYPE_LATEST.encode()


def page_of(metrics: Iterable[Metric]) -> bytes:
    """These, and what the process uses of the machine."""
    registry = CollectorRegistry()
    registry.register(_Collected([*metrics]))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def counter(name: str, text: str, labels: str, samples: Samples) -> Metric:
    """What only grows."""
    family = CounterMetricFamily(name, text, labels=labels.split())
    for values, number in samples:
        family.add_metric([*values], number)
    return family


def gauge(name: str, text: str, labels: str, samples: Samples) -> Metric:
    """What goes up and down."""
    family = GaugeMetricFamily(name, text, labels=labels.split())
    for values, number in samples:
        family.add_metric([*values], number)
    return family


def timed(name: str, text: str, labels: str, samples: Mapping[tuple[str, ...], tuple[int, float]]) -> Metric:
    """How many, and the seconds that they took together."""
    family = SummaryMetricFamily(name, text, labels=labels.split())
    for values, (count, seconds) in samples.items():
        family.add_metric([*values], count, seconds)
    return family


class _Collected(Collector):
    """What the library asks for metrics."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        return self._metrics
