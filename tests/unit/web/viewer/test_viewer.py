"""Looking: pages with hits and spots, pictures of bounded size, a file with its two sides, what archive viewers read."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image, ImageDraw

from pipeline.errors import NotFoundError, RequestError, UnreadablePageError
from pipeline.model.accounts import Grant
from pipeline.model.document import Field
from pipeline.model.page import Box
from pipeline.model.roles import Role
from pipeline.model.viewer import Cut, PageRef
from pipeline.viewer.crops import clipped, cut, sized
from pipeline.viewer.service import PictureCache, ViewerService
from pipeline.web.app import create_app
from pipeline.web.viewer import iiif, view_models
from tests.unit.shelf import FILE, LETTER, READ, Shelf, get

WORD = quote("मरम्मत")
LEAF = PageRef("d1", 1, None, "b1", 1, "pages/b1/000001.jpg", 1000, 2000, 7)


def document(**changes: object) -> Shelf:
    return Shelf(document=replace(LETTER, **changes))  # type: ignore[arg-type]


def with_hits_on_every_page() -> Shelf:
    return document(pages=tuple(replace(READ, source_page=number) for number in range(1, 5)))


# --- the page of a document


def test_hits_are_counted_over_the_whole_document_and_lead_to_the_pages_beside() -> None:
    page = get(f"/documents/d1/pages/2?q={WORD}", "en", shelf=with_hits_on_every_page()).text

    assert 'data-before="1" data-total="4"' in page and "1 place marked" in page and "4 in the document" in page
    assert f'href="/documents/d1/pages/1?hit=last&q={WORD}"' in page.replace("&amp;", "&")
    assert f'href="/documents/d1/pages/3?hit=first&q={WORD}"' in page.replace("&amp;", "&")
    assert page.count('<mark title="The words searched for stand here">') == 4  # in the strip


def test_hits_on_other_pages_are_told_of() -> None:
    one = document(pages=(READ, replace(READ, source_page=2, text="कुछ और", words=())))

    page = get(f"/documents/d1/pages/2?q={WORD}", "en", shelf=one).text

    assert "stand on other pages of this document" in page and 'data-hit="previous-page"' in page
    assert "do not stand in this document" in get("/documents/d1/pages/1?q=%E0%A4%B5%E0%A4%A8", "en").text


def test_the_strip_shows_every_page_with_a_small_copy_of_it() -> None:
    page = get("/documents/d1/pages/2").text

    assert page.count("/image?width=160&amp;v=7") == 3  # one of the four has no image
    assert 'href="/documents/d1/pages/2" aria-current="page"' in page


def test_a_field_leads_to_its_spot_and_shows_a_cut_out_of_it() -> None:
    found = Field("भवन की मरम्मत", 0.9, source_page=1, box=Box(350, 100, 200, 50))
    shelf = document(fields={"subject": found})

    page = get("/documents/d1/pages/1", "en", shelf=shelf).text

    assert 'data-page="1" data-box="350 100 200 50"' in page
    assert "/documents/d1/pages/1/cut?x=332&amp;y=82&amp;w=236&amp;h=86&amp;v=7" in page
    drawn = get("/documents/d1/pages/1?field=subject", shelf=shelf).text
    assert '<rect class="spot" x="35.000%" y="5.000%" width="20.000%" height="2.500%"/>' in drawn
    assert 'class="spot" x=' not in get("/documents/d1/pages/2?field=subject", shelf=shelf).text
    assert 'class="spot" x=' not in get("/documents/d1/pages/1?field=nothing", shelf=shelf).text


def test_a_spot_on_a_page_that_is_gone_is_no_spot() -> None:
    opened = document(fields={"date": Field("2004-11-07", 0.9, 99, Box(1, 2, 3, 4))}).opened("d1", 1)

    assert view_models.spot(opened, "date") is None


def test_fields_beyond_the_chief_ones_are_named_where_they_were_found() -> None:
    more = document(fields={"signatory": Field("र. वर्मा", 0.9), "reference_date": Field("2004-01-02", 0.9)})

    page = get("/documents/d1/pages/1", "en", shelf=more).text

    assert "Signed by" in page and "2 January 2004" in page and "Designation" not in page


def test_the_scan_is_shown_beside_the_page_when_asked_for() -> None:
    page = get("/documents/d1/pages/1?side=original&q=x").text

    assert 'src="/documents/d1/pages/1/scan?v=7"' in page and page.count('class="sheet"') == 2
    assert "/scan?" not in get("/documents/d1/pages/1?side=nonsense").text
    assert get("/documents/d1/pages/1/scan").content == b"SCAN"


def test_the_words_of_the_text_carry_their_boxes() -> None:
    assert '<span data-box="100 100 200 50">विषय:</span> <span data-box="350' in get("/documents/d1/pages/1").text


def test_the_text_can_be_saved() -> None:
    answer = get("/documents/d1/text")

    assert answer.text.startswith(READ.text) and answer.text.count("\f") == 3
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].endswith(f"{quote('नस्ती 2018-d1.txt')}")


def test_the_documents_of_the_same_file_are_named() -> None:
    page = get("/documents/d1/pages/1", "en", shelf=document(file_key="12/4/2018")).text

    assert 'href="/documents/d3"' in page and "&lt;b&gt;स्वीकृति" in page and "this document" in page
    assert 'href="/files/-/12/4/2018"' in page


# --- pictures


@pytest.mark.parametrize(("asked", "made"), [(1, 160), (160, 160), (161, 480), (900, None), (5000, None), (0, None)])
def test_only_few_sizes_of_a_page_are_made(asked: int, made: int | None) -> None:
    shelf = Shelf()

    answer = get(f"/documents/d1/pages/1/image?width={asked}", shelf=shelf)

    assert shelf.cuts == ([Cut(width=made)] if made else [])
    assert answer.content == (b"JPEG" if made else b"RIFFwebp")
    assert answer.headers["cache-control"] == "private, no-cache" and answer.headers["etag"]


def test_a_cut_out_is_bounded() -> None:
    shelf = Shelf()

    assert get("/documents/d1/pages/1/cut?x=1&y=2&w=3000&h=40", shelf=shelf).content == b"JPEG"
    assert shelf.cuts == [Cut(Box(1, 2, 999, 40), 900)]  # the page is 1000 wide
    get("/documents/d1/pages/1/cut?x=100000&y=0&w=900&h=100000", shelf=shelf)
    assert shelf.cuts[1:] == [Cut(Box(999, 0, 1, 100_000), 1)]  # not drawn 900 times as large
    for bad in ("", "?x=1&y=2&w=3", "?x=-1&y=2&w=3&h=4", "?x=a&y=2&w=3&h=4", f"?x={'9' * 30}&y=2&w=3&h=4"):
        assert get(f"/documents/d1/pages/1/cut{bad}").status_code in (400, 404, 422), bad
    assert get("/documents/d1/pages/3/cut?x=1&y=2&w=3&h=4").status_code == 404


def drawn(width: int = 400, height: int = 600, mode: str = "L", kind: str = "JPEG") -> bytes:
    """A white sheet with a black quarter at its lower right."""
    image = Image.new(mode, (width, height), "white")
    ImageDraw.Draw(image).rectangle((width // 2, height // 2, width, height), fill="black")
    written = BytesIO()
    image.save(written, kind)
    return written.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.mark.parametrize(("mode", "kind"), [("L", "JPEG"), ("RGB", "JPEG"), ("1", "PNG"), ("L", "PNG")])
def test_a_copy_has_the_size_and_the_look(mode: str, kind: str) -> None:
    small = opened(cut(drawn(mode=mode, kind=kind), Cut(width=100)))

    assert small.size == (100, 150)
    grey = small.convert("L")
    assert grey.getpixel((10, 10)) > 240 and grey.getpixel((90, 140)) < 15


def test_a_region_is_cut_where_it_lies_and_turned_to_the_right() -> None:
    piece = opened(cut(drawn(), Cut(Box(180, 280, 40, 40))))
    turned = opened(cut(drawn(), Cut(Box(180, 280, 40, 60), turn=90)))

    assert piece.size == (40, 40) and piece.getpixel((3, 3)) > 240 and piece.getpixel((36, 36)) < 15
    assert turned.size == (60, 40) and turned.getpixel((3, 36)) < 15 and turned.getpixel((56, 3)) > 240


@pytest.mark.parametrize(
    ("region", "clip"),
    [
        ((380, 590, 100, 100), (380, 590, 20, 10)),
        ((5000, 5000, 10, 10), (399, 599, 1, 1)),
        ((0, 0, 0, 0), (0, 0, 1, 1)),
    ],
)
def test_a_region_is_clipped_to_the_page(region: tuple[int, ...], clip: tuple[int, ...]) -> None:
    assert clipped(Box(*region), 400, 600) == Box(*clip)


def test_sizes_follow_from_what_is_given() -> None:
    region = Box(0, 0, 400, 200)

    assert sized(Cut(width=100), region) == (100, 50)
    assert sized(Cut(height=100), region) == (200, 100)
    assert sized(Cut(width=100, height=100), region) == (100, 100)
    assert sized(Cut(width=100, height=100, fit=True), region) == (100, 50)
    assert sized(Cut(), region) == (400, 200)


def test_what_is_no_image_is_told() -> None:
    with pytest.raises(UnreadablePageError):
        cut(b"no image", Cut(width=10), 3)


def test_pictures_are_kept_up_to_a_bound_the_newest_ones() -> None:
    kept = PictureCache(100)
    for name in "abc":
        kept.put(name, b"x" * 40)
    kept.get("b")
    kept.put("d", b"x" * 40)

    assert [name for name in "abcd" if kept.get(name)] == ["b", "d"]
    kept.put("d", b"x" * 10)
    kept.put("e", b"x" * 50)
    assert [name for name in "bde" if kept.get(name)] == ["b", "d", "e"]


def test_a_picture_is_made_once_for_one_version_of_a_page() -> None:
    read: list[str] = []

    def store(key: str) -> list[bytes]:
        read.append(key)
        return [drawn()]

    viewing = ViewerService(None, None, None, store, Path(), max_pixels=1, retention={})  # type: ignore[arg-type]
    first = viewing.picture(LEAF, Cut(width=100))

    assert viewing.picture(LEAF, Cut(width=100)) == first and len(read) == 1
    viewing.picture(replace(LEAF, version=8), Cut(width=100))
    assert len(read) == 2
    with pytest.raises(NotFoundError):
        viewing.picture(replace(LEAF, image_key=""), Cut(width=100))


# --- a file


@pytest.mark.parametrize(
    ("lang", "noting", "letters"), [("en", "pp. 1–3/N", "pp. 1–4/C"), ("hi", "पृ॰ 1–3/टीप", "पृ॰ 1–4/पत्राचार")]
)
def test_a_file_lies_open_with_noting_on_the_left(lang: str, noting: str, letters: str) -> None:
    page = get("/files/hrd/12/4/2018", lang).text

    assert page.index(noting) < page.index(letters)
    assert "5/C" in page or "5/पत्राचार" in page  # the order follows the letter
    assert "भवन &lt;मरम्मत&gt;" in page and "&lt;b&gt;स्वीकृति" in page
    assert ("Human resources" if lang == "en" else "मानव संसाधन") in page


def test_the_pages_counted_stand_beside_those_scanned() -> None:
    page = get("/files/hrd/12/4/2018", "en").text

    assert "2 pages are missing" in page and "9 were expected by the count, 7 were scanned" in page
    assert "1 blank side" in page and "1 January 2024" in page


def test_a_file_that_nobody_knows_is_not_found() -> None:
    for path in ("/files/hrd/none", "/files/-/1", "/api/v1/files/hrd/none", "/iiif/files/hrd/none/manifest.json"):
        assert get(path).status_code == 404


# --- who may look


ADDRESSES = [
    "/documents/d1",
    "/documents/d1/pages/1",
    "/documents/d1/pages/1/image",
    "/documents/d1/pages/1/cut?x=1&y=1&w=9&h=9",
    "/documents/d1/pages/1/scan",
    "/documents/d1/text",
    "/iiif/documents/d1/manifest.json",
    "/iiif/images/d1/1/info.json",
    "/iiif/images/d1/1/full/max/0/default.jpg",
    "/api/v1/documents/d1/places?q=x",
    "/files/hrd/12/4/2018",
]


@pytest.mark.parametrize("path", ADDRESSES)
def test_another_offices_documents_are_not_there(path: str) -> None:
    shelf = Shelf()
    shelf.office = "hrd"

    assert get(path, shelf=shelf, grants=[Grant(Role.OFFICER, "hrd")]).status_code in (200, 302)
    assert get(path, shelf=shelf, grants=[Grant(Role.OFFICER, "revenue")]).status_code == 404


# --- IIIF


def test_a_manifest_has_a_canvas_for_each_page() -> None:
    found = get("/iiif/documents/d1/manifest.json")
    manifest = found.json()

    assert found.headers["content-type"].startswith("application/ld+json")
    assert manifest["@context"] == "http://iiif.io/api/presentation/3/context.json" and manifest["type"] == "Manifest"
    assert manifest["label"] == {"hi": ["भवन की मरम्मत"]} and manifest["navDate"] == "2004-11-07T00:00:00Z"
    assert {"label": {"hi": ["विषय"], "en": ["Subject"]}, "value": {"hi": ["भवन की मरम्मत"]}} in manifest["metadata"]
    assert len(manifest["items"]) == 4
    check_manifest(manifest)
    body = manifest["items"][0]["items"][0]["items"][0]["body"]
    assert get(body["id"].removeprefix("http://127.0.0.1")).content == b"JPEG"
    assert get(body["service"][0]["id"].removeprefix("http://127.0.0.1") + "/info.json").json()["width"] == 1000


def test_the_manifest_of_a_file_has_its_two_sides_as_ranges() -> None:
    class Whole(Shelf):
        def page_refs(self, document: str) -> tuple[PageRef, ...]:
            pages = next(part.pages for part in FILE.parts if part.id == document)
            return tuple(replace(LEAF, document=document, number=number) for number in range(1, pages + 1))

    manifest = get("/iiif/files/hrd/12/4/2018/manifest.json", shelf=Whole()).json()

    check_manifest(manifest)
    assert len(manifest["items"]) == 9
    assert [one["label"]["en"][0] for one in manifest["structures"]] == ["Cover", "Noting", "Correspondence"]
    inside = [len(one["items"]) for one in manifest["structures"][2]["items"]]
    assert inside == [4, 1]


def check_manifest(manifest: dict[str, object]) -> None:
    """What Presentation API 3.0 demands: ids and types, languages, sizes, and annotations that paint their canvas."""
    names: list[str] = []

    def walk(value: object, above: str) -> None:
        if isinstance(value, list):
            for one in value:
                walk(one, above)
        elif isinstance(value, dict):
            if "type" in value:
                assert value["id"].startswith("http://"), value
                if above in ("items", "structures") and value["type"] != "Canvas":
                    names.append(value["id"])
            if "label" in value and "type" in value:
                assert value["label"] and all(isinstance(texts, list) for texts in value["label"].values())
            for key, inner in value.items():
                walk(inner, key)

    walk(manifest, "")
    assert len(names) == len(set(names))
    canvases = manifest["items"]
    assert isinstance(canvases, list)
    assert len({canvas["id"] for canvas in canvases}) == len(canvases)
    for canvas in canvases:
        assert canvas["type"] == "Canvas" and canvas["width"] > 0 and canvas["height"] > 0
        for page in canvas["items"]:
            assert page["type"] == "AnnotationPage"
            for one in page["items"]:
                assert (one["motivation"], one["target"]) == ("painting", canvas["id"])
                assert one["body"]["type"] == "Image" and one["body"]["service"][0]["type"] == "ImageService3"


def test_the_image_service_describes_itself_as_image_api_3_level_1() -> None:
    info = get("/iiif/images/d1/1/info.json").json()

    assert info["@context"] == "http://iiif.io/api/image/3/context.json" and info["type"] == "ImageService3"
    assert (info["protocol"], info["profile"]) == ("http://iiif.io/api/image", "level1")
    assert (info["width"], info["height"]) == (1000, 2000) and info["id"] == "http://127.0.0.1/iiif/images/d1/1"
    assert info["tiles"] == [{"width": 1024, "scaleFactors": [1, 2]}]
    assert get("/iiif/images/d1/1").headers["location"] == info["id"] + "/info.json"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("full/max/0/default", Cut(None, 1000, 2000)),
        ("full/100,/0/default", Cut(None, 100, 0)),
        ("full/,100/90/gray", Cut(None, 0, 100, 90, grey=True)),
        ("full/!100,100/0/color", Cut(None, 100, 100, fit=True)),
        ("full/!5000,5000/0/default", Cut(None, 1000, 2000, fit=True)),
        ("full/pct:50/0/default", Cut(None, 500, 1000)),
        ("square/50,50/180/default", Cut(Box(0, 500, 1000, 1000), 50, 50, 180)),
        ("0,0,1024,1024/512,512/0/default", Cut(Box(0, 0, 1000, 1024), 512, 512)),
        ("900,1900,500,500/max/0/default", Cut(Box(900, 1900, 100, 100), 100, 100)),
        ("pct:10,10,50,50/max/0/default", Cut(Box(100, 200, 500, 1000), 500, 1000)),
    ],
)
def test_images_are_cut_as_the_address_says(asked: str, expected: Cut) -> None:
    assert iiif.wanted(LEAF, *asked.split("/")) == expected


@pytest.mark.parametrize(
    "asked",
    [
        "1000,0,10,10/max/0/default",
        "0,0,0,10/max/0/default",
        "nonsense/max/0/default",
        "full/2000,/0/default",
        "full/,/0/default",
        "full/0,/0/default",
        "full/!10,/0/default",
        "full/pct:200/0/default",
        "full/pct:0/0/default",
        "full/^max/0/default",
        "full/max/45/default",
        "full/max/!90/default",
        "full/max/0/bitonal",
        "pct:1.1.1,0,1,1/max/0/default",
        f"{'9' * 40},0,1,1/max/0/default",
    ],
)
def test_what_the_image_service_does_not_offer_is_refused(asked: str) -> None:
    with pytest.raises(RequestError):
        iiif.wanted(LEAF, *asked.split("/"))
    assert get(f"/iiif/images/d1/1/{asked}.jpg").status_code == 400


def test_viewers_elsewhere_are_let_in_only_where_the_settings_name_them() -> None:
    there, strange = "https://viewer.example", "https://evil.example"
    app = create_app(Shelf(), viewer_origins=[there])  # type: ignore[arg-type]
    manifest = "/iiif/documents/d1/manifest.json"

    assert get(manifest, app=app, origin=there).headers["access-control-allow-origin"] == there
    assert "access-control-allow-origin" not in get(manifest, app=app, origin=strange).headers
    assert "access-control-allow-origin" not in get("/api/v1/documents/d1", app=app, origin=there).headers
    assert "access-control-allow-origin" not in get(manifest, origin=there).headers


# --- the API


def test_the_places_of_words_are_told_by_page() -> None:
    answer = get(f"/api/v1/documents/d1/places?q={WORD}").json()

    assert answer == {"document": "d1", "query": "मरम्मत", "total": 1, "pages": {"1": [[0.35, 0.05, 0.2, 0.025]]}}
    assert get("/api/v1/documents/none/places?q=x").status_code == 404


def test_a_file_is_told_with_its_sides_and_figures() -> None:
    answer = get("/api/v1/files/hrd/12/4/2018").json()

    assert [(one["document"], one["first"], one["last"]) for one in answer["correspondence"]] == [
        ("d1", 1, 4),
        ("d3", 5, 5),
    ]
    assert answer["figures"]["missing"] == 2 and answer["volumes"][0]["weed_on"] == "2024-01-01"
    assert answer["noting"][0]["document"] == "d2"
