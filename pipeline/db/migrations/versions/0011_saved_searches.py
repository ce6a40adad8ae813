"""Questions that people keep; who somebody is at the identity provider; deeds of review by their kind."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.name"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_saved_search_person"), "saved_search", ["person"], unique=False)
    op.create_index(op.f("ix_correction_deed"), "correction", ["deed"], unique=False)
    # Not in a batch: that would make the table anew, which sessions and tokens that point to it forbid.
    op.add_column("person", sa.Column("subject", sa.String(), nullable=True))
    op.create_index(op.f("ix_person_subject"), "person", ["subject"], unique=True)
