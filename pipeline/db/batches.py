"""Batches, pages and documents as rows: written in the transactions that make them true, and read back as values.

What stands in the full text is written in the same transaction, through the engine that `Records` was given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from pipeline.db import doubts
from pipeline.db.database import Database, now
from pipeline.db.leases import Holder
from pipeline.db.locks import alone
from pipeline.db.page_index import PageIndex
from pipeline.db.queue import end_lease
from pipeline.db.review_tables import DoubtReasonRow
from pipeline.db.rows import (
    batch_from,
    batch_row,
    document_from,
    document_row,
    geometry_from,
    geometry_values,
    page_from,
    page_values,
)
from pipeline.db.tables import ArrivalRow, BatchRow, DocumentRow, ObjectRow, PageRow, PartRow
from pipeline.errors import AbhilekhError, NotFoundError
from pipeline.model.batch import Batch, BatchState
from pipeline.model.document import Document, DocumentState
from pipeline.model.page import PERSON, TIMED_OUT, Geometry, ReadPage
from pipeline.model.scan import StoredObject, batch_identity, batch_ids

_LATER, _MOST_TRIES = timedelta(minutes=10), 3  # of a batch with pages that hit a limit: when, and how often in all
_ALIVE = timedelta(seconds=30)  # a part that gave no sign of life for so long is not running


class BatchRepository:
    """The register of what came in and what was made of it."""

    def __init__(self, database: Database, index: PageIndex) -> None:
        self.database = database
        self.index = index

    # --- arrival -------------------------------------------------------------------------------------------------

    def place(self, sha256: str, office: str | None) -> tuple[str, Batch | None]:
        """The id of the batch with this content that came in for this office, and the batch where there is one."""
        with self.database.read() as session:
            ident, row = _placed(session, batch_identity(sha256, office))
            return ident, batch_from(row) if row else None

    def receive(self, batch: Batch, originals: Sequence[StoredObject]) -> tuple[Batch, bool]:
        """Commit a batch whose originals are safe; returns it as it stands and whether it is new.

        Every arrival is recorded, a duplicate's too. What another office has with the same content is another batch.
        """
        with self.database.write() as session:
            ident, row = _placed(session, batch.identity)
            new = row is None or row.pages == 0  # or once rejected, and now readable by a newer version
            if row is None or new:
                row = session.merge(batch_row(replace(batch, id=ident)))
            session.flush()
            if new:
                for original in originals:
                    self._note_object(session, original, row.id)
            source = batch.source
            self._arrive(session, source.name, ident, source.sha256, source.bytes, "received" if new else "duplicate")
            return batch_from(row), new

    def reject(
        self,
        name: str,
        kept: StoredObject,
        error: AbhilekhError,
        *,
        at: datetime | None = None,
        manifest: StoredObject | None = None,
        office: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Record a file that cannot be taken in, its bytes being kept; returns the batch's id."""
        at = at or now()
        with self.database.write() as session:
            ident, row = _placed(session, batch_identity(kept.sha256, office))
            row = row or BatchRow(
                id=ident,
                name=name,
                sha256=kept.sha256,
                bytes=kept.bytes,
                media_type="",
                pages=0,
                state=BatchState.REJECTED,
                received_at=at,
                office=office,
                scan_metadata=dict(metadata or {}),
            )
            row.error_code, row.error_at = error.code, at
            row.error_en, row.error_hi = error.text("en"), error.text("hi")
            session.add(row)
            session.flush()
            for stored in (kept, manifest) if manifest else (kept,):
                self._note_object(session, stored, ident)
            self._arrive(session, name, ident, kept.sha256, kept.bytes, "rejected")
            return ident

    def _arrive(self, session: Session, name: str, batch: str, sha256: str, size: int, outcome: str) -> None:
        session.add(ArrivalRow(name=name, sha256=sha256, bytes=size, outcome=outcome, batch_id=batch, arrived_at=now()))

    # --- pages ---------------------------------------------------------------------------------------------------

    def pages_read(self, batch: str) -> set[int]:
        """Numbers of the source pages that are done and need not be done again."""
        with self.database.read() as session:
            query = select(PageRow.source_page).where(PageRow.batch_id == batch, col(PageRow.stale).is_(False))
            return set(session.exec(query))

    def known_geometry(self, batch: str) -> dict[int, tuple[Geometry, bool]]:
        """Of each page that was worked on before, how it lay and whether it was blank."""
        with self.database.read() as session:
            rows = session.exec(select(PageRow).where(PageRow.batch_id == batch))
            return {row.source_page: (geometry_from(row), row.blank) for row in rows}

    def pages_timed_out(self, batch: str) -> set[int]:
        """Numbers of the source pages that hit a limit when they were last worked on."""
        with self.database.read() as session:
            query = select(PageRow.source_page, PageRow.flags).where(PageRow.batch_id == batch, col(PageRow.stale))
            return {number for number, flags in session.exec(query) if TIMED_OUT in flags}

    def keep_page(self, batch: str, page: ReadPage, objects: Sequence[StoredObject]) -> None:
        """Commit one page and its objects; a page that is there already is replaced."""
        with self.database.write() as session:
            query = select(PageRow).where(PageRow.batch_id == batch, PageRow.source_page == page.source_page)
            row = session.exec(query).first()
            values = page_values(page)
            if row is None:
                row = PageRow(batch_id=batch, source_page=page.source_page, **values)
            else:
                if row.geometry_by == PERSON != page.geometry.set_by:  # the page could not be drawn this time
                    values |= geometry_values(replace(geometry_from(row), applied=False))
                row.sqlmodel_update(values)
            session.add(row)
            for stored in objects:
                self._note_object(session, stored, batch)

    def read_pages(self, batch: str) -> list[ReadPage]:
        with self.database.read() as session:
            rows = session.exec(select(PageRow).where(PageRow.batch_id == batch).order_by(col(PageRow.source_page)))
            return [page_from(row) for row in rows]

    def page_marks(self, batch: str) -> dict[int, tuple[int, datetime]]:
        """Of each source page, the number of its row and when it was read."""
        with self.database.read() as session:
            query = select(PageRow.source_page, PageRow.id, PageRow.read_at).where(PageRow.batch_id == batch)
            rows = session.exec(query.order_by(col(PageRow.source_page)))
            return {page: (row or 0, read_at) for page, row, read_at in rows}

    # --- documents -----------------------------------------------------------------------------------------------

    def file(
        self,
        batch: str,
        documents: Sequence[Document],
        objects: Sequence[StoredObject],
        *,
        at: datetime | None = None,
    ) -> None:
        """Shelve a batch: its documents, their full text, its objects and its new state, all or nothing.

        Where a page hit a limit of time, the batch is due again a while later, when nothing else is (`Queue.claim`).
        """
        at = at or now()
        with self.database.write() as session:
            row = session.get(BatchRow, batch)
            if row is None:
                raise NotFoundError(what="batch", name=batch)
            if row.state == BatchState.SUPERSEDED:  # while it was worked on
                for stored in objects:
                    self._note_object(session, stored, batch)
                return
            self.drop_documents(session, batch)
            pages = {page.source_page: page for page in session.exec(select(PageRow).where(PageRow.batch_id == batch))}
            for document in documents:
                self._shelve(session, document, pages, at)
            for stored in objects:
                self._note_object(session, stored, batch)
            row.state, row.filed_at = BatchState.FILED, at
            end_lease(row)
            again = row.tries < _MOST_TRIES and any(TIMED_OUT in page.flags for page in pages.values())
            row.next_try_at = at + _LATER if again else None
            row.error_code, row.error_en, row.error_hi, row.error_at = None, None, None, None
            session.add(row)

    def _shelve(self, session: Session, document: Document, pages: dict[int, PageRow], at: datetime) -> None:
        filed = document_row(document, at)
        session.add(filed)
        session.flush()
        for number, page in enumerate(document.pages, start=1):
            row = pages[page.source_page]
            row.document_id, row.number = document.id, number
            row.blank, row.flags = page.blank, list(page.flags)  # as a person said it, perhaps
            session.add(row)
        session.flush()
        self._put(session, [(pages[page.source_page], filed) for page in document.pages])
        doubts.note(session, document)

    def _put(self, session: Session, pages: Sequence[tuple[PageRow, DocumentRow]]) -> None:
        self.index.put(session, pages)

    def drop_documents(self, session: Session, batch: str) -> None:
        """Take the documents of a batch out of the rows and the full text; its pages stay."""
        rows = session.exec(select(PageRow).where(PageRow.batch_id == batch)).all()
        self.index.take(session, [row.id for row in rows if row.id is not None])
        for row in rows:
            row.document_id, row.number = None, None
            session.add(row)
        session.flush()
        session.execute(delete(DocumentRow).where(col(DocumentRow.batch_id) == batch))

    def has_object(self, key: str) -> bool:
        """Whether an object of this key was ever stored, according to the rows."""
        with self.database.read() as session:
            return session.get(ObjectRow, key) is not None

    def note_object(self, stored: StoredObject) -> None:
        """Record an object that belongs to no batch."""
        with self.database.write() as session:
            session.merge(ObjectRow(key=stored.key, sha256=stored.sha256, bytes=stored.bytes, stored_at=now()))

    def _note_object(self, session: Session, stored: StoredObject, batch: str) -> None:
        """Record an object of a batch. One that is named by its content may belong to several: it stays with the first."""
        known = session.get(ObjectRow, stored.key)
        if known is not None and known.batch_id is not None and _is_shared(stored.key):
            batch = known.batch_id
        session.merge(
            ObjectRow(key=stored.key, sha256=stored.sha256, bytes=stored.bytes, batch_id=batch, stored_at=now())
        )

    # --- reading -------------------------------------------------------------------------------------------------

    def batch(self, ident: str) -> Batch:
        with self.database.read() as session:
            return batch_from(self._batch_row(session, ident))

    def batch_story(self, ident: str) -> dict[str, Any]:
        """What `show` tells of a batch besides the batch itself: error, documents, page counts, flags."""
        with self.database.read() as session:
            row = self._batch_row(session, ident)
            documents = session.exec(
                select(DocumentRow.id).where(DocumentRow.batch_id == ident).order_by(col(DocumentRow.first_page))
            )
            query = select(PageRow.source_page, PageRow.blank, PageRow.flags).where(PageRow.batch_id == ident)
            pages = session.exec(query.order_by(col(PageRow.source_page))).all()
            flags: dict[str, list[int]] = {}
            for number, _, names in pages:
                for name in names:
                    flags.setdefault(name, []).append(number)
            error = None
            if row.error_code:
                error = {"code": row.error_code, "en": row.error_en, "hi": row.error_hi, "at": row.error_at}
            return {
                "error": error,
                "documents": list(documents),
                "pages_read": len(pages),
                "blank_pages": sum(blank for _, blank, _ in pages),
                "flags": flags,
                "tries": row.tries,
            }

    def _batch_row(self, session: Session, ident: str) -> BatchRow:
        row = session.get(BatchRow, ident)
        if row is None:
            raise NotFoundError(what="batch", name=ident)
        return row

    def document(self, ident: str) -> Document:
        with self.database.read() as session:
            row = session.get(DocumentRow, ident)
            if row is None:
                raise NotFoundError(what="document", name=ident)
            pages = session.exec(select(PageRow).where(PageRow.document_id == ident).order_by(col(PageRow.number)))
            return document_from(row, tuple(page_from(page) for page in pages))

    def documents_of(self, batch: str) -> list[str]:
        with self.database.read() as session:
            query = select(DocumentRow.id).where(DocumentRow.batch_id == batch)
            return list(session.exec(query.order_by(col(DocumentRow.first_page))))

    def documents_with(self, batch: str, pages: Sequence[int], named: Sequence[str]) -> list[str]:
        """The documents of a batch that hold one of these source pages, and those of these names that there are."""
        with self.database.read() as session:
            holding = select(PageRow.document_id).where(PageRow.batch_id == batch, col(PageRow.source_page).in_(pages))
            query = select(DocumentRow.id).where(
                DocumentRow.batch_id == batch, col(DocumentRow.id).in_(holding) | col(DocumentRow.id).in_(named)
            )
            return list(session.exec(query.order_by(col(DocumentRow.first_page))))

    def gathered_with(self, sha256s: Sequence[str], name: str, profile: str, office: str | None) -> str | None:
        """A gathered batch of this name, profile and office that has all these files; None where there is none."""
        query = select(BatchRow).where(
            BatchRow.name == name, BatchRow.profile == profile, BatchRow.office == office, BatchRow.pages > 0
        )
        with self.database.read() as session:
            for row in session.exec(query):
                if set(sha256s) <= {file["sha256"] for file in row.files}:
                    return row.id
        return None

    def is_filed_under(self, key: str, office: str | None, *, besides: str) -> bool:
        """Whether another batch of the office than `besides` has a document with this file key that is not in doubt."""
        query = select(DocumentRow.id).where(
            DocumentRow.file_key == key,
            DocumentRow.office == office,
            DocumentRow.batch_id != besides,
            DocumentRow.state != DocumentState.NEEDS_REVIEW,
        )
        with self.database.read() as session:
            return session.exec(query.limit(1)).first() is not None

    def offices(self) -> set[str]:
        """The offices that documents name: from one to the next in the index, not through all documents."""
        found: set[str] = set()
        with self.database.read() as session:
            last = ""
            while office := session.exec(
                select(func.min(DocumentRow.office)).where(col(DocumentRow.office) > last)
            ).one():
                found.add(office)
                last = office
        return found

    def objects(self) -> Iterator[StoredObject]:
        with self.database.read() as session:
            columns = select(ObjectRow.key, ObjectRow.sha256, ObjectRow.bytes)
            for key, sha256, size in session.exec(columns.order_by(col(ObjectRow.key))).yield_per(1000):
                yield StoredObject(key, sha256, size)

    def keys_named(self) -> set[str]:
        """The keys of the objects that pages and documents speak of, and of the originals of every batch with pages."""
        with self.database.read() as session:
            columns = (PageRow.image_key, PageRow.layout_key, DocumentRow.pdf_key)
            named = {key for column in columns for key in session.exec(select(column)) if key}
            batches = session.exec(select(BatchRow.sha256, BatchRow.files).where(BatchRow.pages > 0))
            for sha256, files in batches:
                named |= {f"originals/{file['sha256']}" for file in files or [{"sha256": sha256}]}
            return named

    def objects_of(self, batch: str) -> list[StoredObject]:
        """What is stored of a batch; its originals too where another office's batch has the same."""
        with self.database.read() as session:
            row = session.get(BatchRow, batch)
            originals = {file.original_key for file in batch_from(row).source.each} if row else set()
            named = (col(ObjectRow.batch_id) == batch) | col(ObjectRow.key).in_(originals)
            rows = session.exec(select(ObjectRow).where(named).order_by(col(ObjectRow.key)))
            return [StoredObject(row.key, row.sha256, row.bytes) for row in rows]

    def counts(self) -> dict[str, int]:
        """The numbers of `status --json` that the rows know."""
        with self.database.read() as session:

            def count(*conditions: Any, of: Any = BatchRow) -> int:
                return int(session.exec(select(func.count()).select_from(of).where(*conditions)).one())

            return {
                "received": count(BatchRow.state == BatchState.RECEIVED),
                "working": count(col(BatchRow.state).in_([BatchState.RECEIVED, BatchState.WORKING])),
                "failed": count(BatchRow.state == BatchState.FAILED),
                "rejected": count(BatchRow.state == BatchState.REJECTED),
                "review": count(DocumentRow.state == DocumentState.NEEDS_REVIEW, of=DocumentRow),
                "documents": count(of=DocumentRow),
                "pages": count(col(PageRow.document_id).is_not(None), of=PageRow),
                "blank_pages": count(col(PageRow.blank).is_(True), of=PageRow),
                "files": session.exec(select(func.count(func.distinct(DocumentRow.file_key)))).one(),
                "timed_out": count(DoubtReasonRow.reason == TIMED_OUT, of=DoubtReasonRow),
                "pages_today": count(PageRow.read_at >= _midnight(), of=PageRow),
            }

    def troubles(self, limit: int = 20) -> list[dict[str, Any]]:
        """The newest batches that failed or were rejected, with cause and advice in both languages."""
        with self.database.read() as session:
            rows = session.exec(
                select(BatchRow)
                .where(col(BatchRow.state).in_([BatchState.FAILED, BatchState.REJECTED]))
                .order_by(col(BatchRow.error_at).desc())
                .limit(limit)
            )
            return [
                {
                    "batch": row.id,
                    "name": row.name,
                    "status": row.state,
                    "at": row.error_at,
                    "tries": row.tries,
                    "en": row.error_en,
                    "hi": row.error_hi,
                }
                for row in rows
            ]

    # --- signs of life -------------------------------------------------------------------------------------------

    def beat(self, part: str, owner: str, note: str = "ok", *, told: Mapping[str, Any] | None = None) -> None:
        """A sign of life: how the part is, "ok" or what hinders it, and what else it tells of itself."""
        written = json.dumps({"state": note, **(told or {})}, ensure_ascii=False)
        with self.database.write() as session:
            session.merge(PartRow(name=part, owner=owner, beat_at=now(), note=written))
            too_old, too_late = now() - 4 * _ALIVE, now() + 4 * _ALIVE  # the clock was ahead
            session.execute(delete(PartRow).where((col(PartRow.beat_at) < too_old) | (col(PartRow.beat_at) > too_late)))

    def farewell(self, part: str, owner: str) -> None:
        with self.database.write() as session:
            session.execute(delete(PartRow).where(col(PartRow.name) == part, col(PartRow.owner) == owner))

    def parts(self) -> dict[str, str]:
        """Parts that gave a sign of life lately, and how they are."""
        return {part["part"]: part["state"] for part in self.part_states()}

    def part_states(self) -> list[dict[str, Any]]:
        """All that each part told with its last sign of life, on whatever machine, the newest last. Left out are those whose
        process is known to have ended, and signs of life that lie ahead."""
        lately = col(PartRow.beat_at).between(now() - _ALIVE, now() + _ALIVE)
        with self.database.read() as session:
            rows = session.exec(select(PartRow).where(lately).order_by(col(PartRow.beat_at)))
            told = [{**_told(row.note), "part": row.name, "owner": row.owner} for row in rows]
        return [one for one in told if not _has_ended(one)]

    # --- locks ---------------------------------------------------------------------------------------------------

    def alone(self, name: str, *, wait_seconds: float = 0.0) -> AbstractContextManager[bool]:
        """Hold the lock `name` against every thread, process and machine; False when somebody had it all the while."""
        return alone(self.database, name, wait_seconds=wait_seconds)


def _placed(session: Session, identity: str) -> tuple[str, BatchRow | None]:
    """The batch of this identity and its id; where there is none yet, the id that it will have."""
    row = session.exec(select(BatchRow).where(BatchRow.identity == identity)).first()
    if row is not None:
        return row.id, row
    return next(ident for ident in batch_ids(identity) if session.get(BatchRow, ident) is None), None


def _is_shared(key: str) -> bool:
    """Whether several batches may have this object: it is stored once, under the SHA-256 of what it holds."""
    return key.startswith(("originals/", "rejected/"))


def _has_ended(told: Mapping[str, Any]) -> bool:
    process = Holder.parse(told.get("process"))
    return process is not None and process.is_dead()


def _told(note: str) -> dict[str, Any]:
    """What a part told; earlier versions wrote the bare state."""
    return json.loads(note) if note.startswith("{") else {"state": note}


def _midnight() -> datetime:
    """The last local midnight, with its zone."""
    return datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
