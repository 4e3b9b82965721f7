"""Traces of immediate calls for OpenTelemetry, when an operator has said where they go: one span for each call.

Attributes are those of the GenAI conventions, https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/, seen
2026-11, and what has no name there begins with `tutti.`. No prompts, no answers, nobody's name. The packages are in
`requirements/traces.lock`: they are asked for when traces are wanted, and not before.
"""

import asyncio
from collections.abc import Callable

from tutti import __version__
from tutti.billing.records import CallRecord
from tutti.errors import UnavailableError
from tutti.routing.choice import Pick

CallTold = Callable[[CallRecord, Pick | None], None]

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
            from opentelemetry.trace import SpanKind, Status, StatusCode  # noqa: PLC0415
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
        self._failed = Status(StatusCode.ERROR)

    def tell_call(self, call: CallRecord, pick: Pick | None) -> None:
        """One settled call."""
        end_ns = call.at_ms * 1_000_000
        operation = _OPERATIONS.get(call.operation, call.operation)
        span = self._tracer.start_span(
            f"{operation} {call.model}",
            kind=self._client,
            start_time=end_ns - call.duration_ms * 1_000_000,
            attributes=_attributes(call, pick, operation),
        )
        if call.error_code:
            span.set_status(self._failed)
        span.end(end_ns)

    async def close(self) -> None:
        """Send what waits."""
        await asyncio.to_thread(self._provider.shutdown)


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
