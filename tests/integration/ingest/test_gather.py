"""Pages that a scanner writes one by one become one batch: a real watcher, a real store, real rows."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

import pytest
from sqlmodel import Session, col, select

from pipeline import settings
from pipeline.app import Container
from pipeline.db.inbox_tables import SlipRow
from pipeline.db.tables import BatchRow
from pipeline.ingest import leaving
from pipeline.ingest.slip import Slip, slip_of
from pipeline.ingest.watch import Watcher
from tests.conftest import short_folder, wait_for
from tests.faults.conftest import small_scans

STACKS = """
name = "stacks"
title = "Stacks"
title_hi = "गड्डी"
folder = "stacks"
files = ["*.tif"]
group = "folder"
subfolders = ["office", "file_no"]
complete = { after_seconds = 0.8, marker = "*.end" }
"""
NAMED = r"""
name = "named"
title = "Named"
title_hi = "नाम"
folder = "named"
group = "name"
name_pattern = '(?P<batch>.+)_(?P<page>\d+)\.tif'
complete = { marker = "{batch}.end" }
"""


class PowerCutError(BaseException):
    """The process ends here: nothing catches it."""


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    home = short_folder()
    (home / "scanners").mkdir()
    for name, text in (("stacks", STACKS), ("named", NAMED)):
        (home / "scanners" / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("SETTLE", "0.1"), ("RESCAN", "0.2"), ("REJECT_AFTER", "1.2")):
            patch.setenv(f"ABHILEKH_INTAKE__{name}_SECONDS", value)
        patch.setenv("ABHILEKH_INTAKE__PROFILES", str(home / "scanners"))
        built = Container(settings.load(home))
    built.make_folders()
    yield built
    built.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def inbox(container: Container) -> Iterator[Path]:
    inbox = container.settings.inbox
    yield inbox
    for folder in (inbox, container.places.done, container.places.duplicates, container.places.rejected):
        assert folder is not None
        shutil.rmtree(folder)
        folder.mkdir()


@contextmanager
def watching(*watchers: Watcher) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=watcher.run, args=(stop,)) for watcher in watchers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)


def put(folder: Path, tmp_path: Path, names: list[str], *, seed: int) -> list[Path]:
    """Different scans under these names, in this order."""
    folder.mkdir(parents=True, exist_ok=True)
    scans = small_scans(tmp_path, len(names), seed=seed)
    return [Path(shutil.move(scan, folder / name)) for scan, name in zip(scans, names, strict=True)]


def batches(container: Container, profile: str | None = None) -> list[BatchRow]:
    """Every batch with pages, or those of a profile, in order of arrival."""
    with Session(container.database.engine) as session:
        rows = session.exec(select(BatchRow).where(BatchRow.pages > 0).order_by(col(BatchRow.received_at)))
        return [row for row in rows if profile in (None, row.profile)]


def new_batches(container: Container, before: list[BatchRow]) -> list[BatchRow]:
    known = {row.id for row in before}
    return [row for row in batches(container) if row.id not in known]


def page_names(row: BatchRow) -> list[str]:
    return [file["name"] for file in row.files] or [row.name]


def inbox_is_empty(inbox: Path) -> bool:
    return not any(path.is_file() for path in inbox.rglob("*"))


def kept(folder: Path | None) -> list[str]:
    """What lies in `done` or `duplicates`, below the day."""
    assert folder is not None
    return sorted("/".join(path.relative_to(folder).parts[1:]) for path in folder.rglob("*") if path.is_file())


def test_the_files_of_a_folder_are_one_batch_in_order_with_what_the_folders_tell(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    before = batches(container)
    put(inbox / "stacks" / "sagar" / "F 19-76", tmp_path, ["p9.tif", "p10.tif", "p१.tif"], seed=101)

    with watching(container.watcher()):
        wait_for(lambda: inbox_is_empty(inbox), "the group to be taken", seconds=60)

    (row,) = new_batches(container, before)
    assert (row.name, row.profile, row.pages, row.office) == ("F 19-76", "stacks", 3, "sagar")
    assert row.scan_metadata == {"office": "sagar", "file_no": "F 19-76"}
    assert page_names(row) == ["p१.tif", "p9.tif", "p10.tif"]
    assert kept(container.places.done) == ["F 19-76/p10.tif", "F 19-76/p9.tif", "F 19-76/p१.tif"]
    assert (inbox / "stacks" / "sagar").is_dir(), "a folder named for an office stays"
    assert not (inbox / "stacks" / "sagar" / "F 19-76").exists()


def test_pages_that_keep_coming_are_waited_for_and_a_late_one_is_a_batch_of_its_own(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    before = batches(container)
    stack = inbox / "stacks" / "sagar" / "F 19-77"
    late = put(tmp_path / "aside", tmp_path, [f"p{n}.tif" for n in range(1, 6)], seed=102)
    stack.mkdir(parents=True)

    with watching(container.watcher()):
        for page in late[:4]:
            shutil.move(page, stack)
            time.sleep(0.35)
        wait_for(lambda: len(new_batches(container, before)) == 1, "the group to be taken", seconds=60)
        stack.mkdir(exist_ok=True)
        shutil.move(late[4], stack)
        wait_for(lambda: len(new_batches(container, before)) == 2, "the late page to be taken", seconds=60)
        wait_for(lambda: inbox_is_empty(inbox), "the inbox to be cleared", seconds=60)

    first, second = new_batches(container, before)
    assert (page_names(first), page_names(second)) == (["p1.tif", "p2.tif", "p3.tif", "p4.tif"], ["p5.tif"])
    assert second.scan_metadata["file_no"] == "F 19-77"
    assert "F 19-77-2/p5.tif" in kept(container.places.done)


def test_a_marker_ends_the_group_of_its_name_and_goes_with_it(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    before = batches(container)
    put(inbox / "named", tmp_path, ["b7_10.tif", "b7_9.tif", "b8_1.tif"], seed=103)

    with watching(container.watcher()):
        time.sleep(1.5)
        assert new_batches(container, before) == []
        (inbox / "named" / "b7.end").touch()
        wait_for(lambda: not (inbox / "named" / "b7.end").exists(), "the group to be taken", seconds=60)

    (row,) = new_batches(container, before)
    assert (row.name, page_names(row)) == ("b7", ["b7_9.tif", "b7_10.tif"])
    assert kept(container.places.done) == ["b7/b7.end", "b7/b7_10.tif", "b7/b7_9.tif"]
    assert [path.name for path in (inbox / "named").iterdir()] == ["b8_1.tif"]


def test_a_marker_whose_pages_are_gone_is_set_aside(container: Container, inbox: Path) -> None:
    before = batches(container)
    (inbox / "named").mkdir()
    (inbox / "named" / "b9.end").touch()

    with watching(container.watcher()):
        wait_for(lambda: inbox_is_empty(inbox), "the marker to be set aside", seconds=60)

    assert new_batches(container, before) == [] and kept(container.places.done) == ["b9/b9.end"]


def test_a_page_that_stays_incomplete_is_rejected_alone_and_the_others_are_taken(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    before = batches(container)
    pages = put(inbox / "stacks" / "o" / "F 1-1", tmp_path, ["1.tif", "2.tif", "3.tif"], seed=104)
    pages[1].write_bytes(pages[1].read_bytes()[:-200])

    with watching(container.watcher()):
        time.sleep(1.0)
        assert new_batches(container, before) == [], "it did not wait for the page"
        wait_for(lambda: inbox_is_empty(inbox), "the group to be taken", seconds=60)

    (row,) = new_batches(container, before)
    assert page_names(row) == ["1.tif", "3.tif"]
    assert kept(container.places.rejected) == ["2.tif", "2.tif.txt"]
    assert not pages[1].parent.exists()


def test_a_page_that_is_finished_later_holds_its_group_back_until_then(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    before = batches(container)
    pages = put(inbox / "stacks" / "o" / "F 1-2", tmp_path, ["1.tif", "2.tif"], seed=105)
    whole = pages[1].read_bytes()
    pages[1].write_bytes(whole[:-200])

    with watching(container.watcher()):
        time.sleep(1.2)
        pages[1].write_bytes(whole)
        wait_for(lambda: inbox_is_empty(inbox), "the group to be taken", seconds=60)

    (row,) = new_batches(container, before)
    assert page_names(row) == ["1.tif", "2.tif"] and kept(container.places.rejected) == []


def test_two_watchers_take_a_group_once(container: Container, inbox: Path, tmp_path: Path) -> None:
    before = batches(container)
    for stack in range(4):
        names = [f"{n}.tif" for n in range(1, 5)]
        put(inbox / "stacks" / "o" / f"F 2-{stack}", tmp_path, names, seed=110 + stack)

    with watching(container.watcher(), container.watcher(), container.watcher()):
        wait_for(lambda: inbox_is_empty(inbox), "the groups to be taken", seconds=60)

    rows = new_batches(container, before)
    assert sorted((row.name, row.pages) for row in rows) == [(f"F 2-{stack}", 4) for stack in range(4)]
    assert kept(container.places.duplicates) == [] and len(kept(container.places.done)) == 16


def test_a_group_that_another_watcher_holds_is_left_to_it(container: Container, inbox: Path, tmp_path: Path) -> None:
    before = batches(container)
    put(inbox / "stacks" / "o" / "F 2-9", tmp_path, ["1.tif", "2.tif"], seed=115)

    with watching(container.watcher()):
        gatherer = container.watcher().gatherer
        key = ("stacks", "stacks/o/F 2-9", "F 2-9")
        with slip_of(gatherer.slips, gatherer.taking.inbox, key, container.arrivals.alone) as slip:
            assert slip is not None
            time.sleep(2.0)
            assert new_batches(container, before) == []
        wait_for(lambda: inbox_is_empty(inbox), "the group to be taken", seconds=60)

    assert [row.pages for row in new_batches(container, before)] == [2]


def test_the_same_group_again_is_a_duplicate(container: Container, inbox: Path, tmp_path: Path) -> None:
    before = batches(container)
    pages = put(tmp_path / "aside", tmp_path, ["1.tif", "2.tif"], seed=106)

    with watching(container.watcher()):
        for name in ("F 3-1", "F 3-1 again"):
            shutil.copytree(pages[0].parent, inbox / "stacks" / "o" / name)
            wait_for(lambda: inbox_is_empty(inbox), "the group to be taken", seconds=60)

    assert len(new_batches(container, before)) == 1
    assert kept(container.places.done) == ["F 3-1/1.tif", "F 3-1/2.tif"]
    assert kept(container.places.duplicates) == ["F 3-1 again/1.tif", "F 3-1 again/2.tif"]


def slips(container: Container) -> list[SlipRow]:
    with Session(container.database.engine) as session:
        return list(session.exec(select(SlipRow)))


def cut_power(patch: pytest.MonkeyPatch, moment: int) -> None:
    """End the process right after the commit (0), or before that file, counted from 1, leaves the inbox."""
    moved = 0
    move_taken = leaving.move_taken

    def move_or_die(inbox: Path, relative: PurePath, descriptor: int, root: Path, target: PurePath) -> Path:
        nonlocal moved
        moved += 1
        if moved == moment:
            raise PowerCutError
        return move_taken(inbox, relative, descriptor, root, target)

    def die(*_: object, **__: object) -> None:
        raise PowerCutError

    patch.setattr(leaving, "move_taken", move_or_die)
    if moment == 0:
        patch.setattr(Slip, "commit", die)


def run_until_power_cut(watcher: Watcher) -> None:
    """Looks at the inbox again and again, as the watcher's own thread does, until the power goes."""
    from concurrent.futures import ThreadPoolExecutor

    stop = threading.Event()
    with ThreadPoolExecutor(2) as threads, pytest.raises(PowerCutError):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            watcher._round(threads, stop)
            time.sleep(0.1)


