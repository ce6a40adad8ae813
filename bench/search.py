"""How well and how fast search finds, on seeded office text with misread letters, beside others in the same run.

The text is made in `office_text`, its rows in `search_rows`, the questions in `search_questions`; the others are in
`searchers`, and the figures become Markdown in `search_report`.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import office_text, search_load, search_report, searchers
from bench.search_questions import Question, ask
from bench.search_rows import index_bytes, write_rows
from pipeline.db.database import Database
from pipeline.extract import file_number
from pipeline.index import refill
from pipeline.index.engines import engine_for
from pipeline.index.search import Search
from pipeline.index.textindex import index_for
from pipeline.model.search import Query

_SHOWN = 20  # hits; the first ten that count are among them


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
    """Measure, as Markdown; `write` puts it into docs/benchmarks.md. `filled` is a database that `build` made of so
    many pages before, and that is left as it is but for the pages that writers add."""
    parts = []
    for rate in rates:
        with tempfile.TemporaryDirectory(dir=keep) as folder:
            database = Database(f"sqlite:///{filled or Path(folder) / 'search.db'}")
            database.migrate()
            built = _built_before(database, pages, rate) if filled else build(database, pages, rate)
            parts.append(_one(database, built, Path(folder), alone=alone or filled is not None))
            database.close()
    text = "\n\n".join(parts)
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
    """What is known of an index that is there already: its size, and that of the text."""
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


def measure(find: Callable[[str], Sequence[int]], questions: Sequence[Question]) -> dict[str, Figures]:
    figures: defaultdict[str, Figures] = defaultdict(Figures)
    for question in questions:
        began = time.perf_counter()
        found = find(question.typed)
        figures[question.kind].note(question, found, (time.perf_counter() - began) * 1000)
    return dict(figures)
