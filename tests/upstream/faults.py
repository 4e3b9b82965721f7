"""Faults: what an upstream does wrong, on purpose.

A fault is set for a model, for a key, for both or for every call, with POST /_faults; or in the model's own name after
an exclamation mark: "gpt-4o!status=429,retry_after=2" or "gpt-4o!cut_after=3". That name is then the model's.
"""

from typing import Any

import msgspec


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong with a call; the default is nothing."""

    # Answer with this status and an error of the wire.
    status: int | None = None
    # The Retry-After header of that answer.
    retry_after: str | None = None
    # Break the connection after so many chunks of a stream, or half-way through a whole body when it is 0 or more.
    cut_after: int | None = None
    # Seconds before the head, before the first piece of the body, and before every later piece.
    head_s: float = 0.0
    first_byte_s: float = 0.0
    chunk_s: float = 0.0
    # Never answer; the caller's own deadline ends it.
    hang: bool = False
    # 200, and a body that is no JSON at all.
    garbage: bool = False
    # 200, and the first half of the JSON.
    half_json: bool = False
    # The last pieces of a stream, which close it, never come, though the connection ends in order.
    unclosed: bool = False
    # Tell no usage.
    no_usage: bool = False
    # A stream tells an error after so many chunks.
    error_after: int | None = None
    # Know no task that was taken.
    forget: bool = False


NO_FAULT = Fault()


class FaultRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For whom a fault is."""

    fault: Fault
    model: str | None = None
    key: str | None = None
    # The path ends so.
    path: str | None = None
    # Only the first so many calls that it fits; None: all.
    times: int | None = None


class Faults:
    """The faults that are set."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []
        self._used: list[int] = []

    def set(self, body: bytes) -> None:
        """Replace all. Raises `msgspec.ValidationError`."""
        self._rules = msgspec.json.decode(body, type=list[FaultRule])
        self._used = [0] * len(self._rules)

    def of(self, *, model: str, key: str, path: str) -> Fault:
        """The fault of a call: the first rule that fits, else what the model's name says."""
        for number, rule in enumerate(self._rules):
            if (
                rule.model in (None, model)
                and rule.key in (None, key)
                and path.endswith(rule.path or "")
                and (rule.times is None or self._used[number] < rule.times)
            ):
                self._used[number] += 1
                return rule.fault
        return _named(model)


def _named(model: str) -> Fault:
    """The fault in a model's name. Raises `msgspec.ValidationError` for one that there is not."""
    _, mark, words = model.partition("!")
    if not mark:
        return NO_FAULT
    changes: dict[str, Any] = {}
    for word in words.split(","):
        name, _, value = word.partition("=")
        changes[name] = value or True
    return msgspec.convert(changes, Fault, strict=False)