@pytest.mark.parametrize(
    ("place", "moment"), [("stacks/o/F 4-1", 0), ("stacks/o/F 4-1", 2), ("named", 0), ("named", 1), ("named", 4)]
)
def test_after_a_crash_no_page_is_taken_twice_and_none_is_lost(
    container: Container, inbox: Path, tmp_path: Path, place: str, moment: int
) -> None:
    before = batches(container)
    seed = 200 + moment * 2 + len(place)
    names = [f"b1_{n}.tif" for n in range(1, 6)]
    pages = put(tmp_path / "aside", tmp_path, names, seed=seed)
    folder = inbox / place
    folder.mkdir(parents=True)
    for page in pages[:4]:
        shutil.move(page, folder)
    (folder / "b1.end").touch()
    with pytest.MonkeyPatch.context() as patch:
        cut_power(patch, moment)
        run_until_power_cut(container.watcher())
    assert [row.pages for row in new_batches(container, before)] == [4]
    assert slips(container) and not list(inbox.glob(".*"))

    shutil.move(pages[4], folder)  # a late page, written while nobody watched
    with watching(container.watcher()):
        wait_for(lambda: not (folder / "b1.end").exists(), "the rest to be cleared", seconds=60)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "b1.end").touch()
        wait_for(lambda: inbox_is_empty(inbox), "the late page to be taken", seconds=60)

    rows = new_batches(container, before)
    assert [page_names(row) for row in rows] == [names[:4], names[4:]]
    assert kept(container.places.duplicates) == []
    assert sorted(Path(name).name for name in kept(container.places.done) if name.endswith(".tif")) == names
    assert not slips(container)


