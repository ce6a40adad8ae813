"""The OpenSearch client against a server that answers as OpenSearch's documentation says it does.

No OpenSearch runs here: what is sent is held against the documented requests. `tests/contracts/test_engines.py` runs the
whole suite against a real one when `ABHILEKH_TEST_OPENSEARCH_URL` names it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from pipeline.db.database import Database
from pipeline.db.tables import IndexedRow, UnsentRow
from pipeline.errors import SearchUnavailableError
from pipeline.index.engines import AnyOf, TermQuery, words
from pipeline.index.engines.opensearch import OpenSearch
from pipeline.index.textindex import pack
from tests.databases import new_database


class Server:
    """Remembers requests; answers those that were set, the first whose path begins so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.answers: dict[str, tuple[int, Any]] = {
            "HEAD /_alias/abhilekh-upcoming": (404, None),
            "HEAD /_alias/abhilekh": (200, None),
            "GET /_alias/abhilekh": (200, {"abhilekh-1": {"aliases": {"abhilekh": {}}}}),
            "POST /_bulk": (200, {"took": 3, "errors": False, "items": []}),
            "POST /_aliases": (200, {"acknowledged": True}),
            "DELETE /abhilekh-1": (200, {"acknowledged": True}),
            "PUT /abhilekh-": (200, {"acknowledged": True, "shards_acknowledged": True, "index": "abhilekh-2"}),
        }
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                outer.asked.append((self.command, self.path, body))
                known = (a for begin, a in outer.answers.items() if f"{self.command} {self.path}".startswith(begin))
                status, found = next(known, (404, {"error": "no such answer", "status": 404}))
                data = b"" if found is None else json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

            def log_message(self, *_: object) -> None: ...

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def sent(self, method: str, path: str) -> list[Any]:
        bodies = [body for m, p, body in self.asked if (m, p) == (method, path)]
        return [[json.loads(line) for line in body.splitlines()] for body in bodies]


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path / "test.db")
    with database.write() as session:  # the rows of pages do not matter here
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    yield database
    database.close()


@pytest.fixture
def engine(server: Server, database: Database) -> Iterator[OpenSearch]:
    engine = OpenSearch(database, f"http://127.0.0.1:{server.http.server_port}", "abhilekh", None, None)
    yield engine
    engine.client.close()


def unsent(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(UnsentRow)).all())


def put(database: Database, engine: OpenSearch, page: int, *tokens: str) -> None:
    with database.write() as session:
        session.connection().exec_driver_sql(
            "INSERT OR IGNORE INTO batch(id, name, identity, bytes, media_type, pages, files, profile, told, state,"
            " received_at, tries) VALUES ('b', 'b', '0', 1, '', 1, '[]', '', '{}', 'filed', '2020-01-01 00:00:00', 0)"
        )
        session.connection().exec_driver_sql(
            "INSERT OR IGNORE INTO page(id, batch_id, source_page, text, words, confidence, language, width, height, dpi,"
            " rotated, rotation_confidence, skew_degrees, skew_confidence, applied, blank, flags, image_key, layout_key,"
            " stale, read_at) VALUES (?, 'b', ?, '', '', 1, 'hi', 1, 1, 1, 0, 0, 0, 0, 0, 0, '[]', '', '', 0,"
            " '2020-01-01 00:00:00')",
            (page, page),
        )
        session.merge(IndexedRow(page_id=page, tokens=pack(tokens), version=2))
        engine.replace(session, page, [], tokens)


def test_a_page_is_sent_in_bulk_once_it_is_committed(server: Server, database: Database, engine: OpenSearch) -> None:
    put(database, engine, 7, "सोनपुरा", "सीमांकन")

    assert server.sent("POST", "/_bulk") == [
        [{"index": {"_index": "abhilekh", "_id": "7"}}, {"page": 7, "tokens": "सोनपुरा सीमांकन"}]
    ]
    assert unsent(database) == 0


