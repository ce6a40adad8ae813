"""What is being taken out of inboxes, what was taken, and which scans are versions of each other."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "slip",
        sa.Column("inbox", sa.String(), nullable=False),
        sa.Column("ident", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("inbox", "ident"),
    )
    op.create_table(
        "taken",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inbox", sa.String(), nullable=False),
        sa.Column("ident", sa.String(), nullable=False),
        sa.Column("keeper", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("scan_metadata", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.Column("check_at", UTCDateTime(), nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_taken_ident", "taken", ["inbox", "ident", "id"])
    op.create_index("ix_taken_due", "taken", ["keeper", "check_at"])
    op.create_table(
        "version",
        sa.Column("older_id", sa.String(), nullable=False),
        sa.Column("newer_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["older_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["newer_id"], ["batch.id"]),
        sa.PrimaryKeyConstraint("older_id"),
    )
    op.create_index(op.f("ix_version_newer_id"), "version", ["newer_id"])
    op.create_index(op.f("ix_version_at"), "version", ["at"])
