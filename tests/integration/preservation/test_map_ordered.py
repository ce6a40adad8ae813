"""The same bytes under several names at one moment, from threads and from processes: one batch, and no false alarm."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from pipeline import settings
from pipeline.app import Container
from pipeline.errors import HeldElsewhereError, InputError
from pipeline.ingest import intake as intake_module
from pipeline.ingest.intake import IntakeResult
from pipeline.preservation.verify import verify
from tests.conftest import short_folder
from tests.faults.conftest import small_scans

TIMES, AT_ONCE = 25, 4

PROGRAM = """
import json, sys
from pathlib import Path
from pipeline import settings
from pipeline.errors import InputError
from pipeline.logs import start_logging
from pipeline.app import Container

start_logging(verbose=False)
container = Container(settings.load(Path(sys.argv[1])))
intake = container.intake()
print("ready", flush=True)
for line in sys.stdin:
    path = Path(line.rstrip("\\n"))
    try:
        print(json.dumps(intake.take(path).outcome), flush=True)
    except InputError as error:
        print(json.dumps(intake.reject(path, error).outcome), flush=True)
    except Exception as error:
        print(json.dumps(f"{type(error).__name__}: {error}"), flush=True)
container.close()
"""


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    built = Container(settings.load(short_folder()))
    built.make_folders()
    yield built
    built.close()
    shutil.rmtree(built.settings.home, ignore_errors=True)


def copies(folder: Path, *, seed: int, bad: bool = False) -> list[list[Path]]:
    """`TIMES` scans, each under `AT_ONCE` names; every third one cut short where they are to be `bad`."""
    found = []
    for number in range(TIMES):
        scan = folder / f"{number}.tif"
        Image.new("L", (120 + number, seed)).save(scan)
        if bad and number % 3 == 0:
            scan.write_bytes(scan.read_bytes()[:-3000])
        names = [folder / f"{name}-{scan.name}" for name in "abcd"[:AT_ONCE]]
        for name in names:
            shutil.copy(scan, name)
        found.append(names)
    return found


def is_well(container: Container) -> bool:
    return verify(container.store, container.records, sample=None, tell=lambda done, total: None).is_well


def taken(container: Container, path: Path) -> IntakeResult:
    intake = container.intake()
    try:
        return intake.take(path)
    except InputError as error:
        return intake.reject(path, error)


def test_threads_take_the_same_bytes_once(container: Container, tmp_path: Path) -> None:
    start = threading.Barrier(AT_ONCE)

    def take(path: Path) -> IntakeResult:
        start.wait(30)
        return taken(container, path)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for names in copies(tmp_path, seed=500, bad=True):
            outcomes = list(threads.map(take, names))
            assert len({outcome.batch for outcome in outcomes}) == 1
            told = Counter(outcome.outcome for outcome in outcomes)
            assert told in ({"received": 1, "duplicate": AT_ONCE - 1}, {"rejected": AT_ONCE})

    assert is_well(container), "a manifest is not the one that its row speaks of"


def test_processes_take_the_same_bytes_once(container: Container, tmp_path: Path) -> None:
    _ = container.store  # it runs for all of them
    working = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(container.settings.home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        for process in working:
            assert process.stdout and process.stdout.readline() == "ready\n"
        for names in copies(tmp_path, seed=501):
            for process, name in zip(working, names, strict=False):
                assert process.stdin
                process.stdin.write(f"{name}\n")
                process.stdin.flush()
            outcomes = sorted(json.loads(process.stdout.readline()) for process in working if process.stdout)
            assert outcomes == ["duplicate", "received"]
    finally:
        for process in working:
            process.communicate()

    assert is_well(container)


def test_a_turn_that_does_not_come_is_told_and_nothing_is_written(
    container: Container, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (scan,) = small_scans(tmp_path, 1, seed=502)
    monkeypatch.setattr(intake_module, "_TURN_SECONDS", 0.1)
    intake = container.intake()
    batch = intake.check(scan).batch_id

    with container.arrivals.alone(f"batch {batch}") as ours, pytest.raises(HeldElsewhereError):
        assert ours
        intake.take(scan)

    assert intake.take(scan).outcome == "received"
    assert not list((container.settings.home / "run" / "locks").glob("*")), "a lock was left behind"
