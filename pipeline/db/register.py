"""The register as rows: offices, files, and what happened to them. Who may change what is decided in `register.registrar`.

A change is written in one transaction, and may be written again. Files are named by office, key and volume.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_
from sqlmodel import Session, col, select

from pipeline.db.database import Database, now
from pipeline.db.locks import alone
from pipeline.db.register_rows import event_from, event_values, file_from, file_values, office_from
from pipeline.db.tables import BatchRow, DocumentRow, FileRow, ObjectRow, OfficeRow, PageRow, RegisterEventRow
from pipeline.errors import OfficeUnknownError
from pipeline.model.register import (
    Figures,
    FileDocument,
    FileEvent,
    FileMatch,
    FileState,
    Ident,
    Keyed,
    Office,
    RecordClass,
    RegisterChange,
    RegisterFile,
    Scanned,
    Unregistered,
)
from pipeline.model.scan import StoredObject

REPLACED = "replaced"  # the flag of a page that another scan of the same sheet stands for
_FILE: Any = FileRow.__table__  # type: ignore[attr-defined]
_EVENT: Any = RegisterEventRow.__table__  # type: ignore[attr-defined]
_DROP_FILE = delete(_FILE).where(
    *(_FILE.c[name] == bindparam(f"of_{name}") for name in ("office", "key", "volume")),
)


class RegisterRepository:
    """Offices and files, and the documents that carry their numbers."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- changes -------------------------------------------------------------------------------------------------

    def alone(self, *, wait_seconds: float) -> AbstractContextManager[bool]:
        """The right to change the register, against every other process; False when somebody had it all the while."""
        return alone(self.database, "register", wait_seconds=wait_seconds)

    def last_change(self) -> int:
        """The number of the newest change; 0 where there is none."""
        with self.database.read() as session:
            return session.exec(select(func.max(RegisterEventRow.change))).one() or 0

    def apply(self, change: RegisterChange, stored: StoredObject) -> None:
        """Commit a change whose object is stored: offices and files as they are after it, and what happened."""
        with self.database.write() as session:
            for office in change.offices:
                session.merge(OfficeRow(**asdict(office)))
            session.merge(ObjectRow(key=stored.key, sha256=stored.sha256, bytes=stored.bytes, stored_at=now()))
            session.execute(delete(_EVENT).where(_EVENT.c.change == change.number))
            session.flush()
            connection = session.connection()
            if change.files:
                names = [
                    dict(zip(("of_office", "of_key", "of_volume"), file.ident, strict=True)) for file in change.files
                ]
                connection.execute(_DROP_FILE, names)
                connection.execute(insert(_FILE), [file_values(file) for file in change.files])
            if change.events:
                connection.execute(insert(_EVENT), event_values(change))

    # --- offices -------------------------------------------------------------------------------------------------

    def offices(self) -> list[Office]:
        with self.database.read() as session:
            return [office_from(row) for row in session.exec(select(OfficeRow).order_by(col(OfficeRow.code)))]

    def office(self, code: str) -> Office:
        """Raises `OfficeUnknownError`."""
        with self.database.read() as session:
            row = session.get(OfficeRow, code)
            if row is None:
                raise OfficeUnknownError(office=code)
            return office_from(row)

    # --- files ---------------------------------------------------------------------------------------------------

    def files(
        self,
        office: str | None = None,
        *,
        state: FileState | None = None,
        record_class: RecordClass | None = None,
        bundle: str | None = None,
        words: str | None = None,
    ) -> list[RegisterFile]:
        """The files that fulfil every condition given, by office, key and volume; `words` stand in number or subject."""
        conditions = _conditions(state=state, record_class=record_class, bundle=bundle, words=words)
        if office is not None:
            conditions.append(FileRow.office == office)
        with self.database.read() as session:
            return [file_from(row) for row in session.exec(_in_order(select(FileRow).where(*conditions)))]

    def page(
        self,
        offices: Collection[str] | None,
        *,
        state: FileState | None,
        record_class: RecordClass | None,
        bundle: str | None,
        words: str | None,
        limit: int,
        offset: int,
    ) -> tuple[int, list[RegisterFile]]:
        """How many files of these offices (None: of every one) fulfil the conditions, and a stretch of them."""
        conditions = _conditions(state=state, record_class=record_class, bundle=bundle, words=words)
        if offices is not None:
            conditions.append(col(FileRow.office).in_(sorted(offices)))
        with self.database.read() as session:
            total = session.exec(select(func.count()).select_from(FileRow).where(*conditions)).one()
            rows = session.exec(_in_order(select(FileRow).where(*conditions)).limit(limit).offset(offset))
            return total, [file_from(row) for row in rows]

    def begun(self, core: str, offices: Iterable[str] | None, limit: int) -> list[str]:
        """Numbers of files whose digits begin so, of these offices or, with None, of every one."""
        query = select(FileRow.number).where(FileRow.core >= core, FileRow.core < core + "\U0010ffff")
        if offices is not None:
            query = query.where(col(FileRow.office).in_(sorted(offices)))
        with self.database.read() as session:
            return list(session.exec(query.order_by(col(FileRow.core)).limit(limit)))

    def with_key(self, key: str) -> list[RegisterFile]:
        """The files with this key: of any office, every volume."""
        query = select(FileRow).where(FileRow.key == key).order_by(col(FileRow.office), col(FileRow.volume))
        with self.database.read() as session:
            return [file_from(row) for row in session.exec(query)]

    def file(self, ident: Ident) -> RegisterFile | None:
        with self.database.read() as session:
            row = session.get(FileRow, ident)
            return file_from(row) if row else None

    def find(self, office: str | None, number: Keyed) -> list[FileMatch]:
        """The files that `number` may mean, surest first: of the same key, of the same digits, of look-alike letters.

        Each file comes once, under the surest key that it shares. Without an office those of every office are looked
        through.
        """
        keys = {
            "strict": (FileRow.key, number.key),
            "core": (FileRow.core, number.core),
            "ocr": (FileRow.ocr, number.ocr),
        }
        found: dict[Any, FileMatch] = {}
        with self.database.read() as session:
            for by, (column, value) in keys.items():
                if not value:
                    continue
                query = select(FileRow).where(column == value)
                if office is not None:
                    query = query.where(FileRow.office == office)
                query = query.order_by(col(FileRow.office), col(FileRow.key), col(FileRow.volume))
                for file in map(file_from, session.exec(query)):
                    found.setdefault(file.ident, FileMatch(file, by))
        return list(found.values())

    def history(self, file: RegisterFile) -> list[FileEvent]:
        """What happened to a file, the oldest first."""
        same = [getattr(RegisterEventRow, n) == v for n, v in zip(("office", "key", "volume"), file.ident, strict=True)]
        query = select(RegisterEventRow).where(*same).order_by(col(RegisterEventRow.change), col(RegisterEventRow.line))
        with self.database.read() as session:
            return [event_from(row) for row in session.exec(query)]

    # --- documents -----------------------------------------------------------------------------------------------

    def documents(self, file: RegisterFile) -> list[FileDocument]:
        """The documents that carry the file's number, in the order in which they were scanned.

        A document knows no volume, and where no office was set none either: it then belongs to every file of its number.
        """
        blank = func.count(col(PageRow.id)).filter(col(PageRow.blank).is_(True))
        query = (
            select(DocumentRow, func.count(col(PageRow.id)), blank)
            .join(BatchRow, col(BatchRow.id) == col(DocumentRow.batch_id))
            .outerjoin(PageRow, col(PageRow.document_id) == col(DocumentRow.id))
            .where(_of_file(file))
            .group_by(col(DocumentRow.id), col(BatchRow.received_at))
            .order_by(col(BatchRow.received_at), col(DocumentRow.batch_id), col(DocumentRow.first_page))
        )
        with self.database.read() as session:
            return [
                FileDocument(row.id, row.kind, row.dated, row.subject, pages, blanks, row.state)
                for row, pages, blanks in session.exec(query)
            ]

    def figures(self, file: RegisterFile) -> Figures:
        """The count by hand beside the scans: of all volumes together, since documents do not know theirs."""
        with self.database.read() as session:
            same = select(FileRow).where(FileRow.office == file.office, FileRow.key == file.key)
            volumes = [file_from(row) for row in session.exec(same)]
            pages = select(PageRow.batch_id, PageRow.source_page, PageRow.blank, PageRow.flags)
            pages = pages.join(DocumentRow, col(DocumentRow.id) == col(PageRow.document_id)).where(_of_file(file))
            scanned = _scanned(session.exec(pages), {name for volume in volumes for name in volume.replaced})
        counts = [volume.pages_counted for volume in volumes]
        comparable = None not in counts and len({volume.count_unit for volume in volumes}) == 1
        counted = sum(count or 0 for count in counts) if comparable else None
        return Figures(counted, file.count_unit, scanned, sum(len(volume.missing) for volume in volumes))

    def unregistered(self, office: str | None = None) -> list[Unregistered]:
        """The numbers that stand on documents and not in the register of their office."""
        joined = and_(
            col(FileRow.key) == col(DocumentRow.file_key),
            or_(col(FileRow.office) == col(DocumentRow.office), col(DocumentRow.office).is_(None)),
        )
        count = func.count(func.distinct(DocumentRow.id))
        query = (
            select(DocumentRow.office, DocumentRow.file_key, func.min(DocumentRow.file_no), count)
            .outerjoin(FileRow, joined)
            .where(col(FileRow.key).is_(None), col(DocumentRow.file_key).is_not(None))
            .group_by(col(DocumentRow.office), col(DocumentRow.file_key))
            .order_by(col(DocumentRow.office), col(DocumentRow.file_key))
        )
        if office is not None:
            query = query.where(or_(col(DocumentRow.office) == office, col(DocumentRow.office).is_(None)))
        with self.database.read() as session:
            rows = session.exec(query)
            return [Unregistered(of, key or "", number or key or "", documents) for of, key, number, documents in rows]


