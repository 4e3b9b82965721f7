"""Spans of calls as a collector gets them, from a whole gateway over the test upstream."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.billing.calls import call
from tests.metrics.test_page import HELLO, opened
from tests.upstream.handle import RunningUpstream
from tutti.traces import Tracer

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


THEIRS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
STATE = "vendor=one,other=two"


async def sent(
    client: httpx.AsyncClient, upstream: RunningUpstream, headers: list[tuple[Any, Any]]
) -> tuple[str, str, bool, dict[str, str]]:
    """Trace, span and whether it is sampled, as the upstream is told, and all headers that it got."""
    body = {"model": "gpt-4o", "messages": HELLO}
    reply = await client.post("/v1/chat/completions", json=body, headers=headers)
    assert reply.status_code == 200, reply.text
    got = upstream.seen()[-1]["headers"]
    _, trace, span, flags = got["traceparent"].split("-")
    return trace, span, bool(int(flags, 16) & 1), got


async def test_a_call_is_a_part_of_its_callers_trace_and_the_upstream_of_ours(
    tmp_path: Path, upstream: RunningUpstream, collector: Collector
) -> None:
    async with opened(tmp_path, upstream, otlp_endpoint=collector.url) as (_, client):
        theirs = await sent(client, upstream, [("traceparent", THEIRS), ("tracestate", STATE)])
        own = await sent(client, upstream, [])
    child, root = collector.spans
    assert (child.trace_id.hex(), child.parent_span_id.hex()) == (THEIRS.split("-")[1], THEIRS.split("-")[2])
    assert theirs[:3] == (child.trace_id.hex(), child.span_id.hex(), True)
    assert (theirs[3]["tracestate"], child.trace_state) == (STATE, STATE)
    assert own[:3] == (root.trace_id.hex(), root.span_id.hex(), True)
    assert (root.parent_span_id, "tracestate" in own[3]) == (b"", False)


async def test_what_its_caller_does_not_sample_is_not_told(
    tmp_path: Path, upstream: RunningUpstream, collector: Collector
) -> None:
    async with opened(tmp_path, upstream, otlp_endpoint=collector.url) as (_, client):
        trace, span, is_sampled, _ = await sent(client, upstream, [("traceparent", THEIRS[:-1] + "0")])
    assert (trace, is_sampled) == (THEIRS.split("-")[1], False)
    assert span != THEIRS.split("-")[2]
    assert collector.spans == []


@pytest.mark.parametrize(
    "headers",
    [
        [("traceparent", "")],
        [("traceparent", "nonsense")],
        [("traceparent", THEIRS.upper())],
        [("traceparent", THEIRS + "-more")],
        [("traceparent", "ff" + THEIRS[2:])],
        [("traceparent", f"00-{'0' * 32}-b7ad6b7169203331-01")],
        [("traceparent", "00-" + "\u00e9" * 32 + "-b7ad6b7169203331-01")],
        [("traceparent", THEIRS), ("traceparent", THEIRS)],
        [("tracestate", STATE)],
    ],
)
async def test_malformed_headers_are_ignored(
    tmp_path: Path,
    upstream: RunningUpstream,
    collector: Collector,
    headers: list[tuple[str, str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    async with opened(tmp_path, upstream, otlp_endpoint=collector.url) as (_, client):
        trace, span, is_sampled, got = await sent(client, upstream, raw)
    [root] = collector.spans
    assert (root.trace_id.hex(), root.span_id.hex(), root.parent_span_id) == (trace, span, b"")
    assert (is_sampled, trace != THEIRS.split("-")[1], "tracestate" in got) == (True, True, False)
    assert caplog.records == []


async def test_a_malformed_state_leaves_the_trace(
    tmp_path: Path, upstream: RunningUpstream, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path, upstream, otlp_endpoint=collector.url) as (_, client):
        trace, *_, got = await sent(client, upstream, [("traceparent", THEIRS), ("tracestate", "!!,=,")])
    assert (trace, "tracestate" in got) == (THEIRS.split("-")[1], False)
    assert collector.spans[0].trace_id.hex() == trace
    assert caplog.records == []


async def test_responses_of_a_session_are_spans_of_one_trace(collector: Collector) -> None:
    tracer = Tracer(collector.url)
    trace = tracer.begin([(b"traceparent", THEIRS.encode())])
    for number in range(3):
        trace.tell(call(operation="realtime", request_id=str(number), duration_ms=5), None)
    tracer.begin([])  # nobody served it, and nobody settled it
    await tracer.close()
    assert [attributes(span)["tutti.request_id"] for span in collector.spans] == ["0", "1", "2"]
    assert {span.trace_id.hex() for span in collector.spans} == {THEIRS.split("-")[1]}
    assert {span.parent_span_id.hex() for span in collector.spans} == {THEIRS.split("-")[2]}
    assert len({span.span_id for span in collector.spans}) == 3
    assert trace.headers["traceparent"].split("-")[2] == collector.spans[0].span_id.hex()


async def test_without_traces_nothing_of_them_goes_to_upstreams(tmp_path: Path, upstream: RunningUpstream) -> None:
    async with opened(tmp_path, upstream) as (_, client):
        body, headers = {"model": "gpt-4o", "messages": HELLO}, {"traceparent": THEIRS, "tracestate": STATE}
        assert (await client.post("/v1/chat/completions", json=body, headers=headers)).status_code == 200
    assert not {"traceparent", "tracestate"} & upstream.seen()[-1]["headers"].keys()