def test_what_is_rolled_back_is_not_sent(server: Server, database: Database, engine: OpenSearch) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:
        engine.replace(session, 7, [], ["कभी"])
        raise ZeroDivisionError

    assert server.asked == [] and unsent(database) == 0


@pytest.mark.parametrize(
    "answer",
    [
        (503, {"error": {"type": "cluster_block_exception"}, "status": 503}),
        (200, {"errors": True, "items": [{"index": {"_id": "7", "status": 429, "error": {"type": "rejected"}}}]}),
    ],
)
def test_what_could_not_be_sent_waits_and_goes_with_the_next(
    server: Server, database: Database, engine: OpenSearch, answer: tuple[int, Any]
) -> None:
    well = server.answers["POST /_bulk"]
    server.answers["POST /_bulk"] = answer
    put(database, engine, 7, "सोनपुरा")
    assert unsent(database) == 1

    server.answers["POST /_bulk"] = well
    assert engine.send() == 1
    assert unsent(database) == 0


def test_a_page_that_is_gone_is_deleted(server: Server, database: Database, engine: OpenSearch) -> None:
    with database.write() as session:
        engine.replace(session, 9, ["पुराना"], [])

    assert server.sent("POST", "/_bulk") == [[{"delete": {"_index": "abhilekh", "_id": "9"}}]]


def test_words_phrases_beginnings_and_exclusions_as_documented(
    server: Server, database: Database, engine: OpenSearch
) -> None:
    server.answers["POST /abhilekh/_search"] = (
        200,
        {
            "took": 1,
            "timed_out": False,
            "hits": {
                "total": {"value": 2, "relation": "eq"},
                "hits": [
                    {"_index": "abhilekh-1", "_id": "4", "_score": 2.5},
                    {"_index": "abhilekh-1", "_id": "1", "_score": 1.0},
                ],
            },
        },
    )
    ask = TermQuery(
        (AnyOf((("नगर", "निगम"),)), AnyOf((("कर",), ("करों",)))),
        (AnyOf((("निरस्त",),), begun=True),),
        always=(AnyOf((("y:2019",),)),),
    )

    with database.read() as session:
        found = engine.find(session, ask, 20)
        counted = engine.count(session, words("कर"))

    query = server.sent("POST", "/abhilekh/_search")[0][0]["query"]["bool"]
    assert [(hit.page_id, hit.score) for hit in found] == [(4, 2.5), (1, 1.0)] and counted == 2
    assert query["should"][0] == {"match_phrase": {"tokens": {"query": "नगर निगम"}}}
    assert query["should"][1]["bool"]["should"] == [{"term": {"tokens": {"value": w}}} for w in ("कर", "करों")]
    assert query["minimum_should_match"] == 2
    assert query["must_not"] == [{"prefix": {"tokens": {"value": "निरस्त"}}}]
    assert query["filter"] == [{"term": {"tokens": {"value": "y:2019"}}}]


def test_a_new_index_is_filled_while_the_old_one_serves(server: Server, database: Database, engine: OpenSearch) -> None:
    put(database, engine, 7, "सोनपुरा")
    server.asked.clear()

    assert engine.rebuild() == 1

    assert server.sent("POST", "/_bulk")[0][0] == {"create": {"_index": "abhilekh-2", "_id": "7"}}
    assert server.sent("POST", "/_aliases")[0][0]["actions"] == [
        {"remove": {"index": "abhilekh-1", "alias": "abhilekh"}},
        {"remove": {"index": "abhilekh-2", "alias": "abhilekh-upcoming"}},
        {"add": {"index": "abhilekh-2", "alias": "abhilekh"}},
    ]
    assert [(m, p) for m, p, _ in server.asked][-1] == ("DELETE", "/abhilekh-1")


def test_a_server_that_is_away_is_told_as_such(database: Database) -> None:
    engine = OpenSearch(database, "http://127.0.0.1:9", "abhilekh", None, None)

    with database.read() as session, pytest.raises(SearchUnavailableError):
        engine.find(session, words("कर"), 20)
