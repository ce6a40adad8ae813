"""Rows, queue and search on a real SQLite file, with more than one process and thread at it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel, col, select

from pipeline import errors
from pipeline.db import database as database_module
from pipeline.db.arrivals import ArrivalRepository
from pipeline.db.batches import BatchRepository
from pipeline.db.database import Database, now
from pipeline.db.health import HealthRepository
from pipeline.db.heartbeats import HeartbeatRepository
from pipeline.db.queue import BatchQueue
from pipeline.db.tables import ArrivalRow, DocumentRow, PageRow
from pipeline.extract import file_number
from pipeline.extract.separate import separate
from pipeline.index import hindi
from pipeline.index.engines import engine_for, words
from pipeline.index.search import Search
from pipeline.index.textindex import index_for
from pipeline.model.batch import Batch, BatchState
from pipeline.model.document import Document, DocumentKind
from pipeline.model.page import Box, Geometry, ReadPage
from pipeline.model.scan import MediaType, Source, StoredObject, batch_id
from pipeline.model.search import Answer, Query
from pipeline.ocr.engine import Recognised
from pipeline.ocr.text import in_lines, lay_out
from tests.databases import new_database

TODAY = date(2026, 1, 15)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = new_database(tmp_path / "abhilekh.db")
    yield found
    found.close()


@pytest.fixture
def records(database: Database) -> BatchRepository:
    return BatchRepository(database, index_for(database, file_number.parse))


def page_of(text: str, number: int) -> ReadPage:
    found = [
        Recognised(word, Box(100 + 200 * column, 100 + 50 * row, 180, 40), 0.95, row)
        for row, line in enumerate(text.strip().split("\n"))
        for column, word in enumerate(line.split())
    ]
    laid_out, words = lay_out(in_lines(found))
    return ReadPage(
        source_page=number,
        text=laid_out,
        words=words,
        confidence=0.95,
        language="hi",
        width=1654,
        height=2339,
        dpi=200,
        geometry=Geometry(90, 0.9, 1.25, 0.8, True),
        blank=not words,
        image_key=f"pages/{number}.jpg",
        flags=("unread",),
    )


def batch_of(name: str, pages: int = 1, content: str = "") -> tuple[Batch, list[StoredObject]]:
    digest = f"{content or name:0<64}"
    source = Source(f"{name}.pdf", digest, 9, MediaType.PDF, pages)
    batch = Batch(source.batch_id, source, BatchState.RECEIVED, now(), profile="flatbed", metadata={"operator": "x"})
    return batch, [StoredObject(source.original_key, digest, 9)]


def receive(records: BatchRepository, name: str = "a", pages: int = 1) -> Batch:
    return ArrivalRepository(records.database).receive(*batch_of(name, pages))[0]


def shelve(records: BatchRepository, name: str, *texts: str, office: str | None = None) -> list[Document]:
    """Receive a batch of these pages, keep them, and file what they make."""
    batch = receive(records, name, len(texts))
    for number, text in enumerate(texts, start=1):
        records.keep_page(batch.id, page_of(text, number), [])
    documents = separate(batch.id, records.read_pages(batch.id), office=office, today=TODAY)
    records.file(batch.id, documents, [])
    return documents


def letter(number: str, day: str, subject: str, body: str = "महोदय,\nलेख है।") -> str:
    return f"कार्यालय तहसीलदार\nक्रमांक {number}\nदिनांक {day}\nप्रति,\nपटवारी\nविषय: {subject}।\n{body}"


# --- the database ---------------------------------------------------------------------------------------------------


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT sql FROM sqlite_master ORDER BY name").all()
    database.migrate()
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT sql FROM sqlite_master ORDER BY name").all() == before
    assert database.version() == database_module.HEAD


def test_an_older_database_is_brought_up_while_somebody_is_signed_in(tmp_path: Path) -> None:
    older = Database(f"sqlite:///{tmp_path}/older.db")
    with older.engine.execution_options(writes=True).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(database_module._MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0010")  # the last one before people had anything but a name and a password
        connection.exec_driver_sql(
            "INSERT INTO person (name, full_name, grants, disabled, outside, created_at)"
            " VALUES ('asha', '', '[]', 0, 0, '2026-01-01')"
        )
        connection.exec_driver_sql(
            "INSERT INTO session (hash, person, created_at, seen_at) VALUES ('x', 'asha', '2026-01-01', '2026-01-01')"
        )

    older.migrate()

    assert older.version() == database_module.HEAD
    with older.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT person FROM session").scalar() == "asha"
    older.close()


def test_processes_may_migrate_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'abhilekh.db'}"
    program = f"from pipeline.db.database import Database; Database({url!r}).migrate()"

    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]

    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    fresh = Database(url)
    assert fresh.version() == database_module.HEAD
    fresh.close()


def test_the_tables_are_what_the_migrations_make(database: Database) -> None:
    with database.engine.connect() as connection:
        # Of the index SQLite does not tell that it goes down.
        left_out = ("page_text", "ix_doubt_order")
        options = {"include_object": lambda thing, name, kind, *_: not str(name).startswith(left_out)}
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, SQLModel.metadata) == []


@contextmanager
def locked(database: Database, seconds: float) -> Iterator[None]:
    """Another process holds the write lock for so long, or until the block ends."""
    program = (
        "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE');"
        "print('held', flush=True); time.sleep(float(sys.argv[2])); c.execute('COMMIT')"
    )
    command = [sys.executable, "-c", program, str(database.url.database), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        yield
        holder.kill()


def test_a_writer_gets_in_beside_one_who_writes_again_and_again(database: Database, records: BatchRepository) -> None:
    program = (
        "import sys, time; from sqlmodel import text; from pipeline.db.database import Database;"
        "database = Database(sys.argv[1])\n"
        "while True:\n"
        "    with database.write() as session:\n"
        "        session.execute(text('DELETE FROM part WHERE name IS NULL')); print('held', flush=True); time.sleep(0.3)"
    )
    command = [sys.executable, "-c", program, str(database.url)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        began = time.monotonic()
        receive(records)
        assert time.monotonic() - began < 3.0
        holder.kill()


def test_a_writer_waits_for_another_and_readers_wait_for_nobody(database: Database, records: BatchRepository) -> None:
    with locked(database, 1.0):
        began = time.monotonic()
        assert HeartbeatRepository(database).running() == {}
        assert time.monotonic() - began < 0.5
        receive(records)
        assert time.monotonic() - began > 0.5


def test_a_database_that_stays_locked_is_unavailable(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_BUSY_MS", 100)
    impatient = Database(str(database.url))
    with locked(database, 30), pytest.raises(errors.DatabaseUnavailableError, match="locked"):
        HeartbeatRepository(impatient).beat("watcher", "pc:1")
    impatient.close()


def test_what_raises_inside_a_write_is_rolled_back(database: Database, records: BatchRepository) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:
        session.add(ArrivalRow(name="a", sha256="a", bytes=1, outcome="received", batch_id="a", arrived_at=TODAY))
        raise ZeroDivisionError

    with database.read() as session:
        assert session.exec(select(ArrivalRow)).all() == []


# --- the queue ------------------------------------------------------------------------------------------------------


def queue(database: Database, owner: str = "one", lease: float = 60) -> BatchQueue:
    return BatchQueue(database, owner=owner, lease_seconds=lease)


def test_a_batch_is_claimed_once_the_oldest_first(database: Database, records: BatchRepository) -> None:
    ids = [receive(records, name).id for name in "abc"]

    claimed = [queue(database, owner).claim() for owner in ("x", "y", "z", "x")]

    assert [batch.id if batch else None for batch in claimed] == [*ids, None]
    assert claimed[0] is not None and (claimed[0].state, claimed[0].tries) == (BatchState.WORKING, 1)


def test_the_wanted_batch_is_claimed_or_none(database: Database, records: BatchRepository) -> None:
    receive(records, "a")
    wanted = receive(records, "b").id

    assert [found and found.id for found in (queue(database).claim(wanted), queue(database).claim(wanted))] == [
        wanted,
        None,
    ]


def test_an_expired_lease_is_taken_over_and_its_old_holder_learns_it(
    database: Database, records: BatchRepository
) -> None:
    batch = receive(records).id
    dead, heir = queue(database, "dead", lease=0.2), queue(database, "heir")
    dead.claim()

    assert heir.claim() is None
    time.sleep(0.3)
    taken = heir.claim()

    assert taken is not None and (taken.id, taken.tries) == (batch, 2)
    assert not dead.renew(batch) and heir.renew(batch)
    dead.release(batch)
    assert records.batch(batch).state is BatchState.WORKING


def test_a_renewed_lease_does_not_expire(database: Database, records: BatchRepository) -> None:
    batch = receive(records).id
    holder, other = queue(database, "holder", lease=0.6), queue(database, "other")
    holder.claim()
    for _ in range(4):
        time.sleep(0.25)
        assert holder.renew(batch)
        assert other.claim() is None


def test_a_released_batch_is_free_and_its_try_does_not_count(database: Database, records: BatchRepository) -> None:
    batch = receive(records).id
    queue(database).claim()
    queue(database).release(batch)

    again = queue(database, "other").claim()

    assert again is not None and again.tries == 1


def test_a_failed_batch_waits_out_its_pause(database: Database, records: BatchRepository) -> None:
    batch = receive(records).id
    queue(database).claim()
    queue(database).fail(batch, errors.StoreUnavailableError(endpoint="s3", cause="gone"), pause_seconds=0.3)

    assert records.batch(batch).state is BatchState.FAILED
    assert queue(database).claim() is None
    failure = records.batch_details(batch).failure
    assert failure is not None and failure.code == "store_unavailable"
    time.sleep(0.35)
    again = queue(database).claim()
    assert again is not None and again.tries == 2


def test_input_at_fault_waits_for_a_person(database: Database, records: BatchRepository) -> None:
    batch = receive(records).id
    queue(database).claim()
    queue(database).fail(batch, errors.NoPagesError(name="a.pdf"), pause_seconds=0)

    assert records.batch(batch).state is BatchState.REJECTED
    assert queue(database).claim() is None
    assert queue(database).put_back([batch], redo=False) == [batch]
    assert queue(database).claim() is not None


def test_finished_batches_go_back_only_to_be_redone(database: Database, records: BatchRepository) -> None:
    documents = shelve(records, "a", letter("12/2018", "1.2.2018", "सीमांकन"))
    batch = documents[0].batch

    assert queue(database).put_back(None, redo=False) == []
    assert queue(database).put_back(None, redo=True) == [batch]


def test_many_claimers_never_get_the_same_batch(database: Database, records: BatchRepository) -> None:
    ids = {receive(records, f"{n:x}f").id for n in range(24)}
    start = threading.Barrier(8)

    def claim_all(owner: int) -> list[str]:
        start.wait()
        mine = queue(database, str(owner))
        return [batch.id for batch in iter(mine.claim, None)]

    with ThreadPoolExecutor(8) as pool:
        claimed = [batch for found in pool.map(claim_all, range(8)) for batch in found]

    assert len(claimed) == len(ids) and set(claimed) == ids


# --- records --------------------------------------------------------------------------------------------------------


def test_the_same_bytes_are_one_batch_and_both_arrivals_are_recorded(
    database: Database, records: BatchRepository
) -> None:
    sent = batch_of("a", 2)

    first, again = (
        ArrivalRepository(records.database).receive(*sent),
        ArrivalRepository(records.database).receive(*batch_of("copy", 2, content="a")),
    )

    assert (first[1], again[1]) == (True, False)
    assert first[0] == again[0] == sent[0]
    with database.read() as session:
        arrivals = session.exec(select(ArrivalRow).order_by(col(ArrivalRow.id)))
        assert [(row.name, row.outcome) for row in arrivals] == [("a.pdf", "received"), ("copy.pdf", "duplicate")]


def test_a_batch_gathered_from_several_files_comes_back_whole(records: BatchRepository) -> None:
    files = [batch_of(name)[0].source for name in "ab"]
    source = Source.gathered("folder", files)
    batch = Batch(source.batch_id, source, BatchState.RECEIVED, now())

    assert ArrivalRepository(records.database).receive(batch, [])[0] == records.batch(batch.id) == batch


def test_a_rejected_file_is_kept_explained_and_may_come_back(records: BatchRepository) -> None:
    batch, originals = batch_of("b")
    kept = StoredObject("rejected/b", batch.source.sha256, 9)

    ident = ArrivalRepository(records.database).reject("b.pdf", kept, errors.EncryptedScanError(name="b.pdf"))

    assert ident == batch.id
    assert (records.batch(ident).state, HealthRepository(records.database).counts()["rejected"]) == (
        BatchState.REJECTED,
        1,
    )
    assert "b.pdf" in HealthRepository(records.database).troubles()[0]["hi"] and [o.key for o in records.objects()] == [
        "rejected/b"
    ]
    assert ArrivalRepository(records.database).receive(batch, originals) == (batch, True)
    assert records.batch_details(ident).failure is None and HealthRepository(records.database).troubles() == []


def test_a_file_that_is_rejected_twice_is_one_batch(records: BatchRepository) -> None:
    kept = StoredObject("rejected/b", "b" * 64, 5)
    error = errors.NoPagesError(name="b.pdf")

    assert ArrivalRepository(records.database).reject("b.pdf", kept, error) == ArrivalRepository(
        records.database
    ).reject("again.pdf", kept, error)
    assert len(HealthRepository(records.database).troubles()) == 1


def test_a_page_kept_twice_is_kept_once_and_comes_back_whole(records: BatchRepository) -> None:
    batch = receive(records, pages=2).id
    page = page_of("पहला\nपाठ", 2)

    records.keep_page(batch, page_of("पुराना", 2), [])
    records.keep_page(batch, page, [StoredObject("pages/2.jpg", "0", 1)])

    assert records.read_pages(batch) == [page]
    assert records.pages_read(batch) == {2}


def test_documents_come_back_as_they_were_filed(records: BatchRepository) -> None:
    filed = shelve(records, "a", letter("12/2018", "1.2.2018", "सीमांकन"), "", letter("13/2018", "2.2.2018", "नक्शा"))

    assert [records.document(d.id) for d in filed] == filed
    assert records.documents_of(filed[0].batch) == [d.id for d in filed]
    assert records.batch(filed[0].batch).state is BatchState.FILED
    assert (
        HealthRepository(records.database).counts()["documents"],
        HealthRepository(records.database).counts()["pages"],
        HealthRepository(records.database).counts()["blank_pages"],
    ) == (2, 3, 1)


def test_filing_is_all_or_nothing(
    database: Database, records: BatchRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = shelve(records, "a", letter("12/2018", "1.2.2018", "सीमांकन"), letter("13/2018", "2.2.2018", "नक्शा"))
    engine, added = records.index.engine, []

    def add(*arguments: object) -> None:
        added.append(arguments)
        if len(added) == 2:
            raise ZeroDivisionError

    monkeypatch.setattr(engine, "replace", add)
    with pytest.raises(ZeroDivisionError):
        records.file(filed[0].batch, filed, [StoredObject("documents/x.pdf", "0", 1)])

    assert [records.document(d.id) for d in filed] == filed
    assert "documents/x.pdf" not in {stored.key for stored in records.objects()}
    monkeypatch.undo()
    assert found(database, "सीमांकन") == [filed[0].id]


def test_documents_and_full_text_agree(database: Database, records: BatchRepository) -> None:
    shelve(records, "a", letter("12/2018", "1.2.2018", "सीमांकन"), "आगे का पृष्ठ", letter("13/2018", "2.2.2018", "नक्शा"))
    shelve(records, "b", letter("14/2018", "3.2.2018", "पंचनामा"))

    with database.read() as session:
        for page, document in session.exec(select(PageRow, DocumentRow).where(PageRow.document_id == DocumentRow.id)):
            for word in hindi.terms(page.text):
                assert page.id in {hit.page_id for hit in records.index.engine.find(session, words(word), 100)}
            assert document.batch_id == page.batch_id


def test_a_redone_batch_is_read_anew_and_stays_findable_meanwhile(database: Database, records: BatchRepository) -> None:
    batch = shelve(records, "a", letter("12/2018", "1.2.2018", "सीमांकन"))[0].batch
    queue = BatchQueue(database, owner="one", lease_seconds=60)

    assert queue.put_back([batch], redo=True) == [batch]

    assert records.pages_read(batch) == set()
    assert len(records.documents_of(batch)) == len(found(database, "सीमांकन")) == 1


def test_filing_again_replaces(database: Database, records: BatchRepository) -> None:
    shelve(records, "a", letter("12/2018", "1.2.2018", "सीमांकन"))
    shelve(records, "a", letter("12/2018", "1.2.2018", "पंचनामा"))

    assert (found(database, "सीमांकन"), len(found(database, "पंचनामा"))) == ([], 1)


@pytest.mark.parametrize("ask", [BatchRepository.batch, BatchRepository.batch_details, BatchRepository.document])
def test_what_is_not_there_is_not_found(
    records: BatchRepository, ask: Callable[[BatchRepository, str], object]
) -> None:
    with pytest.raises(errors.NotFoundError, match="nowhere"):
        ask(records, "nowhere")


def test_parts_live_while_they_beat(database: Database) -> None:
    parts = HeartbeatRepository(database)
    parts.beat("watcher", "pc:1", "looking")
    parts.beat("workers", "pc:1")
    parts.farewell("workers", "pc:1")

    assert parts.running() == {"watcher": "looking"}


# --- search ---------------------------------------------------------------------------------------------------------


def search_of(database: Database) -> Search:
    return Search(database, engine_for(database), file_number.parse, file_number.looks_like_one)


def answer(database: Database, text: str, **filters: object) -> Answer:
    query = Query(text, **filters)  # type: ignore[arg-type]
    result = search_of(database).find(query)
    for hit in result.hits:
        assert all(0 <= start < end <= len(hit.snippet) for start, end in hit.marks)
        assert all(0 <= share <= 1 for box in hit.boxes for share in box)
    return result


def found(database: Database, text: str, **filters: object) -> list[str]:
    return [hit.document for hit in answer(database, text, **filters).hits]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Three offices' letters, one of them of two pages."""
    database = new_database(tmp_path_factory.mktemp("archive") / "abhilekh.db")
    records = BatchRepository(database, index_for(database, file_number.parse))
    far = "\n".join(f"यह पंक्ति संख्या {n} है और कुछ नहीं कहती।" for n in range(40))
    shelve(
        records,
        "a",
        letter("एफ 19-76/2019/1/4", "14.08.2019", "ग्राम सोनपुरा का सीमांकन", far + "\nछात्रावास"),
        "आगे सोनपुरा के संबंध में।",
        office="sehore",
    )
    shelve(records, "b", letter("५०८/न.नि./98", "5.3.1998", "सम्पत्ति कर की वसूली"), office="ratlam")
    shelve(records, "c", letter("77/आ०लि०/2019-20", "07.11.2019", "राशन दुकान की जाँच"), office="gaya")
    yield database
    database.close()


