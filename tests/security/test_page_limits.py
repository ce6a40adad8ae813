"""Limits count processor time: a busy or stopped machine changes no text; what hits a limit is flagged and tried again."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from pipeline.db.arrivals import ArrivalRepository
from pipeline.db.batches import BatchRepository
from pipeline.db.health import HealthRepository
from pipeline.db.queue import BatchQueue
from pipeline.errors import HeavyScanError, SlowPageError, UnreadablePageError
from pipeline.extract import file_number
from pipeline.extract.separate import separate
from pipeline.formats.bounded_process import BoundPopen, programs_bound
from pipeline.formats.rasterise import rasterise
from pipeline.index.textindex import index_for
from pipeline.model.batch import Batch, BatchState
from pipeline.model.page import Geometry, ReadPage
from pipeline.model.scan import MediaType, Source
from pipeline.preprocess.imaging import decode_jpeg
from pipeline.settings import OcrSettings, PageSettings
from pipeline.workflow import pool
from pipeline.workflow.page_process import ProcessResult, Stop, StoppedWorkError, run_apart
from pipeline.workflow.page_worker import PageJob, PageResult, work_page
from pipeline.workflow.time_budget import MOST_SLOW, BatchAllowance
from samples import truth
from tests.conftest import Office, short_folder
from tests.databases import new_database

DPI = 200


# --- scans ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The upper part of a sample letter."""
    letter = truth.load()["letters"][0]
    whole = np.asarray(cv2.imread(str(truth.SCANS / letter["file"]), cv2.IMREAD_GRAYSCALE), np.uint8)
    part = cv2.resize(whole, None, fx=0.67, fy=0.67, interpolation=cv2.INTER_AREA)[100:760]
    path = tmp_path_factory.mktemp("scan") / "scan.png"
    Image.fromarray(part).save(path, dpi=(DPI, DPI))
    return path


def of_nested_forms(path: Path, levels: int, *, picture: Path | None = None, pages: int = 1) -> Path:
    """A PDF of some kilobytes whose pages draw ten to the power of `levels` curves, beside a picture if there is one."""
    with pikepdf.new() as document:
        held = document.make_stream(b"0 0 m 5 7 9 1 10 10 c S")
        for _ in range(levels):
            _as_form(held)
            outer = document.make_stream(b"/F Do 1 0 0 1 .01 .01 cm " * 10)
            outer.stream_dict["/Resources"] = Dictionary(XObject=Dictionary(F=held))
            held = document.make_indirect(outer)
        _as_form(held)
        for _ in range(pages):
            page = document.add_blank_page(page_size=(595, 237))
            page.obj.Resources = Dictionary(XObject=Dictionary(F=held))
            page.obj.Contents = document.make_stream(b"q /F Do Q")
            if picture:
                with Image.open(picture) as image:
                    shown = document.make_stream(image.convert("L").tobytes())
                    shown.stream_dict.update(
                        Dictionary(
                            Type=Name.XObject,
                            Subtype=Name.Image,
                            Width=image.width,
                            Height=image.height,
                            ColorSpace=Name.DeviceGray,
                            BitsPerComponent=8,
                        )
                    )
                page.obj.Resources.XObject["/Scan"] = shown
                page.obj.Contents = document.make_stream(b"q /F Do Q q 595 0 0 237 0 0 cm /Scan Do Q")
        document.save(path)
    return path


def _as_form(stream: pikepdf.Object) -> None:
    stream.stream_dict.update(Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 600, 850])))


def job_of(path: Path, folder: Path, number: int = 1, **more: Any) -> PageJob:
    kind = MediaType.PDF if path.suffix == ".pdf" else MediaType.PNG
    return PageJob(str(path), kind, 1, number, str(folder), PageSettings(default_dpi=DPI), OcrSettings(), **more)


def told(result: PageResult) -> tuple[object, ...]:
    page = result.page
    return page.text, page.words, page.confidence, page.flags, page.geometry, Path(result.image).read_bytes()


