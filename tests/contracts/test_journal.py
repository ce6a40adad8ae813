"""What every journal must do. One suite on the bundled store and real rows; a journal that is added here passes it.

An entry stands from the moment its object is stored: it survives a kill before its row, a second writer, lost rows and
damage to other entries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.db.annotations import AnnotationRepository
from pipeline.db.batches import BatchRepository
from pipeline.db.corrections import CorrectionRows
from pipeline.db.database import Database
from pipeline.db.locks import alone
from pipeline.db.rebuilding import Rebuilding
from pipeline.db.register import RegisterRepository
from pipeline.db.samples import SampleRepository
from pipeline.db.scan_versions import Versions
from pipeline.errors import AbhilekhError, BatchBusyError, NotFoundError, RegisterBusyError, ReviewBusyError
from pipeline.index.textindex import index_for
from pipeline.model.annotation import AnnotationKind, PageAnnotation
from pipeline.model.batch import Batch, BatchState
from pipeline.model.document import DocumentState
from pipeline.model.register import Office, RecordClass, RegisterChange, RegisterEvent, RegisterFile
from pipeline.model.review import BLANK_SEEN, Correction, DocumentSnapshot, ReviewAction
from pipeline.model.sampling import Sample, Scope, Verdict
from pipeline.model.scan import MediaType, ScanVersion, Source
from pipeline.preservation.scan_versions import ScanVersions
from pipeline.register import changes as register_changes
from pipeline.review import sampling
from pipeline.review.corrections import Corrections
from pipeline.scanning import annotations
from pipeline.settings import StoreSettings
from pipeline.storage import Store, keys
from pipeline.storage.annotation_record import AnnotationRecord
from pipeline.storage.journal import Entry, Journal, JournalWriter, Replayed, exclusively, read_all
from pipeline.storage.manifest import sealed
from pipeline.storage.opening import open_store
from tests.databases import new_database

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PAGES = 4


@dataclass(frozen=True)
class Case:
    """One journal: its subject, how an entry is made from the state that a writer sees, and what its rows tell.

    `entry` makes the `n`th of several entries that are alike but for their place. `encoded` is the SHA-256 of the first
    one's object as it has always been stored: objects of an older version are read by this one, and the other way round.
    """

    name: str
    subject: str
    journal: Callable[[Store, Database], Journal[Any]]
    entry: Callable[[Database, JournalWriter[Any], int], Any]
    state: Callable[[Database], Any]
    replay: Callable[[Store, Database], Replayed]
    lock: str  # its name, as `db.locks` knows it
    busy: AbhilekhError
    encoded: str
    is_replaced: bool = False  # whether one object holds the newest state and is written over

    def add(self, store: Store, database: Database, n: int) -> Entry[Any]:
        """Add an entry as a process of its own would."""
        with self.journal(store, database).writing(self.subject) as writer:
            return writer.append(self.entry(database, writer, n))


def _batch(name: str) -> Batch:
    source = Source(f"{name}.pdf", hashlib.sha256(name.encode()).hexdigest(), 8, MediaType.PDF, PAGES)
    return Batch(source.batch_id, source, BatchState.RECEIVED, AT)


ONE, OTHER = _batch("one"), _batch("other")


def records_of(database: Database) -> BatchRepository:
    return BatchRepository(database, index_for(database))


# --- the journals ---------------------------------------------------------------------------------------------------


def _annotation(database: Database, writer: JournalWriter[AnnotationRecord], n: int) -> AnnotationRecord:
    taken = [turn for page, turn in map(keys.page_and_turn, writer.stored) if page == 1]
    note = PageAnnotation(ONE.id, 1, max(taken, default=0) + 1, AnnotationKind.WRITTEN, AT, "मीना", f"क{n}")
    return AnnotationRecord(note)


def _correction(database: Database, writer: JournalWriter[Correction], n: int) -> Correction:
    one = DocumentSnapshot(f"{ONE.id}-0001", (1, 2), DocumentState.REVIEWED, {"subject": f"विषय {n}"})
    pages = {2: {BLANK_SEEN: True}}
    number = writer.next_number
    return Correction(ONE.id, number, AT, "सीता", ReviewAction.CORRECTED, one.document, (one,), pages, reason=f"क{n}")


def _corrections(store: Store, database: Database) -> Corrections:
    return Corrections(store, CorrectionRows(database, index_for(database)))


def _sample(database: Database, writer: JournalWriter[Sample], n: int) -> Sample:
    try:
        drawn = SampleRepository(database).one("5a")
    except NotFoundError:
        documents = tuple(f"d{number}" for number in range(1, 9))
        scope = Scope("sagar", date(2026, 1, 1), date(2026, 2, 1))
        drawn = Sample("5a", scope, 10.0, 2.0, "बीज", 80, "0" * 64, documents, "सीता", AT)
    return drawn.with_verdict(f"d{n}", Verdict(is_right=True, remark="", by="सीता", at=AT))


def _change(database: Database, writer: JournalWriter[RegisterChange], n: int) -> RegisterChange:
    number = f"{n}/2018"
    file = RegisterFile(
        "sagar",
        number,
        number,
        number.replace("/", ""),
        number,
        subject="सीमांकन",
        closed_on=date(2020, 1, 1),
        record_class=RecordClass.A,
    )
    created = RegisterEvent("created", "sagar", number, details={"state": "open"})
    return RegisterChange(writer.next_number, AT, "क", (Office("sagar", "सागर"),), (file,), (created,))


def _register_state(database: Database) -> Any:
    register = RegisterRepository(database)
    return [(file, register.history(file)) for file in register.files()]


def _version(database: Database, writer: JournalWriter[ScanVersion], n: int) -> ScanVersion:
    at = AT + timedelta(microseconds=len(writer.stored) + 1)
    return ScanVersion(ONE.id, OTHER.id, "grown", certain=True, at=at)


def _scan_versions(store: Store, database: Database) -> ScanVersions:
    return ScanVersions(lambda: store, Versions(records_of(database)))


def _replay_versions(store: Store, database: Database) -> Replayed:
    """As a rebuild does: what it does not return is seen in the rows."""
    damaged = _scan_versions(store, database).replay()
    taken = [key for key in objects_of(database) if key.startswith(keys.VERSIONS)]
    return Replayed(len(taken), damaged, sorted(set(stored_in(store)) - set(taken) - set(damaged)))


CASES = [
    Case(
        "annotations",
        ONE.id,
        lambda store, database: annotations.journal_of(
            lambda: store, annotations.AnnotationRows(AnnotationRepository(database))
        ),
        _annotation,
        lambda database: AnnotationRepository(database).of(ONE.id).every,
        lambda store, database: annotations.replay(store, AnnotationRepository(database))[0],
        f"notes {ONE.id}",
        BatchBusyError(batch=ONE.id),
        "b625639269681cc1eb36ba43bd6731dd99f46bfecb8b7431c6776586f1425636",
    ),
    Case(
        "corrections",
        ONE.id,
        lambda store, database: _corrections(store, database).journal(),
        _correction,
        lambda database: CorrectionRows(database, index_for(database)).of(ONE.id),
        lambda store, database: _corrections(store, database).journal().replay(),
        f"corrections {ONE.id}",
        ReviewBusyError(),
        "489425543d0e72ef3e264b805d1fb0db121a5086794e8a038fdfd6ae60a765a5",
    ),
    Case(
        "samples",
        "5a",
        lambda store, database: sampling.journal_of(lambda: store, SampleRepository(database)),
        _sample,
        lambda database: [sorted(sample.verdicts.items()) for sample in SampleRepository(database).of(None)],
        lambda store, database: sampling.replay(store, SampleRepository(database)),
        "sample 5a",
        ReviewBusyError(),
        "14c1ce899618359bdcd8480eb5470ec5539f96a8a41d23d4e78540ae07f48036",
        is_replaced=True,
    ),
    Case(
        "register",
        "",
        lambda store, database: register_changes.journal_of(store, RegisterRepository(database)),
        _change,
        _register_state,
        lambda store, database: register_changes.replay(store, RegisterRepository(database)),
        "register",
        RegisterBusyError(),
        "4bf4fbbb512ca78e5f2ba9b5caed556c394a23613dac5c38e5403442562426a6",
    ),
    Case(
        "scan versions",
        "",
        lambda store, database: _scan_versions(store, database).journal(ONE.id),
        _version,
        lambda database: (Versions(records_of(database)).of(ONE.id), records_of(database).batch(ONE.id).state),
        _replay_versions,
        "versions",
        BatchBusyError(batch=ONE.id),
        "d442bb333cda77474fed2201a9710420697e42fe3490358051855db78bbc2e33",
    ),
]


# --- what is tested -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(StoreSettings(), tmp_path_factory.mktemp("home"))
    yield opened.store
    opened.close()


@pytest.fixture
def store(bundled: Store) -> Store:
    """The store of this module, empty."""
    for info in list(bundled.list()):
        bundled.remove(info.key)
    return bundled


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """Makes databases that know of the batches and of no entry."""
    made: list[Database] = []

    def make(name: str) -> Database:
        made.append(new_database(tmp_path / name / "abhilekh.db"))
        for batch in (ONE, OTHER):
            Rebuilding(made[-1], index_for(made[-1])).replay(batch, [])
        return made[-1]

    yield make
    for database in made:
        database.close()


@pytest.fixture
def database(rows: Callable[[str], Database]) -> Database:
    return rows("first")


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def stored_in(store: Store) -> list[str]:
    return [info.key for info in store.list()]


def objects_of(database: Database) -> list[str]:
    return [stored.key for stored in records_of(database).objects()]


def test_an_entry_is_stored_sealed_and_stands_in_the_rows(case: Case, store: Store, database: Database) -> None:
    before = case.state(database)

    entry = case.add(store, database, 1)

    form = case.journal(store, database).format
    data = store.get(entry.stored.key)
    assert data == form.encode(entry.value)
    assert form.decode(entry.stored.key, data) == entry
    assert hashlib.sha256(data).hexdigest() == case.encoded == entry.stored.sha256
    assert case.state(database) != before
    assert entry.stored.key in objects_of(database)
    assert entry.stored.key.startswith(form.of_subject(case.subject))
    assert not case.journal(store, database).is_behind(case.subject) or case.is_replaced


@dataclass(frozen=True)
class _KilledRows:
    """Rows of a process that is killed when it is about to commit."""

    rows: Any

    def committed(self, subject: str) -> Any:
        return self.rows.committed(subject)

    def commit(self, entry: Entry[Any]) -> None:
        raise KeyboardInterrupt


def _append_and_be_killed(case: Case, journal: Journal[Any], database: Database, n: int) -> None:
    killed = replace(journal, rows=_KilledRows(journal.rows))
    with pytest.raises(KeyboardInterrupt), journal.writing(case.subject) as writer:
        replace(writer, journal=killed).append(case.entry(database, writer, n))


def test_an_entry_whose_writer_was_killed_before_the_row_is_committed_by_the_next_one(
    case: Case, store: Store, database: Database, rows: Callable[[str], Database]
) -> None:
    case.add(store, database, 1)
    before = case.state(database)
    journal = case.journal(store, database)
    _append_and_be_killed(case, journal, database, 2)
    assert case.state(database) == before
    stored = {key: store.get(key) for key in stored_in(store)}
    assert journal.is_behind(case.subject)

    third = case.add(store, database, 3)

    if case.is_replaced:
        assert [len(verdicts) for verdicts in case.state(database)] == [3], "nothing is lost by writing over it"
    else:
        assert not journal.is_behind(case.subject)
        assert third.stored.key not in stored
        assert {key: store.get(key) for key in stored} == stored, "nothing is written over"
    rebuilt = rows("rebuilt")
    case.replay(store, rebuilt)
    assert case.state(rebuilt) == case.state(database), "the rows are as if nobody had been killed"
    assert objects_of(rebuilt) == objects_of(database)


def test_two_writers_take_turns_and_decide_on_what_the_other_has_written(
    case: Case, store: Store, database: Database, rows: Callable[[str], Database]
) -> None:
    with ThreadPoolExecutor(4) as threads:
        added = list(threads.map(lambda n: case.add(store, database, n), range(1, 9)))

    assert len({entry.stored.key for entry in added}) == (1 if case.is_replaced else 8)
    assert stored_in(store) == objects_of(database) == sorted({entry.stored.key for entry in added})
    if case.is_replaced:
        assert [len(verdicts) for verdicts in case.state(database)] == [8]
    rebuilt = rows("rebuilt")
    case.replay(store, rebuilt)
    assert case.state(rebuilt) == case.state(database)


def test_a_writer_that_finds_the_lock_held_says_so(case: Case, store: Store, database: Database) -> None:
    journal = case.journal(store, database)
    impatient = replace(
        journal, lock=lambda subject: exclusively(alone(database, case.lock, wait_seconds=0.0), case.busy)
    )

    with journal.writing(case.subject), pytest.raises(type(case.busy)), impatient.writing(case.subject):
        pytest.fail("two write at once")


@pytest.mark.parametrize("how", ["cut off", "changed", "of another key", "no entry"])
def test_a_damaged_entry_is_named_and_the_others_hold(
    how: str, case: Case, store: Store, database: Database, rows: Callable[[str], Database]
) -> None:
    damaged, kept = case.add(store, database, 1), case.add(store, database, 2)
    if case.is_replaced:
        damaged = kept
    key, data = damaged.stored.key, store.get(damaged.stored.key)
    if how == "of another key":
        key = key.removesuffix(".json") + "9.json"
    bad = {
        "cut off": data[:-40],
        "changed": data.replace(b"2026", b"2025", 1),
        "of another key": data,
        "no entry": sealed({"what": "something else"}),
    }
    store.put_bytes(key, bad[how], "application/json")
    fresh = rows("rebuilt")

    done = case.replay(store, fresh)

    assert done.damaged == [key]
    assert done.unplaced == []
    assert key not in objects_of(fresh)
    if not case.is_replaced:
        assert done.committed == len(stored_in(store)) - 1
        assert kept.stored.key in objects_of(fresh)
        assert case.state(fresh)


def test_the_key_of_a_damaged_entry_is_never_used_again(case: Case, store: Store, database: Database) -> None:
    journal = case.journal(store, database)
    _append_and_be_killed(case, journal, database, 1)
    (key,) = stored_in(store)
    store.put_bytes(key, b"{", "application/json")

    entry = case.add(store, database, 2)

    if case.is_replaced:  # what stands in the rows is stored anew
        assert case.journal(store, database).format.decode(key, store.get(key)) == entry
    else:
        assert entry.stored.key != key
        assert store.get(key) == b"{"


def test_a_replay_fills_empty_rows_and_a_second_one_changes_nothing(
    case: Case, store: Store, database: Database, rows: Callable[[str], Database]
) -> None:
    for n in range(1, 4):
        case.add(store, database, n)
    fresh = rows("rebuilt")

    for _ in range(2):
        done = case.replay(store, fresh)

        assert (done.committed, done.damaged, done.unplaced) == (len(stored_in(store)), [], [])
        assert case.state(fresh) == case.state(database)
        assert objects_of(fresh) == objects_of(database) == stored_in(store)


def test_the_same_entry_twice_leaves_the_rows_as_they_are(case: Case, store: Store, database: Database) -> None:
    entry = case.add(store, database, 1)
    before, objects = case.state(database), objects_of(database)

    case.journal(store, database).rows.commit(entry)
    case.journal(store, database).catch_up(case.subject)

    assert case.state(database) == before
    assert objects_of(database) == objects


def test_all_entries_are_read_in_their_order(case: Case, store: Store, database: Database) -> None:
    added = [case.add(store, database, n) for n in range(1, 4)]

    entries, damaged = read_all(store, case.journal(store, database).format)

    assert entries == (added[-1:] if case.is_replaced else added)
    assert damaged == []


def test_an_entry_of_something_that_is_no_more_is_named(
    case: Case, store: Store, database: Database, tmp_path: Path
) -> None:
    entry = case.add(store, database, 1)
    empty = new_database(tmp_path / "empty" / "abhilekh.db")

    done = case.replay(store, empty)

    assert done.unplaced == ([entry.stored.key] if case.name in NAME_A_BATCH else [])
    assert done.damaged == []
    empty.close()


NAME_A_BATCH: Sequence[str] = ("annotations", "corrections", "scan versions")
