"""A lease or lock whose holder cannot be alive holds nothing up, and one whose holder lives is respected.

Holders are real processes: they are started, killed, and left as zombies.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline import errors
from pipeline.db.annotations import AnnotationRepository
from pipeline.db.arrivals import ArrivalRepository
from pipeline.db.batches import BatchRepository
from pipeline.db.database import Database, now
from pipeline.db.heartbeats import HeartbeatRepository
from pipeline.db.leases import Holder, is_over
from pipeline.db.locks import alone
from pipeline.db.queue import BatchQueue
from pipeline.db.review_queue import ReviewFilter, ReviewQueue
from pipeline.db.review_tables import DoubtRow, EditLockRow
from pipeline.db.tables import BatchRow, DocumentRow, PageRow, PartRow
from pipeline.index.textindex import index_for
from pipeline.model.annotation import AnnotationKind, PageAnnotation
from pipeline.model.batch import Batch, BatchState
from pipeline.model.scan import MediaType, Source, StoredObject
from pipeline.workflow import worker as worker_module
from pipeline.workflow.worker import Worker, clear_leftovers
from tests.conftest import SCANS, Office, short_folder, wait_for
from tests.databases import new_database
from tests.integration.filled_home import opened

LEASE = 15.0
YEARS_AHEAD = datetime(2099, 1, 1, tzinfo=UTC)
LETTER = SCANS / "letters" / "letter-01-clean.jpg"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path / "abhilekh.db")
    yield database
    database.close()


@pytest.fixture
def batch(database: Database) -> str:
    """A batch that waits."""
    return receive(database, "a" * 64)


def receive(database: Database, sha256: str) -> str:
    source = Source("a.tif", sha256, 1, MediaType.TIFF, 2)
    waiting = Batch(source.batch_id, source, BatchState.RECEIVED, now())
    original = StoredObject(source.original_key, sha256, 1)
    return ArrivalRepository(database).receive(waiting, [original])[0].id


def queue(database: Database, holder: Holder | str) -> BatchQueue:
    return BatchQueue(database, owner=str(holder), lease_seconds=LEASE)


def row_of(database: Database, batch: str) -> BatchRow:
    with database.read() as session:
        row = session.get(BatchRow, batch)
        assert row is not None
        return row


def set_row(database: Database, batch: str, **values: Any) -> None:
    with database.write() as session:
        row = session.get(BatchRow, batch)
        assert row is not None
        row.sqlmodel_update(values)
        session.add(row)


@contextmanager
def other_process() -> Iterator[tuple[subprocess.Popen[str], Holder]]:
    """A process that lives until it is killed, and what it says of itself as a holder."""
    program = "from pipeline.db.leases import Holder; print(Holder.current(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        holder = Holder.parse(process.stdout.readline().strip())
        assert holder is not None
        try:
            yield process, holder
        finally:
            process.kill()


# --- who holds ------------------------------------------------------------------------------------------------------


def test_a_holder_is_written_and_read_back() -> None:
    here = Holder.current()

    assert Holder.parse(str(here)) == here
    assert (here.pid, here.boot) == (os.getpid(), Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    assert not here.is_dead()
    for older in ("pc:12", "", None, "owner", "pc:x started=1 boot= machine= pids="):
        assert Holder.parse(older) is None


def test_a_live_holder_is_respected_and_a_killed_one_is_not(database: Database, batch: str) -> None:
    with other_process() as (process, holder):
        assert queue(database, holder).claim() is not None
        heir = queue(database, Holder.current())
        assert not holder.is_dead()
        assert heir.claim() is None and heir.leased() == [batch]

        process.send_signal(signal.SIGKILL)
        while not holder.is_dead():  # a zombie until somebody waits for it: it works no more
            time.sleep(0.02)

        assert Path(f"/proc/{holder.pid}").exists(), "it is a zombie, and dead all the same"
        assert heir.leased() == []
        taken = heir.claim()
    assert taken is not None and taken.id == batch and taken.tries == 2


def test_a_process_number_that_was_given_anew_does_not_keep_a_lease(database: Database, batch: str) -> None:
    here = Holder.current()
    queue(database, replace(here, started=here.started - 1)).claim()

    taken = queue(database, here).claim()

    assert taken is not None and taken.id == batch


def test_a_machine_that_was_started_anew_keeps_no_lease(database: Database, batch: str) -> None:
    here = Holder.current()
    before = replace(here, boot="00000000-0000-0000-0000-000000000000", machine=here.machine or "m", pid=1)
    queue(database, before).claim()

    heir = queue(database, here).claim()

    assert (heir is not None) == bool(here.machine), "a machine without an id cannot be told from another one"


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"host": "another", "machine": "0123456789abcdef", "boot": "11111111-2222-3333-4444-555555555555"},
        {"machine": "0123456789abcdef", "boot": "11111111-2222-3333-4444-555555555555"},  # only named alike
        {"host": "another", "boot": ""},
        {"pids": "pid:[1]"},  # in another container of this machine
    ],
)
def test_a_holder_that_cannot_be_seen_is_judged_by_time_alone(
    database: Database, batch: str, elsewhere: dict[str, str]
) -> None:
    here = Holder.current()
    holder = replace(here, pid=2**22 + 1, started=1, **elsewhere)  # a number that no process has
    queue(database, holder).claim()

    assert not holder.is_dead()
    assert queue(database, here).claim() is None
    set_row(database, batch, lease_until=now() - timedelta(seconds=1))
    assert queue(database, here).claim() is not None


@pytest.mark.parametrize("older", ["pc:4194999", "owner", f"{os.uname().nodename}:1"])
def test_a_row_of_an_earlier_version_is_judged_by_time_alone(database: Database, batch: str, older: str) -> None:
    set_row(database, batch, state=BatchState.WORKING, lease_owner=older, lease_until=now() + timedelta(seconds=14))
    heir = queue(database, Holder.current())

    assert heir.claim() is None
    for over in (YEARS_AHEAD, now() - timedelta(seconds=1), None):
        set_row(database, batch, state=BatchState.WORKING, lease_owner=older, lease_until=over)
        assert heir.claim() is not None, over


def test_nothing_of_a_lease_stays_when_it_ends(database: Database, batch: str) -> None:
    holder = queue(database, Holder.current())
    for end in (
        lambda: holder.release(batch),
        lambda: holder.fail(batch, errors.StoreUnavailableError(endpoint="x", cause="y"), pause_seconds=0),
        lambda: BatchRepository(database, index_for(database)).file(batch, [], []),
    ):
        assert holder.claim(batch) is not None
        end()
        row = row_of(database, batch)
        assert (row.lease_owner, row.lease_until, row.lease_seconds) == (None, None, None)


# --- a clock that was ahead -----------------------------------------------------------------------------------------


def test_a_lease_that_ends_further_ahead_than_it_can_is_over(database: Database, batch: str) -> None:
    holder, heir = queue(database, "elsewhere:1"), queue(database, Holder.current())
    holder.claim()
    set_row(database, batch, lease_until=YEARS_AHEAD)

    assert heir.leased() == []
    taken = heir.claim()

    assert taken is not None and taken.id == batch
    assert not holder.renew(batch), "whoever had it learns that it is lost"
    assert row_of(database, batch).lease_seconds == LEASE


def test_the_length_of_a_lease_is_its_own_and_clocks_may_differ_by_one() -> None:
    moment = now()

    def over(ahead: float, seconds: float | None) -> bool:
        return is_over("elsewhere:1", moment + timedelta(seconds=ahead), seconds, moment, timedelta(seconds=LEASE))

    assert not over(599, 600.0)  # of a machine whose leases are longer than ours
    assert not over(LEASE + 10, LEASE) and over(2 * LEASE + 1, LEASE)
    assert over(2 * LEASE + 1, None) and not over(LEASE, None)


def test_retry_frees_what_nobody_can_be_working_on(database: Database) -> None:
    ahead, dead, live, failed = (receive(database, sign * 64) for sign in "bcde")
    here = Holder.current()
    working = {"state": BatchState.WORKING, "lease_seconds": LEASE, "lease_until": now() + timedelta(seconds=14)}
    set_row(database, ahead, **{**working, "lease_owner": "elsewhere:1", "lease_until": YEARS_AHEAD})
    set_row(database, dead, **working, lease_owner=str(replace(here, started=here.started - 1)))
    set_row(database, live, **working, lease_owner="elsewhere:1")
    set_row(database, failed, state=BatchState.FAILED, next_try_at=YEARS_AHEAD)

    again = queue(database, here).put_back(None, redo=False)

    assert sorted(again) == sorted([ahead, dead, failed])
    assert row_of(database, live).state == BatchState.WORKING
    assert row_of(database, ahead).lease_owner is None


def test_a_pause_that_was_counted_from_a_wrong_clock_does_not_last(database: Database, batch: str) -> None:
    heir = queue(database, Holder.current())
    set_row(database, batch, state=BatchState.FAILED, error_at=now(), next_try_at=now() + timedelta(seconds=300))
    assert heir.claim() is None

    set_row(database, batch, error_at=YEARS_AHEAD, next_try_at=YEARS_AHEAD + timedelta(seconds=5))
    assert heir.claim() is not None

    set_row(database, batch, state=BatchState.FAILED, error_at=YEARS_AHEAD, next_try_at=None)
    assert heir.claim() is None, "what waits for a person waits on"


def test_a_page_can_be_turned_and_replaced_when_its_batchs_worker_is_dead(database: Database, batch: str) -> None:
    here = Holder.current()
    with database.write() as session:
        session.add(
            PageRow(
                batch_id=batch,
                source_page=1,
                text="",
                words=b"",
                confidence=1,
                language="hin",
                width=1,
                height=1,
                dpi=300,
                rotated=0,
                rotation_confidence=1,
                skew_degrees=0,
                skew_confidence=1,
                applied=False,
                blank=False,
                image_key="",
                layout_key="",
                read_at=now(),
            )
        )
    working = {"state": BatchState.WORKING, "lease_seconds": LEASE}
    soon, dead = now() + timedelta(seconds=14), str(replace(here, started=here.started - 1))
    note = PageAnnotation(batch, 1, 1, AnnotationKind.WRITTEN, now(), "asha")

    set_row(database, batch, **working, lease_owner=str(here), lease_until=soon)
    with pytest.raises(errors.UsageError):
        queue(database, here).turn_page(batch, 1, 90, None)
    with pytest.raises(errors.BatchBusyError):
        AnnotationRepository(database).commit(note, [])

    for owner, until in ((dead, soon), ("elsewhere:1", YEARS_AHEAD)):
        set_row(database, batch, **working, lease_owner=owner, lease_until=until)
        queue(database, here).turn_page(batch, 1, 90, None)
        set_row(database, batch, **working, lease_owner=owner, lease_until=until)
        AnnotationRepository(database).commit(note, [])


def test_a_worker_never_takes_the_batch_that_it_works_on_itself(
    database: Database, batch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its clock is set back by years: by the rows its own lease is over, and its other threads look for work."""
    begun, ended = threading.Event(), threading.Event()
    times: list[str] = []

    def digitise(taken: Batch, *arguments: Any, **named: Any) -> None:
        times.append(taken.id)
        set_row(database, batch, lease_until=YEARS_AHEAD)
        begun.set()
        ended.wait(60)
        set_row(database, batch, state=BatchState.FILED)

    monkeypatch.setattr(worker_module, "digitise", digitise)
    dependencies: Any = SimpleNamespace(records=BatchRepository(database, index_for(database)))
    work = Worker(
        dependencies,
        queue(database, Holder.current()),
        tmp_path / "work",
        batches_at_once=3,
        lease_seconds=600,
        retry_seconds=1,
        max_retry_seconds=1,
        beat=lambda note: None,
        require_room=lambda: None,
    )
    looks = []
    claim = work.queue.claim
    monkeypatch.setattr(work.queue, "claim", lambda *asked, **named: (looks.append(1), claim(*asked, **named))[1])
    stop = threading.Event()
    running = threading.Thread(target=work.run, args=(stop,), daemon=True)
    running.start()
    try:
        assert begun.wait(30)
        looks.clear()
        wait_for(lambda: len(looks) > 4, "the other threads to look for work", seconds=30)
        assert times == [batch]
    finally:
        stop.set()
        ended.set()
        running.join(30)


