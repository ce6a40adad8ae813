"""Files that are not yet what they will be when they are taken: what is filed in the end is the whole scan, once."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image, ImageDraw
from sqlmodel import Session, col, select

from pipeline.app import Container
from pipeline.db.tables import BatchRow
from pipeline.ingest.file_lease import Writer, writer_of
from pipeline.model.batch import Batch
from tests.conftest import Office, short_folder, wait_for
from tests.faults.conftest import LETTER, small_scans
from tests.inboxes import home_with, is_clear, rows, sha256, stored, wait_until
from tests.integration.ingest.test_gather import STACKS, kept, put, watching

PAUSE = 0.9  # seconds between two writes: several times as long as a file must hold still here
A_SIZE = (620, 877)


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    with home_with({"stacks": STACKS}, RECHECK_SECONDS="1.0", REJECT_AFTER_SECONDS="6") as built:
        yield built


@pytest.fixture
def inbox(container: Container) -> Iterator[Path]:
    inbox = container.settings.inbox
    yield inbox
    for folder in (inbox, container.places.done, container.places.duplicates, container.places.rejected):
        assert folder is not None
        shutil.rmtree(folder)
        folder.mkdir()


def write_page(file: BinaryIO, whole: bytearray, link: int, text: str) -> int:
    """Append a page to a TIFF as flatbed programs do, with the directory before it pointed at the new one; returns where the
    next directory's place is to be written."""
    image = Image.new("L", A_SIZE, 255)
    ImageDraw.Draw(image).text((60, 60), text, fill=0)
    data = zlib.compress(image.tobytes())
    strip = len(whole)
    whole += data + b"\0" * (len(data) % 2)
    directory = len(whole)
    dpi = directory + 2 + 10 * 12 + 4
    width, height = A_SIZE
    entries = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 8),
        (262, 3, 1),
        (273, 4, strip),
        (278, 4, height),
        (279, 4, len(data)),
        (282, 5, dpi),
        (283, 5, dpi),
    ]
    whole += struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, v) for tag, kind, v in entries
    )
    whole += b"\0\0\0\0" + struct.pack("<II", 75, 1)
    whole[link : link + 4] = struct.pack("<I", directory)
    file.seek(0)
    file.write(whole)
    file.flush()
    return dpi - 4


def batch_of(container: Container, name: str) -> list[BatchRow]:
    return [row for row in rows(container) if row.name == name]


def whole_scan(tmp_path: Path, seed: int, *, pages: int = 1) -> bytes:
    (scan,) = small_scans(tmp_path, 1, seed=seed, pages=pages)
    data = scan.read_bytes()
    scan.unlink()
    return data


# --- writers that can be seen ---------------------------------------------------------------------------------------


def test_a_tiff_that_its_program_holds_open_is_taken_whole(container: Container, inbox: Path) -> None:
    name = "flatbed.tif"
    whole, link = bytearray(b"II*\0\0\0\0\0"), 4
    with watching(container.watcher()):
        with (inbox / name).open("w+b") as file:
            for page in range(1, 4):
                link = write_page(file, whole, link, f"page {page} of three, {time.time()}")
                time.sleep(PAUSE)
                assert (inbox / name).exists(), f"taken with {page} of 3 pages"
        wait_until(lambda: is_clear(inbox), "it to be taken")

    (row,) = batch_of(container, name)
    assert (row.pages, row.sha256) == (3, sha256(bytes(whole)))
    assert container.store.get(f"originals/{row.sha256}") == bytes(whole)


