"""The inbox is a share that strangers write to: nothing in it is trusted, followed, or taken for what it is called."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.app import Container
from pipeline.model.scan import Source
from tests.faults.conftest import small_scans
from tests.inboxes import home_with, is_clear, rows, sha256, stored, wait_until
from tests.integration.ingest.test_gather import STACKS, kept, put, watching

BY_NAME = r"""
name = "marked"
title = "Marked"
title_hi = "चिह्नित"
folder = "marked"
group = "name"
name_pattern = 'scan (?P<batch>.+)_(?P<page>\d+)\.tif'
complete = { after_seconds = 0.4, marker = "{batch}.end" }
"""


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    with home_with({"stacks": STACKS, "marked": BY_NAME}, RECHECK_SECONDS="600") as built:
        yield built


@pytest.fixture
def inbox(container: Container) -> Iterator[Path]:
    inbox = container.settings.inbox
    yield inbox
    for folder in (inbox, container.places.done, container.places.duplicates, container.places.rejected):
        assert folder is not None
        shutil.rmtree(folder)
        folder.mkdir()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A whole scan outside the inbox, which its sharer may not read."""
    (tmp_path / "private").mkdir()
    (scan,) = small_scans(tmp_path, 1, seed=int.from_bytes(os.urandom(3), "big"))
    return Path(shutil.move(scan, tmp_path / "private" / "scan.tif"))


def old_slip(inbox: Path, *lines: dict[str, Any]) -> Path:
    """A slip as an earlier version wrote it, for the group “F 1-1” of `stacks/o`."""
    key = "\0".join(("stacks", "stacks/o/F 1-1", "F 1-1")).encode()
    path = inbox / f".abhilekh-{hashlib.sha256(key).hexdigest()[:16]}.slip"
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    return path


def look_for(container: Container, seconds: float = 1.5) -> None:
    with watching(container.watcher()):
        time.sleep(seconds)


# --- slips ----------------------------------------------------------------------------------------------------------


def test_a_forged_slip_moves_no_file_out_of_the_inbox(container: Container, inbox: Path) -> None:
    target = container.settings.home / "abhilekh.toml"
    target.write_text("# settings\n", encoding="utf-8")
    old_slip(
        inbox,
        {"pages": {"../abhilekh.toml": sha256(target.read_bytes())}},
        {"markers": {}, "to": "done", "place": "2026-01-01/x", "folders": []},
    )

    look_for(container)

    assert target.read_text(encoding="utf-8") == "# settings\n"
    assert kept(container.places.done) == []
    target.unlink()


def test_a_forged_slip_moves_no_file_to_another_place(container: Container, inbox: Path, tmp_path: Path) -> None:
    code = b"import os\n"
    (inbox / "scan.pdf").write_bytes(code)
    elsewhere = tmp_path / "site-packages"
    place = os.path.relpath(elsewhere, container.settings.home / "done")
    old_slip(
        inbox,
        {"pages": {"scan.pdf": sha256(code)}},
        {"markers": {}, "to": "done", "place": place, "folders": []},
    )

    look_for(container, 3)

    assert not elsewhere.exists()


def test_a_link_named_like_a_slip_harms_nothing(
    container: Container, inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"one line that has no end")
    (inbox / ".abhilekh-0123456789abcdef.slip").symlink_to(victim)
    (inbox / ".abhilekh-0123456789abcde0.slip").symlink_to(tmp_path / "made")

    look_for(container)

    assert victim.read_bytes() == b"one line that has no end"
    assert not (tmp_path / "made").exists()
    assert "is ignored" in "".join(capsys.readouterr())


def test_a_slip_of_an_earlier_version_that_was_killed_loses_nothing_and_takes_nothing_twice(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    folder = inbox / "stacks" / "o" / "F 1-1"
    pages = put(folder, tmp_path, ["1.tif", "2.tif", "3.tif"], seed=9001)
    hashes = {f"stacks/o/F 1-1/{page.name}": sha256(page.read_bytes()) for page in pages}
    copies = [page.read_bytes() for page in pages]
    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "the group to be taken")
    folder.mkdir(parents=True)
    for page, data in list(zip(pages, copies, strict=True))[1:]:  # killed after the first page had left
        page.write_bytes(data)
    slip = old_slip(inbox, {"pages": hashes}, {"markers": {}, "to": "done", "place": "2026-01-01/F 1-1", "folders": []})

    with watching(container.watcher()):
        wait_until(lambda: not any(folder.glob("*.tif")), "the rest to be cleared")

    assert [row.pages for row in rows(container) if row.name == "F 1-1"] == [3]
    assert sorted(Path(name).name for name in kept(container.places.duplicates)) == ["2.tif", "3.tif"]
    assert slip.exists(), "it is the sharer's file, and not touched"


