"""Each user's day, by keyboard, in Hindi and English: a scan is dropped, appears, is reviewed, is found by somebody else in
Roman letters, marked in the right place, and taken away; the auditor, the administrator and the board see what happened.

The tests of this module follow each other as the day does.
"""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Locator, Page, expect

from samples import truth
from tests.acceptance.web.conftest import DOUBTFUL, LETTERS, NARROW, RecordRoom, Visit, say

DROPPED = LETTERS / "letter-01-clean.jpg"
SENT = LETTERS / "letter-05-clean.jpg"
SUBJECT = "कमलाटोल के बाढ़ पीड़ितों को कम्बल"  # what the record keeper writes over the machine's reading
MOST_TABS = 150
WHITE_ALONE = [0] * 248 + [255] * 8  # the table that a sheet lies on is darker
SOON = 60_000  # milliseconds, for what the machine has to read first


def truth_of(scan: Path) -> truth.LetterTruth:
    return next(letter for letter in truth.load()["letters"] if letter["file"].endswith(scan.name))


def tab_to(page: Page, wanted: Locator) -> None:
    """Go to an element with the Tab key, as somebody without a mouse does."""
    wanted.wait_for(state="attached")
    for _ in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached with {MOST_TABS} tabs")


def enter(page: Page, wanted: Locator) -> None:
    """Reach a link or a button with Tab and press Enter."""
    tab_to(page, wanted)
    page.keyboard.press("Enter")


def menu(page: Page, code: str, name: str) -> Locator:
    return page.get_by_role("navigation", name=say(code, "Main menu")).get_by_role("link", name=say(code, name))


# --- the operator -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "scan"), [("hi", DROPPED), ("en", SENT)])
def test_a_scan_that_comes_in_appears_by_itself(
    room: RecordRoom, visit: Visit, code: str, scan: Path, tmp_path: Path
) -> None:
    page = visit("operator", code)
    page.goto("/")
    enter(page, menu(page, code, "Scanning"))
    done = page.get_by_role("region", name=say(code, "Done"), exact=True)
    expect(done.get_by_role("link", name=DOUBTFUL.name)).to_be_visible()
    page.evaluate("window.notLoadedAnew = true")

    if scan is DROPPED:
        room.drop(scan)  # into the inbox, as a scanner does
    else:  # in the browser
        with page.expect_file_chooser() as chooser:
            enter(page, page.get_by_role("button", name=say(code, "Send"), exact=True))
        chooser.value.set_files(scan)
        expect(page.locator("#sent")).to_contain_text(say(code, "received"), timeout=SOON)

    expect(done.get_by_role("link", name=scan.name)).to_be_visible(timeout=SOON)
    thumb = done.get_by_role("listitem").filter(has=page.get_by_role("link", name=scan.name)).get_by_role("img").first
    thumb.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=thumb.element_handle())
    assert page.evaluate("window.notLoadedAnew"), "the page was to be kept up to date, not loaded anew"


def test_a_scan_that_is_none_is_told_to_the_operator(room: RecordRoom, visit: Visit, tmp_path: Path) -> None:
    page = visit("operator", "hi")
    page.goto("/scanning")
    notes = tmp_path / "टीप.pdf"
    notes.write_text("This is no PDF.", encoding="utf-8")

    page.locator("#send-files").set_input_files(notes)

    expect(page.locator("#sent li").first).to_contain_text(say("hi", "rejected"), timeout=SOON)


# --- the record keeper --------------------------------------------------------------------------------------------


def test_a_doubtful_document_is_corrected_and_accepted_by_keyboard(room: RecordRoom, visit: Visit) -> None:
    page = visit("keeper", "hi")
    page.goto("/")
    enter(page, menu(page, "hi", "Review"))
    enter(page, page.get_by_role("link", name=say("hi", "Begin with the most doubtful")))
    page.wait_for_url(re.compile(r"/review/\w+-\d+"))
    subject = page.get_by_label(say("hi", "Subject"), exact=False).first
    assert page.locator("h1").inner_text() == truth_of(DOUBTFUL)["subject"]

    tab_to(page, subject)
    page.keyboard.press("Control+A")
    page.keyboard.type(SUBJECT)
    page.keyboard.press("Control+S")  # save, and stay
    expect(page.locator("h1")).to_have_text(SUBJECT)
    expect(page.locator(".history")).to_contain_text(SUBJECT)
    assert "keeper" in page.locator(".history").inner_text()
    page.keyboard.press("Control+Enter")  # all right, next

    page.wait_for_url(re.compile(r"/review(\?.*)?$"))
    expect(page.get_by_text(say("hi", "Nothing waits here."))).to_be_visible()
    assert room.get("/api/v1/search", q="kamlatol kambal").json()["hits"][0]["subject"] == SUBJECT


