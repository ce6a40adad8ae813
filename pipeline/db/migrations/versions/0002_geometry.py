"""Where a sheet lies in its scan, where two pages meet, and what and who the geometry comes from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("outline", sa.JSON(), nullable=True),
        sa.Column("outline_confidence", sa.Float(), nullable=False, server_default="0"),
        sa.Column("gutter", sa.Integer(), nullable=True),
        sa.Column("spread_confidence", sa.Float(), nullable=False, server_default="0"),
        sa.Column("geometry_from", sa.String(), nullable=False, server_default=""),
        sa.Column("geometry_by", sa.String(), nullable=False, server_default="machine"),
    ):
        op.add_column("page", column)
