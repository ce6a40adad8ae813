"""What a searching process of its own takes, in time and memory, while two writers add pages."""

from __future__ import annotations

import multiprocessing
import os
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from bench import office_text
from bench.search_rows import document_row, page_row
from pipeline.db.database import Database
from pipeline.db.tables import DocumentRow, PageRow
from pipeline.extract import file_number
from pipeline.index import hindi
from pipeline.index.engines import engine_for
from pipeline.index.search import Search
from pipeline.index.textindex import TextIndex, index_for
from pipeline.model.search import Query

_WRITERS = 2
_PAUSE = 0.5  # seconds between two pages of a writer: four pages a second, more than two cores read
ABOVE = 10_000_000  # numbers of the pages that are added; a million for each writer


@dataclass(slots=True)
class Load:
    """Milliseconds by the clock and of the processor for each question; seconds until added pages were found."""

    ms: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: int = 0
    seen: list[float] = field(default_factory=list)


def measure(database: Database, typed: Sequence[str]) -> Load:
    """Ask mixed questions in a new process, once to warm up and once to measure, while writers add pages."""
    context = multiprocessing.get_context("spawn")
    url = str(database.url)
    with context.Manager() as manager, context.Pool(_WRITERS + 1) as pool:
        stop = manager.Event()
        writers = [pool.apply_async(_write, (url, writer, stop)) for writer in range(_WRITERS)]
        try:
            load = pool.apply(_ask, (url, list(typed)))
        finally:
            stop.set()
        load.seen = [seconds for writer in writers for seconds in writer.get()]
    return load


def _search(database: Database) -> Search:
    return Search(database, engine_for(database), file_number.parse, file_number.looks_like_one)


def mixed(typed: Sequence[str]) -> list[Query]:
    """Questions of all kinds, common words, phrases, beginnings and filters among them."""
    chance = random.Random(13)
    asked = [Query(text) for text in chance.sample(list(typed), min(200, len(typed)))]
    common = [hindi.terms(word)[0] for word in office_text.forms()[:60]]
    asked += [Query(word) for word in chance.sample(common, 10)]
    asked += [Query(" ".join(chance.sample(common, 3))) for _ in range(20)]
    asked += [Query(f"{chance.choice(common)} date:2001..2005", office="off7") for _ in range(10)]
    asked += [Query(f'"{chance.choice(common)} {chance.choice(common)}"') for _ in range(10)]
    asked += [Query(f"{word[:4]}*") for word in chance.sample(common, 10)]
    asked += [Query(f"{n}-{n % 89 + 10}") for n in range(20, 40)]
    chance.shuffle(asked)
    return asked


def _ask(url: str, typed: list[str]) -> Load:
    """Runs in the searching process."""
    database = Database(url)
    search, load = _search(database), Load()
    for keep in (False, True):
        for query in mixed(typed):
            began, worked = time.perf_counter(), time.process_time()
            search.find(query)
            if keep:
                load.ms.append((time.perf_counter() - began) * 1000)
                load.cpu.append((time.process_time() - worked) * 1000)
    load.memory = resident()
    database.close()
    return load


def resident() -> int:
    """The bytes that this process held in memory at most."""
    status = Path(f"/proc/{os.getpid()}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


def _write(url: str, writer: int, stop: Any) -> list[float]:
    """Add a page, search for a word that stands on no other, and again; tells how long each took until it was found."""
    database = Database(url)
    search, index = _search(database), index_for(database, file_number.parse)
    seen: list[float] = []
    with database.read() as session:
        first = ABOVE + writer * 1_000_000
        mine = select(func.max(PageRow.id)).where(col(PageRow.id).between(first, first + 999_999))
        number = session.execute(mine).scalar() or first  # goes on where it was measured before
    while not stop.is_set():
        number += 1
        word = f"प्रमाण{writer}क" + "".join(chr(0x915 + int(digit)) for digit in str(number))
        sheet = office_text.sheet((number, number, 1), number, 0.02)
        sheet = office_text.Sheet(number, number, 1, sheet.words, f"{sheet.text}\n{word}")
        began = time.perf_counter()
        with database.write() as session:
            page, document = page_row(sheet), document_row(sheet)
            session.add(document)
            session.flush()
            session.add(page)
            session.flush()
            index.put(session, [(page, document)])
        while not search.find(Query(hindi.terms(word)[-1])).hits:
            pass
        seen.append(time.perf_counter() - began)
        stop.wait(_PAUSE)
    _take_back(database, index, first)
    database.close()
    return seen


def _take_back(database: Database, index: TextIndex, first: int) -> None:
    """Remove the pages that a writer added: they are the newest, and would come first in whatever is measured after."""
    with database.write() as session:
        added = session.scalars(select(PageRow).where(col(PageRow.id).between(first, first + 999_999))).all()
        index.take(session, [page.id for page in added if page.id is not None])
        for page in added:
            document = session.get_one(DocumentRow, page.document_id)
            session.delete(page)
            session.flush()
            session.delete(document)


def quantiles(values: Sequence[float]) -> tuple[float, float, float]:
    """p50, p95 and p99."""
    cut = statistics.quantiles(values, n=100)
    return cut[49], cut[94], cut[98]
