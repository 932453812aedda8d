"""Let a guild be one of which nothing is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the choice; those who are there have not made it."""
    op.add_column(
        "guilds",
        sa.Column("do_not_track", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_column("guilds", "do_not_track")
