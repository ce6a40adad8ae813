"""Everything running on one machine: files dropped in the inbox become hits in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from samples import truth
from samples.press import launch
from tests.conftest import SCANS, Running, wait_for

FILES = sorted((SCANS / "files").iterdir())
LETTERS = [SCANS / "letters" / name for name in ("letter-01-clean.jpg", "letter-05-clean.jpg")]


@pytest.fixture(scope="module")
def filled(running: Running) -> Running:
    """Scans dropped into the inbox of a running installation, and nothing else done."""
    running.drop(*FILES, *LETTERS)
    wait_for(running.settled, "the scans to be filed")
    return running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as tools:
        chromium = launch(tools)
        yield chromium
        chromium.close()


@pytest.fixture
def page(filled: Running, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="hi-IN", base_url=filled.address)
    filled.sign_in(context)
    yield context.new_page()
    context.close()


def test_dropped_scans_are_filed_and_leave_the_inbox(filled: Running) -> None:
    status = filled.settled()

    assert status is not None, filled.log()
    assert status["rejected"] == 0
    known = truth.load()
    assert status["pages"] == sum(file["pages"] for file in known["files"]) + len(LETTERS)
    done = {path.name for path in (filled.home / "done").rglob("*") if path.is_file()}
    assert done == {path.name for path in (*FILES, *LETTERS)}
    assert status["parts"] == dict.fromkeys(("store", "database", "watcher", "workers", "web"), "ok")


def test_a_village_brings_its_page_with_a_mark_for_every_place(page: Page) -> None:
    letter = next(known for known in truth.load()["letters"] if known["file"].endswith(LETTERS[0].name))
    drawn = [word["box"] for word in letter["words"] if word["text"].startswith(letter["village"])]
    page.goto("/")
    page.locator("#q").fill(letter["village"])
    page.keyboard.press("Enter")

    assert page.locator("mark").first.inner_text() == letter["village"]
    page.get_by_role("main").get_by_role("link", name=letter["subject"]).first.click()

    page.wait_for_url("**/pages/*")
    marks = page.locator(".marks rect")
    wait_for(lambda: marks.count() == len(drawn), "the marks")  # whether they lie right: acceptance/web/test_web_day.py


def test_the_interface_speaks_both_languages_and_remembers(page: Page) -> None:
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == "hi"
    page.get_by_text("English", exact=True).click()
    page.goto("/")

    assert page.locator("html").get_attribute("lang") == "en"


def test_the_pdf_and_the_original_can_be_downloaded(filled: Running) -> None:
    hit = filled.json("search", "सोनपुरा")["hits"][0]

    assert filled.get(f"/documents/{hit['document']}/original").content == LETTERS[0].read_bytes()
    assert filled.get(f"/documents/{hit['document']}/pdf").content.startswith(b"%PDF-")


def test_the_search_of_the_command_and_of_the_web_agree(filled: Running) -> None:
    found = filled.get("/api/v1/search", q="सोनपुरा").json()

    assert found["hits"] == filled.json("search", "सोनपुरा")["hits"]


def test_it_listens_on_loopback_only(filled: Running) -> None:
    assert filled.process is not None
    addresses = listening(family(filled.process.pid))

    assert addresses
    assert all(address.startswith("127.") or address == "::1" for address in addresses), addresses


def test_a_second_up_on_the_same_home_is_refused(filled: Running) -> None:
    second = filled.call("up", timeout=60)

    assert second.returncode == 2
    assert "already running" in second.stderr


def test_the_same_scan_dropped_again_is_set_aside_as_a_duplicate(filled: Running) -> None:
    before = filled.json("status")["pages"]
    filled.drop(LETTERS[0])
    wait_for(lambda: any((filled.home / "duplicates").rglob(LETTERS[0].name)), "the duplicate to be set aside")

    assert filled.json("status")["pages"] == before


def test_it_stops_cleanly(filled: Running) -> None:
    assert filled.process is not None
    pids = family(filled.process.pid)

    assert filled.stop() == 0

    wait_for(
        lambda: not [pid for pid in pids if Path(f"/proc/{pid}/stat").exists()], "every process to end", seconds=20
    )


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, queue = [], [pid]
    while queue:
        found.append(queue[0])
        queue += children.get(queue.pop(0), [])
    return found


def listening(pids: list[int]) -> set[str]:
    """Addresses on which these processes accept TCP connections."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                target = str(link.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            parts = line.split()
            if parts[3] == "0A" and parts[9] in inodes:
                found.add(_address(parts[1].split(":")[0]))
    return found


def _address(hexadecimal: str) -> str:
    import ipaddress

    words = [bytes.fromhex(hexadecimal[i : i + 8])[::-1] for i in range(0, len(hexadecimal), 8)]
    return str(ipaddress.ip_address(b"".join(words)))
