"""Answer a query: parse it, expand its words, walk through the tiers, and mark the words on the page.

The language is in `query`, the words that may stand for others in `expansion`, the order in `tiers`, marks in `snippets`.
Pages of one document stand together. All is done in blocks of ranks, so that turning the pages of an answer neither loses
a hit nor shows one twice.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy
from sqlmodel import Session, col, select

from pipeline.db import page_text
from pipeline.db.database import Database
from pipeline.db.tables import DocumentRow, PageRow
from pipeline.index import expansion, filters, snippets, vocabulary
from pipeline.index.engines import AnyOf, TermQuery, TextEngine
from pipeline.index.hindi import terms
from pipeline.index.query import parse
from pipeline.index.results import SearchContext, by_date, hits_of, together, understood
from pipeline.index.romanised_completion import RomanisedCompletion
from pipeline.index.snippets import Sought
from pipeline.index.textindex import CORE, OCR, SUBJECT, Number, Understand, one_token, run_together
from pipeline.index.tiers import FoundPage, Planner, SearchPlan, walk
from pipeline.model.digits import western
from pipeline.model.search import Answer, Order, Query

_BLOCK = 60  # ranks that are put in order together
_COUNTED = 1000  # pages, the best or the newest, among which facets are counted, and which can be put in order of dates
_MOST_FILES = 200  # pages that tell which files have a number
_AS_TYPED = 1.5  # letters by which a word that is suggested may be spelled otherwise than it was typed in Roman letters
_FACETS = 12  # values of one facet, the most frequent

Register = Callable[[str], Iterable[str]]


def _reach(query: Query) -> int:
    """How many pages are walked through: the blocks of ranks up to those shown, and those that are counted or dated."""
    blocks = (query.offset + query.limit - 1) // _BLOCK + 1
    return max(blocks * _BLOCK, _COUNTED if query.facets or query.order is not Order.BEST else 0)


def digits(text: str) -> str:
    """The numbers in what somebody types, as the core of a file number begins: `19-76/20` is 19/76/20."""
    return "/".join(re.findall("[0-9]+", western(text)))


class Search:
    """Queries to one database and its engine. `understand` reads file numbers, `is_number` tells what is one."""

    def __init__(
        self,
        database: Database,
        engine: TextEngine,
        understand: Understand | None = None,
        is_number: Callable[[str], bool] = lambda text: False,
    ) -> None:
        self.database = database
        self.engine = engine
        self.understand = understand
        self.is_number = is_number
        self._completion = RomanisedCompletion()

    def find(self, query: Query) -> Answer:
        """The hits for a query. Never raises for what was typed."""
        began = time.perf_counter()
        with self.database.read() as session:
            context = self._read(session, query)
            number = self._number(query.text) if not context.parsed.narrows and self.is_number(query.text) else None
            planned, walked = None, None
            if context.words or number:
                planner = Planner(session, self.engine, context.parsed.never, context.narrowed, context.within)
                planned = planner.plan(context.words, number)
                context = replace(context, words=planned.words)
                walked = walk(session, self.engine, planned, _reach(query), context.within)
                found = self._ordered(session, planned, walked, context, query)
                total = planned.total
            else:
                oldest = query.order is Order.OLDEST
                total, found = filters.browse(session, context.within, query.offset, query.limit, oldest_first=oldest)
            hits = hits_of(session, found, planned, context)
            key = number.key if number else context.file_key
            taken = understood(context, planned, key, total, self._tellable(session, context.offices))
            facets = self._facets(session, walked, context) if query.facets else {}
        took = round((time.perf_counter() - began) * 1000, 1)
        return Answer(query.text, taken, total, took, hits, facets)

    def _read(self, session: Session, query: Query) -> SearchContext:
        parsed = parse(query.text)
        begun = iter(expansion.begin(session, parsed.items))
        words = tuple(tuple(next(begun) for _ in choice) for choice in parsed.words)
        narrowed = replace(
            query,
            file_no=query.file_no or parsed.file,
            office=query.office or parsed.office,
            since=max(filter(None, (query.since, parsed.since)), default=None),
            until=min(filter(None, (query.until, parsed.until)), default=None),
        )
        number = self._number(narrowed.file_no or "")
        file_key = number.key if number else narrowed.file_no
        narrowed_by = filters.tokens(narrowed) if words else ()
        by_tokens = bool(narrowed_by) and filters.is_current(session)
        by_tokens = by_tokens and filters.are_distinct(session, query.offices)
        files = self._files(session, number, file_key or "") if narrowed.file_no is not None else ()
        within = filters.within(narrowed, files, by_tokens=by_tokens)
        return SearchContext(parsed, words, narrowed_by if by_tokens else (), within, file_key, query.offices)

    def _number(self, text: str) -> Number | None:
        return self.understand(text) if self.understand and text else None

    def _files(self, session: Session, number: Number | None, key: str) -> tuple[str, ...]:
        """The keys of the files that are meant: the one written so, else those with the same numbers, else look-alikes."""
        known = select(DocumentRow.file_key).where(DocumentRow.file_key == key).limit(1)
        if number is None or session.exec(known).first() is not None:
            return (key,)
        for token in (CORE + one_token(number.core), OCR + run_together(number.ocr)):
            pages = self.engine.find(session, TermQuery((AnyOf(((token,),)),)), _MOST_FILES, newest=True)
            keys = select(DocumentRow.file_key).join(PageRow, col(PageRow.document_id) == col(DocumentRow.id))
            keys = keys.where(col(PageRow.id).in_([hit.page_id for hit in pages])).distinct()
            if found := sorted(found for found in session.exec(keys) if found):
                return tuple(found)
        return (key,)

    def _sought(self, session: Session, text: str) -> tuple[Sought, Sought]:
        """All that may stand for the words of a query, to be marked; and with its last word as a beginning."""
        context = self._read(session, Query(text))
        every = replace(context, words=expansion.further(session, context.words)).looked_for
        return Sought.of(every), Sought.of(every, begun=True)

    def _ordered(
        self, session: Session, planned: SearchPlan, walked: Sequence[FoundPage], context: SearchContext, query: Query
    ) -> list[FoundPage]:
        """The hits wanted, in the order wanted; by dates, the best `_COUNTED` pages among themselves."""
        if query.order is Order.BEST:
            return self._ranked(session, walked, planned.strict, context, query)
        oldest = query.order is Order.OLDEST
        dated = by_date(session, walked[:_COUNTED], context.offices, oldest_first=oldest)
        return dated[query.offset : query.offset + query.limit]

    def _ranked(
        self, session: Session, found: Sequence[FoundPage], strict: int, context: SearchContext, query: Query
    ) -> list[FoundPage]:
        """The hits wanted, the best first, put in order block by block."""
        first, last = query.offset // _BLOCK, (query.offset + query.limit - 1) // _BLOCK
        ordered: list[FoundPage] = []
        for block in range(first, last + 1):
            ordered += together(session, found[block * _BLOCK : (block + 1) * _BLOCK], strict, context.offices)
        start = query.offset - first * _BLOCK
        return ordered[start : start + query.limit]

    def _facets(
        self, session: Session, walked: Sequence[FoundPage] | None, context: SearchContext
    ) -> dict[str, dict[str, int]]:
        """How many of the documents found belong to which office, year, kind, file and state."""
        if walked is not None:
            where = col(PageRow.id).in_([hit.page_id for hit in walked[:_COUNTED]])
        elif context.within is not None:
            where = col(PageRow.id).in_(context.within.limit(_COUNTED))
        else:
            return {}
        chosen = select(PageRow.document_id).where(where).distinct()
        columns: tuple[Any, ...] = (
            DocumentRow.office,
            DocumentRow.dated,
            DocumentRow.kind,
            DocumentRow.file_no,
            DocumentRow.state,
        )
        documents = sqlalchemy.select(*columns).where(col(DocumentRow.id).in_(chosen))
        if context.offices is not None:
            documents = documents.where(col(DocumentRow.office).in_(sorted(context.offices)))
        rows = session.execute(documents).all()
        values: dict[str, list[str | None]] = {
            "office": [row.office for row in rows],
            "year": [str(row.dated.year) if row.dated else None for row in rows],
            "kind": [row.kind for row in rows],
            "file": [row.file_no for row in rows],
            "status": [row.state for row in rows],
        }
        counted = {name: Counter(sorted(v for v in found if v)) for name, found in values.items()}
        return {name: dict(counts.most_common(_FACETS)) for name, counts in counted.items()}

    def boxes(self, document: str, number: int, text: str) -> list[list[float]]:
        """Where the words of `text` stand on page `number` of a document, as fractions of the page image."""
        with self.database.read() as session:
            page = session.exec(
                select(PageRow).where(PageRow.document_id == document, PageRow.number == number)
            ).first()
            if page is None or not terms(text):
                return []
            looked_for, begun = self._sought(session, text)
            shown = page_text.text_of(page)
            return [list(box) for box in snippets.boxes(page, looked_for.places(shown) or begun.places(shown))]

    def places(self, document: str, text: str) -> dict[int, list[list[float]]]:
        """By the numbers of a document's pages, where the words of `text` stand on those that hold any of them."""
        with self.database.read() as session:
            if not terms(text):
                return {}
            looked_for, begun = self._sought(session, text)
            pages = session.exec(select(PageRow).where(PageRow.document_id == document).order_by(col(PageRow.number)))
            held = {page.number or 1: page for page in pages}
            where = {number: looked_for.places(page_text.text_of(page)) for number, page in held.items()}
            if not any(where.values()):
                where = {number: begun.places(page_text.text_of(page)) for number, page in held.items()}
            found = {number: snippets.boxes(held[number], places) for number, places in where.items() if places}
            return {number: [list(box) for box in boxes] for number, boxes in found.items() if boxes}

    def _tellable(self, session: Session, offices: frozenset[str] | None) -> Callable[[str], bool]:
        """Which words of the vocabulary may be told: those that stand on a page of these offices."""
        if offices is None:
            return lambda word: True
        if not filters.are_distinct(session, offices):
            return lambda word: False
        seen = filters.tokens(Query("", offices=offices))
        return lambda word: bool(
            seen and self.engine.count(session, TermQuery((AnyOf(((word,),)),), (), 0, seen), most=1)
        )

    def suggest(
        self, text: str, limit: int = 8, register: Register | None = None, offices: frozenset[str] | None = None
    ) -> list[str]:
        """What the beginning of a query may become: files of the register, subjects, words of the vocabulary.

        `offices` are those that the asker may see, None for every one; `register` finds its numbers by their beginning.
        """
        found = list(register(text)) if register and text.strip() else []
        words = terms(text)
        if not words:
            return found[:limit]
        if offices is not None and not offices:
            return found[:limit]
        with self.database.read() as session:
            may_tell = self._tellable(session, offices)
            found += self._numbers(session, text, limit, offices)
            found += self._subjects(session, words, limit, offices)
            before = text[: text.rfind(" ") + 1]
            begun = vocabulary.begun(session, words[-1], limit) if len(words[-1]) > 1 else []
            if words[-1].isascii():  # by commonness: what is rare and sounds alike is mostly misread
                heard = vocabulary.sounding(session, words[-1], _AS_TYPED) + self._completion.begun(
                    session, words[-1], limit
                )
                begun += sorted(heard, key=lambda word: -word.pages)
            found += [before + word.token for word in begun if may_tell(word.token)]
        return list(dict.fromkeys(found))[:limit]

    def _numbers(self, session: Session, text: str, limit: int, offices: frozenset[str] | None) -> list[str]:
        """File numbers of the newest documents whose digits begin like those typed."""
        core = digits(text)
        if not core:
            return []
        wanted = AnyOf(((CORE + core,),), begun=True)
        seen = filters.tokens(Query("", offices=offices))
        pages = self.engine.find(session, TermQuery((wanted,), always=seen), limit * 4, newest=True)
        numbers = select(DocumentRow.file_no).join(PageRow, col(PageRow.document_id) == col(DocumentRow.id))
        numbers = numbers.where(col(PageRow.id).in_([hit.page_id for hit in pages]))
        if offices is not None:
            numbers = numbers.where(col(DocumentRow.office).in_(sorted(offices)))
        return list(dict.fromkeys(number for number in session.exec(numbers) if number))[:limit]

    def _subjects(self, session: Session, words: list[str], limit: int, offices: frozenset[str] | None) -> list[str]:
        """Subjects of the newest documents that hold these words, the last one as a beginning."""
        wanted = [AnyOf(((SUBJECT + word,),)) for word in words[:-1]]
        wanted.append(AnyOf(((SUBJECT + words[-1],),), begun=True))
        seen = filters.tokens(Query("", offices=offices))
        pages = self.engine.find(session, TermQuery(tuple(wanted), always=seen), limit, newest=True)
        subjects = select(DocumentRow.subject).join(PageRow, col(PageRow.document_id) == col(DocumentRow.id))
        subjects = subjects.where(col(PageRow.id).in_([hit.page_id for hit in pages]))
        if offices is not None:
            subjects = subjects.where(col(DocumentRow.office).in_(sorted(offices)))
        return [subject for subject in session.exec(subjects) if subject]
