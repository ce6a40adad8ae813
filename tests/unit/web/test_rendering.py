"""The web pages, rendered from values: languages, escaping, errors, headers. Real scans: the acceptance tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import quote

import pytest

from pipeline import errors
from pipeline.model import contract
from pipeline.model.document import DocumentKind, DocumentState
from pipeline.model.search import Query
from pipeline.web import assets, downloads, error_pages, labels, rendering
from pipeline.web.search import params
from tests.signing import open_app
from tests.unit.shelf import BATCH, LETTER, STATUS, Shelf, get

PAGES = [
    "/",
    "/?q=x",
    "/documents/d1/pages/1",
    "/documents/d1/pages/2",
    "/status",
    "/documents/none",
    "/?q=x&from=never",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("lang", "brand"), [("hi", "अभिलेख</b>"), ("en", "Abhilekh</b>")])
def test_every_page_speaks_both_languages(path: str, lang: str, brand: str) -> None:
    page = get(path, lang)

    assert f'<html lang="{lang}">' in page.text
    assert brand in page.text
    assert page.headers["content-language"] == lang
    assert " style=" not in page.text and "<style" not in page.text  # the policy would block them


@pytest.mark.parametrize(("terms", "said", "unsaid"), [("mp", "नस्ती क्रमांक", "पत्रावली"), ("up", "पत्रावली संख्या", "नस्ती")])
def test_a_page_says_things_as_the_offices_of_the_state(terms: str, said: str, unsaid: str) -> None:
    app, _ = open_app(Shelf(), terms=terms)

    for path in ("/", "/?q=x", "/?q=x&kind=poem", "/documents/d1/pages/1", "/files/-/k", "/status"):
        page = get(path, app=app).text.replace(BATCH.source.name, "")
        assert unsaid not in page, path
    assert said in get("/documents/d1/pages/1", app=app).text
    assert "File number" in get("/documents/d1/pages/1", "en", app=app).text


def test_order_the_kind_and_order_the_sort_are_two_words() -> None:
    page = get("/?q=x", "hi").text

    assert '<option value="order">आदेश</option>' in page and '<label for="sort">क्रम</label>' in page
    assert '<option value="order">Order</option>' in get("/?q=x", "en").text


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "hi"),
        ("ta,fr;q=0.5", "hi"),
        ("en-IN,en;q=0.9,hi;q=0.8", "en"),
        ("en;q=0.3, hi-IN;q=0.9", "hi"),
        ("en;q=0, hi", "hi"),
        ("en;q=nonsense", "hi"),
        (";;,,q=", "hi"),
    ],
)
def test_the_browser_proposes_a_language(header: str, expected: str) -> None:
    assert get("/", header).headers["content-language"] == expected


def test_a_picked_language_is_remembered() -> None:
    answer = get("/language/en?back=/status%3Fa%3D1")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/status?a=1"
    assert "abhilekh_language=en" in answer.headers["set-cookie"]
    assert get("/", "hi", cookie="abhilekh_language=en").headers["content-language"] == "en"
    assert get("/", "en", cookie="abhilekh_language=xx").headers["content-language"] == "en"
    assert get("/language/xx").status_code == 404


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", ""])
def test_the_language_switch_never_leads_to_another_site(back: str) -> None:
    assert get(f"/language/en?back={quote(back, safe='')}").headers["location"] == "/"


def test_results_show_what_a_clerk_needs() -> None:
    page = get("/?q=मरम्मत").text

    for shown in ("भवन की मरम्मत", "1783/आ०लि०/2018-19", "7 नवंबर 2004", "पत्र", "पृष्ठ 1", "45 पृष्ठ मिले", "0.01 सेकंड"):
        assert shown in page
    assert "7 November 2004" in get("/?q=x", "en").text
    assert f'href="/documents/d1/pages/1?q={quote("मरम्मत")}"' in page
    assert 'loading="lazy"' in page


def test_a_snippet_is_escaped_and_marked() -> None:
    page = get("/?q=x").text

    assert "<script>" not in page
    assert "&lt;script&gt;<mark>alert(1)</mark>&lt;/script&gt; <mark>मरम्मत</mark>" in page


def test_what_was_typed_is_escaped() -> None:
    typed = '"><script>x</script>'
    for page in (get(f"/?q={quote(typed)}"), get(f"/documents/d1/pages/1?q={quote(typed)}"), get(f"/{quote(typed)}")):
        assert "<script>x" not in page.text


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("abc", [], [("abc", False)]),
        ("", [(0, 3)], []),
        ("abc", [(0, 3)], [("abc", True)]),
        ("abc", [(1, 99)], [("a", False), ("bc", True)]),
        ("abcd", [(2, 3), (0, 1)], [("a", True), ("b", False), ("c", True), ("d", False)]),
        ("abcd", [(0, 2), (1, 3), (2, 2)], [("ab", True), ("c", True), ("d", False)]),
        ("abc", [(-5, 1), (7, 9)], [("a", True), ("bc", False)]),
    ],
)
def test_marks_of_any_kind_cut_the_text(
    text: str, marks: list[tuple[int, int]], expected: list[tuple[str, bool]]
) -> None:
    assert rendering.marked(text, marks) == expected


@pytest.mark.parametrize(
    ("day", "typed"),
    [(date(2007, 4, 3), "03-04-2007"), ("2007-04-23", "23-04-2007"), ("23.4.07", "23.4.07"), ("", "")],
)
def test_a_date_stands_in_a_field_as_people_type_it(day: date | str, typed: str) -> None:
    assert rendering.typed_date(day) == typed


def test_results_are_turned_by_offset() -> None:
    first, middle, last = get("/?q=x&kind=letter"), get("/?q=x&offset=20"), get("/?q=x&offset=40")

    assert 'href="/?q=x&amp;kind=letter&amp;offset=20"' in first.text and 'rel="prev"' not in first.text
    assert 'rel="prev" href="/?q=x"' in middle.text and 'href="/?q=x&amp;offset=40"' in middle.text
    assert 'rel="next"' not in last.text and "41 से 45 तक" in last.text
    assert "और परिणाम नहीं हैं" in get("/?q=x&offset=60").text


def test_nothing_found_gives_advice_and_an_empty_page_explains() -> None:
    assert "Nothing was found" in get("/?q=x", "en", shelf=Shelf(total=0)).text
    assert "Search everything" in get("/?q=x&kind=order", "en", shelf=Shelf(total=0)).text
    assert "How to search" in get("/", "en").text
    assert get("/?q=%20%00%0A", shelf=(shelf := Shelf())).status_code == 200
    assert shelf.asked == []


def test_filters_reach_the_library() -> None:
    shelf = Shelf()

    page = get("/?q=x&file_no=12/3&from=1.4.2004&to=2005&kind=order&office=HRD", shelf=shelf)

    assert shelf.asked == [
        Query("x", "12/3", "HRD", date(2004, 4, 1), date(2005, 12, 31), DocumentKind.ORDER, facets=True)
    ]
    assert '<option value="order" selected>' in page.text and "<details open>" in page.text


@pytest.mark.parametrize(
    ("written", "end", "expected"),
    [
        ("2004-11-07", False, date(2004, 11, 7)),
        ("7.11.2004", False, date(2004, 11, 7)),
        ("०७/११/२००४", False, date(2004, 11, 7)),
        ("07-11-2004", True, date(2004, 11, 7)),
        ("2004", False, date(2004, 1, 1)),
        ("२००४", True, date(2004, 12, 31)),
    ],
)
def test_dates_are_read_as_people_write_them(written: str, end: bool, expected: date) -> None:
    assert params.to_day(written, end=end) == expected


@pytest.mark.parametrize(
    "bad",
    ["from=31.2.2004", "to=gestern", "from=0000", "from=²³⁴⁵", "from=2005&to=2004", "kind=poem", "limit=0", "limit=101"]
    + [f"offset={offset}" for offset in ("-1", "x", "²", "9" * 20, "9" * 5000)],
)
def test_a_bad_filter_is_answered_kindly(bad: str) -> None:
    shelf = Shelf()
    page, api = get(f"/?q=x&{bad}", shelf=shelf), get(f"/api/v1/search?q=x&{bad}", shelf=shelf)

    assert page.status_code == 400 and 'role="alert"' in page.text and "<form" in page.text
    assert api.status_code == 400 and api.json()["error"]["code"] == "request"
    assert shelf.asked == []


STRANGE = [
    "\x00",
    "\ud7ff\uffff",
    "क्‍ष",
    "😀" * 500,
    "%",
    "%(x)s",
    "{{ 7*7 }}",
    "🏴󠁧󠁢",
    "\u202eabc",
    "' OR 1=1 --",
    "a\r\nSet-Cookie: x=1",
]


@pytest.mark.parametrize("text", STRANGE)
def test_any_text_can_be_asked(text: str) -> None:
    q = quote(text)

    assert get(f"/?q={q}").status_code == 200
    assert get(f"/documents/d1/pages/1?q={q}").status_code == 200
    assert get(f"/documents/{q}").status_code == 404


def test_bytes_that_are_no_text_can_be_asked() -> None:
    assert get("/?q=%ff%fe%ed%a0%80").status_code == 200


def test_joiners_survive_cleaning_and_length_is_limited() -> None:
    assert params.clean(" क्\u200dष\x00\n x ") == "क्\u200dष x"
    assert len(params.clean("क" * 5000)) == params.LONGEST_TEXT


def test_a_page_shows_marks_exactly_on_the_words() -> None:
    page = get(f"/documents/d1/pages/1?q={quote('मरम्मत')}&offset=20").text

    assert '<rect x="35.000%" y="5.000%" width="20.000%" height="2.500%"/>' in page
    assert page.count("<rect") == 1 and "1 स्थान चिह्नित" in page
    assert '<mark data-box="350 100 200 50">मरम्मत</mark>' in page
    assert 'class="doubtful">&lt;b&gt;स्वीकृति&lt;/b&gt;</span>' in page
    assert 'width="1000" height="2000"' in page  # the room is kept before the image is there
    assert f'href="/?q={quote("मरम्मत")}&amp;offset=20"' in page


def test_a_page_shows_fields_and_how_sure_they_are() -> None:
    page = re.sub(r"\s+", " ", get("/documents/d1/pages/1", "en").text)

    assert '1783/आ०लि०/2018-19</span> <small class="badge sure">sure' in page
    assert 'संचालक</span> <small class="badge doubt">doubtful' in page
    assert '<time datetime="2004-11-07">7 November 2004</time>' in page
    assert "not found" in page and "waits for review" in page and "page 1 of 4" in page
    assert "Back to the results" not in page


def test_pages_lead_to_their_neighbours() -> None:
    first, second, last = (get(f"/documents/d1/pages/{n}?q=x").text for n in (1, 2, 4))

    assert 'href="/documents/d1/pages/2?q=x" rel="next"' in first and 'rel="prev"' not in first
    assert 'href="/documents/d1/pages/1?q=x" rel="prev"' in second
    assert 'rel="next"' not in last


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (2, "This page is blank."),
        (3, "This page could not be read."),
        (3, "There is no image of this page."),
        (4, "No text was found on this page."),
    ],
)
def test_a_page_without_text_says_so(number: int, said: str) -> None:
    page = get(f"/documents/d1/pages/{number}?q=x", "en").text

    assert said in page and "Text of the page" not in page


def test_every_kind_field_and_flag_has_words() -> None:
    assert set(labels.KINDS) == set(DocumentKind)
    assert set(labels.STATES) == set(DocumentState)
    assert set(error_pages.HTTP_STATUS) == set(errors.Kind) == set(error_pages.HEADINGS)


def test_a_document_opens_at_its_first_page() -> None:
    assert get("/documents/d1?q=x").headers["location"] == "/documents/d1/pages/1?q=x"


def test_downloads_have_types_and_names() -> None:
    pdf, original, image = (get(f"/documents/d1/{what}") for what in ("pdf", "original", "pages/1/image"))

    assert (pdf.headers["content-type"], pdf.content) == ("application/pdf", b"%PDF-1.7")
    assert pdf.headers["content-disposition"].endswith(f"filename*=UTF-8''{quote('नस्ती 2018-d1.pdf')}")
    assert (original.content, original.headers["content-length"]) == (b"original", "8")
    assert 'filename="2018.pdf"' in original.headers["content-disposition"]
    assert (image.headers["content-type"], image.content) == ("image/webp", b"RIFFwebp")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/b\\c:d.pdf", "a-b-c-d.pdf"),
        ('x"\r\nSet-Cookie: y.pdf', "x-Set-Cookie- y.pdf"),
        ("क्\u200dष\u202e.pdf", "क्\u200dष.pdf"),
        ("..", "document"),
        ("", "document"),
        ("क" * 500 + ".pdf", "क" * 120 + ".pdf"),
    ],
)
def test_file_names_are_safe(name: str, expected: str) -> None:
    assert downloads.safe_name(name) == expected
    assert downloads.disposition(name).isascii() and "\n" not in downloads.disposition(name)


def test_a_name_without_plain_letters_keeps_its_ending() -> None:
    assert 'filename="document.pdf"' in downloads.disposition("नस्ती.pdf")


@pytest.mark.parametrize("path", ["/documents/none", "/documents/d1/pages/5", "/documents/d1/pages/0", "/nowhere"])
@pytest.mark.parametrize(("lang", "said"), [("hi", "नहीं मिला"), ("en", "There is no")])
def test_what_is_unknown_is_not_found(path: str, lang: str, said: str) -> None:
    answer = get(path, lang)

    assert answer.status_code == 404
    assert said in answer.text


@pytest.mark.parametrize("number", ["-1", "x", "९" * 9, "9" * 5000])
def test_page_numbers_of_any_kind_are_not_found(number: str) -> None:
    assert get(f"/documents/d1/pages/{number}").status_code == 404


def test_the_thing_not_found_is_named_in_the_language() -> None:
    assert "दस्तावेज़ “none” नहीं मिला" in get("/documents/none").text
    assert get("/api/v1/documents/none", "en").json()["error"]["message"].startswith("There is no document “none”.")


def test_a_missing_object_is_an_error_page_not_a_torn_transfer() -> None:
    lost = replace(LETTER, pdf_key="documents/lost.pdf")

    assert get("/documents/d1/pdf", shelf=Shelf(document=lost)).status_code == 500
    assert get("/documents/d1/pdf", shelf=Shelf(document=replace(LETTER, pdf_key=""))).status_code == 404
    assert get("/documents/d1/pages/3/image").status_code == 404


def test_a_transfer_that_breaks_off_is_never_taken_for_a_whole_file() -> None:
    class Torn(Shelf):
        def image(self, key: str) -> Iterator[bytes]:
            yield b"half"
            raise errors.StoreUnavailableError(endpoint="127.0.0.1:1", cause="reset")

    with pytest.raises(RuntimeError, match="response already started"):
        get("/documents/d1/pdf", shelf=Torn())


def test_a_store_that_is_away_is_a_matter_of_time() -> None:
    page = get("/?q=store", "en")

    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "goes on by itself" in page.text and "abhilekh verify" in page.text
    assert "lost" not in page.text  # a store that does not answer says nothing of what it holds


@pytest.mark.parametrize("path", ["/?q=बम", "/api/v1/search?q=बम"])
def test_what_nobody_foresaw_gets_an_id_and_tells_nothing_more(path: str, capfd: pytest.CaptureFixture[str]) -> None:
    answer = get(path, "en")
    ident = re.search(r"Internal error ([0-9a-f]{8})", answer.text)

    assert answer.status_code == 500 and ident
    assert "ZeroDivision" not in answer.text and "nobody foresaw" not in answer.text
    assert "x-content-type-options" in answer.headers
    logged = "".join(capfd.readouterr())
    assert ident[1] in logged and "ZeroDivisionError" in logged


@pytest.mark.parametrize("path", ["/", "/healthz", "/static/abhilekh.css", "/nowhere", "/documents/d1/pages/1/image"])
def test_every_answer_carries_the_headers(path: str) -> None:
    headers = get(path).headers

    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_pages_need_nothing_from_outside() -> None:
    for path in PAGES:
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", get(path).text)


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:8420", 200), ("localhost", 200), ("[::1]:8420", 200)])
def test_loopback_names_are_answered(host: str, status: int) -> None:
    assert get("/healthz", host=host).status_code == status


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"])
def test_other_hosts_are_refused(host: str) -> None:
    answer = get("/", host=host)

    assert answer.status_code == 400
    assert "x-content-type-options" in answer.headers


def test_status_shows_counts_and_parts_and_renews_itself() -> None:
    page = get("/status", "en").text

    assert "status.js" in page and 'data-seconds="5"' in page
    assert 'http-equiv="refresh"' not in page, "who reads slowly would lose the place"
    assert "1,23,456" in page and "In the inbox" in page and "Object store" in page
    assert "&lt;no tape&gt;" in page


def test_status_shows_what_waits_in_the_inbox_and_what_happens_next(monkeypatch: pytest.MonkeyPatch) -> None:
    since = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    waits = {"name": "<b>अधूरी.pdf", "files": 1, "code": "growing", "since": since, "next": "rejected", "next_at": since}
    words = {"en": "It is cut short.", "next_en": "It is rejected at 03:14."}
    words |= {"hi": "यह अधूरी है।", "next_hi": "यह 03:14 पर हटेगी।"}
    trouble = {"name": "x.pdf", "en": "why", "hi": "क्यों", "at": since}
    told = {**STATUS, "waiting_files": 30, "waiting": [{**waits, **words}], "troubles": [trouble]}
    monkeypatch.setattr(Shelf, "status", lambda self: told)

    english, hindi = get("/status", "en").text, get("/status", "hi").text

    assert "&lt;b&gt;अधूरी.pdf" in english and "It is cut short. It is rejected at 03:14." in english
    assert "30 files wait in all" in english and "since 2 January 2026" in english
    assert "यह अधूरी है। यह 03:14 पर हटेगी।" in hindi and "कुल 30 फ़ाइलें" in hindi
    assert get("/api/v1/status").json()["waiting"][0]["since"] == since.isoformat()


def test_the_api_speaks_the_contract() -> None:
    shelf = Shelf()
    found = get("/api/v1/search?q=x&limit=2&offset=1", shelf=shelf)

    assert found.json() == contract.answer_json(shelf.search(shelf.asked[0]))
    assert (shelf.asked[0].limit, shelf.asked[0].offset) == (2, 1)
    assert get("/api/v1/documents/d1").json() == contract.document_json(LETTER, BATCH)
    assert get("/api/v1/status").json() == STATUS
    assert "मरम्मत" in found.text  # never escaped
    assert get("/healthz").text == "ok"


def test_assets_are_kept_for_ever_under_their_fingerprint_and_asked_for_again_elsewhere() -> None:
    name = re.findall(r'href="(/static/[0-9a-f]{12}/abhilekh\.css)"', get("/").text)[0]

    assert "immutable" in get(name).headers["cache-control"]
    assert get(name).text == get("/static/abhilekh.css").text == get("/static/0123456789ab/abhilekh.css").text
    assert get("/static/abhilekh.css").headers["cache-control"] == "no-cache"
    assert get("/static/0123456789ab/abhilekh.css").headers["cache-control"] == "no-cache"
    assert get(f"/static/{assets.fingerprint()}/../../app.py").status_code == 404
    assert get(f"/static/{assets.fingerprint()}/none.css").status_code == 404


def test_text_is_packed_and_pictures_are_not() -> None:
    assert get("/", accept_encoding="gzip").headers["content-encoding"] == "gzip"
    for path in ("/documents/d1/pdf", "/documents/d1/pages/1/image", "/documents/d1/original"):
        assert "content-encoding" not in get(path, accept_encoding="gzip").headers
    assert get("/documents/d1/original", accept_encoding="gzip").headers["content-length"] == "8"
