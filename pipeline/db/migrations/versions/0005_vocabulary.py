"""The vocabulary, the tokens of each page, corrected text; and the full text without a second copy of its tokens."""

import zlib

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BEFORE = 1  # the version of the rules that made the tokens so far: they are made anew, page by page
_SLICE = 1000
# The tokens come ready made: letters of all scripts belong to them, and these signs.
_FULL_TEXT = """
CREATE VIRTUAL TABLE page_text USING fts5(tokens, content = '', tokenize = "ascii tokenchars '#/:'")
"""
_PUT = sa.text("INSERT INTO page_text(rowid, tokens) VALUES (:page, :tokens)")


def upgrade() -> None:
    op.add_column("page", sa.Column("corrected", sa.String(), nullable=True))
    op.add_column("page", sa.Column("corrected_by", sa.String(), nullable=True))
    op.add_column("page", sa.Column("corrected_at", UTCDateTime(), nullable=True))
    op.add_column("posting", sa.Column("places", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "indexed",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"]),
        sa.PrimaryKeyConstraint("page_id"),
    )
    op.create_index(op.f("ix_indexed_version"), "indexed", ["version"], unique=False)
    op.create_table(
        "unsent",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("page_id"),
    )
    op.create_table(
        "word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("stem", sa.String(), nullable=True),
        sa.Column("sound", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index(op.f("ix_word_stem"), "word", ["stem"], unique=False, sqlite_where=sa.text("stem IS NOT NULL"))
    op.create_index(op.f("ix_word_sound"), "word", ["sound"], unique=False, sqlite_where=sa.text("sound IS NOT NULL"))
    op.create_table(
        "likeness",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("word_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "word_id"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        _without_the_copy()
    else:
        _note_postings()


def _without_the_copy() -> None:
    bind = op.get_bind()
    op.execute("ALTER TABLE page_text RENAME TO page_text_before")
    op.execute(_FULL_TEXT)
    last = -1
    while rows := bind.execute(
        sa.text("SELECT rowid, tokens FROM page_text_before WHERE rowid > :last ORDER BY rowid LIMIT :slice"),
        {"last": last, "slice": _SLICE},
    ).all():
        last = rows[-1][0]
        for page, tokens in rows:
            bind.execute(
                sa.text("INSERT INTO page_text(rowid, tokens) VALUES (:page, :tokens)"),
                {"page": page, "tokens": tokens},
            )
            _note(page, tokens)
    op.execute("DROP TABLE page_text_before")


def _note_postings() -> None:
    """Old postings know no places: they go, and the pages are taken as not indexed."""
    op.execute("DELETE FROM posting")


def _note(page: int, tokens: str) -> None:
    op.get_bind().execute(
        sa.text("INSERT INTO indexed(page_id, tokens, version) VALUES (:page, :tokens, :version)"),
        {"page": page, "tokens": b"\0" + zlib.compress(tokens.encode()), "version": _BEFORE},
    )
