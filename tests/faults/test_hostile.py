"""Files meant to do harm, and odd ones: refused or filed with a plain reason, bytes kept, and the line goes on."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image

from pipeline import settings
from pipeline.app import Container
from pipeline.errors import InputError, NotAFileError, OversizedPageError, UnreasonableScanError
from pipeline.formats import pdf, probe
from pipeline.formats.names import printable
from pipeline.formats.raster import Raster
from pipeline.formats.rasterise import rasterise
from pipeline.model.scan import MediaType, Source
from pipeline.settings import OcrSettings, PageSettings
from pipeline.workflow.page_worker import PageJob, PageResult, unreadable
from tests.conftest import ABHILEKH, Office, short_folder, wait_for
from tests.faults import hostile
from tests.faults.conftest import small_scans

LIMIT = 30_000_000  # pixels of a page in these tests
LEAN_MB = 350  # what the whole process tree of a look at a bomb may hold; the interpreters alone take 150


# --- bombs ----------------------------------------------------------------------------------------------------------


def _cpu_seconds() -> float:
    """Processor time of this process, and of the one that opens files with all that it waited for."""
    total = sum(os.times()[:4])
    helper = probe._APART._helper
    if helper:
        stat = Path(f"/proc/{helper[0].pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, stat[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


@pytest.mark.parametrize("name", hostile.BOMBS)
def test_a_bomb_is_refused_in_seconds_and_within_bounds(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "_CPU_SECONDS", 4)
    make, code = hostile.BOMBS[name]
    make(tmp_path / name)
    began = _cpu_seconds()

    with Tree(os.getpid()) as tree, pytest.raises(InputError) as told:
        probe.prove(tmp_path / name, name, max_pixels=LIMIT)

    assert told.value.code == code
    assert name in told.value.text("hi")
    assert _cpu_seconds() - began < 15
    assert tree.grown_mb < LEAN_MB


def test_what_opens_a_file_may_die_and_the_next_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (good,) = small_scans(tmp_path, 1, seed=21)
    for death in (_crash, _eat):
        with monkeypatch.context() as patched, pytest.raises(UnreasonableScanError):
            patched.setattr(probe, "_look", death)
            probe.prove(good, good.name, max_pixels=LIMIT)
    helper = probe._APART._helper
    assert helper
    os.kill(helper[0].pid, signal.SIGKILL)
    helper[0].wait()

    assert probe.prove(good, good.name, max_pixels=LIMIT).pages == 1


def _crash(*arguments: object) -> Source:
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def _eat(*arguments: object) -> Source:
    held = []
    while True:
        held.append(bytes(100 << 20))


def test_a_file_that_cannot_be_read_in_time_is_not_blamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (good,) = small_scans(tmp_path, 1, seed=22)
    monkeypatch.setattr(probe, "_SECONDS", 0.3)
    monkeypatch.setattr(probe, "_look", _wait)

    with pytest.raises(TimeoutError):
        probe.prove(good, good.name, max_pixels=LIMIT)


def _wait(*arguments: object) -> Source:
    time.sleep(60)
    raise AssertionError


# --- everything through the command ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def works() -> Iterator[Office]:
    home = short_folder()
    yield Office(home, {"ABHILEKH_PAGES__MAX_MEGAPIXELS": str(LIMIT / 1e6)})
    shutil.rmtree(home, ignore_errors=True)


ODD_NAMES = [
    "पंक्ति\nदूसरी.tif",
    "उद्धरण\"'`$(id).tif",
    "सीटी\a\x1b[31m.tif",
    "-rf.tif",
    "a..tif",
    "con.tif",
    "%2e%2e%2fpasswd.tif",
    "gpj.\u202eexe.tif",
    "क" * 83 + "xy.tif",
    "{name} {0} %s.tif",
]


@pytest.fixture(scope="module")
def taken(works: Office, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the command said, by file name, of a folder full of trouble."""
    folder = tmp_path_factory.mktemp("trouble")
    for name in ("contents.pdf", "large.png", "strips.tif"):
        hostile.BOMBS[name][0](folder / name)
    Image.new("1", (hostile.SIDE, hostile.SIDE), 1).save(folder / "square.png")
    hostile.with_large_image(folder / "square.pdf")
    hostile.of_odd_sheets(folder / "odd-sheets.pdf")
    hostile.lively(folder / "lively.pdf")
    blank_sheet(folder / "really-a-png.pdf", "PNG", side=90)
    shutil.copy(folder / "lively.pdf", folder / "really-a-pdf.jpg")
    with (folder / "really-a-pdf.jpg").open("ab") as file:
        file.write(b"\n")  # not the same bytes
    for number, name in enumerate(ODD_NAMES):
        blank_sheet(folder / name, "TIFF", side=100 + number)
    (folder / "link.tif").symlink_to(folder / "con.tif")
    (folder / "nowhere.tif").symlink_to(folder / "no such file")
    (folder / "passwd.pdf").symlink_to("/etc/passwd")
    (folder / "elsewhere").symlink_to("/etc")
    os.mkfifo(folder / "pipe.pdf")
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)  # the path of a socket must be short
    listening.bind("socket.pdf")
    os.chdir(here)
    try:
        rows, code = works.ingest(folder)
    finally:
        listening.close()
    assert code == 3
    found = {row["path"].removeprefix(f"{folder}/"): {**row, "path": Path(row["path"])} for row in rows}
    assert len(found) == len(rows) == len([path for path in folder.iterdir() if path.name != "elsewhere"])
    return found