def test_nothing_is_written_into_the_inbox_while_a_group_is_taken(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    folder = inbox / "stacks" / "o" / "F 1-2"
    seen: set[str] = set()
    watcher = container.watcher()
    prove = watcher.intake.prove

    def look_round(path: Path, name: str) -> Source:
        seen.update(str(p.relative_to(inbox)) for p in inbox.rglob("*") if p.is_file())
        return prove(path, name)

    watcher.intake.prove = look_round
    put(folder, tmp_path, ["1.tif", "2.tif"], seed=9002)
    with watching(watcher):
        wait_until(lambda: is_clear(inbox), "the group to be taken")

    assert seen == {"stacks/o/F 1-2/1.tif", "stacks/o/F 1-2/2.tif"}


# --- links ----------------------------------------------------------------------------------------------------------


def test_links_pipes_and_sockets_are_set_aside_unopened(container: Container, inbox: Path, secret: Path) -> None:
    (inbox / "link.tif").symlink_to(secret)
    (inbox / "folder").symlink_to(secret.parent)
    (inbox / "stacks").mkdir()
    (inbox / "stacks" / "o").symlink_to(secret.parent)
    os.mkfifo(inbox / "pipe.tif")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(inbox / "s.tif"))

    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "the inbox to be cleared", seconds=20)
    listening.close()

    assert sha256(secret.read_bytes()) not in stored(container)
    aside = [path for path in container.places.rejected.rglob("*") if not path.is_dir() or path.is_symlink()]
    assert all(path.is_file() and not path.is_symlink() for path in aside), "no link comes into the home"
    assert any(str(secret) in path.read_text("utf-8") for path in aside), "where a link led is told"


def test_the_reason_beside_a_rejected_file_is_not_written_through_a_link(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "authorized_keys"
    victim.write_bytes(b"mine")
    (inbox / "a.tif.txt").symlink_to(victim)
    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "the link to be set aside")
        (inbox / "a.tif").write_bytes(b"no scan")
        wait_until(lambda: is_clear(inbox), "the file to be rejected")

    assert victim.read_bytes() == b"mine"
    notes = [path.read_text("utf-8") for path in container.places.rejected.rglob("*.txt")]
    assert any("a.tif" in note and "scan" in note for note in notes)


def test_the_reason_is_not_written_over_a_file_of_that_name(container: Container, inbox: Path) -> None:
    with watching(container.watcher()):
        for name, data in (("b.tif.txt", b"kept"), ("b.tif", b"no scan")):
            (inbox / name).write_bytes(data)
            wait_until(lambda: is_clear(inbox), "the file to be rejected")

    assert [p.read_bytes() for p in container.places.rejected.rglob("b.tif.txt")] == [b"kept"]


def test_a_folder_exchanged_for_a_link_between_look_and_proof_is_not_followed(
    container: Container, inbox: Path, secret: Path, tmp_path: Path
) -> None:
    put(inbox / "x", tmp_path, ["scan.tif"], seed=9003)
    ours = (inbox / "x" / "scan.tif").read_bytes()

    def exchange() -> None:
        (inbox / "x").rename(tmp_path / "taken away")
        (inbox / "x").symlink_to(secret.parent)

    watch_with(container, before_proof=exchange)

    assert sha256(secret.read_bytes()) not in stored(container)
    assert secret.is_file(), "it was moved"
    assert [row.sha256 for row in rows(container) if row.name == "scan.tif"] in ([], [sha256(ours)])


def test_a_file_exchanged_for_a_link_between_look_and_proof_is_not_followed(
    container: Container, inbox: Path, secret: Path, tmp_path: Path
) -> None:
    (scan,) = put(inbox, tmp_path, ["mine.tif"], seed=9004)

    def exchange() -> None:
        scan.unlink()
        scan.symlink_to(secret)

    watch_with(container, before_proof=exchange)

    assert sha256(secret.read_bytes()) not in stored(container)
    assert secret.is_file()


def test_what_is_proven_is_what_is_stored(container: Container, inbox: Path, tmp_path: Path) -> None:
    """The file is exchanged by another whole scan after its proof: neither is lost, and neither stands for the other."""
    first, second = (page.read_bytes() for page in put(tmp_path / "aside", tmp_path, ["1.tif", "2.tif"], seed=9005))
    (inbox / "one.tif").write_bytes(first)

    def exchange() -> None:
        (tmp_path / "next").write_bytes(second)
        (tmp_path / "next").rename(inbox / "one.tif")

    watch_with(container, after_proof=exchange)

    assert [row.sha256 for row in rows(container) if row.name == "one.tif"] == [sha256(first), sha256(second)]
    assert sha256(container.store.get(f"originals/{sha256(first)}")) == sha256(first)
    assert {sha256(path.read_bytes()) for path in container.places.done.rglob("*.tif")} == {sha256(second)}


