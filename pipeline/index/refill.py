"""The whole full text and vocabulary anew from the rows: analysed in processes side by side, written in one transaction.

Searching goes on over what was there before, until all of it is committed; whoever writes waits. Single pages are put in
by `textindex`.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from pipeline.db.database import Database
from pipeline.db.tables import DocumentRow, IndexedRow, PageRow
from pipeline.index import hindi, vocabulary
from pipeline.index.textindex import IndexedDocument, TextIndex, Understand, pack, tokens, words_by_person

_SLICE = 1000  # pages that are analysed together
_FEW = 2000  # pages for which no processes are started
_MOST_COUNTED = 1_000_000  # words whose counts wait in memory
_CACHE_KB = 256 * 1024  # of the database's pages, while its trees are filled

_COLUMNS: tuple[Any, ...] = (
    PageRow.id,
    func.coalesce(col(PageRow.corrected), col(PageRow.text)),
    PageRow.number,
    DocumentRow.subject,
    DocumentRow.file_no,
    DocumentRow.file_key,
    DocumentRow.kind,
    DocumentRow.state,
    DocumentRow.dated,
    DocumentRow.office,
    DocumentRow.fields,
)

Tell = Callable[[int, int], None]


class Analysed(NamedTuple):
    """Pages as they are written: number, packed tokens, the tokens in one line; and on how many of them each word stands."""

    pages: list[tuple[int, bytes, str]]
    words: dict[str, int]


def fill(
    database: Database, index: TextIndex, *, processes: int | None = None, tell: Tell = lambda done, of: None
) -> int:
    """Put every page of every document into an emptied full text; returns how many there are."""
    with database.write() as session:
        total = int(session.exec(select(func.count()).where(col(PageRow.document_id).is_not(None))).one())
        if database.is_sqlite:
            before = session.connection().exec_driver_sql("PRAGMA cache_size").scalar()
            session.connection().exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KB}")
        session.execute(delete(IndexedRow))
        vocabulary.empty(session)
        analysed = _analysed(_shown(session), index.understand, processes if total > _FEW else 1)
        index.engine.fill(session, _written(session, analysed, total, tell))
        if database.is_sqlite:
            session.connection().exec_driver_sql(f"PRAGMA cache_size = {before}")
    return total


def _shown(session: Session) -> Iterator[list[tuple[int, IndexedDocument]]]:
    """What there is to put in, by rising numbers of pages."""
    last = 0
    joined = sqlalchemy.select(*_COLUMNS).join(DocumentRow, col(PageRow.document_id) == col(DocumentRow.id))
    while rows := session.execute(joined.where(col(PageRow.id) > last).order_by(col(PageRow.id)).limit(_SLICE)).all():
        last = rows[-1][0]
        yield [
            (
                row[0],
                IndexedDocument._make((*row[1:8], row[8].year if row[8] else None, row[9], words_by_person(row[10]))),
            )
            for row in rows
        ]


def _analysed(
    pages: Iterator[list[tuple[int, IndexedDocument]]], understand: Understand | None, processes: int | None
) -> Iterator[Analysed]:
    """Slice by slice in the order they come, a few ahead of whoever takes them."""
    processes = processes or os.cpu_count() or 1
    if processes == 1:
        yield from (analyse(some, understand) for some in pages)
        return
    waiting: deque[Future[Analysed]] = deque()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        for some in pages:
            waiting.append(pool.submit(analyse, some, understand))
            if len(waiting) > processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def analyse(pages: list[tuple[int, IndexedDocument]], understand: Understand | None) -> Analysed:
    """What is written of these pages; runs in any process."""
    written, words = [], Counter[str]()
    for number, shown in pages:
        found = tokens(shown, understand)
        written.append((number, pack(found), " ".join(found)))
        words.update(set(found))
    return Analysed(written, {word: count for word, count in words.items() if vocabulary.is_word(word)})


def _written(session: Session, analysed: Iterator[Analysed], total: int, tell: Tell) -> Iterator[list[tuple[int, str]]]:
    """Write the tokens and the vocabulary, and hand on what the engine is to have."""
    counts, done = Counter[str](), 0
    for some in analysed:
        rows = [{"page_id": page, "tokens": packed, "version": hindi.VERSION} for page, packed, _ in some.pages]
        session.execute(insert(IndexedRow), rows)
        counts.update(some.words)
        if len(counts) > _MOST_COUNTED:
            vocabulary.learn(session, counts)
            counts.clear()
        yield [(page, line) for page, _, line in some.pages]
        done += len(some.pages)
        tell(done, total)
    vocabulary.learn(session, counts)