A, B, C = (batch_id(f"{name:0<64}") + "-0001" for name in "abc")


def test_a_word_finds_its_pages_and_shows_where_it_stands(archive: Database) -> None:
    result = answer(archive, "सोनपुरा")

    assert [(hit.document, hit.page) for hit in result.hits] in ([(A, 1), (A, 2)], [(A, 2), (A, 1)])
    for hit in result.hits:
        assert [hit.snippet[start:end] for start, end in hit.marks] == ["सोनपुरा"] and len(hit.boxes) == 1
    assert (result.total, result.understood["match"]) == (2, "all")


def test_a_word_far_down_the_page_is_shown_in_its_snippet(archive: Database) -> None:
    hit = answer(archive, "छात्रावास").hits[0]

    assert [hit.snippet[start:end] for start, end in hit.marks] == ["छात्रावास"]
    assert len(hit.snippet) < 250 and hit.boxes[0][1] > 0.5


@pytest.mark.parametrize(("typed", "word"), [("संपत्ति", "सम्पत्ति"), ("जांच", "जाँच"), ("2019", "2019")])
def test_spellings_meet_and_the_mark_lies_on_what_is_written(archive: Database, typed: str, word: str) -> None:
    hit = answer(archive, typed).hits[0]

    assert word in [hit.snippet[start:end] for start, end in hit.marks]


