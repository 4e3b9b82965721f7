"""Every table of Tutti, for migrations and for reading by the console; the hot statements are plain SQL elsewhere.

The types are those that SQLite and Postgres share: BIGINT for money, milliseconds and counts, TEXT, and BLOB for JSON
that is only handed on. Indexes are partial wherever the live set is small against the history, so that cost follows
what is live. After a change here write a migration (`migrations/versions`) and add its name to `schema.py`; a test
compares the two.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column of exactly the type INTEGER.
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _number(name: str, default: int | None = 0) -> Column[int]:
    """A whole number that is always there."""
    server_default = None if default is None else text(str(default))
    return Column(name, BigInteger, nullable=False, server_default=server_default)


def _text(name: str) -> Column[str]:
    """Text that is always there."""
    return Column(name, Text, nullable=False)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows that fulfil a condition."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


meta = Table("meta", metadata, Column("name", Text, primary_key=True), _text("value"))

users = Table(
    "users",
    metadata,
    Column("id", _ROW_NUMBER, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    _number("is_admin"),
    # Units left; the sum of the user's ledger rows.
    _number("quota"),
    # Units charged so far.
    _number("used_quota"),
    # Share of the workers against other users.
    _number("weight", 1),
    _number("created_at_ms", None),
    # SHA-256 of the system access token, for those who have one.
    Column("access_token_hash", Text),
    # Whose channels and prices the user's keys are served by.
    Column("group_name", Text, nullable=False, server_default=text("'default'")),
    CheckConstraint("quota >= 0", name="quota"),
    CheckConstraint("weight > 0", name="weight"),
    sqlite_autoincrement=True,
)

keys = Table(
    "keys",
    metadata,
    Column("id", _ROW_NUMBER, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False, index=True),
    _text("name"),
    Column("secret_hash", Text, nullable=False, unique=True),
    _text("tail"),
    # Units the key was given and units left of them; both null without a limit of its own.
    Column("granted", BigInteger),
    Column("quota", BigInteger),
    _number("used_quota"),
    Column("expires_at_ms", BigInteger),
    # JSON list of model names; null: all.
    Column("models", Text),
    _number("is_revoked"),
    _number("created_at_ms", None),
    # JSON of group, places and limits; null: none.
    Column("rules", Text),
    CheckConstraint("quota >= 0", name="quota"),
    sqlite_autoincrement=True,
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("public_id", Text, nullable=False, unique=True),
    _text("family"),
    _text("kind"),
    _text("model"),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("key_id", BigInteger, ForeignKey("keys.id"), nullable=False),
    Column("intent", LargeBinary, nullable=False),
    Column("request", LargeBinary, nullable=False),
    _text("lane"),
    _text("state"),
    _number("priority", None),
    # The fair tag, see `tutti.tasks.fairness`.
    _number("vtag", None),
    # Not claimed before, for those that are tried again after a pause.
    _number("run_at_ms", None),
    _number("attempt"),
    _number("max_attempts", None),
    _number("progress"),
    Column("progress_note", Text, nullable=False, server_default=text("''")),
    _number("price", None),
    Column("final_cost", BigInteger),
    Column("output", LargeBinary),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("notify_hook", Text),
    Column("lease_owner", Text),
    # Null without a lease.
    Column("lease_until_ms", BigInteger),
    # The refund policy of a cancellation that its worker has yet to carry out.
    Column("cancel_refund", Text),
    Column("vendor_ref", Text),
    Column("vendor_idempotency_key", Text),
    # Null unless waiting for an upstream.
    Column("next_poll_at_ms", BigInteger),
    _number("created_at_ms", None),
    _number("started_at_ms"),
    # 0 while live.
    _number("finished_at_ms"),
    _number("deadline_at_ms", None),
    _number("version", 1),
    # The number of the last webhook event.
    _number("event_seq"),
    Column("idempotency_key", Text),
    Column("body_hash", Text),
    Index("ix_tasks_user_id_id", "user_id", "id"),
    _partial("ix_tasks_queue", "lane", "priority", "vtag", "run_at_ms", where="state = 'queued'"),
    _partial("ix_tasks_lease_until_ms", "lease_until_ms", where="lease_until_ms IS NOT NULL"),
    _partial("ix_tasks_next_poll_at_ms", "next_poll_at_ms", where="next_poll_at_ms IS NOT NULL"),
    _partial("ix_tasks_deadline_at_ms", "deadline_at_ms", where="finished_at_ms = 0"),
    _partial("ix_tasks_finished_at_ms", "finished_at_ms", where="finished_at_ms > 0"),
    _partial("uq_tasks_idempotency", "user_id", "idempotency_key", where="idempotency_key IS NOT NULL", unique=True),
    _partial("uq_tasks_vendor_ref", "lane", "vendor_ref", where="vendor_ref IS NOT NULL", unique=True),
)

parts = Table(
    "parts",
    metadata,
    Column("task_id", Text, ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("part_index", BigInteger, primary_key=True),
    Column("result", LargeBinary, nullable=False),
    _number("at_ms", None),
)

# The ids by which callers know what a task will yield, such as the clips of a song, from its submit on.
part_ids = Table(
    "part_ids",
    metadata,
    Column("part_id", Text, primary_key=True),
    Column("task_id", Text, ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False, index=True),
    sqlite_with_rowid=False,
)

# Singers that callers keep: the clip whose voice it is, and what they say of it.
personas = Table(
    "personas",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False, index=True),
    _text("name"),
    _text("description"),
    _text("root_clip_id"),
    # JSON list of clip ids.
    _text("clips"),
    _number("is_public"),
    _number("created_at_ms", None),
)

# Append-only. `kind` is hold, settle, flush, topup, adjust or shortfall; `ref` names what it is for, so that nothing is
# counted twice: the task of hold and settle, the payment of a topup. Rows outlive their tasks.
ledger = Table(
    "ledger",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("key_id", BigInteger),
    # Units added to the balance; negative: taken from it.
    _number("amount", None),
    _number("at_ms", None),
    sqlite_with_rowid=False,
)

# Units moved out of a balance into the memory of one process, see `tutti.billing.wallet`.
wallet_leases = Table(
    "wallet_leases",
    metadata,
    Column("id", Text, primary_key=True),
    # The incarnation of the process.
    _text("owner"),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False, index=True),
    Column("key_id", BigInteger, ForeignKey("keys.id"), nullable=False, index=True),
    _number("units", None),
    CheckConstraint("units > 0", name="units"),
    sqlite_with_rowid=False,
)

# Every immediate call, in the order in which they were charged; the columns from `request_id` on are the fields of
# `tutti.billing.records.CallRecord`. It refers to no other table: what it tells stays true when a channel is gone.
usage_log = Table(
    "usage_log",
    metadata,
    Column("id", _ROW_NUMBER, primary_key=True),
    _text("flush_id"),
    _text("request_id"),
    _number("at_ms", None),
    _number("user_id", None),
    _number("key_id", None),
    _text("operation"),
    _text("model"),
    _text("upstream_model"),
    Column("channel_id", BigInteger),
    Column("engine", Text),
    _number("is_stream"),
    _number("input_tokens"),
    _number("cached_tokens"),
    _number("output_tokens"),
    _number("reasoning_tokens"),
    _number("units"),
    _number("status", None),
    Column("error_code", Text),
    _number("duration_ms"),
    Column("first_byte_ms", BigInteger),
    _text("attempts"),
    _number("is_estimated"),
    _text("client_ip"),
    Column("group_name", Text, nullable=False, server_default=text("''")),
    _number("cache_written_tokens"),
    _number("cache_written_1h_tokens"),
    Column("thing", Text, nullable=False, server_default=text("''")),
    Column("thing_count", Double, nullable=False, server_default=text("0")),
    Index("ix_usage_log_at_ms", "at_ms"),
    Index("ix_usage_log_user_id_at_ms", "user_id", "at_ms"),
    Index("ix_usage_log_request_id", "request_id"),
    _partial("ix_usage_log_channel_id_at_ms", "channel_id", "at_ms", where="channel_id IS NOT NULL"),
)

# Prices that the operator has set beside those that ship: a section of `prices.toml`, a name in it, and its value.
prices = Table(
    "prices",
    metadata,
    Column("section", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    # JSON
    _text("value"),
    _number("at_ms", None),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("task_id", Text, ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    _number("seq", None),
    _number("user_id", None),
    _text("endpoint"),
    Column("body", LargeBinary, nullable=False),
    _number("is_terminal", None),
    # pending, delivered or dead
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    _number("tries"),
    _number("next_at_ms", None),
    Column("lease_owner", Text),
    Column("lease_until_ms", BigInteger),
    # The receiver's last HTTP status; null when it never answered.
    Column("last_status", BigInteger),
    _number("created_at_ms", None),
    Index("uq_outbox_task_id_seq", "task_id", "seq", unique=True),
    _partial("ix_outbox_next_at_ms", "next_at_ms", where="state = 'pending'"),
    _partial("ix_outbox_lease_until_ms", "lease_until_ms", where="lease_until_ms IS NOT NULL"),
)

# Callbacks of upstreams, each kept once.
inbox = Table(
    "inbox",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("received_at_ms", BigInteger, nullable=False, index=True),
)

# What is known of stored files beside the files themselves.
blobs = Table(
    "blobs",
    metadata,
    Column("key", Text, primary_key=True),
    Column("task_id", Text),
    _number("size", None),
    _number("created_at_ms", None),
    Column("expires_at_ms", BigInteger, index=True),
)

webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("id", _ROW_NUMBER, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False, index=True),
    _text("secret"),
    _number("created_at_ms", None),
    sqlite_autoincrement=True,
)

# Upstreams. The settings are JSON without a secret in it; keys and headers are sealed, see `tutti.kit.seal`.
channels = Table(
    "channels",
    metadata,
    Column("id", _ROW_NUMBER, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    _text("settings"),
    Column("sealed", LargeBinary, nullable=False),
    _number("created_at_ms", None),
    _number("changed_at_ms", None),
    sqlite_autoincrement=True,
)

# Responses of the Responses wire, kept to be read again and to be gone on from. `response` is the object, `input` the
# items that went in with it alone: what came before them is found by way of `previous_id`.
responses = Table(
    "responses",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False, index=True),
    _text("status"),
    Column("response", LargeBinary, nullable=False),
    Column("input", LargeBinary, nullable=False),
    Column("previous_id", Text),
    _number("is_background"),
    _number("created_at_ms", None),
    Column("expires_at_ms", BigInteger, nullable=False, index=True),
)

# Secrets that stand for a key in realtime sessions, see `tutti.accounts.ephemeral`.
ephemeral_secrets = Table(
    "ephemeral_secrets",
    metadata,
    Column("secret_hash", Text, primary_key=True),
    Column("key_id", BigInteger, ForeignKey("keys.id"), nullable=False, index=True),
    Column("model", Text),
    Column("opening", LargeBinary),
    _number("is_beta"),
    Column("expires_at_ms", BigInteger, nullable=False, index=True),
)