# --- signs of life, edit locks, locks, scratch ----------------------------------------------------------------------


def test_a_part_that_was_killed_or_beat_in_the_future_does_not_run(database: Database) -> None:
    parts = HeartbeatRepository(database)
    with other_process() as (process, holder):
        parts.beat("watcher", "pc:1", details={"process": str(holder)})
        parts.beat("web", "pc:2", details={"process": str(Holder.current())})
        parts.beat("elder", "pc:3")
        with database.write() as session:
            session.add(PartRow(name="workers", owner="pc:4", beat_at=YEARS_AHEAD))
        assert set(parts.running()) == {"watcher", "web", "elder"}
        process.kill()
        while not holder.is_dead():
            time.sleep(0.02)
        assert set(parts.running()) == {"web", "elder"}
    parts.beat("web", "pc:2")
    with database.read() as session:
        assert session.get(PartRow, ("workers", "pc:4")) is None


def test_an_edit_lock_of_a_clock_that_was_ahead_locks_nobody_out(database: Database, batch: str) -> None:
    review = ReviewQueue(database, edit_lock_minutes=5)
    with database.write() as session:
        session.add(
            DocumentRow(
                id="d", batch_id=batch, first_page=1, kind="letter", state="needs_review", pdf_key="", filed_at=now()
            )
        )
        session.flush()
        session.add(DoubtRow(document_id="d", score=1.0))

    assert review.acquire_edit_lock("d", "asha", 5) is None
    assert review.acquire_edit_lock("d", "vimla", 5) == "asha"
    assert [one.locked_by for one in review.look(ReviewFilter(), None, "vimla").entries] == ["asha"]

    with database.write() as session:
        session.merge(EditLockRow(document_id="d", by="asha", until=YEARS_AHEAD))

    assert [one.locked_by for one in review.look(ReviewFilter(), None, "vimla").entries] == [None]
    assert review.acquire_edit_lock("d", "vimla", 5) is None
    assert review.acquire_edit_lock("d", "asha", 5) == "vimla"


