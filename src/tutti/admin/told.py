"""What operators are told of prices, calls, tasks and webhooks: the values that those deeds give.

Times are milliseconds since 1970 UTC, money is whole units.
"""

from typing import Any

import msgspec


class PriceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of the price tables."""

    # "models" (a row in dollars for a million tokens), "calls" (units) or "groups" (a factor).
    section: str
    # As in the tables: a model that is asked for may be charged under a shorter name, or a pattern.
    name: str
    value: Any
    # Whether an operator set it, or it ships with Tutti.
    is_set: bool


class CallInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One immediate call, as the usage log has it."""

    # Ask for those before this one with `before_id`.
    id: int
    request_id: str
    at_ms: int
    # Names as they are now; "#" and the id for what is gone.
    user: str
    key_id: int
    key: str
    channel: str | None
    engine: str | None
    # Whose prices it was charged by; empty for calls from before this was kept.
    group: str
    operation: str
    model: str
    upstream_model: str
    is_stream: bool
    input_tokens: int
    cached_tokens: int
    cache_written_tokens: int
    # Of these what is kept for an hour.
    cache_written_1h_tokens: int
    output_tokens: int
    reasoning_tokens: int
    # What is counted beside tokens: "image", "second", "character", "call", or "" for nothing; and how many.
    thing: str
    thing_count: float
    # Whether the tokens were counted here, because the vendor told none.
    is_estimated: bool
    units: int
    status: int
    error_code: str | None
    duration_ms: int
    first_byte_ms: int | None
    # Channels that were asked before and why each did not serve.
    failures: tuple[str, ...]
    client_ip: str


class CostLine(msgspec.Struct, frozen=True, kw_only=True):
    """One addend of what a call costs."""

    # "prompt", "from the cache", "to the cache", "answer", or the thing that is counted: call, image ...
    what: str
    # Seconds may have a fraction.
    count: int | float
    # Dollars for a million tokens, or for one thing, the group's factor included.
    usd: float
    units: float


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """How the charge of a call comes about, by the prices as they are now."""

    # The name in the tables; None: the price of unknown models.
    charged_as: str | None
    group: str
    group_factor: float
    lines: tuple[CostLine, ...]
    # Their sum, rounded up, and what was charged.
    units: int
    charged: int
    # Why the two differ, None when they do not.
    note: str | None = None


class LedgerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the ledger: units added to a balance, or taken from it."""

    kind: str
    ref: str
    units: int


class CallStory(msgspec.Struct, frozen=True, kw_only=True):
    """What happened with one call, and what it cost and why."""

    call: CallInfo
    # None when there is no price to explain it by any more.
    cost: Cost | None
    # The flush that charged it, together with other calls of those 50 milliseconds; old ones are added up.
    ledger: tuple[LedgerInfo, ...]


class TaskInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A durable task."""

    id: str
    # The id that its caller knows.
    public_id: str
    family: str
    kind: str
    model: str
    user: str
    key_id: int
    state: str
    progress: int
    progress_note: str
    # Who does it: an engine's name or a channel's.
    lane: str
    attempt: int
    max_attempts: int
    # Held, and charged in the end: None while it lives.
    price: int
    cost: int | None
    error_code: str | None
    error: str | None
    vendor_ref: str | None
    is_cancel_requested: bool
    created_at_ms: int
    # 0 until it happens.
    started_at_ms: int
    finished_at_ms: int


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a task."""

    at_ms: int
    what: str


class WebhookInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook of a task and what became of it."""

    id: str
    task_id: str
    endpoint: str
    # pending, delivered or dead (given up)
    state: str
    tries: int
    # The receiver's last HTTP status; None when it never answered.
    last_status: int | None
    created_at_ms: int


class TaskStory(msgspec.Struct, frozen=True, kw_only=True):
    """What happened with one task."""

    task: TaskInfo
    history: tuple[Happening, ...]
    ledger: tuple[LedgerInfo, ...]
    webhooks: tuple[WebhookInfo, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known under one id."""

    calls: tuple[CallStory, ...] = ()
    tasks: tuple[TaskStory, ...] = ()