@pytest.mark.parametrize("sized", [True, False], ids=["size set first", "growing"])
def test_a_copy_that_stalls_is_taken_whole(container: Container, inbox: Path, sized: bool) -> None:
    """Uncompressed, so that it opens with whatever is there: what is missing would be black paper."""
    name = f"copying-{sized}.tif"
    with Image.open(LETTER) as letter:
        letter.convert("L").resize(A_SIZE).save(inbox / ".made.tif", dpi=(75, 75))
    data = (inbox / ".made.tif").read_bytes() + os.urandom(8)
    (inbox / ".made.tif").unlink()
    with watching(container.watcher()):
        with (inbox / name).open("wb") as file:
            if sized:
                file.truncate(len(data))
            file.write(data[: len(data) * 2 // 5])
            file.flush()
            time.sleep(3 * PAUSE)
            file.write(data[len(data) * 2 // 5 :])
        wait_until(lambda: is_clear(inbox), "it to be taken")

    assert [row.sha256 for row in batch_of(container, name)] == [sha256(data)]


def test_a_page_that_is_held_open_holds_its_group_back(container: Container, inbox: Path, tmp_path: Path) -> None:
    folder = inbox / "stacks" / "o" / "F 8-1"
    first, second = put(folder, tmp_path, ["1.tif", "2.tif"], seed=8001)
    whole = second.read_bytes()
    with watching(container.watcher()):
        with second.open("r+b") as file:
            time.sleep(3 * PAUSE)
            assert first.exists(), "the group was taken"
            file.seek(0, os.SEEK_END)
            file.write(b"\0" * 8)
        wait_until(lambda: is_clear(inbox), "the group to be taken")

    (row,) = batch_of(container, "F 8-1")
    assert row.pages == 2
    assert row.files[1]["sha256"] == sha256(whole + b"\0" * 8)


def test_it_is_told_that_a_file_waits_for_its_writer(container: Container, inbox: Path, tmp_path: Path) -> None:
    data = whole_scan(tmp_path, 8002)
    with watching(container.watcher()), (inbox / "open.tif").open("wb") as file:
        file.write(data)
        file.flush()
        wait_for(
            lambda: any(one["code"] == "held_elsewhere" for one in container.services().status()["waiting"]),
            "word of it",
        )


# --- changed between the look and the leaving -----------------------------------------------------------------------


def test_a_file_that_changes_while_it_is_taken_stays_and_is_a_new_version(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    first, second = whole_scan(tmp_path, 8003), whole_scan(tmp_path, 8004, pages=2)
    path, watcher = inbox / "late.tif", container.watcher()
    keep, changed = watcher.intake.keep, []

    def keep_and_change(*given: object, **told: object) -> object:
        taken = keep(*given, **told)  # type: ignore[arg-type]
        if not changed:
            changed.append(True)
            with path.open("r+b") as file:  # the same file, written anew
                file.truncate()
                file.write(second)
        return taken

    watcher.intake.keep = keep_and_change  # type: ignore[assignment]
    path.write_bytes(first)
    with watching(watcher):
        wait_until(lambda: is_clear(inbox), "it to be taken")

    older, newer = batch_of(container, "late.tif")
    assert (older.sha256, newer.sha256) == (sha256(first), sha256(second))
    assert_superseded(container, older, newer, "changed_in_inbox")
    assert [path.read_bytes() for path in container.places.done.rglob("late*.tif")] == [second]


def test_a_group_that_changes_while_it_is_taken_stays_and_is_a_new_version(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    folder = inbox / "stacks" / "o" / "F 8-2"
    pages, watcher = put(folder, tmp_path, ["1.tif", "2.tif"], seed=8005), container.watcher()
    better = whole_scan(tmp_path, 8006)
    keep, changed = watcher.intake.keep, []

    def keep_and_change(*given: object, **told: object) -> object:
        taken = keep(*given, **told)  # type: ignore[arg-type]
        if not changed:
            changed.append(True)
            with pages[1].open("r+b") as file:
                file.truncate()
                file.write(better)
        return taken

    watcher.intake.keep = keep_and_change  # type: ignore[assignment]
    with watching(watcher):
        wait_until(lambda: is_clear(inbox), "the group to be taken")

    older, newer = batch_of(container, "F 8-2")
    assert newer.files[1]["sha256"] == sha256(better)
    assert_superseded(container, older, newer, "changed_in_inbox")
    assert sorted(kept(container.places.done)) == ["F 8-2/1.tif", "F 8-2/2.tif"]


def test_killed_after_the_commit_the_same_file_is_no_duplicate(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    from pipeline.ingest import leaving
    from tests.integration.ingest.test_gather import PowerCutError, run_until_power_cut

    def die(*_: object) -> None:
        raise PowerCutError

    (inbox / "cut.tif").write_bytes(whole_scan(tmp_path, 8007))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leaving, "move_taken", die)
        run_until_power_cut(container.watcher())
    assert (inbox / "cut.tif").exists()
    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "it to be cleared")

    assert len(batch_of(container, "cut.tif")) == 1
    assert kept(container.places.done) == ["cut.tif"] and kept(container.places.duplicates) == []


# --- changed after it was taken -------------------------------------------------------------------------------------


def test_what_is_written_to_in_done_is_a_new_version_in_one_history(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    first, second, third = (whole_scan(tmp_path, seed) for seed in (8008, 8009, 8010))
    (inbox / "again.tif").write_bytes(first)
    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "it to be taken")
        for count, data in ((2, second), (3, third)):
            (done,) = container.places.done.rglob("again.tif")
            with done.open("r+b") as file:
                file.truncate()
                file.write(data)
            wait_until(lambda count=count: len(batch_of(container, "again.tif")) == count, "a new version")  # type: ignore[misc]
        wait_until(lambda: [r.state for r in batch_of(container, "again.tif")][:2] == ["superseded"] * 2, "the history")

    one, two, three = batch_of(container, "again.tif")
    assert_superseded(container, one, two, "changed_after_taking")
    assert_superseded(container, two, three, "changed_after_taking")
    assert three.state == "received"
    assert {sha256(first), sha256(second), sha256(third)} <= stored(container)
    told = container.services().status()["versions"]
    assert [(v["older"], v["newer"]) for v in told[:2]] == [(two.id, three.id), (one.id, two.id)]
    (shown, _) = container.services().dashboard.work(None).versions[:2]
    assert (shown.older, shown.certain) == (two.id, True)


def test_a_file_that_becomes_what_it_was_is_current_again(container: Container, inbox: Path, tmp_path: Path) -> None:
    first, second = whole_scan(tmp_path, 8011), whole_scan(tmp_path, 8012)
    (inbox / "back.tif").write_bytes(first)
    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "it to be taken")
        (done,) = container.places.done.rglob("back.tif")
        for data, states in ((second, ["superseded", "received"]), (first, ["received", "superseded"])):
            done.write_bytes(data)
            wait_until(lambda s=states: [row.state for row in batch_of(container, "back.tif")] == s, str(states))  # type: ignore[misc]


def test_a_page_of_a_group_written_to_in_done_makes_a_new_version_of_the_group(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    put(inbox / "stacks" / "o" / "F 8-3", tmp_path, ["1.tif", "2.tif", "3.tif"], seed=8013)
    better = whole_scan(tmp_path, 8014)
    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "the group to be taken")
        (page,) = container.places.done.rglob("F 8-3/2.tif")
        page.write_bytes(better)
        wait_until(lambda: len(batch_of(container, "F 8-3")) == 2, "a new version")
        wait_until(lambda: batch_of(container, "F 8-3")[0].state == "superseded", "the history")

    older, newer = batch_of(container, "F 8-3")
    assert [file["name"] for file in newer.files] == ["1.tif", "2.tif", "3.tif"]
    assert [a["sha256"] == b["sha256"] for a, b in zip(older.files, newer.files, strict=True)] == [True, False, True]


def test_what_is_spoilt_in_done_is_told_and_the_first_stays(container: Container, inbox: Path, tmp_path: Path) -> None:
    (inbox / "spoilt.tif").write_bytes(whole_scan(tmp_path, 8015))
    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "it to be taken")
        (done,) = container.places.done.rglob("spoilt.tif")
        done.write_bytes(done.read_bytes()[:-300])
        (row,) = batch_of(container, "spoilt.tif")
        wait_until(
            lambda: any(
                (v["newer"], v["reason"], v["certain"]) == (row.id, "changed_unreadable", False)
                for v in container.services().status()["versions"]
            ),
            "word of it",
        )

    assert [row.state for row in batch_of(container, "spoilt.tif")] == ["received"]


def test_a_rejected_file_that_becomes_whole_is_taken(container: Container, inbox: Path, tmp_path: Path) -> None:
    whole = whole_scan(tmp_path, 8016)
    (inbox / "cut.png").write_bytes(b"not a scan yet")
    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "it to be rejected")
        (rejected,) = container.places.rejected.rglob("cut.png")
        rejected.write_bytes(whole)
        wait_until(lambda: [r.state for r in batch_of(container, "cut.png")] == ["superseded", "received"], "it")


def test_where_nothing_is_kept_a_file_is_deleted_only_after_it_was_looked_at_again(tmp_path: Path) -> None:
    with home_with({}, RECHECK_SECONDS="2.0", KEEP_DONE="false") as container:
        inbox = container.settings.inbox
        first, second = whole_scan(tmp_path, 8017), whole_scan(tmp_path, 8018)
        (inbox / "gone.tif").write_bytes(first)
        with watching(container.watcher()):
            wait_until(lambda: is_clear(inbox), "it to be taken")
            (done,) = container.places.done.rglob("gone.tif")
            done.write_bytes(second)
            wait_until(lambda: len(batch_of(container, "gone.tif")) == 2, "a new version")
            wait_until(lambda: not done.exists(), "it to be deleted")

        assert [row.sha256 for row in batch_of(container, "gone.tif")] == [sha256(first), sha256(second)]


def test_history_is_brought_back_from_the_store_and_a_person_may_undo_it(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    office = Office(container.settings.home)
    first, second = whole_scan(tmp_path, 8031), whole_scan(tmp_path, 8032)
    (inbox / "kept.tif").write_bytes(first)
    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "it to be taken")
        (done,) = container.places.done.rglob("kept.tif")
        done.write_bytes(second)
        wait_until(
            lambda: [r.state for r in batch_of(container, "kept.tif")] == ["superseded", "received"], "the history"
        )
    older, newer = batch_of(container, "kept.tif")

    reindex(office, container)
    assert_superseded(container, older, newer, "changed_after_taking")
    story = office.json("show", older.id)
    assert (story["status"], story["superseded_by"], story["documents"]) == ("superseded", newer.id, [])
    assert office.json("show", f"{older.id}-0001")["batch"] == older.id
    assert office.json("show", newer.id)["supersedes"] == [older.id]

    done = office.call("retry", "--redo", older.id)
    assert done.returncode == 0, done.stderr
    assert [r.state for r in batch_of(container, "kept.tif")] == ["filed", "received"]
    reindex(office, container)
    assert batch_of(container, "kept.tif")[0].state == "filed"
    checked = office.json("verify")
    assert checked["missing"] == checked["changed"] == []


def reindex(office: Office, container: Container) -> None:
    container.heartbeats.farewell("watcher", container.owner)
    container.close_database()
    done = office.call("reindex", "--force")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("is_early", [True, False], ids=["while it is read", "after it was filed"])
def test_documents_of_a_superseded_scan_are_not_found_and_its_objects_stay(
    container: Container, inbox: Path, tmp_path: Path, is_early: bool
) -> None:
    name, seed = f"read-{is_early}.tif", 8033 + 2 * is_early
    (inbox / name).write_bytes(whole_scan(tmp_path, seed))
    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "it to be taken")
        (older,) = batch_of(container, name)
        batch = container.queue().claim(older.id)
        assert batch is not None
        if not is_early:
            read(container, batch)
            assert container.records.documents_of(older.id)
        next(container.places.done.rglob(name)).write_bytes(whole_scan(tmp_path, seed + 1))
        wait_until(lambda: batch_of(container, name)[0].state == "superseded", "a new version")
        if is_early:
            read(container, batch)

    assert batch_of(container, name)[0].state == "superseded"
    assert container.records.documents_of(older.id) == []
    assert container.queue().claim(older.id) is None
    assert container.store.info(f"documents/{older.id}-0001.pdf") is not None
    checked = Office(container.settings.home).call("index", "check")
    assert checked.returncode == 0, checked.stdout
    verified = Office(container.settings.home).json("verify")
    assert verified["missing"] == verified["changed"] == verified["orphans"] == []


def read(container: Container, batch: Batch) -> None:
    with container.page_pool() as pool:
        assert container.worker(pool, beats=False).work_on(batch) is None


# --- saved anew by name ---------------------------------------------------------------------------------------------


def test_a_scan_saved_anew_with_more_pages_supersedes_the_shorter_one(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    strips = [Image.open(scan) for scan in small_scans(tmp_path, 3, seed=8019)]
    with watching(container.watcher()):
        for count in range(1, 4):
            target = tmp_path / "anew.tif"
            strips[0].save(target, save_all=True, append_images=strips[1:count], compression="tiff_deflate")
            shutil.move(target, inbox)
            wait_until(lambda: is_clear(inbox), "it to be taken")

    found = batch_of(container, "anew.tif")
    assert [(row.pages, row.state) for row in found] == [(1, "superseded"), (2, "superseded"), (3, "received")]


def test_other_scans_under_the_same_name_have_nothing_to_do_with_each_other(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    with watching(container.watcher()):
        for seed, pages in ((8020, 1), (8021, 2), (8022, 2)):
            (inbox / "scan.tif").write_bytes(whole_scan(tmp_path, seed, pages=pages))
            wait_until(lambda: is_clear(inbox), "it to be taken")

    found = batch_of(container, "scan.tif")
    assert [row.state for row in found] == ["received"] * 3
    assert not {row.id for row in found} & {v["newer"] for v in container.services().status()["versions"]}


def test_a_group_saved_again_with_more_pages_supersedes_the_first(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    folder = inbox / "stacks" / "o" / "F 8-4"
    pages = put(tmp_path / "aside", tmp_path, ["1.tif", "2.tif", "3.tif"], seed=8023)
    with watching(container.watcher()):
        for count in (2, 3):
            folder.mkdir(parents=True, exist_ok=True)
            for page in pages[:count]:
                shutil.copy(page, folder)
            wait_until(lambda: is_clear(inbox), "the group to be taken")

    assert [(row.pages, row.state) for row in batch_of(container, "F 8-4")] == [(2, "superseded"), (3, "received")]


# --- where no lease can be had --------------------------------------------------------------------------------------


def test_a_lease_tells_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        assert writer_of(descriptor) is Writer.NONE
        with path.open("r+b"):
            assert writer_of(descriptor) is Writer.OPEN
        with path.open("rb"):
            assert writer_of(descriptor) is Writer.NONE
    finally:
        os.close(descriptor)


NOBODY = 65534
_UNABLE = ["setpriv", "--bounding-set=-lease", "--inh-caps=-lease", "--ambient-caps=-lease"]
# Writes a third of a file, waits (a time, or until it is told to go on), and writes the rest, holding the file open.
HOLDER = """
import os, sys, time
path, data, pause = sys.argv[1], open(sys.argv[2], "rb").read(), float(sys.argv[3])
os.setuid(65534)
with open(path, "r+b") as file:
    file.write(data[: len(data) // 3])
    file.flush()
    time.sleep(pause) if pause else sys.stdin.readline()
    file.write(data[len(data) // 3 :])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may write as another user")
@pytest.mark.parametrize(("pause", "versions"), [(1.5, 1), (0, 2)], ids=["within the time", "longer"])
def test_another_users_file_settles_by_time_and_is_looked_at_again(tmp_path: Path, pause: float, versions: int) -> None:
    """Without the right to a lease; the pages before the pause open whole by themselves."""
    part, rest = whole_scan(tmp_path, 8030), b"\0" * 2 * len(whole_scan(tmp_path, 8030))
    (tmp_path / "data").write_bytes(part + rest)
    home = short_folder()
    settings = {"SETTLE": "0.2", "UNLEASED_SETTLE": "6", "RESCAN": "0.5", "RECHECK": "2", "REJECT_AFTER": "60"}
    office = Office(home, {f"ABHILEKH_INTAKE__{name}_SECONDS": value for name, value in settings.items()})
    inbox = home / "inbox"
    inbox.mkdir()
    home.chmod(0o755)
    os.chown(inbox, NOBODY, -1)
    (inbox / "theirs.tif").touch()
    os.chown(inbox / "theirs.tif", NOBODY, -1)
    with (home / "test.log").open("ab") as log:
        watch = subprocess.Popen(
            [*_UNABLE, sys.executable, "-m", "pipeline.cli", "watch"], env=office.environment, stdout=log, stderr=log
        )
    try:
        wait_for(lambda: "watcher" in office.json("status")["parts"] and (home / "abhilekh.db").exists(), "the watcher")
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(inbox / "theirs.tif"), str(tmp_path / "data"), str(pause)],
            stdin=subprocess.PIPE,
        )
        wait_for(lambda: is_clear(inbox), "it to be taken", seconds=60)
        holder.communicate(b"go on\n", timeout=30)
        states = [*["superseded"] * (versions - 1), "received"]
        found = wait_for(
            lambda: (f := taken(home)) and [state for state, _ in f] == states and f, f"versions {states}", seconds=60
        )
        assert found[-1] == ("received", sha256(part + rest)), office.log()
    finally:
        watch.terminate()
        watch.wait(30)
        shutil.rmtree(home, ignore_errors=True)


def taken(home: Path) -> list[tuple[str, str]]:
    import sqlite3

    with sqlite3.connect(f"file:{home / 'abhilekh.db'}?mode=ro", uri=True) as database:
        found = database.execute("SELECT state, sha256 FROM batch ORDER BY received_at").fetchall()
    database.close()
    return [(state, sha) for state, sha in found]


# --- history --------------------------------------------------------------------------------------------------------


def assert_superseded(container: Container, older: BatchRow, newer: BatchRow, reason: str) -> None:
    known = container.scan_versions().rows
    assert known.of(older.id).superseded_by == newer.id
    assert older.id in known.of(newer.id).supersedes
    with Session(container.database.engine) as session:
        assert session.exec(select(BatchRow.state).where(col(BatchRow.id) == older.id)).one() == "superseded"
    told = {(v["older"], v["newer"]): v["reason"] for v in container.services().status()["versions"]}
    assert told[older.id, newer.id] == reason
