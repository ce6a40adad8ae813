"""The queue of review out of indexes: its order, and what it counts."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Documents that were filed before there was doubt: of those that wait, nobody knows better.
    op.execute(
        "INSERT INTO doubt (document_id, score)"
        " SELECT id, CASE state WHEN 'needs_review' THEN 1.0 ELSE 0.0 END FROM document"
        " WHERE NOT EXISTS (SELECT 1 FROM doubt WHERE doubt.document_id = document.id)"
    )
    op.drop_index(op.f("ix_doubt_score"), "doubt")
    op.create_index("ix_doubt_order", "doubt", [sa.text("score DESC"), "document_id"])
    op.create_index("ix_document_queue", "document", ["state", "office", "kind", "file_key", "id"])