def test_a_letter_is_cut_joined_ordered_moved_and_requested_as_a_rescan_by_keyboard(
    room: RecordRoom, visit: Visit
) -> None:
    filed = room.get("/api/v1/review", state="filed").json()["documents"]
    letter = next(one for one in filed if one["kind"] == "letter" and one["pages"] > 1)
    page = visit("keeper", "en")
    page.goto(f"/review/{letter['document']}")
    sheets, said, number = page.locator(".sheets figure"), page.locator(".history li").first, page.locator("#f-file_no")

    def press(*keys: str, typed: str = "") -> None:
        """A key by itself leads to something; the rest is done there, and the page comes anew."""
        for key in ("Escape", *keys):
            page.keyboard.press(key)
        page.keyboard.type(typed)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    press("s")
    expect(sheets).to_have_count(letter["pages"] - 1)
    press("m")  # the other piece
    expect(sheets).to_have_count(letter["pages"])
    press("r", typed="2 1")
    expect(said).to_contain_text("keeper pages put into another order")
    press("u")
    expect(said).to_contain_text("undone")
    press("v", typed="एफ 1-2/2011")
    expect(number).to_have_value("एफ 1-2/2011")
    press("u")
    expect(number).to_have_value(letter["file_no"])
    expect(said).to_contain_text("as the machine read it")
    press("t", "Tab", "Tab", typed="कोना कटा है")
    expect(sheets.first).to_contain_text("a rescan is requested")
    assert [one["reason"] for one in room.get("/api/v1/again").json()] == ["कोना कटा है"]
    press("u")
    expect(sheets.first).not_to_contain_text("a rescan is requested")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/review(\?.*)?$"))


def test_what_was_typed_is_not_lost_by_another_action_unasked(room: RecordRoom, visit: Visit) -> None:
    filed = room.get("/api/v1/review", state="filed").json()["documents"]
    page = visit("keeper", "en")
    page.goto(f"/review/{filed[0]['document']}")
    page.locator("#f-subject").focus()
    page.keyboard.type("x")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    page.keyboard.type("1/2/2003")
    page.keyboard.press("Enter")

    expect(page.locator("#f-subject")).to_have_value(re.compile("x"))
    assert asked == ["beforeunload"]


def test_the_spot_of_a_field_lights_up_where_it_was_read(room: RecordRoom, visit: Visit) -> None:
    letter = truth_of(DROPPED)
    found = room.get("/api/v1/search", q=letter["village"]).json()["hits"][0]["document"]
    page = visit("keeper", "en")
    page.goto(f"/review/{found}")

    page.get_by_label("Date", exact=False).first.focus()

    lit = page.locator(".spots rect.on")
    expect(lit).to_have_count(1)
    box = [float(lit.get_attribute(name) or 0) for name in ("x", "y", "width", "height")]
    word = next(word for word in letter["words"] if word["text"] == letter["date_text"])
    assert holds(box, word["box"])


def holds(box: list[float], inner: tuple[int, int, int, int]) -> bool:
    """Whether the middle of the inner box lies in the box."""
    x, y = inner[0] + inner[2] / 2, inner[1] + inner[3] / 2
    return box[0] <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]


# --- the officer --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "scripts"), [("en", True), ("hi", False)])
def test_another_user_finds_it_in_roman_letters_with_the_marks_in_the_right_place(
    visit: Visit, code: str, scripts: bool
) -> None:
    letter = truth_of(DROPPED)
    page = visit("officer", code, scripts=scripts)
    page.goto("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("sonpura")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=sonpura*")
    expect(page.locator("mark").first).to_have_text(letter["village"])
    enter(page, page.get_by_role("main").get_by_role("link", name=letter["subject"]).first)
    page.wait_for_url("**/documents/*/pages/1*")

    drawn = [word["box"] for word in letter["words"] if word["text"].startswith(letter["village"])]
    sheet = ready_sheet(page, scripts=scripts)
    marks = marks_of(page, sheet, size_of(DROPPED))
    assert len(marks) == len(drawn) == 2
    for mark, box in zip(sorted(marks, key=lambda m: m[1]), sorted(drawn, key=lambda b: b[1]), strict=True):
        assert holds(mark, box), (mark, box)
        assert mark[2] < 2 * box[2] and mark[3] < 3 * box[3], "a mark covers its word, not the line"