def test_a_lock_ends_with_its_holder(database: Database, tmp_path: Path) -> None:
    """As that under which the record is sealed and batches are committed."""
    program = (
        "import sys, time; from pipeline.db.database import Database; from pipeline.db.locks import alone\n"
        "with alone(Database(sys.argv[1]), 'sealing', wait_seconds=0) as ours: print(ours, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(database.url)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdout.readline().strip() == "True"
        with alone(database, "sealing", wait_seconds=0) as ours:
            assert not ours
        process.kill()
        process.wait()
        with alone(database, "sealing", wait_seconds=0) as ours:
            assert ours


def test_scratch_of_dead_processes_goes_also_when_their_number_was_given_anew(tmp_path: Path) -> None:
    here = Holder.current()
    names = {
        f"{here.pid}.{here.started}-{'a' * 20}-x": True,
        f"{here.pid}.{here.started - 1}-{'a' * 20}-x": False,
        f"{here.pid}-{'1' * 20}-x": True,  # as earlier versions named it
        f"{2**22 + 1}-{'a' * 20}-x": False,
        f"{here.pid}-export": True,
    }
    for name in names:
        (tmp_path / name).mkdir()

    clear_leftovers(tmp_path)

    assert {name: (tmp_path / name).exists() for name in names} == names


# --- the commands ---------------------------------------------------------------------------------------------------


def test_retry_and_reindex_free_a_batch_that_a_wrong_clock_had_taken() -> None:
    office = Office(short_folder(), {"ABHILEKH_OCR__ENABLED": "false"})
    try:
        with opened(office.home) as container:
            batch = container.intake().take(LETTER).batch
            set_row(container.database, batch, state=BatchState.WORKING, lease_owner="pc:1", lease_until=YEARS_AHEAD)
            with container.database.write() as session:
                session.add(PartRow(name="workers", owner="pc:1", beat_at=YEARS_AHEAD))

        done = office.call("retry", batch, "--json")
        assert done.returncode == 0 and '"indexed"' in done.stdout, done.stdout + done.stderr

        with opened(office.home) as container:
            set_row(container.database, batch, state=BatchState.WORKING, lease_owner="pc:1", lease_until=YEARS_AHEAD)
        rebuilt = office.call("reindex", "--force")
        assert rebuilt.returncode == 0, rebuilt.stderr
        with opened(office.home) as container:
            assert container.records.batch(batch).state is BatchState.FILED
    finally:
        shutil.rmtree(office.home, ignore_errors=True)
