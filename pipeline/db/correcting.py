"""Text that a person set right: kept beside what was read, and in the full text from the same transaction on."""

from __future__ import annotations

import unicodedata

from pipeline.db.database import Database, now
from pipeline.db.page_index import PageIndex
from pipeline.db.tables import DocumentRow, PageRow
from pipeline.errors import NotFoundError


def correct_text(
    database: Database, index: PageIndex, page_id: int, text: str | None, *, by: str | None = None
) -> None:
    """Have `text` stand for what was read on this page; None takes a correction back.

    Searching finds the new text, and no longer the old, as soon as this returns. Raises `NotFoundError`.
    """
    with database.write() as session:
        page = session.get(PageRow, page_id)
        if page is None:
            raise NotFoundError(what="page", name=str(page_id))
        page.corrected = None if text is None else unicodedata.normalize("NFC", text)
        page.corrected_by, page.corrected_at = (None, None) if text is None else (by, now())
        session.add(page)
        session.flush()
        document = session.get(DocumentRow, page.document_id) if page.document_id else None
        if document is not None:
            index.put(session, [(page, document)])
