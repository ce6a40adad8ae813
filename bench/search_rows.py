"""The seeded office text of `office_text` as rows of a database, and the bytes that its full text takes."""

from __future__ import annotations

import multiprocessing
from datetime import date
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import insert

from bench import office_text
from pipeline.db.database import Database, now
from pipeline.db.packing import pack
from pipeline.db.tables import BatchRow, DocumentRow, PageRow
from pipeline.extract import file_number
from pipeline.model.page import Box, Word

_SLICE = 1000  # pages in one transaction
_KINDS = ("letter", "order", "noting")


def write_rows(database: Database, pages: int, rate: float) -> int:
    """The rows of so many pages, made in processes side by side; returns the bytes of their text."""
    with database.write() as session:
        session.add(batch_row(pages))
    order, size = office_text.order(pages), 0
    slices = iter(lambda: list(islice(order, _SLICE)), [])
    with multiprocessing.get_context("spawn").Pool() as pool:
        for documents, rows in pool.imap(partial(_rows, pages=pages, rate=rate), slices):
            with database.write() as session:
                if documents:
                    session.execute(insert(DocumentRow), documents)
                session.execute(insert(PageRow), rows)
            size += sum(len(row["text"].encode()) for row in rows)
    return size


def _rows(places: list[tuple[int, int, int]], pages: int, rate: float) -> tuple[list[Any], list[Any]]:
    sheets = [office_text.sheet(place, pages, rate) for place in places]
    # Boxes are those of the first page of the slice: nothing here looks at where they are.
    first = page_row(sheets[0]).model_dump()
    own = [
        {"id": s.number, "source_page": s.number, "document_id": f"d{s.document}", "number": s.page, "text": s.text}
        for s in sheets
    ]
    return [document_row(s).model_dump() for s in sheets if s.page == 1], [{**first, **row} for row in own]


def index_bytes(database: Database) -> int:
    """The bytes of the tables of the full text and the vocabulary, without pages and documents."""
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'page_text%' OR name IN ('indexed', 'word', 'sound')"
            " OR name LIKE 'ix_word%' OR name LIKE 'ix_indexed%'"
        )
        return int(rows.scalar() or 0)


def batch_row(pages: int) -> BatchRow:
    return BatchRow(
        id="b",
        name="b.pdf",
        sha256="0",
        bytes=1,
        media_type="application/pdf",
        pages=pages,
        state="filed",
        received_at=now(),
    )


def document_row(sheet: office_text.Sheet) -> DocumentRow:
    year = 1960 + sheet.document % 64
    number = f"{sheet.document % 900 + 11}-{sheet.document % 89 + 10}/{year}"
    parsed = file_number.parse(number)
    return DocumentRow(
        id=f"d{sheet.document}",
        batch_id="b",
        first_page=sheet.number,
        kind=_KINDS[sheet.document % 3],
        state="filed",
        office=f"off{sheet.document % 40}",
        file_no=number,
        file_key=parsed.key if parsed else None,
        dated=date(year, sheet.document % 12 + 1, 1),
        subject=" ".join(sheet.words[:8]),
        fields={},
        pdf_key="",
        filed_at=now(),
    )


def page_row(sheet: office_text.Sheet) -> PageRow:
    words, end = [], 0
    for i, word in enumerate(sheet.text.split()):
        start = sheet.text.index(word, end)
        end = start + len(word)
        words.append(Word(word, Box(100 + i % 10 * 150, 100 + i // 10 * 60, 140, 40), 0.9, i // 10, start, end))
    return PageRow(
        id=sheet.number,
        batch_id="b",
        source_page=sheet.number,
        document_id=f"d{sheet.document}",
        number=sheet.page,
        text=sheet.text,
        words=pack(tuple(words)),
        confidence=0.9,
        language="hi",
        width=1700,
        height=2200,
        dpi=200,
        rotated=0,
        rotation_confidence=0,
        skew_degrees=0,
        skew_confidence=0,
        applied=False,
        blank=False,
        image_key="",
        layout_key="",
        read_at=now(),
    )
