"""What people said of documents, what is in doubt, who is at it, and samples for acceptance."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("batch_id", sa.String(), sa.ForeignKey("batch.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("by", "deed")),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "number"),
    )
    op.create_table(
        "correction_document",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "number", "document_id"),
    )
    op.create_index(op.f("ix_correction_document_document_id"), "correction_document", ["document_id"])
    op.create_table(
        "doubt",
        _document(),
        sa.Column("score", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("document_id"),
    )
    op.create_index(op.f("ix_doubt_score"), "doubt", ["score"])
    op.create_table(
        "doubt_reason",
        _document(),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "reason"),
    )
    op.create_index(op.f("ix_doubt_reason_reason"), "doubt_reason", ["reason"])
    op.create_table(
        "review_hand",
        _document(),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("document_id"),
    )
    op.create_table(
        "sample",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("drawn_at", UTCDateTime(), nullable=False),
        sa.Column("office", sa.String(), nullable=True),
        sa.Column("signed_at", UTCDateTime(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_sample_drawn_at"), "sample", ["drawn_at"])
    op.create_index(op.f("ix_sample_office"), "sample", ["office"])
    _doubt_what_is_there()


def _doubt_what_is_there() -> None:
    """Put the documents that wait already into the order of review, those without a number first; the next run over a
    batch tells their other reasons."""
    waits = "FROM document WHERE state = 'needs_review'"
    op.execute(
        f"INSERT INTO doubt (document_id, score) SELECT id, CASE WHEN file_no IS NULL THEN 1 ELSE 0.5 END {waits}"
    )
    op.execute(f"INSERT INTO doubt_reason (document_id, reason) SELECT id, 'no_number' {waits} AND file_no IS NULL")
    op.execute(f"INSERT INTO doubt_reason (document_id, reason) SELECT id, 'kind_unknown' {waits} AND kind = 'other'")


def _document() -> sa.Column[str]:
    return sa.Column("document_id", sa.String(), sa.ForeignKey("document.id", ondelete="CASCADE"), nullable=False)
