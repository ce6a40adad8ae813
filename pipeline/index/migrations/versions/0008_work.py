"""How work goes, counted without touching a page's text: what is read by the hour and by the batch."""

from alembic import op

revision = "0008"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_page_day", "page", ["read_at", "batch_id", "blank", "confidence"])
    op.create_index("ix_page_progress", "page", ["batch_id", "stale", "read_at", "source_page"])
    op.create_index(op.f("ix_batch_filed_at"), "batch", ["filed_at"])
    op.create_index("ix_batch_day", "batch", ["received_at", "office", "state"])
    op.create_index("ix_document_day", "document", ["filed_at", "office"])
    op.create_index("ix_document_office_state", "document", ["office", "state"])
