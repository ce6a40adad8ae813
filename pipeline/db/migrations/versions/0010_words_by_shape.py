"""Words under the number of their shape, in one table without keys of their own; every page is put in anew."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

_UNCOUNTED = 1  # the version of rules under which pages are found and not counted in the vocabulary


def upgrade() -> None:
    op.drop_table("likeness")
    op.drop_table("word")
    op.create_table(
        "word",
        sa.Column("shape", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("sound", sa.Integer(), nullable=True),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shape", "token"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sound",
        sa.Column("sound", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shape", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("sound", "shape"),
        sqlite_with_rowid=False,
    )
    for name, where in (("ix_word_sure", sa.text("sure")), ("ix_word_common", sa.text("pages >= 50"))):
        op.create_index(name, "word", ["token"], unique=False, sqlite_where=where, postgresql_where=where)
    op.execute(sa.text("UPDATE indexed SET version = :uncounted").bindparams(uncounted=_UNCOUNTED))
