"""How work goes, counted without touching a page's text; and what people say of single pages."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_page_day", "page", ["read_at", "batch_id", "blank", "confidence"])
    op.create_index("ix_page_progress", "page", ["batch_id", "stale", "read_at", "source_page"])
    op.create_index(op.f("ix_batch_filed_at"), "batch", ["filed_at"])
    op.create_index("ix_batch_day", "batch", ["received_at", "office", "state"])
    op.create_index("ix_document_day", "document", ["filed_at", "office"])
    op.create_index("ix_document_office_state", "document", ["office", "state"])
    op.create_table(
        "page_note",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("saying", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=True),
        sa.Column("image_key", sa.String(), nullable=False),
        sa.Column("layout_key", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.PrimaryKeyConstraint("batch_id", "page", "turn"),
    )
    op.create_index("ix_page_blank", "page", ["id"], sqlite_where=sa.text("blank"), postgresql_where=sa.text("blank"))