def test_marks_stay_on_their_words_when_the_sheet_is_moved_turned_and_zoomed(visit: Visit) -> None:
    letter = truth_of(DROPPED)
    drawn = [word["box"] for word in letter["words"] if word["text"].startswith(letter["village"])]
    page = visit("officer", "en", NARROW)
    page.goto("/?q=sonpura")
    page.get_by_role("main").get_by_role("link", name=letter["subject"]).first.click()
    ready_sheet(page, scripts=True)
    page.keyboard.press("n")
    expect(page.locator(".marks rect.current")).to_have_count(1)
    page.keyboard.press("n")
    expect(page.get_by_role("status").filter(has_text="/")).to_have_text("2 / 2")
    for key in ("r", "r", "r", "r", "0"):  # once around, and back to the whole sheet
        page.keyboard.press(key)

    sheet = ready_sheet(page, scripts=True)
    marks = marks_of(page, sheet, size_of(DROPPED))
    for mark, box in zip(sorted(marks, key=lambda m: m[1]), sorted(drawn, key=lambda b: b[1]), strict=True):
        assert holds(mark, box), (mark, box)


def ready_sheet(page: Page, *, scripts: bool) -> list[float]:
    """Where the sheet is seen on the screen, once it is there and still: left, top and width in CSS pixels.

    Under the glass that is measured in a picture of the screen, not asked of the program that drew it."""
    if not scripts:
        found = page.locator(".sheet img").bounding_box()
        assert found is not None
        return [found["x"], found["y"], found["width"]]
    glass = page.locator(".glass")
    expect(glass.locator("canvas").first).to_be_visible()
    glass.scroll_into_view_if_needed()
    before: list[float] = []
    for _ in range(40):  # springs, and sharper tiles, are still coming
        now = paper_in(page, glass)
        if now and now == before:
            return now
        before = now
    raise AssertionError("the sheet does not come to rest")


def paper_in(page: Page, glass: Locator) -> list[float]:
    """The white paper in a picture of the screen, inside the glass. Empty where there is none yet."""
    frame = glass.bounding_box()
    assert frame is not None
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        picture = shot.convert("RGB")
    left, top = max(frame["x"], 0.0), max(frame["y"], 0.0)
    right, bottom = min(left + frame["width"], picture.width), min(frame["y"] + frame["height"], picture.height)
    inside = picture.crop((round(left), round(top), round(right), round(bottom)))
    white = ImageChops.darker(ImageChops.darker(*inside.split()[:2]), inside.split()[2]).point(WHITE_ALONE)
    found = white.getbbox()
    return [round(left) + found[0], round(top) + found[1], found[2] - found[0]] if found else []


def size_of(scan: Path) -> tuple[int, int]:
    with Image.open(scan) as image:
        return image.size


def marks_of(page: Page, sheet: list[float], size: tuple[int, int]) -> list[list[float]]:
    """The marks as they lie on the sheet that is seen, in pixels of the scan."""
    found = []
    scale = size[0] / sheet[2]
    for mark in page.locator(".marks rect").all():
        box = mark.bounding_box()
        assert box is not None
        x, y = box["x"] - sheet[0], box["y"] - sheet[1]
        found.append([x * scale, y * scale, box["width"] * scale, box["height"] * scale])
    return found


def test_the_pdf_the_original_and_the_text_are_taken_away(visit: Visit, tmp_path: Path) -> None:
    letter = truth_of(DROPPED)
    page = visit("officer", "hi")
    page.goto("/?q=sonpura")
    enter(page, page.get_by_role("main").get_by_role("link", name=letter["subject"]).first)

    taken = {name: take(page, say("hi", name), tmp_path) for name in ("PDF/A, searchable", "Original scan", "Text")}

    with pikepdf.open(taken["PDF/A, searchable"]) as pdf, pdf.open_metadata() as told:
        assert told.pdfa_status.startswith("2"), told.pdfa_status
    assert taken["Original scan"].name == DROPPED.name
    assert taken["Original scan"].read_bytes() == DROPPED.read_bytes()
    assert letter["village"] in taken["Text"].read_text(encoding="utf-8")


