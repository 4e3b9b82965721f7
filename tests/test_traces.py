"""Spans of calls as a collector gets them, from a whole gateway over the test upstream."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.metrics.test_page import HELLO, opened
from tests.upstream.handle import RunningUpstream

pytestmark = pytest.mark.anyio


class Collector:
    """Keeps every span that is posted to it."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.raw = b""
        self.spans: list[Any] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.paths.append(self.path)
                collector.raw += body
                request = ExportTraceServiceRequest.FromString(body)
                collector.spans += [
                    span for each in request.resource_spans for scope in each.scope_spans for span in scope.spans
                ]
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    threading.Thread(target=collector.server.serve_forever, daemon=True).start()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()


def attributes(span: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


async def test_calls_are_told_with_figures_and_without_words(
    tmp_path: Path, upstream: RunningUpstream, collector: Collector
) -> None:
    async with opened(tmp_path, upstream, otlp_endpoint=collector.url) as (gateway, client):
        ok = await client.post("/v1/chat/completions", json={"model": "gpt-4o", "messages": HELLO, "stream": True})
        upstream.set_fault(status=400)
        bad = await client.post("/v1/embeddings", json={"model": "gpt-4o", "input": "hello there"})
        key = gateway.first_run.key
    assert set(collector.paths) == {"/v1/traces"}
    first, second = collector.spans
    told = attributes(first)
    assert first.name == "chat gpt-4o"
    assert first.end_time_unix_nano >= first.start_time_unix_nano
    assert told | {"gen_ai.usage.output_tokens": 0, "tutti.units": 0} == told | {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "gateway",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.request.stream": True,
        "gen_ai.usage.output_tokens": 0,
        "http.response.status_code": 200,
        "tutti.channel": "up",
        "tutti.request_id": ok.headers["x-request-id"],
        "tutti.units": 0,
    }
    assert told["gen_ai.usage.output_tokens"] > 0
    failed = attributes(second)
    assert (failed["gen_ai.operation.name"], failed["http.response.status_code"]) == ("embeddings", 400)
    assert failed["tutti.request_id"] == bad.headers["x-request-id"]
    assert failed["error.type"]
    assert second.status.code == second.status.STATUS_CODE_ERROR
    for word in (b"hello", key.encode(), b"sk-up", b"admin"):
        assert word not in collector.raw


async def test_a_collector_that_is_away_keeps_nobody(tmp_path: Path, upstream: RunningUpstream) -> None:
    async with opened(tmp_path, upstream, otlp_endpoint="http://127.0.0.1:9") as (_, client):
        reply = await client.post("/v1/chat/completions", json={"model": "gpt-4o", "messages": HELLO})
    assert reply.status_code == 200