def test_a_new_file_under_an_old_name_is_not_cleared_away_after_a_crash(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    before = batches(container)
    folder = inbox / "stacks" / "o" / "F 5-1"
    put(folder, tmp_path, ["1.tif", "2.tif", "3.tif"], seed=107)
    with pytest.MonkeyPatch.context() as patch:
        cut_power(patch, 2)
        run_until_power_cut(container.watcher())

    put(folder, tmp_path, ["1.tif"], seed=108)  # the device counts from one again
    with watching(container.watcher()):
        wait_for(lambda: inbox_is_empty(inbox), "the inbox to be cleared", seconds=60)

    assert [page_names(row) for row in new_batches(container, before)] == [["1.tif", "2.tif", "3.tif"], ["1.tif"]]


def test_a_single_file_of_a_profile_carries_its_name_and_what_was_told(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    before = batches(container)
    put(inbox, tmp_path, ["letter.tif"], seed=109)

    with watching(container.watcher()):
        wait_for(lambda: inbox_is_empty(inbox), "the letter to be taken", seconds=60)

    (row,) = new_batches(container, before)
    assert (row.name, row.profile, row.scan_metadata, row.files) == ("letter.tif", "generic", {}, [])


def test_waiting_for_the_rest_of_a_group_costs_nothing(container: Container, inbox: Path, tmp_path: Path) -> None:
    put(inbox / "named", tmp_path, ["b3_1.tif"], seed=111)
    watcher, looks = container.watcher(), 0
    scan: Callable[..., str] = watcher._scan

    def count(*given: object) -> str:
        nonlocal looks
        looks += 1
        return scan(*given)

    watcher._scan = count  # type: ignore[method-assign]
    with watching(watcher):
        time.sleep(2.0)

    assert looks <= 15, f"{looks} looks in two seconds, at one each 0.2 s"
