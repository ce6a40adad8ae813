"""A SHA-256 of every row, by which damage below the database is found. The triggers that keep it are in `db.row_digests`,
which sets them after every migration: they follow the columns."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "row_digest",
        sa.Column("tbl", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tbl", "key"),
        sqlite_with_rowid=False,
    )
