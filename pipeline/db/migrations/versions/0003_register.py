"""The register: offices, files and what happened to them. Its objects belong to no batch."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("object") as table:
        table.alter_column("batch_id", existing_type=sa.String(), nullable=True)
    op.create_table(
        "office",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_hi", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "file",
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("volume", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("number", "core", "ocr")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("subject", "year", "branch")),
        sa.Column("record_class", sa.String(), nullable=True),
        sa.Column("retention_years", sa.Integer(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("weed_on", sa.Date(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("room", "rack", "shelf", "bundle")),
        sa.Column("pages_counted", sa.Integer(), nullable=True),
        sa.Column("count_unit", sa.String(), nullable=False),
        sa.Column("counted_by", sa.String(), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=True),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("replaced", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("office", "key", "volume"),
    )
    for column in ("key", "core", "ocr", "bundle", "state"):
        op.create_index(f"ix_file_{column}", "file", [column])
    op.create_table(
        "register_event",
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("by", "what", "office")),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("volume", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("change", "line"),
    )
    op.create_index("ix_register_event_key", "register_event", ["key"])
