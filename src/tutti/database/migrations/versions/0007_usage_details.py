"""What the charge of a call came about by: the group, what was written to the cache, and what is no token."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for name in ("group_name", "thing"):
        op.add_column("usage_log", sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False))
    for name in ("cache_written_tokens", "cache_written_1h_tokens"):
        op.add_column("usage_log", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("usage_log", sa.Column("thing_count", sa.Double(), server_default=sa.text("0"), nullable=False))
