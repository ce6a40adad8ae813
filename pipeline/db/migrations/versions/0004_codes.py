"""The codes of separator sheets on a page."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("page", sa.Column("codes", sa.JSON(), nullable=False, server_default="[]"))
