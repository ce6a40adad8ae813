"""What somebody tries in a real browser: scripts in a file's name, in what Tesseract read and in what a person typed; a page
of another site that sends our forms; the headers that keep the rest out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, expect

from samples.signing import as_browser
from tests.acceptance.web.conftest import RecordRoom, Visit
from tests.conftest import wait_for

NAME = "<img src=x onerror=alert(3)>.png"
LINES = (
    "Office of the Tehsildar, Devgaon",
    "No. 77/2019 Date 14.08.2019",
    "Subject: <script>alert(1)</script> and more",
    "Sir, please see <img src=x onerror=alert(2)> and",
    'also <b>bold</b> words & "quotes" of the village',
    "Devgaon in this letter, which is to be answered.",
)
TYPED = "<script>alert(4)</script><img src=x onerror=alert(5)>\"'&lt;"
FONT = "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"


@pytest.fixture(scope="module")
def planted(room: RecordRoom, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The document of a scan whose name, text and sender are scripts."""
    scan = tmp_path_factory.mktemp("planted") / NAME
    draw_letter(scan)
    room.drop(scan)
    wait_for(lambda: (room.home / "done").is_dir() and any((room.home / "done").rglob("*.png")), "the scan to be taken")
    wait_for(room.settled, "the scan to be filed")
    found = room.get("/api/v1/search", q="Tehsildar Devgaon answered").json()["hits"][0]
    keeper = room.cookies_of("keeper")
    with httpx.Client(base_url=room.address, cookies=keeper, timeout=30) as client:
        page = client.get(f"/review/{found['document']}").text
        sign, version = (page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "version"))
        said = {"csrf": sign, "version": version, "sender": TYPED, "recipient": TYPED}
        assert client.post(f"/review/{found['document']}/save", data=said).status_code == 303
    return str(found["document"])


def draw_letter(path: Path) -> None:
    sheet = Image.new("L", (2480, 3508), 255)
    pen, font = ImageDraw.Draw(sheet), ImageFont.truetype(FONT, 64)
    for at, line in enumerate(LINES):
        pen.text((250, 300 + 150 * at), line, font=font, fill=0)
    sheet.save(path, dpi=(300, 300))


def test_scripts_in_names_texts_and_fields_are_shown_and_never_run(
    room: RecordRoom, visit: Visit, planted: str
) -> None:
    dialogs: list[str] = []
    text = room.get(f"/api/v1/documents/{planted}").json()["pages"][0]["text"]
    assert "<script>" in text and "onerror=alert" in text, "Tesseract read the trap"

    state = room.get(f"/api/v1/documents/{planted}").json()["status"]
    for who, path, shown in (
        ("officer", "/?q=Tehsildar+Devgaon+answered", "<script>"),
        ("officer", f"/documents/{planted}/pages/1?q=please", "<img src=x onerror=alert(2)>"),
        ("officer", f"/documents/{planted}/pages/1", TYPED),
        ("keeper", f"/review/{planted}", "<script>"),
        ("keeper", f"/review?state={state}", "<script>"),
        ("operator", "/scanning", NAME),
        ("officer", "/?q=%3Cscript%3Ealert(6)%3C/script%3E", "<script>alert(6)</script>"),
    ):
        page = visit(who, "en")
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(path, wait_until="load")
        assert shown in page.locator("body").inner_text() + values_in(page), path
        assert page.locator("main script, main img[src='x'], main b:text-is('bold')").count() == 0, path
    assert dialogs == []


def values_in(page: Page) -> str:
    return " ".join(page.locator("input, textarea").evaluate_all("all => all.map(one => one.value)"))


def test_the_trap_is_told_to_the_auditor_and_in_json_without_harm(room: RecordRoom, visit: Visit, planted: str) -> None:
    visit("officer").goto("/?q=%3Cimg%20src=x%20onerror=alert(7)%3E")
    page = visit("auditor", "en")
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto("/audit?who=officer")
    expect(page.locator("tbody")).to_contain_text("<img src=x onerror=alert(7)>")
    answer = room.get(f"/api/v1/documents/{planted}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_downloaded_name_is_no_path_and_no_header(room: RecordRoom, planted: str) -> None:
    told = room.get(f"/documents/{planted}/original").headers["content-disposition"]

    assert told.startswith("attachment;") and "<" not in told and "\n" not in told


@pytest.mark.parametrize(
    "harm",
    [
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = true'}))",
        "document.body.insertAdjacentHTML('beforeend', '<img src=/static/icon.svg onload=\"window.ran = true\">')",
        "setTimeout('window.ran = true')",
    ],
)
def test_the_policy_stops_inline_scripts_even_if_one_got_in(room: RecordRoom, chromium_page: Page, harm: str) -> None:
    chromium_page.goto(f"{room.address}/login")
    refused = chromium_page.evaluate(
        """() => new Promise(done => {
            addEventListener('securitypolicyviolation', event => done(event.effectiveDirective));
            setTimeout(() => done('nothing was refused'), 5000);
            HARM;
        })""".replace("HARM", harm)
    )
    assert refused.startswith("script-src"), refused
    assert chromium_page.evaluate("window.ran") is None


@pytest.fixture
def chromium_page(chromium: object) -> Iterator[Page]:
    context = chromium.new_context()  # type: ignore[attr-defined]
    yield context.new_page()
    context.close()


class Elsewhere(BaseHTTPRequestHandler):
    """A page of another site that sends a form of ours as soon as it is open."""

    ours = ""

    def do_GET(self) -> None:
        page = f"""<form method=post action="{self.ours}/users"><input name=name value=intruder>
            <input name=role value=administrator></form><iframe src="{self.ours}/users" name=framed></iframe>
            <script>addEventListener('load', () => document.forms[0].submit())</script>"""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *said: object) -> None:
        pass


def test_another_site_can_neither_send_our_forms_nor_frame_our_pages(room: RecordRoom, chromium_page: Page) -> None:
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    Elsewhere.ours = room.address
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cookies = as_browser(room.cookies_of("administrator"), room.address)
    chromium_page.context.add_cookies(cookies)  # type: ignore[arg-type]

    with chromium_page.expect_response(lambda answer: answer.request.method == "POST") as posted:
        chromium_page.goto(f"http://localhost:{server.server_port}/")

    assert posted.value.status in (401, 403)
    assert "intruder" not in {known.person.name for known in room.container.people.every()}
    server.shutdown()
    server.server_close()


def test_a_forged_cookie_in_the_browser_is_nobody(room: RecordRoom, chromium_page: Page) -> None:
    real = room.cookies_of("administrator")
    altered = {name: value[:-1] + ("A" if value[-1] != "A" else "B") for name, value in real.items()}
    for forged in (altered, dict.fromkeys(real, "admin")):
        chromium_page.context.clear_cookies()
        chromium_page.context.add_cookies(as_browser(forged, room.address))  # type: ignore[arg-type]
        chromium_page.goto(f"{room.address}/users")
        assert "/login?next=" in chromium_page.url
