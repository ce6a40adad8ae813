"""Others that search the same pages, as they come: FTS5 by itself, FTS5 that keeps vowel signs, tantivy, PostgreSQL."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

Pages = Iterable[tuple[int, str]]
_POSTGRESQL = "ABHILEKH_TEST_DATABASE_URL"
_DATA = re.compile(r"[^\w\s\u0900-\u097f]")


class Searcher(Protocol):
    def find(self, typed: str) -> list[int]:
        """The first ten pages."""

    def bytes(self) -> int: ...

    def close(self) -> None: ...


class PlainFts5:
    """FTS5 over the text as it is, all words asked for."""

    def __init__(self, pages: Pages, path: Path, tokenizer: str) -> None:
        self.path = path
        self.rows = sqlite3.connect(path)
        self.rows.execute(f'CREATE VIRTUAL TABLE t USING fts5(text, content = "", tokenize = "{tokenizer}")')
        self.rows.executemany("INSERT INTO t(rowid, text) VALUES (?, ?)", pages)
        self.rows.commit()

    def find(self, typed: str) -> list[int]:
        asked = " AND ".join(f'"{word}"' for word in typed.replace('"', " ").split())
        found = self.rows.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10", (asked,))
        return [row[0] for row in found]

    def bytes(self) -> int:
        return self.path.stat().st_size

    def close(self) -> None:
        self.rows.close()
        self.path.unlink()


class Tantivy:
    """tantivy with its default analyser, all words asked for."""

    def __init__(self, pages: Pages, folder: Path) -> None:
        import tantivy  # noqa: PLC0415 - only there for measuring

        self.folder = folder
        folder.mkdir()
        schema = tantivy.SchemaBuilder().add_integer_field("page", stored=True).add_text_field("text").build()
        self.index: Any = tantivy.Index(schema, path=str(folder))
        writer: Any = self.index.writer(heap_size=200_000_000, num_threads=1)
        for number, text in pages:
            document: Any = tantivy.Document()
            document.add_integer("page", number)
            document.add_text("text", text)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def find(self, typed: str) -> list[int]:
        words = _DATA.sub(" ", typed)
        query = self.index.parse_query(words, ["text"], conjunction_by_default=True)
        searcher = self.index.searcher()
        return [searcher.doc(address)["page"][0] for _, address in searcher.search(query, 10).hits]

    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def close(self) -> None:
        del self.index


class PostgreSql:
    """PostgreSQL's own full text with its configuration `hindi`, ranked by ts_rank. Only where a server is named."""

    def __init__(self, pages: Pages, url: str) -> None:
        import psycopg  # noqa: PLC0415 - only there for measuring

        self.rows: Any = psycopg.connect(url.replace("+psycopg", ""), autocommit=False)
        self.rows.execute("CREATE TEMP TABLE bench_text (page int, v tsvector)")
        with self.rows.cursor() as cursor:
            cursor.executemany("INSERT INTO bench_text VALUES (%s, to_tsvector('hindi', %s))", pages)
        self.rows.execute("CREATE INDEX ON bench_text USING gin (v)")

    def find(self, typed: str) -> list[int]:
        found = self.rows.execute(
            "SELECT page FROM bench_text, plainto_tsquery('hindi', %s) q WHERE v @@ q ORDER BY ts_rank(v, q) DESC LIMIT 10",
            (typed,),
        )
        return [row[0] for row in found]

    def bytes(self) -> int:
        return int(self.rows.execute("SELECT pg_total_relation_size('bench_text')").fetchone()[0])

    def close(self) -> None:
        self.rows.close()


def others() -> dict[str, Callable[[Pages, Path], Searcher]]:
    """By name, those that can run here."""
    found: dict[str, Callable[[Pages, Path], Searcher]] = {
        "FTS5, its default": lambda pages, folder: PlainFts5(pages, folder / "plain.db", "unicode61"),
        "FTS5, vowel signs kept": lambda pages, folder: PlainFts5(
            pages, folder / "signs.db", "unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'"
        ),
        "tantivy, its default": lambda pages, folder: Tantivy(pages, folder / "tantivy"),
    }
    if url := os.environ.get(_POSTGRESQL):
        found["PostgreSQL, hindi"] = lambda pages, folder: PostgreSql(pages, url)
    return found
