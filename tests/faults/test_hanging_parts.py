"""Parts that hang: the supervisor replaces them, whatever holds them, and their address answers again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from pipeline.supervisor import address_file, part_process, supervisor
from tests.conftest import Running, short_folder, wait_for

HANG_SECONDS = 6
DEAF = """
import http.server, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if pathlib.Path(sys.argv[2]).exists():
            time.sleep(3600)
        self.send_response(200); self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer)
server.serve_forever()
"""
NEVER_ENDS = """
import time
from pipeline.cli.services import _until_stopped
with _until_stopped(1.0) as stop:
    print("ready", flush=True)
    stop.wait()
    time.sleep(3600)
"""


@pytest.fixture
def supervised() -> Iterator[Running]:
    """An installation whose hanging parts are soon taken to hang."""
    office = Running(short_folder(), {"ABHILEKH_WEB__HANG_SECONDS": str(HANG_SECONDS)})
    office.up()
    yield office
    if office.process is not None and office.process.poll() is None:
        office.stop()


def part(office: Running, name: str) -> int:
    """The number of the process of a part; 0 where there is none."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().rstrip(b"\0").split(b"\0")
            if words[-1:] == [name.encode()] and str(office.home).encode() in words and b"setpriv" not in words[0]:
                return int(path.parent.name)
    return 0


def answers(office: Running) -> bool:
    with suppress(OSError, httpx.HTTPError):
        return httpx.get(f"{office.address}/healthz", timeout=2).status_code == 200
    return False


def replaced(office: Running, name: str, old: int) -> int:
    new = part(office, name)
    return new if new != old else 0


def test_a_web_part_that_is_stopped_is_replaced_at_its_own_address(supervised: Running) -> None:
    before, old = supervised.address, part(supervised, "serve")
    os.kill(old, signal.SIGSTOP)
    assert not answers(supervised)

    wait_for(lambda: replaced(supervised, "serve", old), "another web part", seconds=90)
    wait_for(lambda: answers(supervised), "it to answer", seconds=90)

    assert not Path(f"/proc/{old}").exists()
    assert supervised.address == before or "port taken" not in supervised.log()
    assert "part hangs and is replaced" in supervised.log()


def test_a_worker_that_is_stopped_is_replaced(supervised: Running) -> None:
    old = part(supervised, "work")
    os.kill(old, signal.SIGSTOP)

    wait_for(lambda: replaced(supervised, "work", old), "another worker", seconds=90)

    assert not Path(f"/proc/{old}").exists()
    assert answers(supervised), "the other parts go on meanwhile"


def test_a_part_that_is_told_to_end_and_hangs_ends_all_the_same() -> None:
    """As it was with the workbook: SIGTERM had closed the port, and a thread went on for minutes."""
    process = subprocess.Popen([sys.executable, "-c", NEVER_ENDS], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(timeout=30) == 1
    finally:
        process.kill()
        process.stdout.close()


def test_a_part_that_does_not_answer_and_is_deaf_to_sigterm_is_killed_and_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    hang, file, ended = tmp_path / "hang", tmp_path / "web", threading.Event()
    monkeypatch.setattr(part_process, "END_SECONDS", 1.0)
    monkeypatch.setattr(supervisor, "_ASK_SECONDS", 0.2)
    address_file.publish(file, f"http://127.0.0.1:{port}")
    health = supervisor._Health(file)
    asking = threading.Thread(target=health.run, args=(ended,), daemon=True)
    asking.start()
    command = [sys.executable, "-c", DEAF, str(port), str(hang)]
    serve = part_process.Part(
        "serve", command, 2.0, lambda: health.answered, on_end=lambda: hang.unlink(missing_ok=True)
    )

    def kept(until: Callable[[], bool]) -> bool:
        serve.keep()
        return until()

    try:
        wait_for(lambda: kept(lambda: health.answered > serve.started), "its first answer", seconds=30)
        old = serve.process
        assert old is not None
        hang.touch()
        wait_for(lambda: kept(lambda: serve.process not in (None, old)), "another process", seconds=60)
        assert old.returncode == -signal.SIGKILL
        wait_for(lambda: kept(lambda: health.answered > serve.started), "it to answer", seconds=30)
    finally:
        ended.set()
        asking.join()
        if serve.process is not None:
            serve.process.kill()
            serve.process.wait()


def test_parts_of_an_up_that_was_killed_do_not_keep_the_port(supervised: Running) -> None:
    port = int(supervised.address.rpartition(":")[2])
    old = part(supervised, "serve")
    os.kill(old, signal.SIGSTOP)  # it cannot hear that `up` has gone
    assert supervised.process is not None
    supervised.process.kill()
    supervised.process.wait(timeout=20)
    assert Path(f"/proc/{old}").exists()
    with pytest.raises(OSError), socket.socket() as taken:
        taken.bind(("127.0.0.1", port))

    supervised.env["ABHILEKH_WEB__PORT"] = str(port)
    supervised.up()

    assert not Path(f"/proc/{old}").exists()
    assert supervised.address.endswith(f":{port}") and answers(supervised)


def test_the_address_is_told_only_while_it_answers() -> None:
    office = Running(short_folder())
    address = office.home / "run" / "web"
    office.process = office.start("up")
    try:
        until = time.monotonic() + 180
        while not address.exists() and time.monotonic() < until:
            time.sleep(0.005)
        assert answers(office), "the address stood there before anybody answered"
        old = part(office, "serve")
        os.kill(old, signal.SIGKILL)
        wait_for(
            lambda: not address.exists() or replaced(office, "serve", old), "the address to be taken back", seconds=20
        )
        wait_for(lambda: address.exists() and answers(office), "the next web part", seconds=90)
    finally:
        assert office.stop() == 0
    assert not address.exists()
