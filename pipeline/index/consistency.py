"""Whether rows and full text agree, and bringing pages up to this version's rules in the background.

Nothing is repaired here: both are written in one transaction, so a difference is a fault to be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from pipeline.db.database import Database
from pipeline.db.tables import DocumentRow, IndexedRow, PageRow, WordRow
from pipeline.index import vocabulary
from pipeline.index.engines import is_token
from pipeline.index.textindex import TextIndex, is_counted, refresh, unpack, waiting
from pipeline.model.json_values import JsonObject

_PAGES = 5000  # looked at together
_REFRESHED = 100  # pages in one transaction: others write in between
_MOST_LISTED = 100  # of each difference
_WORDS = 50_000  # of the vocabulary that are read together

Tell = Callable[[int, int], None]


@dataclass(slots=True)
class IndexCheck:
    """What was compared, and what differs: pages by their number, words by themselves."""

    pages: int = 0
    words: int = 0
    missing: list[int] = field(default_factory=list)  # shelved, but not in the full text
    strange: list[int] = field(default_factory=list)  # in the full text, but of no document
    changed: list[int] = field(default_factory=list)  # in it under other tokens than the page now has
    unlike: list[int] = field(default_factory=list)  # the engine holds other tokens than it was given
    miscounted: list[str] = field(default_factory=list)
    waiting: int = 0  # pages by the rules of an older version: found, and to be put in anew

    @property
    def is_well(self) -> bool:
        return not (self.missing or self.strange or self.changed or self.unlike or self.miscounted)

    def json(self) -> JsonObject:
        return asdict(self)


def check(database: Database, index: TextIndex, *, tell: Tell = lambda done, of: None) -> IndexCheck:
    """Compare every page with the full text, the engine's own tokens, and the vocabulary's counts."""
    done = IndexCheck()
    counts: Counter[str] = Counter()
    with database.read() as session:
        last = max(_last(session, col(PageRow.id)), _last(session, col(IndexedRow.page_id)))
        for low in range(1, last + 1, _PAGES):
            _compare(session, index, low, low + _PAGES - 1, done, counts)
            tell(min(low + _PAGES - 1, last), last)
        done.words = len(counts)
        done.miscounted = _miscounted(session, counts)
        done.waiting = session.execute(select(func.count()).select_from(waiting(10**9).subquery())).scalar_one()
    return done


def _last(session: Session, column: Any) -> int:
    return int(session.execute(select(func.max(column))).scalar_one() or 0)


def _compare(session: Session, index: TextIndex, low: int, high: int, done: IndexCheck, counts: Counter[str]) -> None:
    joined = select(PageRow, DocumentRow).join(DocumentRow, col(PageRow.document_id) == col(DocumentRow.id))
    shelved = {
        page.id or 0: (page, document)
        for page, document in session.exec(joined.where(col(PageRow.id).between(low, high)))
    }
    indexed = session.exec(select(IndexedRow).where(col(IndexedRow.page_id).between(low, high))).all()
    held = {row.page_id: unpack(row.tokens) for row in indexed}
    older = {row.page_id for row in indexed if row.version != index.version}
    done.pages += len(shelved)
    done.missing += sorted(shelved.keys() - held.keys())[:_MOST_LISTED]
    done.strange += sorted(held.keys() - shelved.keys())[:_MOST_LISTED]
    current = shelved.keys() & held.keys() - older
    done.changed += sorted(page for page in current if index.tokens(*shelved[page]) != held[page])[:_MOST_LISTED]
    # By older rules a page may stand under tokens that an engine splits; it waits to be put in anew.
    split = {page for page in older if not all(is_token(token) for token in held[page])}
    unlike = [page for page in index.engine.wrong(session, held, low, high) if page not in split]
    done.unlike += unlike[:_MOST_LISTED]
    uncounted = {row.page_id for row in indexed if not is_counted(row.version)}
    for tokens in (tokens for page, tokens in held.items() if page not in uncounted):
        counts.update({token for token in tokens if vocabulary.is_word(token)})
    session.expunge_all()


def _miscounted(session: Session, counts: Counter[str]) -> list[str]:
    """Words that stand on another number of pages than the vocabulary says."""
    wrong: list[str] = []
    left = dict(counts)
    rows = select(WordRow.token, WordRow.pages).execution_options(yield_per=_WORDS)
    for token, pages in session.execute(rows):
        if left.pop(token, 0) != pages and len(wrong) < _MOST_LISTED:
            wrong.append(token)
    return wrong + sorted(left)[: _MOST_LISTED - len(wrong)]


def refresh_all(database: Database, index: TextIndex, *, stop: Callable[[], bool] = lambda: False) -> Iterator[int]:
    """Put the pages that stand under older rules in anew, a few in each transaction; searches go on meanwhile.

    Gives the number of pages after each. Killed anywhere, it goes on where it was.
    """
    while not stop():
        with database.read() as session:
            if session.execute(waiting(1)).first() is None:
                return
        with database.write() as session:
            done = refresh(session, index, _REFRESHED)
        yield done
