import asyncio
import io
import json
import logging
import os
import threading

import pytest
import structlog

from tutti.kit import logs


@pytest.mark.parametrize("is_blocking", [True, False])
def test_long_line_is_written_whole_into_a_slow_pipe(is_blocking):
    source, target = os.pipe()
    os.set_blocking(target, is_blocking)
    line = "a" * 300_000
    read = bytearray()

    def drain():
        while chunk := os.read(source, 4096):
            read.extend(chunk)

    reader = threading.Thread(target=drain)
    reader.start()
    with os.fdopen(target, "w") as stream:
        logs._PlainLogger(stream).msg(line)
    reader.join(timeout=10)
    os.close(source)
    assert read.decode() == line + "\n"


@pytest.mark.parametrize(
    ("log_format", "level", "lines"), [("json", "info", 1), ("json", "warning", 0), ("console", "info", 1)]
)
@pytest.mark.anyio
async def test_a_requests_line_is_as_any_other(log_format, level, lines):
    stream = io.StringIO()
    before = structlog.get_config()
    try:
        logs.configure(log_format=log_format, level=level, stream=stream)
        log = structlog.get_logger("tutti.test")
        logs.request_line(log)({"event": "request_answered", "path": "/v1/tasks", "status": 200})
        await asyncio.sleep(0)
    finally:
        structlog.configure(**before)
    told = stream.getvalue().splitlines()
    assert len(told) == lines
    if lines and log_format == "json":
        line = json.loads(told[0])
        assert line.pop("timestamp").endswith("Z")
        assert line == {"event": "request_answered", "path": "/v1/tasks", "status": 200, "level": "info"}
    assert all("/v1/tasks" in line for line in told)


@pytest.mark.anyio
async def test_lines_of_one_turn_are_written_at_once():
    written = []
    lines = logs._LinesOfATurn(written.append)
    lines.add(b"one")
    lines.add(b"two")
    await asyncio.sleep(0)
    lines.add(b"three")
    await asyncio.sleep(0)
    assert written == [b"one\ntwo", b"three"]


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("is_ours", [False, True])
def test_values_of_variables_are_not_in_a_traceback(log_format, is_ours):
    stream = io.StringIO()
    before = structlog.get_config()
    headers = {"authorization": "Bearer a-real-key"}
    try:
        logs.configure(log_format=log_format, level="info", stream=stream)
        try:
            headers["x"].encode()
        except KeyError:
            log = structlog.get_logger("tutti.test") if is_ours else logging.getLogger("library")
            log.exception("it_failed")
    finally:
        structlog.configure(**before)
    assert "KeyError" in stream.getvalue()
    assert "a-real-key" not in stream.getvalue()
