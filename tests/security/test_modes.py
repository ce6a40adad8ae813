"""On a machine that others use as well: nothing of the home is theirs to read, and no log holds the link that signs in.

`up` is really started, under the umask that most machines have.
"""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import sqlite3
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path, PurePath

import httpx
import pytest

from pipeline import settings
from pipeline.app import Container
from pipeline.audit.event_aggregator import Event
from pipeline.supervisor.home_permissions import close_home, foreign_paths, holds_secrets, is_shared, open_paths
from pipeline.web import server
from tests.conftest import ABHILEKH, SCANS, Running, short_folder, wait_for

OPEN_UMASK = 0o022
OTHERS = 0o077
LETTER = SCANS / "letters" / "letter-01-clean.jpg"
ROOT = Path(__file__).parents[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def left_open(home: Path, *besides: Path) -> list[str]:
    """Everything in a home that group or others have any right to, but for links and what is named."""
    found = []
    for path in [home, *home.rglob("*")]:
        try:
            is_open = not path.is_symlink() and mode(path) & OTHERS
        except FileNotFoundError:  # gone meanwhile
            continue
        if is_open and not any(path.is_relative_to(one) for one in besides):
            found.append(f"{path} {mode(path):o}")
    return found


class UpUnderOpenUmask(Running):
    """`up --log` as a service starts it: its log is a file, as are its stdout and stderr."""

    def up(self) -> None:
        logs = self.home / "logs"
        logs.mkdir(exist_ok=True)
        (self.home / "run" / "web").unlink(missing_ok=True)
        with (logs / "start.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*ABHILEKH, "up", "--log", str(logs / "up.log")],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=OPEN_UMASK,
            )
        wait_for((self.home / "run" / "web").exists, "the web part to serve", seconds=180)


@pytest.fixture(scope="module")
def at_work() -> Iterator[UpUnderOpenUmask]:
    """A home made at umask 022 by an earlier version, in which `up` has taken a scan in and people have looked at it."""
    before = os.umask(OPEN_UMASK)
    home = short_folder()
    for folder in ("", "inbox", "run", "run/scans", "logs", "done", "done/2026-01-01", "store"):
        (home / folder).mkdir(exist_ok=True)
        (home / folder).chmod(0o755)
    for file in ("run/scans/" + "a" * 64, "logs/up.log", "done/2026-01-01/old.tif", "abhilekh.toml"):
        (home / file).write_text("")
        (home / file).chmod(0o644)
    office = UpUnderOpenUmask(home, {"ABHILEKH_INTAKE__SETTLE_SECONDS": "0.5", "ABHILEKH_INTAKE__RESCAN_SECONDS": "1"})
    try:
        office.up()
        wait_for((home / "run" / "welcome").exists, "the first link", seconds=60)
        link = (home / "run" / "welcome").read_text().strip()
        (home / "link-of-the-test").write_text(link)  # it goes from run/welcome with the first sign-in
        (home / "link-of-the-test").chmod(0o600)
        _attack(link)
        office.drop(LETTER)
        wait_for(lambda: office.status()["documents"], "the letter to be filed", seconds=240)
        _look_at_everything(office)
        yield office
    finally:
        if office.process is not None and office.process.poll() is None:
            office.stop()
        os.umask(before)
        shutil.rmtree(home, ignore_errors=True)


def _attack(link: str) -> None:
    """Requests that are refused, or fail, at the address of the link: what is written of them must not hold it."""
    httpx.get(link, headers={"Host": "evil.example"})
    httpx.post(link, data={"password": "x", "again": "y"}, headers={"Origin": "https://evil.example"})
    httpx.post(link, content=b"x" * 3_000_000)
    httpx.get(link + "/../../audit")
    httpx.get(link, headers={"Referer": link})


def _look_at_everything(office: Running) -> None:
    document = office.get("/api/v1/search", q="सोनपुरा").json()["hits"][0]["document"]
    for path in (f"/documents/{document}/pages/1", f"/documents/{document}/original", f"/api/v1/documents/{document}"):
        office.get(path)
    office.get(f"/documents/{document}/pages/1/scan")  # fetches the original to run/scans
    office.json("status")
    assert office.call("backup", office.home.parent / f"{office.home.name}-backup").returncode == 0
    shutil.rmtree(office.home.parent / f"{office.home.name}-backup")


def test_nothing_in_the_home_is_open_to_others(at_work: UpUnderOpenUmask) -> None:
    assert any((at_work.home / "run" / "scans").iterdir()), "a whole original lies there"
    assert (at_work.home / "done" / "2026-01-01" / "old.tif").exists()

    assert mode(at_work.home) == 0o700
    # The store opens the notes on its volumes by itself; they are closed every ten seconds.
    vifs = list((at_work.home / "store" / "data").glob("*.vif"))
    wait_for(lambda: not any(mode(path) & OTHERS for path in vifs), "the store's notes to be closed", seconds=30)
    assert left_open(at_work.home, at_work.home / "inbox") == []
    assert mode(at_work.home / "inbox") == 0o755, "as it was set"


def test_the_link_of_the_first_sign_in_is_in_no_log(at_work: UpUnderOpenUmask) -> None:
    token = (at_work.home / "link-of-the-test").read_text().rpartition("/")[2]
    assert len(token) > 20
    time.sleep(0.5)  # views are noted within a fifth of a second

    holding = [
        str(path)
        for path in at_work.home.rglob("*")
        if path.is_file() and path.name != "link-of-the-test" and token.encode() in path.read_bytes()
    ]
    assert holding == []
    assert "run/welcome" in (at_work.home / "logs" / "up.log").read_text(), "it tells where the link is"
    with sqlite3.connect(at_work.home / "abhilekh.db") as rows:
        noted = rows.execute("SELECT what FROM deed WHERE action = 'refused'").fetchall()
    assert not any(token in what for (what,) in noted)


@pytest.mark.parametrize("status", [403, 413])
def test_a_refused_request_for_a_link_is_noted_without_its_secret(status: int) -> None:
    from types import SimpleNamespace

    from starlette.requests import Request

    from pipeline.web.security import refusals

    counted: list[Event] = []
    app = SimpleNamespace(state=SimpleNamespace(events=SimpleNamespace(add=counted.append)))
    scope = {"type": "http", "method": "POST", "path": "/welcome/the-secret/more", "query_string": b"", "headers": []}
    refusals.add(Request({**scope, "app": app, "server": ("127.0.0.1", 80)}), "not_allowed", status)

    assert [event.what for event in counted] == ["POST /welcome/***"]
    assert "the-secret" not in repr(counted)


def test_doctor_names_what_is_open_or_somebody_elses(at_work: UpUnderOpenUmask) -> None:
    assert at_work.json("doctor")["checks"]["private"]["ok"]
    settings = at_work.home / "abhilekh.toml"
    settings.chmod(0o644)
    (at_work.home / "run").chmod(0o755)

    found = at_work.json("doctor")["checks"]["private"]

    settings.chmod(0o600)
    (at_work.home / "run").chmod(0o700)
    assert not found["ok"]
    for path in (settings, at_work.home / "run"):
        assert str(path) in found["says"] and str(path) in found["says_hi"]


def test_the_link_is_shown_on_a_terminal(tmp_path: Path) -> None:
    home = short_folder()
    master, terminal = pty.openpty()
    office = Running(home)
    process = subprocess.Popen(
        [*ABHILEKH, "serve"], env=office.environment, stdout=terminal, stderr=terminal, start_new_session=True
    )
    os.close(terminal)
    shown = b""
    try:
        while b"search page" not in shown and select.select([master], [], [], 120)[0]:
            shown += os.read(master, 4096)
    finally:
        process.terminate()
        process.wait(timeout=60)
        os.close(master)
    link = re.search(rb"first sign-in, once: (http://\S+/welcome/\S+)", shown)
    assert link, shown
    shutil.rmtree(home, ignore_errors=True)


def test_the_link_is_kept_in_a_home_in_which_nothing_ran_yet() -> None:
    home = short_folder()
    parts = Container(settings.load(home))
    assert not (home / "run").exists()

    link = server._welcome(parts, "http://127.0.0.1:1")

    parts.close()
    assert (home / "run" / "welcome").read_text().strip() == link
    assert mode(home / "run") == 0o700 and mode(home / "run" / "welcome") == 0o600
    shutil.rmtree(home, ignore_errors=True)


# --- an inbox that others write into ---------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home at umask 022, with an inbox in it."""
    home = tmp_path / "home"
    (home / "inbox" / "desk").mkdir(parents=True)
    (home / "done" / "day").mkdir(parents=True)
    for path in (home, home / "inbox", home / "inbox" / "desk", home / "done", home / "done" / "day"):
        path.chmod(0o755)
    for file in ("abhilekh.toml", "inbox/desk/a.tif", "done/day/b.tif"):
        (home / file).write_text("")
        (home / file).chmod(0o644)
    return home


@pytest.mark.parametrize(
    ("shared", "was", "becomes"),
    [
        (0o2775, 0o755, 0o711),
        (0o777, 0o755, 0o711),
        (0o2770, 0o750, 0o710),
        (0o2775, 0o700, 0o700),
        (0o755, 0o755, 0o700),
        (0o700, 0o755, 0o700),
    ],
)
def test_others_may_pass_to_an_inbox_that_they_share_and_do_nothing_else(
    home: Path, shared: int, was: int, becomes: int
) -> None:
    inbox = home / "inbox"
    inbox.chmod(shared)
    home.chmod(was)

    done = close_home(home, inbox)

    assert (mode(home), mode(inbox), done.passes) == (becomes, shared, becomes != 0o700)
    assert mode(inbox / "desk") == 0o755 and mode(inbox / "desk" / "a.tif") == 0o644, "nothing in it is touched"
    assert left_open(home, inbox) == ([f"{home} {becomes:o}"] if done.passes else [])
    assert close_home(home, inbox).count == 0
    assert open_paths(home, inbox) == []


def test_an_inbox_outside_lets_nobody_into_the_home(home: Path, tmp_path: Path) -> None:
    outside = tmp_path / "scans"
    outside.mkdir()
    outside.chmod(0o2777)

    close_home(home, outside)

    assert not is_shared(home, outside)
    assert left_open(home) == [] and mode(outside) == 0o2777


def test_links_are_not_followed_when_the_home_is_closed(home: Path, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "file").write_text("")
    for path, bits in ((outside, 0o755), (outside / "file", 0o644)):
        path.chmod(bits)
    (home / "link").symlink_to(outside)
    (home / "done" / "link").symlink_to(outside / "file")

    close_home(home, home / "inbox")

    assert (mode(outside), mode(outside / "file")) == (0o755, 0o644)


def test_a_file_that_leaves_the_inbox_is_closed_and_a_link_is_not_followed(home: Path, tmp_path: Path) -> None:
    from pipeline.ingest import leaving, safe_paths

    outside = tmp_path / "ours"
    outside.write_text("")
    outside.chmod(0o644)
    (home / "inbox" / "link.tif").symlink_to(outside)
    name, today = PurePath("desk/a.tif"), PurePath(leaving.today())
    (home / "rejected").mkdir(exist_ok=True)

    descriptor = safe_paths.open_file(home / "inbox", name, name.name)
    moved = leaving.move_taken(home / "inbox", name, descriptor, home / "done", today)
    os.close(descriptor)
    leaving.move_strange(home / "inbox", PurePath("link.tif"), home / "rejected", today, "a link")

    assert mode(moved) == 0o600
    assert mode(outside) == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_another_user_is_named(home: Path) -> None:
    close_home(home, home / "inbox")
    assert foreign_paths(home, home / "inbox") == []
    os.chown(home / "abhilekh.toml", 65534, 65534)

    assert foreign_paths(home, home / "inbox") == [home / "abhilekh.toml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_reads_nothing_and_still_drops_into_a_shared_inbox(home: Path) -> None:
    inbox = home / "inbox"
    inbox.chmod(0o2777)
    for above in home.parents:
        if above != Path("/") and above.stat().st_uid == os.geteuid():
            above.chmod(mode(above) | 0o011)
    close_home(home, inbox)

    def as_nobody(command: str) -> int:
        return subprocess.run(["sh", "-c", command], user=65534, group=65534, extra_groups=[], check=False).returncode

    assert as_nobody(f"echo scan > '{inbox}/new.tif'") == 0
    for path in ("abhilekh.toml", "done/day/b.tif"):
        assert as_nobody(f"cat '{home / path}' 2>/dev/null") != 0
    assert as_nobody(f"ls '{home}' 2>/dev/null") != 0


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('[oidc]\nclient_secret = "x"\n', True),
        ('[store]\nsecret_key = "k"\n', True),
        ('[database]\nurl = "postgresql://a:b@host/x"\n', True),
        ('[search]\npassword = "p"\n', True),
        ('[oidc]\nclient_secret = ""\n', False),
        ('office = "x"\n', False),
        ("[broken", False),
    ],
)
def test_settings_outside_the_home_are_open_only_without_a_secret(tmp_path: Path, text: str, holds: bool) -> None:
    file = tmp_path / "abhilekh.toml"
    file.write_text(text)

    assert holds_secrets(file) is holds


def test_the_start_script_makes_a_closed_home() -> None:
    lines = (ROOT / "script" / "run").read_text().splitlines()
    closes = next(at for at, line in enumerate(lines) if line.startswith("umask 077"))

    made = [at for at, line in enumerate(lines) if re.search(r"mkdir|>>|\bcp ", line) and not line.startswith("#")]
    assert made and min(made) > closes
