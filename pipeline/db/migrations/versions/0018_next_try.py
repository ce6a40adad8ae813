"""Batches that are to be tried again, out of an index."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_batch_next_try_at"), "batch", ["next_try_at"])
