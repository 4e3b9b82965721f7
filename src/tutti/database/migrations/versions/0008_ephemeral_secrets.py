"""Secrets that stand for a key in realtime sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "ephemeral_secrets",
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("opening", sa.LargeBinary(), nullable=True),
        sa.Column("is_beta", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_ephemeral_secrets_key_id"),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_ephemeral_secrets"),
    )
    op.create_index("ix_ephemeral_secrets_expires_at_ms", "ephemeral_secrets", ["expires_at_ms"], unique=False)
    op.create_index("ix_ephemeral_secrets_key_id", "ephemeral_secrets", ["key_id"], unique=False)