@pytest.mark.parametrize(
    ("text", "documents", "match"),
    [
        ("सम्पत्ति वसूली", [B], "all"),
        ("सम्पत्ति वसू", [B], "prefix"),
        ("सम्पत्ति चिड़ियाघर", [B], "any"),
        ("चिड़ियाघर", [], "all"),
    ],
)
def test_all_words_then_the_last_begun_then_any(archive: Database, text: str, documents: list[str], match: str) -> None:
    result = answer(archive, text)

    assert ([hit.document for hit in result.hits], result.understood["match"]) == (documents, match)


def test_every_filter_holds(archive: Database) -> None:
    assert {*found(archive, "कार्यालय")} == {A, B, C}
    assert found(archive, "कार्यालय", office="gaya") == [C]
    assert found(archive, "कार्यालय", since=date(2019, 9, 1)) == [C]
    assert found(archive, "कार्यालय", until=date(1998, 3, 5)) == [B]
    assert found(archive, "कार्यालय", since=date(2019, 8, 14), until=date(2019, 8, 14)) == [A]
    assert found(archive, "कार्यालय", kind=DocumentKind.ORDER) == []
    assert found(archive, "", file_no="508/न.नि./९८") == [B]
    assert found(archive, "", file_no="no number") == []
    assert found(archive, "", office="sehore") == [A]
    assert found(archive, "") == []