def take(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as download:
        enter(page, page.get_by_role("link", name=name, exact=True))
    path = folder / download.value.suggested_filename
    shutil.copy(download.value.path(), path)
    return path


def test_an_officer_of_another_office_finds_nothing_of_it(room: RecordRoom, visit: Visit) -> None:
    ours = room.get("/api/v1/search", q="sonpura").json()["hits"][0]["document"]
    page = visit("stranger", "en")
    page.goto("/?q=sonpura")
    expect(page.get_by_role("heading", name="Nothing was found")).to_be_visible()
    assert page.request.get(f"/documents/{ours}/pages/1").status == 404
    assert page.request.get(f"/documents/{ours}/original").status == 404


# --- those who answer for it --------------------------------------------------------------------------------------


def test_the_auditor_sees_what_was_done_and_by_whom(visit: Visit) -> None:
    page = visit("auditor", "en")
    page.goto("/")
    enter(page, menu(page, "en", "Audit log"))
    everything = page.locator("tbody tr")
    expect(everything.filter(has_text="sonpura").filter(has_text="officer").first).to_be_visible()
    expect(everything.filter(has_text="stranger").first).to_be_visible()

    page.get_by_label("User", exact=True).select_option("officer")
    page.get_by_label("Action", exact=True).select_option("download")
    enter(page, page.get_by_role("button", name="Show"))

    page.wait_for_url("**/audit?who=officer*")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    assert all("downloaded" in row and "officer" in row for row in rows.all_inner_texts())
    with page.expect_download() as download:
        enter(page, page.get_by_role("link", name="CSV"))
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").count("\n") == 4


@pytest.mark.parametrize("code", ["hi", "en"])
def test_the_administrator_adds_a_person_who_comes_in_by_the_link_once(visit: Visit, code: str) -> None:
    name, password = f"naya.{code}", "सात समुद्र तेरह नदी"
    page = visit("administrator", code)
    page.goto("/users")
    tab_to(page, page.get_by_label(say(code, "Name to sign in with")))
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type("नया कर्मचारी")
    page.locator("#new-role").select_option("officer")
    enter(page, page.get_by_role("button", name=say(code, "Add"), exact=True))
    link = page.locator("code.secret").inner_text()

    newcomer = visit("", code)
    newcomer.goto(link)
    for label in ("New password", "The new password once more"):
        tab_to(newcomer, newcomer.get_by_label(say(code, label), exact=True))
        newcomer.keyboard.type(password)
    newcomer.keyboard.press("Enter")
    expect(newcomer.locator("#q")).to_be_visible()
    expect(menu(newcomer, code, "Search")).to_be_visible()
    assert menu(newcomer, code, "Users").count() == 0
    enter(newcomer, newcomer.get_by_role("button", name=say(code, "Sign out")))

    newcomer.wait_for_url(re.compile(r"/login\?out=1$"))
    assert newcomer.request.get(link).status == 410 or newcomer.request.get(link).status == 404
    newcomer.keyboard.type(name)
    newcomer.keyboard.press("Tab")
    newcomer.keyboard.type(password)
    newcomer.keyboard.press("Enter")
    expect(newcomer.locator("#q")).to_be_visible()


@pytest.mark.parametrize("code", ["hi", "en"])
def test_the_progress_page_tells_how_far_the_work_is(room: RecordRoom, visit: Visit, code: str) -> None:
    stock = room.get("/api/v1/board").json()["stock"]
    page = visit("keeper", code)
    page.goto("/")
    enter(page, menu(page, code, "Progress"))
    figures = page.locator("dl.figures")

    def shown(name: str) -> str:
        return figures.locator("div").filter(has_text=say(code, name)).locator("dd").first.inner_text()

    assert shown("documents").split()[0] == str(stock["documents"])
    assert shown("of them reviewed").split()[0] == str(stock["reviewed"])
    assert stock["reviewed"] >= 1
    with page.expect_download() as download:
        enter(page, page.locator("a.csv").first)
    assert "sagar" in Path(download.value.path()).read_text(encoding="utf-8-sig")


def test_the_language_is_one_switch_that_is_remembered(visit: Visit, chromium: Browser) -> None:
    page = visit("officer", "hi")
    page.goto("/?q=sonpura")
    assert page.locator("html").get_attribute("lang") == "hi"
    enter(page, page.get_by_role("link", name="English"))
    page.wait_for_url("**/?q=sonpura")
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto("/account")
    assert page.locator("html").get_attribute("lang") == "en"
