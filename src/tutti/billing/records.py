"""What is remembered of every immediate call: one row of the usage log, written in the flush that charges it."""

import msgspec


class CallRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One call as it went. A struct, not a dataclass: one is made for each call, and the collector passes it over."""

    request_id: str
    # When the reply was over.
    at_ms: int
    user_id: int
    key_id: int
    # The word of the vendors' registry: chat, messages, embeddings ...
    operation: str
    # The name asked for, and the one the upstream was asked for.
    model: str
    upstream_model: str = ""
    # Who served it: a channel, or an engine of our own.
    channel_id: int | None = None
    engine: str | None = None
    is_stream: bool = False
    # The whole prompt, and of it what came from the vendor's cache.
    input_tokens: int = 0
    cached_tokens: int = 0
    # The whole reply, and of it what was thought.
    output_tokens: int = 0
    reasoning_tokens: int = 0
    # What was charged. The wallet writes the figure that the hold was settled with.
    units: int = 0
    # The HTTP status that the caller saw.
    status: int = 200
    error_code: str | None = None
    duration_ms: int = 0
    # Until the first byte of the reply; None when there was none.
    first_byte_ms: int | None = None
    # JSON list of why each channel tried before failed.
    attempts: str = ""
    # The tokens were counted here, because the vendor told none.
    is_estimated: bool = False
    client_ip: str = ""
    # Whose prices it was charged by; empty in rows from before this was kept.
    group_name: str = ""
    # Of the prompt what was written to the vendor's cache, and of that what is kept for an hour.
    cache_written_tokens: int = 0
    cache_written_1h_tokens: int = 0
    # What its price counts beside tokens, empty: nothing; and how many were charged.
    thing: str = ""
    thing_count: float = 0


# In the order of the columns of `usage_log`.
FIELDS: tuple[str, ...] = CallRecord.__struct_fields__


class LoggedCall(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of the usage log as read."""

    # Later rows have higher ids.
    id: int
    # The flush that charged it: with the key's id the `ref` of its ledger row.
    flush_id: str
    call: CallRecord
