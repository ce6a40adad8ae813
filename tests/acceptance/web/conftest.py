"""One installation with `abhilekh up`, people of every role, and Chromium: what all tests of this folder share.

Its tests drive real pages on the real store and on what Tesseract read. They add to the installation and take nothing away.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from pipeline import settings
from pipeline.app import Container
from pipeline.locale import translations
from pipeline.model.accounts import Grant
from pipeline.model.roles import Role
from pipeline.web.security.cookies import COOKIE
from samples import truth
from samples.press import launch
from samples.signing import as_browser
from tests.conftest import SCANS, Running, short_folder, wait_for

OFFICE = "sagar"
PEOPLE = {  # one of each role, and an officer of another office
    "operator": Grant(Role.OPERATOR, OFFICE),
    "keeper": Grant(Role.RECORD_KEEPER, OFFICE),
    "officer": Grant(Role.OFFICER, OFFICE),
    "auditor": Grant(Role.AUDITOR),
    "administrator": Grant(Role.ADMINISTRATOR),
    "stranger": Grant(Role.OFFICER, "rewa"),
}
LETTERS = SCANS / "letters"
DOUBTFUL, ENGLISH, LAST = (LETTERS / f"letter-{name}.jpg" for name in ("12-poor", "13-poor", "14-clean"))
FILE = SCANS / "files" / "file-01-office.pdf"
WIDE, NARROW = (1280, 800), (390, 844)


def say(code: str, text: str) -> str:
    """What a page calls something in the language `code`."""
    return translations(code).gettext(text)


@dataclass
class RecordRoom(Running):
    """An installation with some scans filed, and its people by name."""

    container: Container = field(init=False)

    def cookies_of(self, name: str) -> dict[str, str]:
        return {COOKIE: self.container.people.sign_in(name)}


def without_number(scan: Path, folder: Path) -> Path:
    """A letter whose number is torn off, so that it waits for review however well the rest is read."""
    letter = next(known for known in truth.load()["letters"] if known["file"].endswith(scan.name))
    x, y, width, height = next(word["box"] for word in letter["words"] if word["text"] == letter["file_no"])
    torn = folder / scan.name
    with Image.open(scan) as image:
        paper = image.getpixel((x - height, y + height // 2))
        image.paste(paper, (x - height // 4, y - height // 4, x + width + height // 4, y + height + height // 4))
        image.save(torn, quality=90, dpi=image.info["dpi"])
    return torn


@pytest.fixture(scope="session")
def room() -> Iterator[RecordRoom]:
    home = short_folder()
    quick = {
        "ABHILEKH_INTAKE__SETTLE_SECONDS": "0.3",
        "ABHILEKH_INTAKE__RESCAN_SECONDS": "1",
        "ABHILEKH_OFFICE": OFFICE,
    }
    office = RecordRoom(home, quick)
    office.container = Container(settings.load(home))
    try:
        office.drop(without_number(DOUBTFUL, home), ENGLISH, LAST, FILE)
        office.up()
        for name, grant in PEOPLE.items():
            office.container.people.add(name, "", [grant])
        wait_for(office.settled, "the scans to be filed", seconds=300)
        yield office
    finally:
        office.container.close()
        if office.process is not None and office.process.poll() is None:
            office.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(
    scope="module"
)  # not longer: Playwright leaves a loop running, in which no other test could run its own
def chromium() -> Iterator[Browser]:
    with sync_playwright() as tools:
        browser = launch(tools)
        yield browser
        browser.close()


Visit = Callable[..., Page]


def is_complaint(line: ConsoleMessage) -> bool:
    """Chromium tells of every answer that is no 200, also where a page was to say “not found”."""
    return line.type == "error" and "the server responded with a status of 40" not in line.text


@pytest.fixture
def visit(room: RecordRoom, chromium: Browser) -> Iterator[Visit]:
    """A browser window of somebody: `visit("officer", "en")`. What its scripts complain about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_window(name: str = "", code: str = "hi", size: tuple[int, int] = WIDE, *, scripts: bool = True) -> Page:
        width, height = size
        context = chromium.new_context(
            base_url=room.address,
            locale=f"{code}-IN",
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        if name:
            context.add_cookies(as_browser(room.cookies_of(name), room.address))  # type: ignore[arg-type]
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda line: complaints.append(f"{page.url}: {line.text}") if is_complaint(line) else None)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert not complaints, complaints