def _conditions(
    *, state: FileState | None, record_class: RecordClass | None, bundle: str | None, words: str | None
) -> list[Any]:
    given = {"state": state, "record_class": record_class, "bundle": bundle}
    found: list[Any] = [getattr(FileRow, name) == str(value) for name, value in given.items() if value is not None]
    if words:
        found.append(or_(*(col(one).contains(words, autoescape=True) for one in (FileRow.subject, FileRow.number))))
    return found


def _in_order(query: Any) -> Any:
    return query.order_by(col(FileRow.office), col(FileRow.key), col(FileRow.volume))


def is_empty(session: Session) -> bool:
    """Whether nothing was ever entered."""
    return session.exec(select(RegisterEventRow.change).limit(1)).first() is None


def _of_file(file: RegisterFile) -> Any:
    ours = or_(col(DocumentRow.office) == file.office, col(DocumentRow.office).is_(None))
    return and_(col(DocumentRow.file_key) == file.key, ours)


def _scanned(pages: Iterable[Sequence[Any]], replaced: set[str]) -> Scanned:
    written = blank = again = 0
    for batch, source_page, is_blank, flags in pages:
        if REPLACED in flags or f"{batch}/{source_page}" in replaced:
            again += 1
        elif is_blank:
            blank += 1
        else:
            written += 1
    return Scanned(written, blank, again)
