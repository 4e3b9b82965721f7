"""Groups of users, and what a key may do beside its quota."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    group = sa.Column("group_name", sa.Text(), server_default=sa.text("'default'"), nullable=False)
    op.add_column("users", group)
    op.add_column("keys", sa.Column("rules", sa.Text(), nullable=True))
