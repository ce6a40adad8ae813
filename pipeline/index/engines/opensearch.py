"""Full text in OpenSearch, for a state's records: the same tokens; rows and vocabulary stay in the database.

A page is sent after the transaction that changed it; until then its number stands in the table `unsent`, written in that
transaction, so that nothing is lost when either side is away. Readers use an alias: a new index is filled behind it, and
the alias is moved in one step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from opensearchpy import OpenSearch as Client
from opensearchpy import exceptions
from sqlalchemy import Select, event, text
from sqlmodel import Session, col, select

from pipeline.db.database import Database
from pipeline.db.tables import IndexedRow
from pipeline.errors import SearchUnavailableError
from pipeline.index.engines import MOST_COUNTED, AnyOf, Phrase, Scored, TermQuery
from pipeline.index.textindex import unpack

_SLICE = 500  # pages in one request
_SECONDS = 30
_MOST_TERMS = 60_000  # pages a filter may name; OpenSearch takes 65,536
_BODY = {
    "settings": {"analysis": {"analyzer": {"blanks": {"type": "custom", "tokenizer": "whitespace", "filter": []}}}},
    "mappings": {
        "dynamic": "strict",
        "properties": {"page": {"type": "long"}, "tokens": {"type": "text", "analyzer": "blanks"}},
    },
}
_MARK = text(
    "INSERT INTO unsent(page_id, mark) VALUES (:page, 1) ON CONFLICT (page_id) DO UPDATE SET mark = unsent.mark + 1"
)
_MARKED = text("SELECT page_id, mark FROM unsent ORDER BY page_id LIMIT :limit")
_SENT = text("DELETE FROM unsent WHERE page_id = :page AND mark = :mark")


class OpenSearch:
    """`index` is the alias; the indexes behind it are called `<index>-<number>`."""

    def __init__(self, database: Database, url: str, index: str, login: tuple[str, str] | None, ca: str | None) -> None:
        self.database = database
        self.index = index
        self.client = Client(hosts=[url], http_auth=login, ca_certs=ca, timeout=_SECONDS, max_retries=2)

    def replace(self, session: Session, page_id: int, old: Sequence[str], new: Sequence[str]) -> None:
        session.execute(_MARK, {"page": page_id})
        if not event.contains(session, "after_commit", self._after_commit):
            event.listen(session, "after_commit", self._after_commit)

    def fill(self, session: Session, pages: Iterable[Sequence[tuple[int, str]]]) -> None:
        """Have every page sent again. What is in the index and not among them goes with `rebuild`."""
        for some in pages:
            session.execute(_MARK, [{"page": page_id} for page_id, _ in some])

    def _after_commit(self, session: Session) -> None:
        with suppress(SearchUnavailableError):  # the marks stay; whoever commits or looks next sends them
            self.send()

    def send(self) -> int:
        """Send what the database has committed and OpenSearch does not have yet; returns the number of pages."""
        done = 0
        while True:
            with Session(self.database.engine) as session:
                marked = session.execute(_MARKED, {"limit": _SLICE}).all()
                rows = select(IndexedRow).where(col(IndexedRow.page_id).in_([row[0] for row in marked]))
                tokens = {row.page_id: unpack(row.tokens) for row in session.exec(rows)}
            if not marked:
                return done
            for target in self._targets():
                self._bulk(target, [(page, tokens.get(page)) for page, _ in marked])
            engine = self.database.engine.execution_options(writes=True)
            with Session(engine) as session, session.begin():
                for page, mark in marked:
                    session.execute(_SENT, {"page": page, "mark": mark})
            done += len(marked)

    def _targets(self) -> list[str]:
        """The alias, and the index that is being filled behind it, if there is one."""
        with _border():
            if not self.client.indices.exists_alias(name=self.index):
                self._create(f"{self.index}-1", self.index)
            upcoming = f"{self.index}-upcoming"
            return [self.index, *([upcoming] if self.client.indices.exists_alias(name=upcoming) else [])]

    def _create(self, name: str, alias: str) -> None:
        self.client.indices.create(index=name, body={**_BODY, "aliases": {alias: {}}})

    def _bulk(self, target: str, pages: Sequence[tuple[int, list[str] | None]], *, only_new: bool = False) -> None:
        lines: list[dict[str, Any]] = []
        for page, tokens in pages:
            name = {"_index": target, "_id": str(page)}
            if tokens is None:
                lines.append({"delete": name})
            else:
                lines += [{"create" if only_new else "index": name}, {"page": page, "tokens": " ".join(tokens)}]
        body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        with _border():
            answer = self.client.bulk(body=body)
        harmless = {404, 409}  # what was to go is gone; what was to be new is there, and newer
        items = (result for item in answer["items"] for result in item.values()) if answer.get("errors") else ()
        bad = [item for item in items if item["status"] >= 300 and item["status"] not in harmless]  # noqa: PLR2004
        if bad:
            raise SearchUnavailableError(cause=str(bad[0].get("error", bad[0]))[:200])

    def rebuild(self) -> int:
        """Fill a new index while the old one serves, and put it in its place; returns the number of pages."""
        done = 0
        with _border():
            before = sorted(self.client.indices.get_alias(name=self.index)) if self._targets() else []
            name = f"{self.index}-{max(int(one.rsplit('-', 1)[1]) for one in before) + 1}"
            self._create(name, f"{self.index}-upcoming")
        last = 0
        while True:
            with Session(self.database.engine) as session:
                rows = select(IndexedRow).where(col(IndexedRow.page_id) > last).order_by(col(IndexedRow.page_id))
                some = [(row.page_id, unpack(row.tokens)) for row in session.exec(rows.limit(_SLICE))]
            if not some:
                break
            self._bulk(name, some, only_new=True)
            last, done = some[-1][0], done + len(some)
        with _border():
            moves: list[dict[str, Any]] = [{"remove": {"index": one, "alias": self.index}} for one in before]
            moves.append({"remove": {"index": name, "alias": f"{self.index}-upcoming"}})
            self.client.indices.update_aliases(
                body={"actions": [*moves, {"add": {"index": name, "alias": self.index}}]}
            )
            for one in before:
                self.client.indices.delete(index=one)
        return done

    def find(
        self,
        session: Session,
        query: TermQuery,
        limit: int,
        within: Select[Any] | None = None,
        *,
        newest: bool = False,
        most: int = MOST_COUNTED,
    ) -> list[Scored]:
        if not query.can_answer():
            return []
        order: list[Any] = [{"page": "desc"}] if newest else ["_score", {"page": "asc"}]
        body = {"query": _query(query, _pages(session, within)), "size": limit, "sort": order, "_source": False}
        hits = self._search({**body, "track_total_hits": False, "track_scores": not newest})["hits"]["hits"]
        return [Scored(int(hit["_id"]), float(hit["_score"] or 0.0)) for hit in hits]

    def count(
        self, session: Session, query: TermQuery, within: Select[Any] | None = None, most: int = MOST_COUNTED
    ) -> int:
        if not query.can_answer():
            return 0
        body = {"query": _query(query, _pages(session, within)), "size": 0, "track_total_hits": most}
        return min(int(self._search(body)["hits"]["total"]["value"]), most)

    def wrong(self, session: Session, expected: dict[int, list[str]], low: int, high: int) -> list[int]:
        held: dict[int, list[str]] = {}
        for start in range(low, high + 1, _SLICE):
            between = {"range": {"page": {"gte": start, "lte": min(start + _SLICE - 1, high)}}}
            for hit in self._search({"query": between, "size": _SLICE})["hits"]["hits"]:
                held[int(hit["_id"])] = hit["_source"]["tokens"].split()
        return sorted(page for page in {*held, *expected} if held.get(page, []) != expected.get(page, []))

    def _search(self, body: dict[str, Any]) -> Any:
        with _border():
            return self.client.search(index=self.index, body=body)


def _pages(session: Session, within: Select[Any] | None) -> list[int] | None:
    return None if within is None else [int(page) for page in session.scalars(within.limit(_MOST_TERMS))]


def _query(query: TermQuery, pages: list[int] | None) -> dict[str, Any]:
    words = [_any_of(word) for word in query.words if any(word.phrases)]
    found: dict[str, Any] = {"should": words, "minimum_should_match": min(query.needed, len(words))}
    found["filter"] = [_any_of(word) for word in query.always if any(word.phrases)]
    if pages is not None:
        found["filter"].append({"terms": {"page": pages}})
    found["must_not"] = [_any_of(word) for word in query.never if any(word.phrases)]
    return {"bool": found}


def _any_of(word: AnyOf) -> dict[str, Any]:
    phrases = [_phrase(phrase, word.begun) for phrase in word.phrases if phrase]
    return phrases[0] if len(phrases) == 1 else {"bool": {"should": phrases, "minimum_should_match": 1}}


def _phrase(phrase: Phrase, begun: bool) -> dict[str, Any]:
    if len(phrase) == 1:
        return {"prefix" if begun else "term": {"tokens": {"value": phrase[0]}}}
    return {"match_phrase_prefix" if begun else "match_phrase": {"tokens": {"query": " ".join(phrase)}}}


@contextmanager
def _border() -> Iterator[None]:
    """Where the client's exceptions stop."""
    try:
        yield
    except exceptions.OpenSearchException as error:
        raise SearchUnavailableError(cause=str(error)[:200]) from error
