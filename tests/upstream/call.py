"""What comes in and what goes out, in no wire's words."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from tests.upstream.faults import NO_FAULT, Fault

T = TypeVar("T")


class Refused(Exception):  # noqa: N818 - it is what the caller reads, not what broke here
    """The request is not taken; each wire tells it in its own form."""

    def __init__(self, message: str, *, status: int = 400, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.param = param


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request."""

    method: str
    # As sent: escapes are kept.
    path: str
    query: Mapping[str, str]
    # Names in lower case.
    headers: Mapping[str, str]
    body: bytes
    # What the route's pattern found in the path.
    found: Mapping[str, str] = field(default_factory=dict)
    fault: Fault = NO_FAULT

    @cached_property
    def json(self) -> Any:
        """The body without the fields of tomorrow. Raises `Refused` when it is no JSON object."""
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise Refused(f"The body is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise Refused("The body is no JSON object.")
        return _without_tomorrow(value)

    def read(self, form: type[T], value: object = None) -> T:
        """The body, or a part of it, as the wire's form. Raises `Refused` that names the field."""
        try:
            return msgspec.convert(self.json if value is None else value, form)
        except msgspec.ValidationError as error:
            raise Refused(str(error), param=_field_of(str(error))) from error

    @property
    def key(self) -> str:
        """The key that the caller holds, wherever its wire puts it; empty without one."""
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        held = (self.headers.get(name, "") for name in ("x-api-key", "x-goog-api-key", "api-key"))
        return next(filter(None, held), "") or bearer or self.query.get("key", "")

    @property
    def model(self) -> str:
        """The model that is asked for, wherever its wire puts it; empty without one."""
        if "model" in self.found:
            return self.found["model"]
        if self.headers.get("content-type", "").startswith("multipart/"):
            match = re.search(rb'name="model"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r]*)\r\n', self.body)
            return match[1].decode() if match else ""
        try:
            value = json.loads(self.body).get("model", "")
        except (ValueError, AttributeError):
            return ""
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One reply: a body, or chunks that are sent one by one."""

    status: int = 200
    content_type: str = "application/json"
    body: bytes = b""
    chunks: tuple[bytes, ...] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Call], Reply]


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Where a wire is spoken: the pattern matches the whole path."""

    method: str
    pattern: re.Pattern[str]
    answer: Answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Wire:
    """One wire: its routes, and how it tells errors."""

    name: str
    routes: Sequence[Route]
    tell_error: Callable[[Refused], object]
    # Whether a request to a path that two wires share is meant for this one.
    is_mine: Callable[[Call], bool] = lambda _call: True


def route(method: str, pattern: str, answer: Answer) -> Route:
    """A route under whatever prefix a vendor has: "/v1", "/compatible-mode/v1", "/api/paas/v4" ..."""
    return Route(method=method, pattern=re.compile(rf".*{pattern}"), answer=answer)


def reply_json(value: object, **more: Any) -> Reply:
    """A reply that holds a value as JSON."""
    return Reply(body=encode(value), **more)


def reply_events(events: Sequence[bytes]) -> Reply:
    """A reply that is a stream of server-sent events."""
    return Reply(content_type="text/event-stream; charset=utf-8", chunks=tuple(events))


def encode(value: object) -> bytes:
    """The value as JSON without needless space."""
    return msgspec.json.encode(value)


def event(value: object, name: str = "") -> bytes:
    """One server-sent event."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + encode(value) + b"\n\n"


def require(holds: object, message: str, *, param: str | None = None) -> None:
    """Refuse unless it holds."""
    if not holds:
        raise Refused(message, param=param)


def _without_tomorrow(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_tomorrow(inner) for name, inner in value.items() if not name.startswith("x_")}
    if isinstance(value, list):
        return [_without_tomorrow(inner) for inner in value]
    return value


def _field_of(message: str) -> str | None:
    """The field in msgspec's words "Expected `int`, got `str` - at `$.max_tokens`"."""
    match = re.search(r"`\$\.([\w.\[\]]+)`$", message)
    return match[1] if match else None
