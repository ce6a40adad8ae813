"""A batch is known by its content and the office that it came in for; a lease says how long it is."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The column that had to be unique stays so under its new name: SQLite cannot drop a constraint without making the
    # table anew, which the pages that refer to it forbid.
    op.execute("ALTER TABLE batch RENAME COLUMN sha256 TO identity")
    op.add_column("batch", sa.Column("sha256", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE batch SET sha256 = identity")
    connection = op.get_bind()
    named = connection.execute(sa.text("SELECT id, sha256, office FROM batch WHERE office <> ''")).all()
    for ident, sha256, office in named:
        connection.execute(
            sa.text("UPDATE batch SET identity = :identity WHERE id = :id"),
            {"identity": hashlib.sha256(f"{office}\n{sha256}".encode()).hexdigest(), "id": ident},
        )
    op.add_column("batch", sa.Column("lease_seconds", sa.Float(), nullable=True))