def watch_with(
    container: Container,
    *,
    before_proof: Callable[[], None] = lambda: None,
    after_proof: Callable[[], None] = lambda: None,
) -> None:
    """Watch with something that happens once, right before or after the first proof."""
    watcher = container.watcher()
    prove, once = watcher.intake.prove, threading.Event()

    def proving(path: Path, name: str) -> Source:
        is_first = not once.is_set()
        once.set()
        if is_first:
            before_proof()
        try:
            return prove(path, name)
        finally:
            if is_first:
                after_proof()

    watcher.intake.prove = proving
    with watching(watcher):
        wait_until(once.is_set, "a proof")
        time.sleep(3)


def test_folders_exchanged_all_the_time_lead_nowhere(
    container: Container, inbox: Path, secret: Path, tmp_path: Path
) -> None:
    put(inbox / "y", tmp_path, [f"{n}.tif" for n in range(40)], seed=9006)
    for n in range(40):
        shutil.copy(secret, secret.parent / f"{n}.tif")
    before = {path.name: path.read_bytes() for path in secret.parent.iterdir()}
    (inbox / ".link").symlink_to(secret.parent)
    stop = threading.Event()

    def exchange() -> None:
        while not stop.is_set():
            for one, other in (("y", ".y"), (".link", "y"), ("y", ".link"), (".y", "y")):
                (inbox / one).rename(inbox / other)

    exchanging = threading.Thread(target=exchange)
    exchanging.start()
    try:
        look_for(container, 5)
    finally:
        stop.set()
        exchanging.join()

    assert {path.name: path.read_bytes() for path in secret.parent.iterdir()} == before
    assert sha256(secret.read_bytes()) not in stored(container)


def test_a_second_name_of_somebody_elses_file_is_not_taken(container: Container, inbox: Path, secret: Path) -> None:
    (inbox / "linked.tif").hardlink_to(secret)
    content = secret.read_bytes()

    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "it to be set aside", seconds=20)

    assert secret.read_bytes() == content
    assert sha256(content) not in stored(container)
    assert not any(row.name == "linked.tif" for row in rows(container))
    note = next(container.places.rejected.rglob("linked.tif.txt")).read_text("utf-8")
    assert "hard links" in note and "हार्ड लिंक" in note


def test_a_second_name_that_goes_again_is_waited_for(container: Container, inbox: Path, tmp_path: Path) -> None:
    """Some programs deliver a file by linking it under its final name, and then remove the first one."""
    (scan,) = put(inbox, tmp_path, ["mail.tif"], seed=9007)
    (tmp_path / "tmp-name").hardlink_to(scan)
    with watching(container.watcher()):
        time.sleep(0.8)
        assert scan.exists()
        (tmp_path / "tmp-name").unlink()
        wait_until(lambda: is_clear(inbox), "it to be taken")

    assert any(row.name == "mail.tif" and row.pages == 1 for row in rows(container))


def test_a_marker_that_is_a_link_ends_no_group(container: Container, inbox: Path, secret: Path, tmp_path: Path) -> None:
    put(inbox / "marked", tmp_path, ["scan 7_1.tif"], seed=9008)
    (inbox / "marked" / "7.end").symlink_to(secret)

    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "the group to be taken")

    assert secret.is_file() and not secret.is_symlink()
    assert kept(container.places.done) == ["7/scan 7_1.tif"]


# --- names ----------------------------------------------------------------------------------------------------------


ODD_NAMES = [
    "..",
    ".",
    "...",
    "a\nb",
    "\x1b[2J",
    "\u202eabc",
    "x" * 240,
    os.fsdecode(b"\xff\xfe"),
    "$(id)",
    "-rf",
    "%2e%2e",
]


@pytest.mark.parametrize(("seed", "name"), list(enumerate(ODD_NAMES, start=9100)))
def test_no_name_of_a_group_leads_out_of_done(
    container: Container, inbox: Path, tmp_path: Path, seed: int, name: str
) -> None:
    file = f"scan {name}_1.tif"
    put(inbox / "marked", tmp_path, [file], seed=seed)

    with watching(container.watcher()):
        wait_until(lambda: is_clear(inbox), "the group to be taken")

    (found,) = [path for path in container.settings.home.rglob("scan *_1.tif") if "work" not in path.parts]
    assert found.name == file
    assert found.resolve().relative_to(container.places.done.resolve()).parts[0] == time.strftime("%Y-%m-%d")


def test_a_folder_that_lies_too_deep_does_not_stop_the_others(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    deep = inbox
    for _ in range(60):
        deep = deep / "d"
    deep.mkdir(parents=True)
    put(inbox, tmp_path, ["shallow.tif"], seed=9009)
    shutil.copy(inbox / "shallow.tif", deep)

    with watching(container.watcher()):
        wait_until(lambda: not (inbox / "shallow.tif").exists(), "the other to be taken")

    assert (deep / "shallow.tif").exists(), "it stays, and the log says so"