def blank_sheet(path: Path, kind: str, *, side: int) -> Path:
    Image.new("L", (side, side), 250).save(path, kind, dpi=(100, 100))
    return path


@pytest.fixture(scope="module")
def kept(works: Office, taken: dict[str, dict[str, Any]]) -> Iterator[Container]:
    """What the command left behind: rows and objects."""
    container = Container(settings.load(works.home))
    yield container
    container.close()


def test_bombs_are_kept_and_told(kept: Container, taken: dict[str, dict[str, Any]]) -> None:
    for name in ("contents.pdf", "large.png", "strips.tif", "square.png"):
        row = taken[name]
        assert row["status"] == "rejected", row
        assert name in row["reason_hi"]
        data = row["path"].read_bytes()
        assert kept.store.get(f"rejected/{hashlib.sha256(data).hexdigest()}") == data


def test_a_page_of_400_megapixels_is_refused_with_its_size_and_the_limit(taken: dict[str, dict[str, Any]]) -> None:
    row = taken["square.png"]

    assert row["code"] == OversizedPageError.code
    assert "400000000" in row["reason_en"] and str(LIMIT) in row["reason_hi"]


def test_inside_a_pdf_it_is_drawn_within_the_limit(kept: Container, taken: dict[str, dict[str, Any]]) -> None:
    row = taken["square.pdf"]

    assert row["status"] == "indexed", row
    (page,) = kept.records.document(row["documents"][0]).pages
    assert page.flags == ("unreadable",) or LIMIT * 0.9 < page.width * page.height <= LIMIT


def test_sheets_of_absurd_size_are_filed(kept: Container, taken: dict[str, dict[str, Any]]) -> None:
    row = taken["odd-sheets.pdf"]

    assert row["status"] == "indexed", row
    pages = [page for ident in row["documents"] for page in kept.records.document(ident).pages]
    assert [page.source_page for page in pages] == [1, 2, 3, 4, 5, 6]
    for page in pages:
        assert page.blank or "unreadable" in page.flags, page
        assert page.width * page.height <= LIMIT


