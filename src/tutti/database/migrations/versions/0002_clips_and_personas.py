"""Clips found by their own ids, those of earlier songs too; and personas."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_PROMISED_BEFORE = """
    INSERT OR IGNORE INTO part_ids (part_id, task_id)
    SELECT json_extract(seat.value, '$.clip_id'), tasks.id
    FROM tasks, json_each(CAST(tasks.intent AS TEXT), '$.seats') AS seat
    WHERE tasks.kind = 'song' AND json_extract(seat.value, '$.clip_id') IS NOT NULL
"""


def upgrade() -> None:
    _part_ids()
    _personas()
    op.execute(_PROMISED_BEFORE)


def _part_ids() -> None:
    op.create_table(
        "part_ids",
        sa.Column("part_id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_part_ids_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("part_id", name="pk_part_ids"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_part_ids_task_id", "part_ids", ["task_id"], unique=False)


def _personas() -> None:
    op.create_table(
        "personas",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("root_clip_id", sa.Text(), nullable=False),
        sa.Column("clips", sa.Text(), nullable=False),
        sa.Column("is_public", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_personas_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_personas"),
    )
    op.create_index("ix_personas_user_id", "personas", ["user_id"], unique=False)
