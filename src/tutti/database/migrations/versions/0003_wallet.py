"""Slices of balances that a process holds, the log of immediate calls, and the operator's own prices."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _wallet_leases()
    _usage_log()
    _prices()


def _wallet_leases() -> None:
    op.create_table(
        "wallet_leases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units > 0", name="units"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_wallet_leases_user_id"),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_wallet_leases_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_wallet_leases"),
        sqlite_with_rowid=False,
    )
    for column in ("user_id", "key_id"):
        op.create_index(f"ix_wallet_leases_{column}", "wallet_leases", [column], unique=False)


def _usage_log() -> None:
    op.create_table(
        "usage_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(_text(name) for name in ("flush_id", "request_id")),
        *(_number(name) for name in ("at_ms", "user_id", "key_id")),
        *(_text(name) for name in ("operation", "model", "upstream_model")),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("engine", sa.Text(), nullable=True),
        *(_count(name) for name in ("is_stream", "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")),
        _count("units"),
        _number("status"),
        sa.Column("error_code", sa.Text(), nullable=True),
        _count("duration_ms"),
        sa.Column("first_byte_ms", sa.BigInteger(), nullable=True),
        _text("attempts"),
        _count("is_estimated"),
        _text("client_ip"),
        sa.PrimaryKeyConstraint("id", name="pk_usage_log"),
    )
    for columns in (["at_ms"], ["user_id", "at_ms"], ["request_id"]):
        op.create_index(f"ix_usage_log_{'_'.join(columns)}", "usage_log", columns, unique=False)
    of_channels = sa.text("channel_id IS NOT NULL")
    op.create_index(
        "ix_usage_log_channel_id_at_ms",
        "usage_log",
        ["channel_id", "at_ms"],
        unique=False,
        sqlite_where=of_channels,
        postgresql_where=of_channels,
    )


def _prices() -> None:
    op.create_table(
        "prices",
        *(_text(name) for name in ("section", "name", "value")),
        _number("at_ms"),
        sa.PrimaryKeyConstraint("section", "name", name="pk_prices"),
        sqlite_with_rowid=False,
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)
