"""The first schema: accounts, tasks, ledger, webhooks, callbacks, blobs; `tables.py` says what each column is for."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    for make_table in (_meta, _users, _keys, _tasks, _parts, _ledger, _outbox, _inbox, _blobs, _webhook_secrets):
        make_table()


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_admin", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("quota", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("used_quota", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("weight", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("access_token_hash", sa.Text(), nullable=True),
        sa.CheckConstraint("quota >= 0", name="quota"),
        sa.CheckConstraint("weight > 0", name="weight"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
        sqlite_autoincrement=True,
    )


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("tail", sa.Text(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=True),
        sa.Column("quota", sa.BigInteger(), nullable=True),
        sa.Column("used_quota", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("models", sa.Text(), nullable=True),
        sa.Column("is_revoked", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quota >= 0", name="quota"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_keys_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
        sa.UniqueConstraint("secret_hash", name="uq_keys_secret_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_keys_user_id", "keys", ["user_id"], unique=False)


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("intent", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("vtag", sa.BigInteger(), nullable=False),
        sa.Column("run_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("max_attempts", sa.BigInteger(), nullable=False),
        sa.Column("progress", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("progress_note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("final_cost", sa.BigInteger(), nullable=True),
        sa.Column("output", sa.LargeBinary(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("notify_hook", sa.Text(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("cancel_refund", sa.Text(), nullable=True),
        sa.Column("vendor_ref", sa.Text(), nullable=True),
        sa.Column("vendor_idempotency_key", sa.Text(), nullable=True),
        sa.Column("next_poll_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("finished_at_ms", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("deadline_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_tasks_key_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tasks_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.UniqueConstraint("public_id", name="uq_tasks_public_id"),
    )
    op.create_index(
        "ix_tasks_deadline_at_ms",
        "tasks",
        ["deadline_at_ms"],
        unique=False,
        sqlite_where=sa.text("finished_at_ms = 0"),
        postgresql_where=sa.text("finished_at_ms = 0"),
    )
    op.create_index(
        "ix_tasks_finished_at_ms",
        "tasks",
        ["finished_at_ms"],
        unique=False,
        sqlite_where=sa.text("finished_at_ms > 0"),
        postgresql_where=sa.text("finished_at_ms > 0"),
    )
    op.create_index(
        "ix_tasks_lease_until_ms",
        "tasks",
        ["lease_until_ms"],
        unique=False,
        sqlite_where=sa.text("lease_until_ms IS NOT NULL"),
        postgresql_where=sa.text("lease_until_ms IS NOT NULL"),
    )
    op.create_index(
        "ix_tasks_next_poll_at_ms",
        "tasks",
        ["next_poll_at_ms"],
        unique=False,
        sqlite_where=sa.text("next_poll_at_ms IS NOT NULL"),
        postgresql_where=sa.text("next_poll_at_ms IS NOT NULL"),
    )
    op.create_index(
        "ix_tasks_queue",
        "tasks",
        ["lane", "priority", "vtag", "run_at_ms"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index("ix_tasks_user_id_id", "tasks", ["user_id", "id"], unique=False)
    op.create_index(
        "uq_tasks_idempotency",
        "tasks",
        ["user_id", "idempotency_key"],
        unique=True,
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )
    op.create_index(
        "uq_tasks_vendor_ref",
        "tasks",
        ["lane", "vendor_ref"],
        unique=True,
        sqlite_where=sa.text("vendor_ref IS NOT NULL"),
        postgresql_where=sa.text("vendor_ref IS NOT NULL"),
    )


def _parts() -> None:
    op.create_table(
        "parts",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("part_index", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_parts_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("task_id", "part_index", name="pk_parts"),
    )


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_ledger_user_id"),
        sa.PrimaryKeyConstraint("kind", "ref", name="pk_ledger"),
        sqlite_with_rowid=False,
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("is_terminal", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("last_status", sa.BigInteger(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_outbox_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index(
        "ix_outbox_lease_until_ms",
        "outbox",
        ["lease_until_ms"],
        unique=False,
        sqlite_where=sa.text("lease_until_ms IS NOT NULL"),
        postgresql_where=sa.text("lease_until_ms IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_next_at_ms",
        "outbox",
        ["next_at_ms"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("uq_outbox_task_id_seq", "outbox", ["task_id", "seq"], unique=True)


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "event_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_received_at_ms", "inbox", ["received_at_ms"], unique=False)


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_blobs"),
    )
    op.create_index("ix_blobs_expires_at_ms", "blobs", ["expires_at_ms"], unique=False)


def _webhook_secrets() -> None:
    op.create_table(
        "webhook_secrets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_webhook_secrets_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_secrets"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhook_secrets_user_id", "webhook_secrets", ["user_id"], unique=False)
