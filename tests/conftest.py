"""What several kinds of tests share: the real command on a home of its own, and the committed sample scans."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from playwright.sync_api import BrowserContext

from pipeline.accounts import passwords
from samples import truth
from samples.signing import as_browser, sign_in
from tests import command_server
from tests.homes import make_folder, remove_folder

ABHILEKH = [sys.executable, "-m", "pipeline.cli"]
SCANS = truth.SCANS


@dataclass
class Office:
    """One installation: a home folder and the environment its commands run in."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "ABHILEKH_HOME": str(self.home),
            "ABHILEKH_WEB__PORT": "0",
            "ABHILEKH_WORK__NICE": "0",
        }  # tests wait for it
        return {**os.environ, **own, **self.env}

    def call(self, *arguments: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        return command_server.run([*map(str, arguments)], self.environment, timeout)

    def json(self, *arguments: object) -> Any:
        done = self.call(*arguments, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def ingest(self, *paths: Path) -> tuple[list[dict[str, Any]], int]:
        done = self.call("ingest", "--json", *paths)
        return [json.loads(line) for line in done.stdout.splitlines()], done.returncode

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a long-running command in a process group of its own."""
        log = (self.home / "test.log").open("ab")
        with log:
            return subprocess.Popen(
                [*ABHILEKH, *arguments], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def log(self) -> str:
        return (self.home / "test.log").read_text(encoding="utf-8", errors="replace")[-4000:]


def wait_for(condition: Callable[[], Any], what: str, *, seconds: float = 120.0) -> Any:
    """The condition's value as soon as it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.5)  # a question costs more than the wait
    raise AssertionError(f"waited {seconds:.0f} s for {what}")


def short_folder() -> Path:
    """A fresh folder with a short path: unix sockets have room for about a hundred characters."""
    return Path(tempfile.mkdtemp(prefix="abhilekh-"))


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """Argon2id with little work for the hashes that this process makes: hundreds of tests sign somebody in."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", quick)
        patch.setattr(passwords, "_NOBODYS", quick.hash("of nobody"))
        yield


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """An installation with nothing in it."""
    home = short_folder()
    yield Office(home)
    shutil.rmtree(home, ignore_errors=True)


@dataclass
class Running(Office):
    """An installation on which `abhilekh up` runs."""

    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return (self.home / "run" / "web").read_text(encoding="utf-8").strip()

    def up(self) -> None:
        (self.home / "run" / "web").unlink(missing_ok=True)
        self.process = self.start("up")
        wait_for((self.home / "run" / "web").exists, "the web part to serve", seconds=180)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def kill_group(self) -> None:
        """kill -9 to the whole process group."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def drop(self, *paths: Path) -> None:
        inbox = self.home / "inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        for path in paths:
            shutil.copy(path, inbox)

    def cookies(self) -> dict[str, str]:
        """Those of the first administrator."""
        return sign_in(self.address, self.home)

    def get(self, path: str, **asked: str) -> httpx.Response:
        """An address of the web part, asked for by the first administrator."""
        answer = httpx.get(f"{self.address}{path}", params=asked, timeout=30, cookies=self.cookies())
        return answer.raise_for_status()

    def sign_in(self, context: BrowserContext) -> None:
        """Have a browser signed in as the first administrator."""
        context.add_cookies(as_browser(self.cookies(), self.address))  # type: ignore[arg-type] - its own names for a dict

    def status(self) -> dict[str, Any]:
        """As the web part tells it, which costs less than a command; as the command does where the web is away."""
        try:
            found: dict[str, Any] = self.get("/api/v1/status").json()
        except (httpx.HTTPError, OSError, RuntimeError):
            found = self.json("status")
        return found

    def settled(self) -> dict[str, Any] | None:
        """The status once nothing waits any more, else None."""
        status = self.status()
        return status if status["inbox"] == status["working"] == status["failed"] == 0 else None


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    home = short_folder()
    quick = {
        "ABHILEKH_INTAKE__SETTLE_SECONDS": "0.5",
        "ABHILEKH_INTAKE__RESCAN_SECONDS": "1",
        "ABHILEKH_INTAKE__REJECT_AFTER_SECONDS": "3",
        "ABHILEKH_WORK__LEASE_SECONDS": "4",
    }
    office = Running(home, quick)
    office.up()
    yield office
    if office.process is not None and office.process.poll() is None:
        office.stop()
    shutil.rmtree(home, ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long forms of the fault tests: hundreds of kills")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("waits") is None)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # before there are workers
        make_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # they have ended
        remove_folder()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With several workers, `tests/acceptance/web` goes to one of them: its files share an installation."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByHome(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folder, _, rest = nodeid.partition("acceptance/web/")
            return folder if rest else super()._split_scope(nodeid)

    return ByHome(config, log)
