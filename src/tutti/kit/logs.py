"""Log lines: an event in the past tense and fields, in colour for a person and as JSON for a machine.

`configure` is called once per process. Whatever is bound with `structlog.contextvars` (request and task ids) appears on
every line below it.
"""

import asyncio
import logging
import os
import select
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec
import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

# Values under these names never reach a line, whoever logs them.
SECRET_FIELDS = frozenset({"authorization", "secret", "token", "key", "password", "api_key", "signature"})


def configure(*, log_format: str, level: str, stream: TextIO | None = None) -> None:
    """Send our own lines and those of libraries to `stream` (stdout) in "console", "json" or "auto" form."""
    target = stream or sys.stdout
    is_json = log_format == "json" or (log_format == "auto" and not target.isatty())
    # Lines of libraries go through the standard module; ours go straight to the stream.
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hide_secrets,
    ]
    # Tracebacks without the values of variables: prompts and keys are among them.
    last: list[Processor] = (
        [ExceptionRenderer(ExceptionDictTransformer(show_locals=False)), _render_json]
        if is_json
        else [structlog.dev.ConsoleRenderer(colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=_PlainLoggerFactory(target),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(threshold, logging.WARNING), force=True)


def request_line(log: Any) -> Callable[[dict[str, Any]], None]:
    """What writes the closing line of a request: as `log.info`, at a fifth of the cost where lines are JSON.

    `configure` is called before it; the fields are plain values and hold no secret.
    """
    factory = structlog.get_config()["logger_factory"]
    is_json = structlog.get_config()["processors"][-1] is _render_json
    if not is_json or not isinstance(factory, _PlainLoggerFactory):
        return lambda fields: log.info(fields.pop("event"), **fields)
    if not log.is_enabled_for(logging.INFO):
        return lambda _fields: None
    lines = _LinesOfATurn(factory().write)

    def write_line(fields: dict[str, Any]) -> None:
        fields["level"] = "info"
        fields["timestamp"] = datetime.now(UTC)
        lines.add(_encoder.encode(fields))

    return write_line


class _LinesOfATurn:
    """Writes all lines of one turn of the running event loop at once.

    A write gives the interpreter away, and a busy loop must then wake whoever waits for it.
    """

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._lines: list[bytes] = []

    def add(self, line: bytes) -> None:
        """A line, without its end."""
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write_all)
        self._lines.append(line)

    def _write_all(self) -> None:
        lines, self._lines = self._lines, []
        self._write(b"\n".join(lines))


class _PlainLoggerFactory:
    """Makes loggers that write a line and flush it in one call: each line is whole in the file, even before a kill."""

    def __init__(self, target: TextIO) -> None:
        self._logger = _PlainLogger(target)

    def __call__(self, *_: object) -> "_PlainLogger":
        return self._logger


class _PlainLogger:
    """Writes lines to a descriptor where the stream has one, past its text layer at half the cost."""

    def __init__(self, target: TextIO) -> None:
        self._target = target
        try:
            self._fd: int | None = target.fileno()
        except (OSError, ValueError):  # a stream in memory
            self._fd = None

    def msg(self, line: str) -> None:
        """Write one line."""
        self.write(line.encode())

    def write(self, lines: bytes) -> None:
        """Write lines, the last one without its end."""
        if self._fd is None:
            self._target.write(lines.decode() + "\n")
        else:
            _write_whole(self._fd, lines + b"\n")

    debug = info = warning = error = critical = exception = msg


def _write_whole(fd: int, line: bytes) -> None:
    """Write all of it: a pipe takes what fits, and at times nothing, when another program made it non-blocking."""
    rest = memoryview(line)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            select.select([], [fd], [])


# What JSON has no form for is told as Python writes it, so that no line is lost over a field.
_encoder = msgspec.json.Encoder(enc_hook=repr)


def _render_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return _encoder.encode(event).decode()


def _hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name in SECRET_FIELDS & event.keys():
        event[name] = "***"
    return event