@pytest.mark.parametrize(
    ("typed", "document"),
    [
        ("एफ 19-76/2019/1/4", A),
        ("F.19-76/2019/1/4", A),
        ("क्रमांक एफ-१९-७६/२०१९/१/४", A),
        ("508/न.नि./98", B),
        ("77/आ0लि0/2019-20", C),
        ("७७/आ॰लि॰/२०१९-२०", C),
    ],
)
def test_a_file_number_in_either_script_finds_its_document_first(archive: Database, typed: str, document: str) -> None:
    assert found(archive, typed)[0] == document


def test_pages_of_the_answer_can_be_turned(archive: Database) -> None:
    whole = found(archive, "कार्यालय")

    assert [found(archive, "कार्यालय", limit=1, offset=n)[0] for n in range(3)] == whole
    assert answer(archive, "कार्यालय", limit=1, offset=9).total == 3


def test_boxes_of_a_page_are_those_of_the_words_asked_for(archive: Database) -> None:
    search = search_of(archive)

    assert len(search.boxes(A, 2, "सोनपुरा")) == 1
    assert search.boxes(A, 2, "") == search.boxes(A, 99, "सोनपुरा") == search.boxes("none", 1, "सोनपुरा") == []


_ODD = st.text(st.sampled_from([*"\"*()^:-+_%#/\\'\u200d०1़्ािसोनपुरा NEAROT\n\0"]), max_size=14)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(_ODD, st.text(max_size=20)))
def test_no_question_is_too_odd(archive: Database, text: str) -> None:
    answer(archive, text)
