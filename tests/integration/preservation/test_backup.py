"""A backup is taken while work goes on, restored elsewhere, and brought up to date by copying only what is new."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.db.arrivals import ArrivalRepository
from pipeline.db.batches import BatchRepository
from pipeline.db.database import now
from pipeline.db.objects import note_object
from pipeline.errors import BackupUnfinishedError, NotABackupError
from pipeline.index.textindex import index_for
from pipeline.model.batch import Batch, BatchState
from pipeline.model.scan import MediaType, Source, StoredObject
from pipeline.preservation import backup, restore
from pipeline.storage import Store
from tests.conftest import SCANS, Office, Running, short_folder, wait_for
from tests.databases import new_database
from tests.integration.filled_home import batch_named, copy_of, opened, picture

QUICK = {"ABHILEKH_INTAKE__SETTLE_SECONDS": "0.5", "ABHILEKH_INTAKE__RESCAN_SECONDS": "1"}
MORE = [SCANS / "letters" / name for name in ("letter-06-office.jpg", "letter-10-office.jpg")]
KNOWN = "letter-01-clean.jpg"


# --- with the real store --------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere() -> Iterator[Office]:
    home = short_folder()
    yield Office(home)
    shutil.rmtree(home, ignore_errors=True)


def test_a_backup_while_work_goes_on_is_whole_and_the_next_copies_what_is_new(
    archive: Office, elsewhere: Office, tmp_path: Path
) -> None:
    target, early = tmp_path / "disk" / "abhilekh", tmp_path / "early"
    with copy_of(archive) as copy:
        running = Running(copy.home, QUICK)
        running.up()
        try:
            running.drop(*MORE)
            wait_for(lambda: running.status()["working"] > 1, "work to begin")
            first = running.call("backup", target, "--json")
            assert first.returncode == 0, first.stderr
            shutil.copytree(target, early)
            wait_for(running.settled, "the scans to be filed")
            second = running.json("backup", target)
        finally:
            running.stop()
        before = picture(copy.home)

    old, new = dict(restore.read_sums(early)), dict(restore.read_sums(target))
    assert second["damaged"] == []
    assert second["copied"] == len(new.items() - old.items()) < second["objects"] == len(new)
    assert not (target / "unfinished").exists()
    assert subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=target, check=False).returncode == 0
    for source, whole in ((early, False), (target, True)):
        shutil.rmtree(elsewhere.home)
        done = elsewhere.call("restore", source, "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["missing"] == found["changed"] == found["damaged"] == []
        assert found["rows"] == "copied"
        if whole:
            assert unsealed(picture(elsewhere.home)) == unsealed(before)


def unsealed(picture: dict[str, Any]) -> dict[str, Any]:
    """Without the seals of the record of deeds, of which one may have been set after the backup."""
    return picture | {"objects": [one for one in picture["objects"] if not one.key.startswith("deeds/")]}


def test_what_is_damaged_in_the_backup_is_named_and_the_rest_comes_back(
    archive: Office, elsewhere: Office, tmp_path: Path
) -> None:
    """Without its rows, which are built anew from the objects."""
    with copy_of(archive) as copy, opened(copy.home) as container:
        backup.back_up(container.store, container.database, tmp_path / "b", home=copy.home, tell=silence)
        image = container.records.read_pages(batch_named(container, KNOWN))[0].image_key
    (tmp_path / "b" / "objects" / image).write_bytes(b"x")
    (tmp_path / "b" / "abhilekh.db").write_bytes(b"x")

    done = elsewhere.call("restore", tmp_path / "b", "--json")
    again = elsewhere.call("restore", tmp_path / "b")

    assert done.returncode == 3, done.stderr
    found = json.loads(done.stdout)
    assert (found["damaged"], found["missing"], found["rows"]) == ([image], [image], "rebuilt")
    expected, got = picture(archive.home), picture(elsewhere.home)
    assert {name: got[name] for name in got if name != "rows"} == {
        name: expected[name] for name in got if name != "rows"
    }
    assert again.returncode == 2
    assert "holds nothing yet" in again.stderr


# --- with a store made of a dictionary, to cause what is hard to meet -----------------------------------------------


@dataclass
class Shelf:
    """As much of a store as a backup asks for. `on_fetch` may interfere."""

    objects: dict[str, bytes] = field(default_factory=dict)
    on_fetch: Callable[[str], None] = lambda key: None

    def fetch(self, key: str, path: Path) -> None:
        self.on_fetch(key)
        path.write_bytes(self.objects[key])


class Stopped(Exception):
    pass


def silence(done: int, total: int) -> None:
    pass


def stored(key: str, data: bytes) -> StoredObject:
    return StoredObject(key, hashlib.sha256(data).hexdigest(), len(data))


@pytest.fixture
def container(tmp_path: Path) -> Iterator[tuple[Shelf, BatchRepository]]:
    """A batch with an original and twenty pages."""
    database = new_database(tmp_path / "home" / "abhilekh.db")
    records, shelf = BatchRepository(database, index_for(database)), Shelf()
    data = b"original"
    source = Source("a.pdf", hashlib.sha256(data).hexdigest(), len(data), MediaType.PDF, 20)
    shelf.objects = {source.original_key: data, **{f"pages/b/{n:06d}.jpg": b"page %d" % n for n in range(20)}}
    batch = Batch(source.batch_id, source, BatchState.RECEIVED, now())
    ArrivalRepository(records.database).receive(batch, [stored(key, data) for key, data in shelf.objects.items()])
    yield shelf, records
    database.close()


def back_up(container: tuple[Shelf, BatchRepository], target: Path) -> backup.BackedUp:
    shelf, records = container
    home = target.parent / "home"
    return backup.back_up(cast(Store, shelf), records.database, target, home=home, tell=silence)


def record(container: tuple[Shelf, BatchRepository], key: str, data: bytes) -> None:
    """Put an object and commit its row, as a redone page is."""
    shelf, records = container
    shelf.objects[key] = data
    batch = records.batch(next(iter(shelf.objects)).removeprefix("originals/")[:20])
    with records.database.write() as session:
        note_object(session, stored(key, data), batch.id)


PAGE = "pages/b/000007.jpg"


def test_an_object_that_is_replaced_while_it_is_copied_is_copied_as_it_is_then(
    container: tuple[Shelf, BatchRepository], tmp_path: Path
) -> None:
    def replace(key: str) -> None:
        if key == PAGE and container[0].objects[PAGE] != b"redone":
            record(container, PAGE, b"redone")

    container[0].on_fetch = replace
    done = back_up(container, tmp_path / "b")

    assert (done.snapshots, done.damaged, done.objects) == (2, [], 21)
    assert (tmp_path / "b" / "objects" / PAGE).read_bytes() == b"redone"
    assert dict(restore.read_sums(tmp_path / "b"))[PAGE] == hashlib.sha256(b"redone").hexdigest()


def test_an_object_that_is_wrong_in_the_store_is_named_and_its_earlier_copy_stays(
    container: tuple[Shelf, BatchRepository], tmp_path: Path
) -> None:
    good = container[0].objects[PAGE]
    container[0].objects[PAGE] = b"rotten"
    assert back_up(container, tmp_path / "b").damaged == [PAGE]
    assert PAGE not in dict(restore.read_sums(tmp_path / "b"))

    container[0].objects[PAGE] = good
    assert back_up(container, tmp_path / "b").damaged == []
    container[0].objects[PAGE] = b"rotten"

    assert back_up(container, tmp_path / "b").damaged == []
    assert (tmp_path / "b" / "objects" / PAGE).read_bytes() == good


def test_rot_in_the_backup_itself_is_mended(container: tuple[Shelf, BatchRepository], tmp_path: Path) -> None:
    back_up(container, tmp_path / "b")
    (tmp_path / "b" / "objects" / PAGE).write_bytes(b"rotten")

    done = back_up(container, tmp_path / "b")

    assert (done.copied, done.damaged) == (1, [])
    assert (tmp_path / "b" / "objects" / PAGE).read_bytes() == container[0].objects[PAGE]


def test_a_backup_that_was_stopped_can_be_told_and_is_finished_by_the_next(
    container: tuple[Shelf, BatchRepository], tmp_path: Path
) -> None:
    def stop(key: str) -> None:
        if key == PAGE:
            raise Stopped

    container[0].on_fetch = stop
    with pytest.raises(Stopped):
        back_up(container, tmp_path / "b")
    with pytest.raises(BackupUnfinishedError):
        restore.about(tmp_path / "b")
    there = sum(1 for path in (tmp_path / "b" / "objects").rglob("*") if path.is_file())

    container[0].on_fetch = silence_key
    done = back_up(container, tmp_path / "b")

    assert there > 0
    assert (done.copied, done.objects) == (21 - there, 21)
    assert restore.about(tmp_path / "b")["objects"] == 21


def silence_key(key: str) -> None:
    pass


@pytest.mark.parametrize("late", [False, True], ids=["while copying", "while taking its place"])
def test_an_earlier_backup_is_whole_until_the_next_one_is(
    container: tuple[Shelf, BatchRepository], tmp_path: Path, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(container, tmp_path / "b")
    earlier = container[0].objects[PAGE]
    record(container, PAGE, b"redone")
    record(container, "pages/b/000099.jpg", b"new")

    def stop(*arguments: object) -> None:
        raise Stopped

    with monkeypatch.context() as patched:
        patched.setattr(backup, "_take_place" if late else "_finish", stop)
        with pytest.raises(Stopped):
            back_up(container, tmp_path / "b")
    kept: dict[str, bytes] = {}
    done = restore.put_back(cast(Store, Taker(kept)), tmp_path / "b", tell=silence)

    assert done.damaged == []
    assert kept[PAGE] == (b"redone" if late else earlier)
    assert ("pages/b/000099.jpg" in kept) is late
    assert restore.rows(tmp_path / "b") is not None
    assert back_up(container, tmp_path / "b").objects == 22
    assert not (tmp_path / "b" / "unfinished").exists()


@dataclass
class Taker:
    """As much of a store as restoring asks for."""

    objects: dict[str, bytes]

    def put_original(self, path: Path, sha256: str) -> StoredObject:
        return self.put_file(f"originals/{sha256}", path, "")

    def put_file(self, key: str, path: Path, content_type: str) -> StoredObject:
        self.objects[key] = path.read_bytes()
        return stored(key, self.objects[key])


def test_folders_that_are_no_place_for_a_backup_are_refused(
    container: tuple[Shelf, BatchRepository], tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("private")
    (tmp_path / "file").write_text("a file")

    for target in (tmp_path / "home", tmp_path / "home" / "backup", tmp_path / "full", tmp_path / "file"):
        with pytest.raises(NotABackupError):
            back_up(container, target) if target.parent == tmp_path else inside(container, target)
    with pytest.raises(NotABackupError, match="no backup"):
        restore.about(tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["letter.txt"]


def inside(container: tuple[Shelf, BatchRepository], target: Path) -> None:
    backup.back_up(cast(Store, container[0]), container[1].database, target, home=target.parent, tell=silence)


def test_the_backup_of_another_installation_is_not_written_over(
    container: tuple[Shelf, BatchRepository], tmp_path: Path
) -> None:
    back_up(container, tmp_path / "b")
    sums = tmp_path / "b" / "SHA256SUMS"
    sums.write_text(sums.read_text().replace("objects/originals/", "objects/originals/f"))

    with pytest.raises(NotABackupError, match="another installation"):
        back_up(container, tmp_path / "b")


def test_a_list_cannot_lead_out_of_the_backup(container: tuple[Shelf, BatchRepository], tmp_path: Path) -> None:
    back_up(container, tmp_path / "b")
    (tmp_path / "secret").write_bytes(b"secret")
    sha256 = hashlib.sha256(b"secret").hexdigest()
    for key in ("../../secret", f"{tmp_path}/secret", "pages/../../../secret", "pages/.hidden"):
        (tmp_path / "b" / "SHA256SUMS").write_text(f"{sha256}  objects/{key}\n")
        kept: dict[str, Any] = {}

        done = restore.put_back(cast(Store, Taker(kept)), tmp_path / "b", tell=silence)

        assert kept == {}
        assert len(done.damaged) == 1


def test_a_backup_holds_no_keys_and_tells_how_to_restore(
    container: tuple[Shelf, BatchRepository], tmp_path: Path
) -> None:
    back_up(container, tmp_path / "b")

    files = {path.relative_to(tmp_path / "b").parts[0] for path in (tmp_path / "b").rglob("*") if path.is_file()}
    text = (tmp_path / "b" / "README.txt").read_text(encoding="utf-8")

    assert files == {"objects", "abhilekh.db", "SHA256SUMS", "README.txt", "backup.json"}
    assert "restore" in text
    assert "लौटाने" in text