@pytest.fixture(scope="module")
def quiet(scan: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    """What the scan gives on a machine that does nothing else."""
    found = told(work_page(job_of(scan, tmp_path_factory.mktemp("quiet"))))
    assert len(str(found[0])) > 200
    return found


# --- a busy or stopped machine --------------------------------------------------------------------------------------


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Processes that compute without end."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_a_busy_machine_reads_the_same(scan: Path, tmp_path: Path, quiet: tuple[object, ...]) -> None:
    used = run_apart(work_page, job_of(scan, tmp_path), cpu_seconds=300).seconds
    limit = 3 * used + 2  # of processor time; on the clock it takes far longer beside six others
    began = time.monotonic()

    with busy(6), pool.PagePool(1, memory_mb=3072, page_seconds=limit) as workers:
        (found,) = workers.work([job_of(scan, tmp_path)])

    assert time.monotonic() - began > limit
    assert told(found) == quiet


def page_process(deadline: float = 60) -> int:
    """The process that works on a page, once it computes: a child of a child of ours that has used some processor time."""
    ends = time.monotonic() + deadline
    while time.monotonic() < ends:
        for pid in _below(os.getpid()):
            try:
                command = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            depth_is_right = int(command[1]) != os.getpid() and _is_forked(pid)
            if depth_is_right and int(command[11]) > 20:
                return pid
        time.sleep(0.05)
    raise AssertionError("no page is worked on")


def _below(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            yield child
            yield from _below(child)


def _is_forked(pid: int) -> bool:
    """Whether it shares its command line with its parent, which is a worker of the pool's server."""
    try:
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        own, above = (Path(f"/proc/{one}/cmdline").read_bytes() for one in (pid, parent))
        grand = int(Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[1])
        return own == above == Path(f"/proc/{grand}/cmdline").read_bytes()
    except OSError:
        return False


def _in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_stopped_machine_reads_the_same(scan: Path, tmp_path: Path, quiet: tuple[object, ...]) -> None:
    """Worker and page are stopped for longer than the page may take, as by a laptop's lid, and go on."""
    found: list[PageResult] = []
    with pool.PagePool(1, memory_mb=3072, page_seconds=5, stall_seconds=8) as workers:
        thread = _in_thread(lambda: found.extend(workers.work([job_of(scan, tmp_path)])))
        page = page_process()
        worker = int(Path(f"/proc/{page}/stat").read_text().rpartition(")")[2].split()[1])
        for pid in (worker, page):
            os.kill(pid, signal.SIGSTOP)
        time.sleep(10)
        for pid in (page, worker):
            os.kill(pid, signal.SIGCONT)
        thread.join(timeout=120)

    assert [told(one) for one in found] == [quiet]


def test_a_page_that_hangs_is_ended_and_read_the_same_alone(
    scan: Path, tmp_path: Path, quiet: tuple[object, ...]
) -> None:
    """The page's process alone is stopped, for good."""
    found: list[PageResult] = []
    with pool.PagePool(1, memory_mb=3072, page_seconds=60, stall_seconds=3) as workers:
        thread = _in_thread(lambda: found.extend(workers.work([job_of(scan, tmp_path)])))
        os.kill(page_process(), signal.SIGSTOP)
        thread.join(timeout=180)

    assert [told(one) for one in found] == [quiet]


# --- what hits a limit ----------------------------------------------------------------------------------------------


def compute_without_end(job: PageJob) -> PageResult:
    """Instead of `work_page`, in the worker: a page that takes all the time there is."""
    while True:
        pass


def die(job: PageJob) -> PageResult:
    """Instead of `work_page`, in the worker: as recognition that runs out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def slow_while_there(job: PageJob) -> PageResult:
    """Instead of `work_page`, in the worker: slow at the first try, which leaves a mark."""
    mark = Path(job.folder) / "tried"
    if not mark.exists():
        mark.touch()
        compute_without_end(job)
    return work_page(job)


def worked(job: PageJob, monkeypatch: pytest.MonkeyPatch, work: Callable[[PageJob], PageResult]) -> PageResult:
    monkeypatch.setattr(pool, "work_page", work)
    with pool.PagePool(1, memory_mb=3072, page_seconds=3) as workers:
        (found,) = workers.work([job])
    return found


def test_a_page_that_takes_too_long_is_filed_with_its_image_and_flagged(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet: tuple[object, ...]
) -> None:
    found = worked(job_of(scan, tmp_path), monkeypatch, compute_without_end)

    assert found.page.flags[0] == "timed_out" and "unread" in found.page.flags
    assert "unreadable" not in found.page.flags and not found.page.blank
    assert Path(found.image).read_bytes() == quiet[5]  # no empty sheet
    assert 6 <= found.cpu_seconds < 30


def test_a_page_that_was_slow_once_is_read_alone_and_not_flagged(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet: tuple[object, ...]
) -> None:
    found = worked(job_of(scan, tmp_path), monkeypatch, slow_while_there)

    assert told(found) == quiet


def test_a_page_whose_reading_dies_is_filed_with_its_image(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet: tuple[object, ...]
) -> None:
    found = worked(job_of(scan, tmp_path), monkeypatch, die)

    assert "unread" in found.page.flags and not {"unreadable", "timed_out"} & set(found.page.flags)
    assert Path(found.image).read_bytes() == quiet[5]


def test_nothing_is_worked_on_beside_a_page_that_is_alone(scan: Path, tmp_path: Path) -> None:
    at_work: list[tuple[bool, int]] = []
    turns = pool._Turns()

    def side_by_side() -> None:
        for _ in range(20):
            turns.enter()
            at_work.append((False, turns._running))
            time.sleep(0.002)
            turns.leave()

    def by_itself() -> None:
        for _ in range(5):
            with turns.alone():
                at_work.append((True, turns._running))
                time.sleep(0.005)

    threads = [_in_thread(work) for work in (side_by_side, side_by_side, by_itself, by_itself)]
    for thread in threads:
        thread.join(timeout=30)

    assert not any(thread.is_alive() for thread in threads)
    assert len(at_work) == 50 and all(running == 0 for alone, running in at_work if alone)


def test_what_poppler_cannot_draw_in_its_time_is_drawn_by_the_other_renderer(
    scan: Path, tmp_path: Path, quiet: tuple[object, ...]
) -> None:
    path = of_nested_forms(tmp_path / "slow.pdf", 5, picture=scan)  # 10 s for poppler, 3 s for PDFium
    how: dict[str, Any] = {"default_dpi": DPI, "max_dpi": 400, "max_pixels": 10**8}
    began = os.times()
    rasterise(path, MediaType.PDF, 1, cpu_seconds=120, decode=decode_jpeg, **how)
    needed = os.times().children_user - began.children_user  # by poppler, on this machine and beside what else runs
    limit = 0.55 * needed  # PDFium needs a third

    raster = rasterise(path, MediaType.PDF, 1, cpu_seconds=limit, decode=decode_jpeg, **how)

    spent = os.times().children_user - began.children_user - needed
    assert 0.8 * limit < spent < min(1.8 * limit, needed)  # of poppler; what PDFium runs in is not waited for here
    found = np.asarray(raster.pixels if raster.pixels.ndim == 2 else raster.pixels[..., 0])
    with Image.open(scan) as image:
        assert np.abs(found.astype(int) - np.asarray(image.resize(found.shape[::-1])).astype(int)).mean() < 12
    with pytest.raises(SlowPageError, match="Page 1"):
        rasterise(of_nested_forms(tmp_path / "slower.pdf", 6), MediaType.PDF, 1, cpu_seconds=1, **how)


def test_the_limit_is_the_programs_own_however_much_this_process_has_used() -> None:
    ours = resource.getrlimit(resource.RLIMIT_CPU)
    while time.process_time() < 4:
        pass

    with programs_bound(1) as spent:
        assert resource.getrlimit(resource.RLIMIT_CPU) == ours, "other threads of this process go on as before"
        endless = BoundPopen([sys.executable, "-c", "while True: pass"])
        assert endless.wait(timeout=60) < 0
    assert spent.out_of_time and 0.5 < spent.seconds < 2.5


def test_what_no_renderer_opens_is_unreadable_and_not_slow(tmp_path: Path) -> None:
    path = of_nested_forms(tmp_path / "broken.pdf", 1)
    path.write_bytes(path.read_bytes()[:200])

    with pytest.raises(UnreadablePageError) as found:
        rasterise(path, MediaType.PDF, 1, default_dpi=DPI, max_dpi=400, max_pixels=10**8)

    assert not isinstance(found.value, SlowPageError)


def test_a_process_is_ended_with_what_it_has_started() -> None:
    with pytest.raises(StoppedWorkError) as stopped:
        run_apart(_start_and_wait, cpu_seconds=1)

    assert stopped.value.stop is Stop.TIME
    assert subprocess.run(["pgrep", "-f", "while 'limits'"], capture_output=True, check=False).stdout == b""


def _start_and_wait() -> None:
    subprocess.run([sys.executable, "-c", "while 'limits': pass"], check=False)


def test_what_is_done_apart_leaves_nothing_behind() -> None:
    answer: ProcessResult[int] = run_apart(_count_up, cpu_seconds=5)

    assert answer.value == 1 and _COUNTED == []


_COUNTED: list[int] = []


def _count_up() -> int:
    _COUNTED.append(1)
    return len(_COUNTED)


# --- a batch --------------------------------------------------------------------------------------------------------


def batch(name: str = "plan.pdf") -> Batch:
    source = Source(name, "0" * 64, 5000, MediaType.PDF, 4)
    return Batch(source.batch_id, source, BatchState.WORKING, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_batch_has_an_allowance_by_its_pages() -> None:
    allowance = BatchAllowance(batch(), 4, batch_seconds=100)
    allowance.spend(allowance.limit, is_slow=False)

    with pytest.raises(HeavyScanError) as heavy:
        allowance.spend(1, is_slow=False)

    for language in ("hi", "en"):
        text = heavy.value.text(language)
        assert "plan.pdf" in text and "abhilekh retry" in text and batch().id in text


def test_many_slow_pages_end_a_batch_early() -> None:
    allowance = BatchAllowance(batch(), 10_000, batch_seconds=100)

    with pytest.raises(HeavyScanError):
        for _ in range(MOST_SLOW + 1):
            allowance.spend(1, is_slow=True)


def test_a_small_file_of_endless_pages_is_refused_and_the_others_are_filed(scan: Path, tmp_path: Path) -> None:
    home = short_folder()
    office = Office(home, {"ABHILEKH_WORK__DRAW_SECONDS": "1", "ABHILEKH_WORK__WORKERS": "2"})
    endless = of_nested_forms(tmp_path / "endless.pdf", 6, pages=12)
    assert endless.stat().st_size < 6_000
    began = os.times()
    try:
        done = office.call("ingest", "--json", endless, scan, timeout=900)
        used = os.times()
        by_name = {Path(row["path"]).name: row for row in map(json.loads, done.stdout.splitlines())}

        assert done.returncode == 3 and by_name["scan.png"]["status"] == "indexed"
        assert by_name["endless.pdf"]["status"] == "rejected" and by_name["endless.pdf"]["code"] == "heavy_scan"
        assert "endless.pdf" in by_name["endless.pdf"]["reason"]
        assert used.children_user - began.children_user < 120
        told = office.json("show", by_name["endless.pdf"]["batch"])
        assert (told["status"], told["error"]["code"]) == ("rejected", "heavy_scan")
        verified = office.json("verify")
        assert verified["missing"] == verified["changed"] == []  # its bytes are kept
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_a_page_that_hit_a_limit_is_told_everywhere_and_mended_later(scan: Path, tmp_path: Path) -> None:
    home = short_folder()
    office = Office(home, {"ABHILEKH_WORK__DRAW_SECONDS": "1", "ABHILEKH_WORK__WORKERS": "1"})
    slow = of_nested_forms(tmp_path / "slow.pdf", 5, picture=scan)
    try:
        done = office.call("ingest", "--json", slow, timeout=900)
        row = json.loads(done.stdout)
        assert done.returncode == 0 and row["status"] == "indexed"
        page = office.json("show", row["documents"][0])["pages"][0]
        assert set(page["flags"]) == {"timed_out", "unreadable"} and not page["blank"]
        assert office.json("show", row["batch"])["flags"] == {"timed_out": [1], "unreadable": [1]}
        assert office.json("show", row["documents"][0])["status"] == "needs_review"
        assert office.json("status")["timed_out"] == 1

        office.env["ABHILEKH_WORK__DRAW_SECONDS"] = "60"
        done = office.call("retry", row["batch"], timeout=900)
        assert done.returncode == 0, done.stderr
        page = office.json("show", row["documents"][0])["pages"][0]
        assert page["flags"] == [] or "timed_out" not in page["flags"]
        assert len(page["text"]) > 200
        assert office.json("status")["timed_out"] == 0
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[BatchRepository]:
    database = new_database(tmp_path / "abhilekh.db")
    yield BatchRepository(database, index_for(database, file_number.parse))
    database.close()


def filed(records: BatchRepository, came: Batch, *flags: str) -> None:
    """File the batch, claimed by us, with one page that carries these flags."""
    page = ReadPage(1, "", (), 0.0, "", 10, 10, 100, Geometry(), blank=False, flags=flags)
    records.keep_page(came.id, page, [])
    records.file(came.id, separate(came.id, records.read_pages(came.id), office=None, today=came.latest_date), [])


def test_a_page_that_hit_a_limit_is_tried_again_later_after_all_others_and_not_for_ever(
    records: BatchRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = BatchQueue(records.database, owner="me", lease_seconds=60)
    slow = ArrivalRepository(records.database).receive(replace(batch("slow.pdf"), state=BatchState.RECEIVED), [])[0]
    assert queue.claim()
    filed(records, slow, "timed_out", "unread")
    assert HealthRepository(records.database).counts()["timed_out"] == 1
    assert records.pages_timed_out(slow.id) == {1} and records.pages_read(slow.id) == set()
    assert queue.claim() is None  # not at once

    later = datetime.now(UTC) + timedelta(minutes=20)
    monkeypatch.setattr("pipeline.db.queue.now", lambda: later)
    source = Source("other.pdf", "1" * 64, 9, MediaType.PDF, 1)
    other = ArrivalRepository(records.database).receive(Batch(source.batch_id, source, BatchState.RECEIVED, later), [])[
        0
    ]
    claimed = [queue.claim(), queue.claim(), queue.claim()]
    assert [found and found.id for found in claimed] == [other.id, slow.id, None]

    filed(records, slow, "timed_out", "unread")
    assert queue.claim(slow.id) is None  # which is asked for by name when it is put back
    third = queue.claim()
    assert third and third.id == slow.id
    filed(records, slow, "timed_out", "unread")
    assert queue.claim() is None  # never again by itself
    assert queue.put_back([slow.id], redo=False) == [slow.id]  # whoever asks for it may still try


def test_a_page_that_is_read_in_the_end_is_tried_no_more(records: BatchRepository) -> None:
    queue = BatchQueue(records.database, owner="me", lease_seconds=60)
    came = ArrivalRepository(records.database).receive(replace(batch(), state=BatchState.RECEIVED), [])[0]
    assert queue.claim()

    filed(records, came)

    assert records.pages_timed_out(came.id) == set() and records.pages_read(came.id) == {1}
    assert queue.put_back(None, redo=False) == []


def test_pages_beside_a_slow_one_are_not_held_up_by_it(scan: Path, tmp_path: Path) -> None:
    """Those that need no second try come first, whatever stands before them."""
    slow = of_nested_forms(tmp_path / "slow.pdf", 6)
    jobs = [job_of(slow, tmp_path, 1, draw_seconds=1)]
    jobs += [replace(job_of(scan, tmp_path), number=number) for number in (2, 3)]

    with pool.PagePool(1, memory_mb=3072, page_seconds=30) as workers:
        order = [found.page.source_page for found in workers.work(jobs)]

    assert order == [2, 3, 1]
