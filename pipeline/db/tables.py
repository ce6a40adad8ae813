"""The tables, as SQLModel classes. Columns only; what is done with them lives in `queue`, `records` and `search`.

Times are UTC. A change here needs a migration in `migrations/versions`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from pipeline.model.scan import batch_identity


def _identity(context: Any) -> str:
    """The identity of a batch whose row names none."""
    values = context.get_current_parameters()
    return batch_identity(values["sha256"], values.get("office"))


class BatchRow(SQLModel, table=True):
    """One scanned file; also the queue: whoever holds an unexpired lease works on it.

    `identity` is what makes it one of its own: content and office, see `model.batch_identity`.
    """

    __tablename__ = "batch"
    __table_args__ = (Index("ix_batch_day", "received_at", "office", "state"),)

    id: str = Field(primary_key=True)
    name: str
    identity: str = Field(default=None, sa_column=Column(String, unique=True, nullable=False, default=_identity))
    sha256: str = Field(sa_column_kwargs={"server_default": ""})
    bytes: int = Field(sa_type=BigInteger)
    media_type: str
    pages: int
    files: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    office: str | None = None
    profile: str = "generic"
    scan_metadata: dict[str, str] = Field(default_factory=dict, sa_column=Column("told", JSON, nullable=False))
    state: str = Field(index=True)
    received_at: dt.datetime
    filed_at: dt.datetime | None = Field(default=None, index=True)
    lease_owner: str | None = None
    lease_until: dt.datetime | None = Field(default=None, index=True)
    lease_seconds: float | None = None  # how long it was when it began or was renewed
    tries: int = 0
    next_try_at: dt.datetime | None = Field(default=None, index=True)
    error_code: str | None = None
    error_en: str | None = None
    error_hi: str | None = None
    error_at: dt.datetime | None = None


class ArrivalRow(SQLModel, table=True):
    """Every file that ever came in and what became of it: `received`, `duplicate` or `rejected`."""

    __tablename__ = "arrival"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    sha256: str = Field(index=True)
    bytes: int = Field(sa_type=BigInteger)
    outcome: str
    batch_id: str = Field(foreign_key="batch.id", index=True)
    arrived_at: dt.datetime


class PageRow(SQLModel, table=True):
    """One page that has been read. `words` is the packed word list of `packing`; a `stale` page is to be read again."""

    __tablename__ = "page"
    __table_args__ = (
        UniqueConstraint("batch_id", "source_page"),
        # What is counted by the hour and by the batch stands in these, so that no page's text is touched for it.
        Index("ix_page_day", "read_at", "batch_id", "blank", "confidence"),
        Index("ix_page_progress", "batch_id", "stale", "read_at", "source_page"),
        Index("ix_page_blank", "id", sqlite_where=text("blank"), postgresql_where=text("blank")),
    )

    id: int | None = Field(default=None, primary_key=True)
    batch_id: str = Field(foreign_key="batch.id", index=True)
    source_page: int
    document_id: str | None = Field(default=None, foreign_key="document.id", index=True)
    number: int | None = None
    text: str
    words: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    confidence: float
    language: str
    width: int
    height: int
    dpi: int
    rotated: int
    rotation_confidence: float
    skew_degrees: float
    skew_confidence: float
    applied: bool
    outline: list[int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    outline_confidence: float = 0.0
    gutter: int | None = None
    spread_confidence: float = 0.0
    geometry_from: str = ""
    geometry_by: str = "machine"
    blank: bool
    flags: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    codes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    image_key: str
    layout_key: str
    stale: bool = False
    read_at: dt.datetime
    corrected: str | None = None  # the text as a person set it right; `text` stays what was read
    corrected_by: str | None = None
    corrected_at: dt.datetime | None = None


class DocumentRow(SQLModel, table=True):
    """One letter, noting part or cover. `fields` holds every field with its confidence and box."""

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_day", "filed_at", "office"),
        Index("ix_document_office_state", "office", "state"),
        # What the queue of review counts stands in it, so that no document is touched for it.
        Index("ix_document_queue", "state", "office", "kind", "file_key", "id"),
    )

    id: str = Field(primary_key=True)
    batch_id: str = Field(foreign_key="batch.id", index=True)
    first_page: int
    kind: str = Field(index=True)
    state: str = Field(index=True)
    office: str | None = Field(default=None, index=True)
    file_no: str | None = None
    file_key: str | None = Field(default=None, index=True)
    dated: dt.date | None = Field(default=None, index=True)
    subject: str | None = None
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    pdf_key: str
    filed_at: dt.datetime


class ObjectRow(SQLModel, table=True):
    """Every object in the store, with the fixity it was put with. Those of the register belong to no batch."""

    __tablename__ = "object"

    key: str = Field(primary_key=True)
    sha256: str
    bytes: int = Field(sa_type=BigInteger)
    batch_id: str | None = Field(default=None, foreign_key="batch.id", index=True)
    stored_at: dt.datetime


class PartRow(SQLModel, table=True):
    """A running part (watch, work, serve) and when it last gave a sign of life. `note` is JSON: its report of itself."""

    __tablename__ = "part"

    name: str = Field(primary_key=True)
    owner: str = Field(primary_key=True)
    beat_at: dt.datetime
    note: str = "ok"


class IndexedRow(SQLModel, table=True):
    """The tokens that a page stands under in the full text, as they were given, and by which rules they were made."""

    __tablename__ = "indexed"

    page_id: int = Field(primary_key=True, foreign_key="page.id")
    tokens: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    version: int = Field(index=True)


class UnsentRow(SQLModel, table=True):
    """A page that is still to be sent to a search engine outside the database; `mark` grows with every change."""

    __tablename__ = "unsent"

    page_id: int = Field(primary_key=True)
    mark: int


class WordRow(SQLModel, table=True):
    """One word of the full text: its look and its sound as numbers (see `vocabulary`), on how many pages it stands, and
    whether it is `sure` to be a word and no misreading."""

    __tablename__ = "word"
    __table_args__ = (
        Index("ix_word_sure", "token", sqlite_where=text("sure"), postgresql_where=text("sure")),
        Index("ix_word_common", "token", sqlite_where=text("pages >= 50"), postgresql_where=text("pages >= 50")),
        {"sqlite_with_rowid": False},
    )

    shape: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    token: str = Field(primary_key=True)
    pages: int
    sound: int | None = None
    sure: bool


class SoundRow(SQLModel, table=True):
    """A sound, and the shape of words that have it, or once had."""

    __tablename__ = "sound"
    __table_args__ = {"sqlite_with_rowid": False}

    sound: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    shape: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


class PostingRow(SQLModel, table=True):
    """One token on one page, and at which places: the full text where the database has no FTS5."""

    __tablename__ = "posting"

    token: str = Field(primary_key=True)
    page_id: int = Field(primary_key=True, foreign_key="page.id")
    count: int
    places: str = ""


class OfficeRow(SQLModel, table=True):
    """An office of the register."""

    __tablename__ = "office"

    code: str = Field(primary_key=True)
    name_hi: str = ""
    name_en: str = ""
    parent: str | None = None


class FileRow(SQLModel, table=True):
    """One volume of a file of the register.

    `office` refers to no row: where one change of the register is damaged, those after it can still be taken.
    """

    __tablename__ = "file"

    office: str = Field(primary_key=True)
    key: str = Field(primary_key=True, index=True)
    volume: str = Field(primary_key=True, default="")
    number: str
    core: str = Field(index=True)
    ocr: str = Field(index=True)
    subject: str = ""
    year: str = ""
    branch: str = ""
    record_class: str | None = None
    retention_years: int | None = None
    closed_on: dt.date | None = None
    weed_on: dt.date | None = None
    room: str = ""
    rack: str = ""
    shelf: str = ""
    bundle: str = Field(default="", index=True)
    pages_counted: int | None = None
    count_unit: str = "pages"
    counted_by: str = ""
    counted_at: dt.datetime | None = None
    missing: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    replaced: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    state: str = Field(index=True)


class RegisterEventRow(SQLModel, table=True):
    """What happened to an office or a file of the register, line by line of a change. Rows are only ever added."""

    __tablename__ = "register_event"

    change: int = Field(primary_key=True)
    line: int = Field(primary_key=True)
    at: dt.datetime
    by: str
    what: str
    office: str
    key: str | None = Field(default=None, index=True)
    volume: str = ""
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column("told", JSON, nullable=False))
    reason: str = ""
    signed_by: str = ""


class RowDigestRow(SQLModel, table=True):
    """The SHA-256 of a row of another table, by the values of its key; written by triggers alone (see `digests`)."""

    __tablename__ = "row_digest"
    __table_args__ = {"sqlite_with_rowid": False}

    tbl: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
