"""Traces of immediate calls for OpenTelemetry, when an operator has said where they go: one span for each call.

Attributes are those of the GenAI conventions, https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/, seen
2026-11, and what has no name there begins with `tutti.`. No prompts, no answers, nobody's name. A call that comes with
a trace of its caller's (https://www.w3.org/TR/trace-context/) is a part of that, sampled as the caller says, and the
upstream is told of ours. The packages are in `requirements/traces.lock`: they are asked for when traces are wanted, and
not before.
"""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from tutti import __version__
from tutti.billing.records import CallRecord
from tutti.errors import UnavailableError
from tutti.kit.asgi import Headers
from tutti.routing.choice import Pick

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

# Traces that cannot be sent are given up: they must not keep a server from ending.
_SEND_TIMEOUT_S = 5.0

# The convention's words for what we call otherwise; an operation that is not here is told by our word.
_OPERATIONS = {
    "messages": "chat",
    "responses": "chat",
    "gemini": "generate_content",
    "completions": "text_completion",
    "gemini_embed": "embeddings",
    "gemini_batch_embed": "embeddings",
}
_PROVIDERS = {
    "azure": "azure.ai.openai",
    "gemini": "gcp.gemini",
    "vertex": "gcp.vertex_ai",
    "xai": "x_ai",
    "mistral": "mistral_ai",
}


class Tracer:
    """Sends spans, many together, from a thread of the library's own."""

    def __init__(self, endpoint: str) -> None:
        """`endpoint` is the collector's base address for OTLP over HTTP. Raises `UnavailableError`."""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - large
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
            from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context  # noqa: PLC0415
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415
        except ImportError as error:
            raise UnavailableError(
                "otlp_endpoint is set, but the packages for it are missing: install requirements/traces.lock."
            ) from error
        resource = Resource.create({"service.name": "tutti", "service.version": __version__})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_SEND_TIMEOUT_S)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("tutti", __version__)
        self._client = SpanKind.CLIENT
        self.failed = Status(StatusCode.ERROR)
        self._headers = TraceContextTextMapPropagator()
        self._around = set_span_in_context
        # It warns of callers' headers that are wrong, and would write them into our log.
        logging.getLogger("opentelemetry.trace").setLevel(logging.ERROR)

    def begin(self, headers: Headers) -> "CallTrace":
        """A span for a call with these headers: a child of the one they name, else the first of a trace.

        What is malformed in them counts as not there.
        """
        parent = self._headers.extract(_carried(headers))
        span = self.start(parent)
        told: dict[str, str] = {}
        self._headers.inject(told, self._around(span))
        return CallTrace(self, parent, span, told)

    def start(self, parent: "Context", *, start_ns: int | None = None) -> "Span":
        """A span that has no name yet."""
        return self._tracer.start_span("call", parent, kind=self._client, start_time=start_ns)

    async def close(self) -> None:
        """Send what waits."""
        await asyncio.to_thread(self._provider.shutdown)


class CallTrace:
    """One call, or one session, in its trace. Fulfils `relay.tracing.Trace`; one that is never settled is not told."""

    __slots__ = ("_parent", "_span", "_tracer", "headers")

    def __init__(self, tracer: Tracer, parent: "Context", span: "Span", headers: dict[str, str]) -> None:
        self._tracer = tracer
        self._parent = parent
        # None once it has ended.
        self._span: Span | None = span
        self.headers = headers

    def tell(self, call: CallRecord, pick: Pick | None) -> None:
        """Name the span and end it; a session's later responses are spans beside its first."""
        start_ns = time.time_ns() - call.duration_ms * 1_000_000
        span, self._span = self._span or self._tracer.start(self._parent, start_ns=start_ns), None
        operation = _OPERATIONS.get(call.operation, call.operation)
        span.update_name(f"{operation} {call.model}")
        span.set_attributes(_attributes(call, pick, operation))
        if call.error_code:
            span.set_status(self._tracer.failed)
        span.end()


def _carried(headers: Headers) -> dict[str, list[str]]:
    """The headers of trace contexts. There is one trace at most, and what is told of it may be in many lines."""
    found: dict[str, list[str]] = {"traceparent": [], "tracestate": []}
    for name, value in headers:
        if name in {b"traceparent", b"tracestate"}:
            found[name.decode()].append(value.decode("latin-1"))
    return found if len(found["traceparent"]) == 1 else {}


def _attributes(call: CallRecord, pick: Pick | None, operation: str) -> dict[str, str | int | bool | float]:
    found: dict[str, str | int | bool | float] = {
        "gen_ai.operation.name": operation,
        "gen_ai.request.model": call.model,
        "gen_ai.request.stream": call.is_stream,
        "gen_ai.usage.input_tokens": call.input_tokens,
        "gen_ai.usage.output_tokens": call.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": call.cached_tokens,
        "gen_ai.usage.cache_creation.input_tokens": call.cache_written_tokens,
        "gen_ai.usage.reasoning.output_tokens": call.reasoning_tokens,
        "http.response.status_code": call.status,
        "tutti.request_id": call.request_id,
        "tutti.units": call.units,
    }
    if pick is not None:
        found["gen_ai.provider.name"] = _PROVIDERS.get(pick.channel.type, pick.channel.type)
        found["gen_ai.response.model"] = pick.upstream_model
        found["tutti.channel"] = pick.channel.name
    if call.first_byte_ms is not None and call.is_stream:
        found["gen_ai.response.time_to_first_chunk"] = call.first_byte_ms / 1000
    if call.error_code:
        found["error.type"] = call.error_code
    return found
