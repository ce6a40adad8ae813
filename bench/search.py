"""How well and how fast search finds, on seeded office text with misread letters, beside others in the same run.

The text is made in `office_text`, the others are in `searchers`, the figures become Markdown in `search_report`.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench import office_text, search_load, search_report, searchers
from pipeline.db.database import Database, now
from pipeline.db.packing import pack
from pipeline.db.tables import BatchRow, DocumentRow, PageRow
from pipeline.extract import file_number
from pipeline.index import hindi, refill
from pipeline.index.engines import engine_for
from pipeline.index.search import Search
from pipeline.index.textindex import index_for
from pipeline.model.page import Box, Word
from pipeline.model.search import Query

_SLICE = 1000  # pages in one transaction
_KINDS = ("letter", "order", "noting")
_ASKED = 150  # questions of a kind
_FEWEST, _MOST = 3, 400  # pages a word stands on that is asked for; of many pages at most one in 500
_SHOWN = 20  # hits; the first ten that count are among them
_ENOUGH = 6  # such words of a page, for questions about it


@dataclass(slots=True)
class Question:
    """What is typed, and the pages that truly answer."""

    kind: str
    typed: str
    right: set[int]


@dataclass(slots=True)
class Figures:
    """What one searcher made of one kind of questions."""

    recall: list[float] = field(default_factory=list)
    precision: list[float] = field(default_factory=list)
    at_five: list[float] = field(default_factory=list)
    reciprocal: list[float] = field(default_factory=list)
    hit: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)

    def note(self, question: Question, found: Sequence[int], ms: float) -> None:
        first = list(found[:10])
        there = [page in question.right for page in first]
        self.recall.append(sum(there) / min(10, len(question.right)))
        if first:
            self.precision.append(sum(there) / len(first))
        if len(question.right) >= 5:
            self.at_five.append(sum(there[:5]) / 5)
        self.hit.append(float(any(there)))
        self.reciprocal.append(next((1 / rank for rank, right in enumerate(there, start=1) if right), 0.0))
        self.ms.append(ms)


@dataclass(slots=True)
class Built:
    """What an index cost."""

    pages: int
    rate: float  # of misread letters
    seconds: float
    text_bytes: int
    bytes: int


def run(
    pages: int,
    rates: Sequence[float],
    *,
    write: bool,
    alone: bool = False,
    keep: Path | None = None,
    filled: Path | None = None,
) -> str:
    """Measure and tell, as Markdown; `write` puts it into docs/benchmarks.md. `filled` is a database that `build` made of so
    many pages before, and that is left as it is but for the pages that writers add."""
    told = []
    for rate in rates:
        with tempfile.TemporaryDirectory(dir=keep) as folder:
            database = Database(f"sqlite:///{filled or Path(folder) / 'search.db'}")
            database.migrate()
            built = _built_before(database, pages, rate) if filled else build(database, pages, rate)
            told.append(_one(database, built, Path(folder), alone=alone or filled is not None))
            database.close()
    text = "\n\n".join(told)
    if write:
        search_report.put(str(pages), text)
    return text + "\n"


def _one(database: Database, built: Built, folder: Path, *, alone: bool) -> str:
    pages, rate = built.pages, built.rate
    questions = ask(pages, rate)
    figures = {"Abhilekh": measure(ours(database), questions)}
    load = search_load.measure(database, [question.typed for question in questions])
    others: dict[str, Built] = {}
    for name, make in ({} if alone else searchers.others()).items():
        began = time.perf_counter()
        other = make(((s.number, s.text) for s in office_text.sheets(pages, rate)), folder)
        seconds = time.perf_counter() - began
        figures[name] = measure(other.find, questions)
        others[name] = Built(pages, rate, seconds, built.text_bytes, other.bytes())
        other.close()
    title = f"{pages:,} pages, {rate:.0%} of letters misread"
    return search_report.tables(title, built, others, figures, load)


def ours(database: Database) -> Callable[[str], list[int]]:
    """The first ten pages of our own search, without those that writers added while it was measured before."""
    search = Search(database, engine_for(database), file_number.parse, file_number.looks_like_one)

    def find(typed: str) -> list[int]:
        found = [hit.source_page for hit in search.find(Query(typed, limit=_SHOWN)).hits]
        return [page for page in found if page < search_load.ABOVE][:10]

    return find


def _built_before(database: Database, pages: int, rate: float) -> Built:
    """What is told of an index that is there already: its size, and that of the text."""
    with database.engine.connect() as connection:
        text = connection.exec_driver_sql("SELECT sum(length(CAST(text AS BLOB))) FROM page").scalar()
    return Built(pages, rate, 0.0, int(text or 0), index_bytes(database))


def build(database: Database, pages: int, rate: float) -> Built:
    """Fill the database with so many pages, then its full text, and say what the full text cost."""
    size = write_rows(database, pages, rate)
    began = time.perf_counter()
    refill.fill(database, index_for(database, file_number.parse))
    spent = time.perf_counter() - began
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return Built(pages, rate, spent, size, index_bytes(database))


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


@dataclass(slots=True)
class Truth:
    """What truly stands on the pages: of each token on how many, and of rarer ones on which; and a spelling of each."""

    most: int  # pages that are told of a token
    counts: Counter[str] = field(default_factory=Counter)
    where: dict[str, array[int]] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)

    def add(self, found: dict[str, list[int]], raw: dict[str, str]) -> None:
        for token, numbers in found.items():
            self.counts[token] += len(numbers)
            if self.counts[token] <= self.most or token in _roman_tokens():
                self.where.setdefault(token, array("I")).extend(numbers)
            else:
                self.where.pop(token, None)
        for token, word in raw.items():
            self.raw.setdefault(token, word)

    def right(self, *tokens: str) -> set[int]:
        """The pages on which all of these stand."""
        return set.intersection(*(set(self.where.get(token, ())) for token in tokens))


@cache
def _roman_tokens() -> frozenset[str]:
    return frozenset(token for _, words in office_text.roman_pairs() for token in hindi.terms(words))


def truth(pages: int) -> Truth:
    """Told from the text before it was misread, in processes side by side."""
    told = Truth(max(_MOST, pages // 500))
    order = office_text.order(pages)
    slices = iter(lambda: list(islice(order, _SLICE)), [])
    with multiprocessing.get_context("spawn").Pool() as pool:
        for found, raw in pool.imap(partial(_standing, pages=pages), slices):
            told.add(found, raw)
    return told


def _standing(places: list[tuple[int, int, int]], pages: int) -> tuple[dict[str, list[int]], dict[str, str]]:
    where: defaultdict[str, list[int]] = defaultdict(list)
    raw: dict[str, str] = {}
    for place in places:
        for word in dict.fromkeys(office_text.sheet(place, pages, 0.0).words):
            for token in _terms(word):
                if where[token][-1:] != [place[0]]:
                    where[token].append(place[0])
                raw.setdefault(token, word)
    return dict(where), raw


@lru_cache(maxsize=100_000)
def _terms(word: str) -> tuple[str, ...]:
    return tuple(hindi.terms(word))


def ask(pages: int, rate: float) -> list[Question]:
    """Questions of every kind, with the pages that answer by what truly stands on them."""
    chance, told = random.Random(11), truth(pages)
    fit = sorted(t for t, n in told.counts.items() if _FEWEST <= n <= told.most and len(t) > 2)
    asked = [
        Question("one word", told.raw[token], told.right(token)) for token in office_text.sample(fit, _ASKED, chance)
    ]
    asked += _of_pages(pages, told, chance)
    misspelt: list[Question] = []
    for token in office_text.sample(fit, 3 * _ASKED, chance):
        typed = office_text.misspelt(told.raw[token], chance)
        if typed and len(misspelt) < _ASKED and not set(hindi.terms(typed)) & told.counts.keys():
            misspelt.append(Question("misspelt", typed, told.right(token)))
    asked += misspelt
    if not rate:
        raw = told.raw
        spelt = [(t, v) for t in fit for v in office_text.variants(raw[t]) if v != raw[t] and hindi.terms(v) == [t]]
        spelt = chance.sample(spelt, min(_ASKED, len(spelt)))
        asked += [Question("other spelling", variant, told.right(token)) for token, variant in spelt]
    for roman, words in office_text.roman_pairs():
        asked.append(Question("Roman letters", roman, told.right(*hindi.terms(words))))
    return [question for question in asked if question.right]


def _of_pages(pages: int, told: Truth, chance: random.Random) -> list[Question]:
    """Two words of a page, and three that somebody may remember of one."""
    asked, every = [], max(pages // _ASKED, 1)
    for place in islice(office_text.order(pages), every - 1, None, every):
        sheet = office_text.sheet(place, pages, 0.0)
        tokens = {token for word in sheet.words for token in _terms(word) if len(token) > 2}
        rising = sorted(tokens, key=lambda token: (told.counts[token], token))
        rare = [token for token in rising if told.counts[token] <= told.most]
        if len(rare) >= _ENOUGH:
            two = chance.sample(rare, 2)
            asked.append(Question("two words", " ".join(told.raw[t] for t in two), told.right(*two)))
            three = chance.sample(rising[: len(rising) // 2], 3)
            asked.append(Question("known page", " ".join(told.raw[t] for t in three), {sheet.number}))
    return asked


def measure(find: Callable[[str], Sequence[int]], questions: Sequence[Question]) -> dict[str, Figures]:
    figures: defaultdict[str, Figures] = defaultdict(Figures)
    for question in questions:
        began = time.perf_counter()
        found = find(question.typed)
        figures[question.kind].note(question, found, (time.perf_counter() - began) * 1000)
    return dict(figures)