def test_scripts_and_attachments_stay_in_the_original_and_are_flagged(
    works: Office, kept: Container, taken: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    row = taken["lively.pdf"]
    document = works.json("show", row["documents"][0])

    assert {"attachments", "javascript", "launch_action"} <= set(document["pages"][0]["flags"])
    assert document["status"] == "needs_review"
    original = row["path"].read_bytes()
    assert kept.store.get(document["objects"]["original"]) == original
    ours = tmp_path / "ours.pdf"
    ours.write_bytes(kept.store.get(document["objects"]["pdf"]))
    assert pdf.extras(ours) == ()


def test_content_decides_and_not_the_name(taken: dict[str, dict[str, Any]]) -> None:
    assert taken["really-a-png.pdf"]["status"] == taken["really-a-pdf.jpg"]["status"] == "indexed"


@pytest.mark.parametrize("name", ["link.tif", "nowhere.tif", "passwd.pdf", "pipe.pdf", "socket.pdf"])
def test_links_pipes_and_sockets_are_refused(name: str, taken: dict[str, dict[str, Any]]) -> None:
    assert (taken[name]["status"], taken[name]["code"]) == ("rejected", NotAFileError.code)
    assert name in taken[name]["reason_hi"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_cleaned_where_they_are_kept(
    name: str, kept: Container, taken: dict[str, dict[str, Any]]
) -> None:
    row = taken[name]

    assert row["status"] == "indexed", row
    shown = kept.records.batch(row["batch"]).source.name
    assert shown == printable(name)
    assert shown.isprintable()
    document = kept.records.document(row["documents"][0])
    with pikepdf.open(io.BytesIO(kept.store.get(document.pdf_key))) as made, made.open_metadata() as about:
        assert str(about["dc:title"]).isprintable()


def test_a_file_whose_name_is_no_utf8_does_not_stop_the_others(works: Office, kept: Container, tmp_path: Path) -> None:
    odd = blank_sheet(tmp_path / os.fsdecode(b"\xe0\xa4 latin-\xe9.tif"), "TIFF", side=80)
    other = blank_sheet(tmp_path / "other.tif", "TIFF", side=81)

    done = subprocess.run(
        [*ABHILEKH, "ingest", "--json", odd, other], env=works.environment, capture_output=True, check=False
    )

    rows = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert [row["status"] for row in rows] == ["indexed"] * 2, done.stderr.decode(errors="replace")
    names = {kept.records.batch(row["batch"]).source.name for row in rows}
    assert all(name.isprintable() for name in names) and any("latin-" in name for name in names)


def test_names_become_printable_and_stay_different() -> None:
    odd = [os.fsdecode(b"\xff.pdf"), os.fsdecode(b"\xfe.pdf"), "a\nb", "a\rb", "\u202eabc", "\u2028", "\ue000", "\x85"]
    shown = [printable(name) for name in odd]

    assert len(set(shown)) == len(odd)
    assert all(name.isprintable() and name.isascii() for name in shown)
    assert shown[:4] == ["\\xff.pdf", "\\xfe.pdf", "a\\nb", "a\\rb"]
    assert printable("क्ष\u200dत्र फ़ाइल 12/2018.pdf") == "क्ष\u200dत्र फ़ाइल 12/2018.pdf"


# --- what is never opened -------------------------------------------------------------------------------------------


def test_what_is_no_plain_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "link.pdf").symlink_to("/etc/passwd")
    for path in (tmp_path / "pipe.pdf", tmp_path / "link.pdf", Path("/dev/zero"), tmp_path):
        with pytest.raises(NotAFileError):
            probe.prove(path, path.name, max_pixels=LIMIT)


def test_the_inbox_is_cleared_of_what_is_no_scan(tmp_path: Path) -> None:
    quick = {"ABHILEKH_INTAKE__SETTLE_SECONDS": "0.2", "ABHILEKH_INTAKE__RESCAN_SECONDS": "1"}
    home = short_folder()
    office, inbox, long = Office(home, quick), home / "inbox", "ख" * 83 + "xy.tif"
    inbox.mkdir()
    (inbox / "link.tif").symlink_to("/etc/hostname")
    (inbox / "nowhere.tif").symlink_to("/no/such/file")
    (inbox / "folder").symlink_to("/etc")
    (inbox / os.fsdecode(b"link-\xe9.pdf")).symlink_to("/etc/passwd")
    os.mkfifo(inbox / "pipe.pdf")
    (inbox / long).write_bytes(b"no scan at all")
    process = office.start("watch")
    try:
        wait_for(lambda: not list(inbox.iterdir()), "the inbox to be cleared", seconds=60)
        (inbox / long).write_bytes(b"no scan either")
        wait_for(lambda: not list(inbox.iterdir()), "a second file of the same long name", seconds=60)
        aside = [path for path in (home / "rejected").rglob("*") if not path.is_dir() or path.is_symlink()]
        notes = [path for path in aside if path.suffix == ".txt"]
        assert len(notes) == 7
        assert sorted(path.read_bytes() for path in set(aside) - set(notes)) == [b"no scan at all", b"no scan either"]
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(home)


# --- pages of odd shape ---------------------------------------------------------------------------------------------


def drawn(path: Path) -> Raster:
    return rasterise(path, MediaType.PDF, 1, default_dpi=144, max_dpi=200, max_pixels=4_000_000)


def black(raster: Raster) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is black."""
    rows, columns = np.nonzero(raster.pixels < 100)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@pytest.mark.parametrize(
    ("turn", "shape", "square"),
    [
        (0, (200, 400), (0, 160, 40, 200)),
        (90, (400, 200), (0, 0, 40, 40)),
        (180, (200, 400), (360, 0, 400, 40)),
        (270, (400, 200), (160, 360, 200, 400)),
    ],
)
def test_a_turned_page_is_drawn_as_viewers_show_it(
    turn: int, shape: tuple[int, int], square: tuple[int, ...], tmp_path: Path
) -> None:
    hostile.sheet_of(tmp_path / "turned.pdf", Rotate=turn)

    raster = drawn(tmp_path / "turned.pdf")

    assert raster.pixels.shape == shape
    assert black(raster) == pytest.approx(square, abs=1)


def test_the_crop_box_is_what_is_drawn_unless_it_hides_most_of_the_sheet(tmp_path: Path) -> None:
    sizes = {}
    for name, crop in {"plain": [0, 0, 100, 100], "hidden": [90, 90, 92, 92], "beside": [500, 500, 600, 600]}.items():
        hostile.sheet_of(tmp_path / f"{name}.pdf", CropBox=crop)
        sizes[name] = drawn(tmp_path / f"{name}.pdf").pixels.shape

    assert sizes == {"plain": (200, 200), "hidden": (200, 400), "beside": (200, 400)}


def test_a_box_from_any_two_corners_and_a_unit_of_its_own_are_understood(tmp_path: Path) -> None:
    hostile.sheet_of(tmp_path / "corners.pdf", MediaBox=[200, 100, 0, 0])
    hostile.sheet_of(tmp_path / "unit.pdf", UserUnit=2)

    assert drawn(tmp_path / "corners.pdf").pixels.shape == (200, 400)
    raster = drawn(tmp_path / "unit.pdf")
    assert (raster.pixels.shape, raster.dpi) == ((400, 800), 144)


@pytest.mark.parametrize("box", [[0, 0, 10**6, 10**6], [0, 0, 10**6, 1], [0, 0, 0, 0], [0, 0, 9, 9, 9], [0, 0, 0, -5]])
def test_a_sheet_of_absurd_size_is_drawn_within_bounds(box: list[int], tmp_path: Path) -> None:
    hostile.sheet_of(tmp_path / "absurd.pdf", MediaBox=box)

    raster = drawn(tmp_path / "absurd.pdf")

    assert raster.pixels.size <= 4_000_000
    assert max(raster.pixels.shape) <= 32_000
    assert 72 <= raster.dpi <= 1200


# --- many pages -----------------------------------------------------------------------------------------------------


def blank_pages(path: Path, count: int) -> Path:
    with pikepdf.new() as document:
        for _ in range(count):
            document.add_blank_page(page_size=(60, 80))
        document.save(path)
    return path


def test_memory_does_not_grow_with_the_number_of_pages(works: Office, tmp_path: Path) -> None:
    peaks = {}
    for count in (20, 120):
        path = blank_pages(tmp_path / f"{count}.pdf", count)
        process = works.start("ingest", "--json", str(path))
        with Tree(process.pid) as tree:
            assert process.wait(timeout=120) == 0, works.log()
        peaks[count] = tree.largest_mb  # the number of processes is fixed; a sum would count forks of a moment

    assert peaks[120] < peaks[20] * 1.15, peaks


def test_a_page_of_thousands_is_looked_at_without_the_others(tmp_path: Path) -> None:
    path = blank_pages(tmp_path / "2000.pdf", 2000)
    began = time.process_time()

    sheets = {pdf.sheet(path, number) for number in (1, 1000, 2000)}

    assert time.process_time() - began < 1.5  # a page is read in a process of its own, and takes longer to read
    assert len(sheets) == 1


# --- a worker that dies ---------------------------------------------------------------------------------------------


def test_a_page_that_kills_its_worker_is_filed_empty_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.workflow import pool

    monkeypatch.setattr(pool, "work_page", die_on_page_three)
    job = PageJob("none", MediaType.TIFF, 1, 1, str(tmp_path), PageSettings(), OcrSettings())
    with pool.PagePool(2, memory_mb=2048, page_seconds=20) as workers:
        results = {
            found.page.source_page: found.page
            for found in workers.work([replace(job, number=number) for number in range(1, 7)])
        }

    assert sorted(results) == [1, 2, 3, 4, 5, 6]
    assert [number for number, page in results.items() if "unreadable" in page.flags] == [3]
    assert len(list(tmp_path.glob("tried-3-*"))) == 2


def die_on_page_three(job: PageJob) -> PageResult:
    """Instead of `work_page`, in the worker: the third page brings it down as a broken decoder would."""
    if job.number == 3:
        (Path(job.folder) / f"tried-3-{time.monotonic_ns()}").touch()
        os.kill(os.getpid(), signal.SIGSEGV)
    result = unreadable(job.number, Path(job.folder))
    return replace(result, page=replace(result.page, flags=()))


# --- garbage --------------------------------------------------------------------------------------------------------


def test_mutated_files_are_proven_or_refused_and_nothing_else(tmp_path: Path) -> None:
    chance = random.Random(4)
    seeds = small_files(tmp_path)
    outcomes = {"whole": 0}
    path = tmp_path / "mutated"
    for number in range(200):
        path.write_bytes(mutated(seeds[number % len(seeds)], chance))
        began = time.monotonic()
        try:
            probe.prove(path, "mutated", max_pixels=10_000_000)  # which bounds memory to 332 MB
            outcomes["whole"] += 1
        except InputError as error:
            outcomes[error.code] = outcomes.get(error.code, 0) + 1
        assert time.monotonic() - began < 5, number
    assert outcomes["whole"] > 5
    assert outcomes["incomplete_scan"] > 50


def small_files(folder: Path) -> list[bytes]:
    """A small valid file of each kind."""
    image = Image.fromarray(np.random.default_rng(1).integers(0, 255, (40, 60), np.uint8))
    made = []
    for kind in ("TIFF", "JPEG", "PNG"):
        target = io.BytesIO()
        image.save(target, kind)
        made.append(target.getvalue())
    hostile.lively(folder / "seed.pdf")
    return [*made, (folder / "seed.pdf").read_bytes()]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The header stays; then bytes changed, a piece cut out, doubled or made noise, or another header put inside."""
    damaged = bytearray(data)
    for _ in range(chance.choice([1, 1, 3, 20])):
        start = chance.randrange(8, len(damaged) - 1)
        end = min(len(damaged), start + chance.choice([1, 2, 4, 64, 512]))
        how = chance.randrange(5)
        if how == 0:
            damaged[start:end] = chance.randbytes(end - start)
        elif how == 1:
            damaged[start:end] = b"\xff" * (end - start)
        elif how == 2:
            damaged[start:end] = damaged[start:end] * 2
        elif how == 3 and len(damaged) - (end - start) > 40:
            del damaged[start:end]
        else:
            damaged[start:start] = chance.choice(
                [b"%PDF-1.7\n1 0 obj", b"\x89PNG\r\n\x1a\n", b"%!PS\n", b"\xff\xd8\xff"]
            )
    return bytes(damaged)


class Tree:
    """Watches the memory of a process and all its children, by looking at /proc.

    The bundled store is left out: it takes what its own runtime sees fit.
    """

    def __init__(self, root: int) -> None:
        import threading

        self.root, self.peak_mb, self.largest_mb = root, 0.0, 0.0
        self.first_mb, _ = self._now(root)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    @property
    def grown_mb(self) -> float:
        return self.peak_mb - self.first_mb

    def __enter__(self) -> Tree:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            total, largest = self._now(self.root)
            self.peak_mb, self.largest_mb = max(self.peak_mb, total), max(self.largest_mb, largest)

    @staticmethod
    def _now(root: int) -> tuple[float, float]:
        """Megabytes that all of them hold, and that the largest holds."""
        held: dict[int, tuple[int, int]] = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                name, _, rest = path.read_text(encoding="utf-8", errors="replace").rpartition(")")
                fields = rest.split()
            except OSError:
                continue
            if not fields:  # it ended between the two calls
                continue
            held[int(path.parent.name)] = int(fields[1]), 0 if name.endswith("(weed") else int(fields[21])
        ours = [0]
        for pid, (_, pages) in held.items():
            above: int | None = pid
            while above is not None and above != root:
                above = held[above][0] if above in held else None
            if above == root:
                ours.append(pages)
        page_mb = os.sysconf("SC_PAGESIZE") / 2**20
        return sum(ours) * page_mb, max(ours) * page_mb
