"""How well and how fast search finds, on seeded office text with misread letters, beside others in the same run.

The text is made in `office_text`, the others are in `searchers`, the figures become Markdown in `search_report`.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench import office_text, search_report, searchers
from pipeline.index import filling, hindi
from pipeline.index.database import Database, now
from pipeline.index.engines import engine_for
from pipeline.index.packing import pack
from pipeline.index.search import Search
from pipeline.index.tables import BatchRow, DocumentRow, PageRow
from pipeline.index.textindex import TextIndex
from pipeline.model import Box, Query, Word
from pipeline.records import file_number

_SLICE = 1000  # pages in one transaction
_KINDS = ("letter", "order", "noting")
_ASKED = 150  # questions of a kind
_FEWEST, _MOST = 3, 400  # pages a word stands on that is asked for


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
    memory: int = 0


def run(pages: int, rates: Sequence[float], *, write: bool, alone: bool = False, keep: Path | None = None) -> str:
    """Measure and tell, as Markdown; `write` puts it into docs/benchmarks.md."""
    told = []
    for rate in rates:
        with tempfile.TemporaryDirectory(dir=keep) as folder:
            told.append(_one(pages, rate, Path(folder), alone=alone))
    text = "\n\n".join(told)
    if write:
        search_report.put(pages, text)
    return text + "\n"


def _one(pages: int, rate: float, folder: Path, *, alone: bool) -> str:
    database = Database(f"sqlite:///{folder}/search.db")
    database.migrate()
    built = build(database, pages, rate)
    questions = ask(pages, rate)
    search = Search(database, engine_for(database), file_number.parse, file_number.looks_like_one)

    def ours(typed: str) -> list[int]:
        return [hit.source_page for hit in search.find(Query(typed, limit=10)).hits]

    figures = {"Abhilekh": measure(ours, questions)}
    built.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    latency = mixed(search, questions)
    others: dict[str, Built] = {}
    for name, make in ({} if alone else searchers.others()).items():
        began = time.perf_counter()
        other = make(((s.number, s.text) for s in office_text.sheets(pages, rate)), folder)
        seconds = time.perf_counter() - began
        figures[name] = measure(other.find, questions)
        others[name] = Built(pages, rate, seconds, built.text_bytes, other.bytes())
        other.close()
    database.close()
    return search_report.tables(built, others, figures, latency)


def build(database: Database, pages: int, rate: float) -> Built:
    """Fill the database with so many pages, then its full text, and say what the full text cost."""
    size = write_rows(database, pages, rate)
    began = time.perf_counter()
    filling.fill(database, TextIndex(engine_for(database), file_number.parse))
    spent = time.perf_counter() - began
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return Built(pages, rate, spent, size, index_bytes(database))


def write_rows(database: Database, pages: int, rate: float) -> int:
    """The rows of so many pages, made in processes side by side; returns the bytes of their text."""
    with database.write() as session:
        session.add(
            BatchRow(id="b", name="b.pdf", sha256="0", bytes=1, media_type="application/pdf", pages=pages,
                     state="filed", received_at=now())
        )  # fmt: skip
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
    first = _page(sheets[0]).model_dump()
    own = [{"id": s.number, "source_page": s.number, "document_id": f"d{s.document}", "number": s.page, "text": s.text}
           for s in sheets]  # fmt: skip
    return [_document(s).model_dump() for s in sheets if s.page == 1], [{**first, **row} for row in own]


def index_bytes(database: Database) -> int:
    """The bytes of the tables of the full text and the vocabulary, without pages and documents."""
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'page_text%' OR name IN ('indexed', 'word', 'sound')"
            " OR name LIKE 'ix_word%' OR name LIKE 'ix_indexed%'"
        )
        return int(rows.scalar() or 0)


def _document(sheet: office_text.Sheet) -> DocumentRow:
    year = 1960 + sheet.document % 64
    number = f"{sheet.document % 900 + 11}-{sheet.document % 89 + 10}/{year}"
    parsed = file_number.parse(number)
    return DocumentRow(
        id=f"d{sheet.document}", batch_id="b", first_page=sheet.number, kind=_KINDS[sheet.document % 3],
        state="filed", office=f"off{sheet.document % 40}", file_no=number, file_key=parsed.key if parsed else None,
        dated=date(year, sheet.document % 12 + 1, 1), subject=" ".join(sheet.words[:8]), fields={}, pdf_key="",
        filed_at=now(),
    )  # fmt: skip


def _page(sheet: office_text.Sheet) -> PageRow:
    words, end = [], 0
    for i, word in enumerate(sheet.text.split()):
        start = sheet.text.index(word, end)
        end = start + len(word)
        words.append(Word(word, Box(100 + i % 10 * 150, 100 + i // 10 * 60, 140, 40), 0.9, i // 10, start, end))
    return PageRow(
        id=sheet.number, batch_id="b", source_page=sheet.number, document_id=f"d{sheet.document}", number=sheet.page,
        text=sheet.text, words=pack(tuple(words)), confidence=0.9, language="hi", width=1700, height=2200, dpi=200,
        rotated=0, rotation_confidence=0, skew_degrees=0, skew_confidence=0, applied=False, blank=False, image_key="",
        layout_key="", read_at=now(),
    )  # fmt: skip


def ask(pages: int, rate: float) -> list[Question]:
    """Questions of every kind, with the pages that answer by what truly stands on them."""
    chance = random.Random(11)
    where: defaultdict[str, set[int]] = defaultdict(set)
    raw: dict[str, str] = {}
    known_items: list[tuple[int, tuple[str, ...]]] = []
    every = max(pages // _ASKED, 1)
    analysed: dict[str, list[str]] = {}
    for sheet in office_text.sheets(pages, 0.0):
        for word in set(sheet.words):
            for token in analysed.setdefault(word, hindi.terms(word)):
                where[token].add(sheet.number)
                raw.setdefault(token, word)
        if sheet.number % every == 0:
            known_items.append((sheet.number, sheet.words))
    fit = sorted(token for token, found in where.items() if _FEWEST <= len(found) <= _MOST and len(token) > 2)
    asked = [Question("one word", raw[token], where[token]) for token in office_text.sample(fit, _ASKED, chance)]
    for number, stood in known_items:
        tokens = sorted({t for word in stood for t in analysed[word] if len(t) > 2}, key=lambda t: (len(where[t]), t))
        rare = [token for token in tokens if len(where[token]) <= _MOST]
        if len(rare) >= 6:
            two = chance.sample(rare, 2)
            asked.append(Question("two words", " ".join(raw[t] for t in two), where[two[0]] & where[two[1]]))
            three = chance.sample(tokens[: len(tokens) // 2], 3)
            asked.append(Question("known page", " ".join(raw[t] for t in three), {number}))
    for token in office_text.sample(fit, 3 * _ASKED, chance):
        typed = office_text.misspelt(raw[token], chance)
        if (
            typed
            and len([q for q in asked if q.kind == "misspelt"]) < _ASKED
            and not set(hindi.terms(typed)) & where.keys()
        ):
            asked.append(Question("misspelt", typed, where[token]))
    if not rate:
        spelt = [(t, v) for t in fit for v in office_text.variants(raw[t]) if v != raw[t] and hindi.terms(v) == [t]]
        asked += [Question("other spelling", v, where[t]) for t, v in chance.sample(spelt, min(_ASKED, len(spelt)))]
    for roman, words in office_text.roman_pairs():
        pages_with = set.intersection(*(where.get(token, set()) for token in hindi.terms(words)))
        if pages_with:
            asked.append(Question("Roman letters", roman, pages_with))
    return [question for question in asked if question.right]


def measure(find: Callable[[str], Sequence[int]], questions: Sequence[Question]) -> dict[str, Figures]:
    figures: defaultdict[str, Figures] = defaultdict(Figures)
    for question in questions:
        began = time.perf_counter()
        found = find(question.typed)
        figures[question.kind].note(question, found, (time.perf_counter() - began) * 1000)
    return dict(figures)


def mixed(search: Search, questions: Sequence[Question]) -> dict[str, float]:
    """Milliseconds over questions of all kinds, common words, phrases, beginnings and filters among them."""
    chance = random.Random(13)
    typed = [Query(question.typed) for question in chance.sample(list(questions), min(200, len(questions)))]
    common = [hindi.terms(word)[0] for word in office_text.forms()[:60]]
    typed += [Query(word) for word in chance.sample(common, 10)]
    typed += [Query(" ".join(chance.sample(common, 3))) for _ in range(20)]
    typed += [Query(f"{chance.choice(common)} date:2001..2005", office="off7") for _ in range(10)]
    typed += [Query(f'"{chance.choice(common)} {chance.choice(common)}"') for _ in range(10)]
    typed += [Query(f"{word[:4]}*") for word in chance.sample(common, 10)]
    typed += [Query(f"{n}-{n % 89 + 10}") for n in range(20, 40)]
    chance.shuffle(typed)
    ms, cpu = [], []
    for query in typed:
        began, worked = time.perf_counter(), time.process_time()
        search.find(query)
        ms.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    found = {"questions": float(len(ms))}
    for name, values in (("", ms), ("cpu ", cpu)):
        cut = statistics.quantiles(values, n=100)
        found |= {f"{name}p50": cut[49], f"{name}p95": cut[94], f"{name}p99": cut[98]}
    return found
