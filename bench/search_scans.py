"""How well search finds on what was really read of aged and poor pages, beside others, in the same way as `search`."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from bench import aged_pages, office_text, search, search_load, search_report, searchers
from bench.aged_pages import AgedPage
from bench.office_text import Sheet
from bench.search_questions import Question, Truth
from bench.search_rows import batch_row, document_row, index_bytes, page_row
from pipeline.db.database import Database
from pipeline.extract import file_number
from pipeline.index import hindi, refill
from pipeline.index.textindex import index_for

_ASKED = 150  # questions of a kind
_SHARE = 5  # a word that is asked for stands on at most one page in so many


def run(count: int, *, write: bool, alone: bool, keep: Path | None) -> str:
    """Measure and tell, as Markdown; `write` puts it into docs/benchmarks.md. `keep` has what was read, for later."""
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=keep) as folder:
        pages = aged_pages.pages(count, keep or Path(folder))
        text = _measured(pages, Path(folder), alone=alone)
    if write:
        search_report.put("scans", text)
    return text + "\n"


def _measured(pages: list[AgedPage], folder: Path, *, alone: bool) -> str:
    database = Database(f"sqlite:///{folder}/search.db")
    database.migrate()
    built, questions = _built(database, pages), ask(pages)
    figures = {"Abhilekh": search.measure(search.ours(database), questions)}
    load = search_load.measure(database, [question.typed for question in questions])
    others = {}
    for name, make in ({} if alone else searchers.others()).items():
        began = time.perf_counter()
        other = make(((page.number, page.read) for page in pages), folder)
        seconds = time.perf_counter() - began
        figures[name] = search.measure(other.find, questions)
        others[name] = search.Built(len(pages), 0.0, seconds, built.text_bytes, other.bytes())
        other.close()
    database.close()
    title = f"{len(pages)} aged and poor pages as they were read, {_wrong(pages):.1%} of characters wrong"
    return search_report.tables(title, built, others, figures, load)


def _built(database: Database, pages: list[AgedPage]) -> search.Built:
    sheets = [Sheet(page.number, page.number, 1, (), page.read) for page in pages]
    with database.write() as session:
        session.add(batch_row(len(pages)))
        session.flush()
        session.add_all(document_row(sheet) for sheet in sheets)
        session.flush()
        session.add_all(page_row(sheet) for sheet in sheets)
    began = time.perf_counter()
    refill.fill(database, index_for(database, file_number.parse))
    seconds, size = time.perf_counter() - began, sum(len(page.read.encode()) for page in pages)
    return search.Built(len(pages), 0.0, seconds, size, index_bytes(database))


def _wrong(pages: list[AgedPage]) -> float:
    """The share of characters that must be put right, blanks as one."""
    texts = [(" ".join(page.true.split()), " ".join(page.read.split())) for page in pages]
    return sum(Levenshtein.distance(*pair) for pair in texts) / sum(len(true) for true, _ in texts)


def ask(pages: list[AgedPage]) -> list[Question]:
    """One word, two words of a page, three of a known one, and words misspelt, with the pages that truly have them."""
    chance, standing = random.Random(19), Truth(len(pages))
    words: dict[int, list[str]] = {}
    for page in pages:
        raw = {t.text: page.true[t.start : t.end] for t in hindi.tokens(page.true) if hindi.is_hindi(t.text)}
        standing.add({token: [page.number] for token in raw}, raw)
        words[page.number] = sorted(token for token in raw if len(token) > 2)
    most = max(len(pages) // _SHARE, 1)
    fit = sorted(token for token, count in standing.counts.items() if count <= most and len(token) > 2)
    asked = [
        Question("one word", standing.raw[token], standing.right(token))
        for token in office_text.sample(fit, _ASKED, chance)
    ]
    for page in pages[:_ASKED]:
        rare = [token for token in words[page.number] if standing.counts[token] <= most]
        for kind, among, size in (("two words", rare, 2), ("three words", rare, 3)):
            if len(among) >= size:
                some = chance.sample(among, size)
                asked.append(Question(kind, " ".join(standing.raw[token] for token in some), standing.right(*some)))
    for token in office_text.sample(fit, len(fit), chance):
        typed = office_text.misspelt(standing.raw[token], chance)
        if typed and not set(hindi.terms(typed)) & standing.counts.keys():
            asked.append(Question("misspelt", typed, standing.right(token)))
    return asked[: 4 * _ASKED]
