"""A scan with documents of two offices: what one office sees, changes and takes out of it is its own pages alone."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.model.accounts import Grant, Person
from pipeline.model.annotation import AnnotationKind
from pipeline.model.review import version_of
from pipeline.model.roles import Role
from tests.conftest import wait_for
from tests.security.mixed_scan import (
    NUMBER,
    PAGES,
    PAGES_OF,
    SCAN_NAME,
    SECRET,
    WORD,
    A,
    B,
    C,
    Mixed,
    letter,
    mixed_scan,
)

OFFICER = {office: Grant(Role.OFFICER, office) for office in (A, B, C)}
OPERATOR = {office: Grant(Role.OPERATOR, office) for office in (A, B, C)}
KEEPER = {office: Grant(Role.RECORD_KEEPER, office) for office in (A, B, C)}
EVERYWHERE = Grant(Role.ADMINISTRATOR)


@pytest.fixture(scope="module")
def mixed() -> Iterator[Mixed]:
    with mixed_scan() as made:
        yield made


@pytest.fixture(scope="module")
def changing() -> Iterator[Mixed]:
    """The same scan, to be changed."""
    with mixed_scan() as made:
        yield made


@pytest.fixture
def moved(changing: Mixed) -> Iterator[Mixed]:
    """The same scan; what is moved comes back afterwards."""
    yield changing
    for office, documents in changing.documents.items():
        for ident in documents:
            document = changing.document(ident)
            if document.value("office") != office:
                person = Person("keeper", "", (Grant(Role.RECORD_KEEPER),))
                changing.container.reviewing().move(person, ident, version_of(document), NUMBER[office], office)


def texts(data: bytes, folder: Path) -> list[str]:
    path = folder / "answer.pdf"
    path.write_bytes(data)
    metadata = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout
    return metadata.split("\f")[:-1]


def test_the_sheet_cut_the_scan_into_documents_of_both_offices(mixed: Mixed) -> None:
    for office in (A, B):
        pages = [page.source_page for one in mixed.documents[office] for page in mixed.document(one).pages]
        assert sorted(pages) == list(PAGES_OF[office])
    assert mixed.document(mixed.documents[B][0]).value("file_no") == NUMBER[B]


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_the_original_goes_only_to_who_may_see_all_of_it(mixed: Mixed, prefix: str, tmp_path: Path) -> None:
    for ours, theirs in ((A, B), (B, A)):
        path = f"{prefix}/documents/{mixed.documents[ours][0]}/original"
        answer = mixed.ask("GET", path, OFFICER[ours])
        first, *pages = texts(answer.content, tmp_path)

        assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
        assert "-part-pages-" in answer.headers["content-disposition"], "its name says that it is a part"
        assert WORD[ours] in "".join(pages) and WORD[theirs] not in first + "".join(pages)
        assert len(pages) == len(PAGES_OF[ours])
        assert (SECRET[A] in answer.headers["content-disposition"]) is (ours == A)

    whole = mixed.ask("GET", f"{prefix}/documents/{mixed.documents[A][0]}/original", OFFICER[A], OFFICER[B])
    assert whole.content == (mixed.container.settings.home / SCAN_NAME).read_bytes()
    assert SCAN_NAME in whole.headers["content-disposition"]
    assert not list((mixed.container.settings.home / "run" / "excerpts").iterdir()), "nothing is left behind"


def test_an_excerpt_says_in_its_pages_and_metadata_that_it_is_one(mixed: Mixed, tmp_path: Path) -> None:
    answer = mixed.ask("GET", f"/documents/{mixed.documents[A][0]}/original", OFFICER[A])
    (tmp_path / "part.pdf").write_bytes(answer.content)
    about = subprocess.run(["pdfinfo", str(tmp_path / "part.pdf")], capture_output=True, text=True, check=True).stdout
    subprocess.run(
        ["pdftoppm", "-r", "50", "-l", "1", "-png", str(tmp_path / "part.pdf"), str(tmp_path / "p")], check=True
    )

    assert "Part of a scan" in about and "1-2" in about
    assert max(tmp_path.glob("p*.png")).stat().st_size > 2000, "the first sheet is not empty"


@pytest.mark.parametrize("page", range(1, PAGES + 1))
def test_the_operators_page_of_a_page_is_its_offices(mixed: Mixed, page: int) -> None:
    owner = next(office for office, pages in PAGES_OF.items() if page in pages)
    for office in (A, B, C):
        for path in (
            f"/scanning/batches/{mixed.batch}/pages/{page}",
            f"/scanning/batches/{mixed.batch}/pages/{page}/image",
            f"/scanning/batches/{mixed.batch}/pages/{page}/thumb",
            f"/api/v1/batches/{mixed.batch}/pages/{page}",
            f"/api/v1/batches/{mixed.batch}/pages/{page}/image",
            f"/api/v1/batches/{mixed.batch}/pages/{page}/thumb",
        ):
            answer = mixed.ask("GET", path, OPERATOR[office])
            assert answer.status_code == (200 if office == owner else 404), (path, office)
        change = f"/api/v1/batches/{mixed.batch}/pages/{page}/said"
        if office != owner:
            assert (
                mixed.ask("POST", change, OPERATOR[office], json={"saying": AnnotationKind.WRITTEN}).status_code == 404
            )
            form = mixed.ask("POST", f"/scanning/batches/{mixed.batch}/pages/{page}/written", OPERATOR[office])
            assert form.status_code == 404
    assert mixed.container.page_notes.of(mixed.batch).every == ()


@pytest.mark.parametrize(("office", "page"), [(A, 4), (B, 1), (C, 1), (A, 99), (A, 0)])
def test_nobody_replaces_a_page_of_another_office(mixed: Mixed, office: str, page: int) -> None:
    pairs = {"filename": "new.pdf", "replaces": f"{mixed.batch}/{page}"}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Metadata": metadata}

    assert mixed.ask("POST", "/api/v1/uploads", OPERATOR[office], headers=headers).status_code == 404
    form = mixed.ask(
        "POST",
        "/scanning/upload",
        OPERATOR[office],
        data={"replaces": f"{mixed.batch}/{page}"},
        files={"file": ("new.pdf", letter(A, 1), "application/pdf")},
    )
    assert form.status_code == 404


def test_what_is_in_work_shows_each_office_its_own_pages(mixed: Mixed) -> None:
    ours = mixed.ask("GET", "/api/v1/watch", OPERATOR[A]).json()
    theirs = mixed.ask("GET", "/api/v1/watch", OPERATOR[B]).json()

    assert {sheet["page"] for scan in ours["done"] for sheet in scan["sheets"]} == set(PAGES_OF[A])
    assert {one for scan in ours["done"] for one in scan["documents"]} == set(mixed.documents[A])
    assert theirs["done"] == []


def test_the_name_of_a_scan_is_for_its_own_office(mixed: Mixed) -> None:
    ident = mixed.documents[B][0]
    for path in (
        f"/documents/{ident}/pages/1",
        f"/documents/{ident}/pdf",
        f"/documents/{ident}/text",
        f"/api/v1/documents/{ident}",
        f"/scanning/batches/{mixed.batch}/pages/4",
    ):
        answer = mixed.ask("GET", path, OPERATOR[B])
        assert answer.status_code == 200
        assert SECRET[A] not in answer.text + str(answer.headers), path


def test_the_first_page_to_be_asked_for_is_never_from_a_cache_without_asking(mixed: Mixed) -> None:
    for path in (
        f"/documents/{mixed.documents[A][0]}/pages/1/image",
        f"/scanning/batches/{mixed.batch}/pages/1/thumb",
        f"/documents/{mixed.documents[A][0]}/pages/1/image?width=160",
    ):
        first = mixed.ask("GET", path, OPERATOR[A])
        again = mixed.ask("GET", path, OPERATOR[A], headers={"if-none-match": first.headers["etag"]})
        other = mixed.ask("GET", path, OPERATOR[B], headers={"if-none-match": first.headers["etag"]})

        assert first.headers["cache-control"] == "private, no-cache"
        assert (again.status_code, again.content, other.status_code) == (304, b"", 404)


def test_a_moved_document_takes_its_pages_along(moved: Mixed) -> None:
    ident = moved.documents[A][0]
    version = version_of(moved.document(ident))
    mover = (KEEPER[A], KEEPER[B])
    assert moved.ask("GET", f"/documents/{ident}/pages/1/image", OPERATOR[A]).status_code == 200
    done = moved.ask(
        "POST", f"/api/v1/review/{ident}/move", *mover, json={"version": version, "file_no": NUMBER[B], "office": B}
    )
    assert done.status_code == 200, done.text

    for path in (
        f"/documents/{ident}/pages/1/image",
        f"/documents/{ident}/pages/1/scan",
        f"/documents/{ident}/original",
        f"/scanning/batches/{moved.batch}/pages/1",
        f"/scanning/batches/{moved.batch}/pages/1/image",
        f"/scanning/batches/{moved.batch}/pages/1/thumb",
        f"/iiif/images/{ident}/1/info.json",
    ):
        assert moved.ask("GET", path, OPERATOR[A]).status_code == 404, path
        assert moved.ask("GET", path, OPERATOR[B]).status_code == 200, path
    number = moved.container.corrections().rows.last(moved.batch)
    back = moved.ask("POST", f"/api/v1/review/{ident}/undo/{number}", KEEPER[B])
    assert back.status_code == 404, "undoing would put it into an office that the person may not review"
    assert moved.document(ident).value("office") == B
    machine = moved.ask(
        "POST",
        f"/api/v1/review/{ident}/correct",
        KEEPER[B],
        json={"version": version_of(moved.document(ident)), "values": {"office": None}},
    )
    assert machine.status_code == 404 and moved.document(ident).value("office") == B
    assert moved.ask("POST", f"/api/v1/review/{ident}/undo/{number}", *mover).status_code == 200
    assert moved.document(ident).value("office") == A


def test_two_offices_with_one_token_are_two(moved: Mixed) -> None:
    ident = moved.documents[B][0]
    keeper = Person("keeper", "", (Grant(Role.RECORD_KEEPER),))
    moved.container.reviewing().move(keeper, ident, version_of(moved.document(ident)), NUMBER[B], "tehsil-01")
    alike, own = Grant(Role.OFFICER, "tehsil-1"), Grant(Role.OFFICER, "tehsil-01")

    def found(grant: Grant) -> tuple[int, list[str]]:
        answer = moved.ask("GET", f"/api/v1/search?q={WORD[B]}", grant).json()
        begun = moved.ask("GET", f"/api/v1/suggest?q={WORD[B][:5]}", grant).json()
        return answer["total"], [one for one in begun["suggestions"] if WORD[B] in one]

    assert found(alike) == (0, [])
    assert found(own)[0] > 0


def test_an_office_is_no_path(moved: Mixed) -> None:
    ident = moved.documents[A][0]
    for office in ("../../../escape", "..", "/etc", "a/b", "a\\b", ".hidden"):
        version = version_of(moved.document(ident))
        said = {"version": version, "file_no": NUMBER[A], "office": office}
        assert moved.ask("POST", f"/api/v1/review/{ident}/move", EVERYWHERE, json=said).status_code == 400, office
    assert moved.document(ident).value("office") == A


def test_a_hidden_neighbour_is_none(mixed: Mixed) -> None:
    last, first = mixed.documents[A][-1], mixed.documents[B][0]
    for ident, office, following in ((last, A, True), (first, B, False)):
        said = {"version": version_of(mixed.document(ident)), "following": following}
        answer = mixed.ask("POST", f"/api/v1/review/{ident}/merge", KEEPER[office], json=said)
        assert answer.status_code == 400 and first not in answer.text.replace(ident, "")
    assert mixed.container.corrections().rows.last(mixed.batch) == 0


def test_numbers_of_another_register_are_new(mixed: Mixed) -> None:
    def known(office: str, text: str, *grants: Grant) -> str:
        found = mixed.ask("GET", f"/api/v1/review/number?text={text}&office={office}", *grants).json()
        return str(found["standing"])

    assert known(B, NUMBER[B], KEEPER[B]) == "known"
    for office in (B, "", A):
        assert known(office, NUMBER[B], KEEPER[A]) == known(office, "9999/2020", KEEPER[A]) == "new"


def test_the_queue_tells_nothing_of_where_another_offices_document_stands(mixed: Mixed) -> None:
    hidden = mixed.ask("GET", f"/review/next?after={mixed.documents[B][0]}", KEEPER[A])
    nothing = mixed.ask("GET", "/review/next?after=none", KEEPER[A])
    page = mixed.ask("GET", f"/review/{mixed.documents[A][0]}", KEEPER[A]).text

    assert hidden.headers["location"] == nothing.headers["location"]
    assert f"<option>{B}</option>" not in page


def test_an_event_of_one_office_is_none_for_another(moved: Mixed) -> None:
    desk = moved.container.services().dashboard
    marks = {office: desk.work(frozenset({office})).mark for office in (A, B)}
    everything = desk.mark()
    path = moved.container.settings.home / "second.pdf"
    path.write_bytes(letter(B, 1))
    moved.container.intake().take_all([path], name=path.name, metadata={"office": B}, profile="generic")

    wait_for(lambda: desk.mark() != everything, "the change to be seen", seconds=20)
    assert desk.work(frozenset({A})).mark == marks[A]
    assert desk.work(frozenset({B})).mark != marks[B]


def test_a_page_that_was_moved_meanwhile_is_not_replaced(moved: Mixed) -> None:
    receiving = moved.container.receiving()
    data = letter(A, 2)
    pairs = {"filename": "better.pdf", "replaces": f"{moved.batch}/1"}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)), "Upload-Metadata": metadata}
    begun = moved.ask("POST", "/api/v1/uploads", OPERATOR[A], headers=headers)
    upload = receiving.uploads.standing(begun.headers["location"].rpartition("/")[2]).upload
    with receiving.uploads.writing(upload.id, 0) as writing:
        writing.write(data)
    person = Person("keeper", "", (KEEPER[A], KEEPER[B]))
    ident = moved.documents[A][0]
    moved.container.reviewing().move(person, ident, version_of(moved.document(ident)), NUMBER[B], B)

    assert receiving.take_in(upload)["code"] == "page_moved"
    assert moved.container.page_notes.of(moved.batch).every == ()
    assert list((moved.container.settings.home / "rejected").rglob("better.pdf")), "the scan is kept"


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/documents/{ident}/pages/1", "/documents/{none}/pages/1"),
        ("/documents/{ident}/pages/999", "/documents/{none}/pages/999"),
        ("/documents/{ident}/pages/1/image", "/documents/{none}/pages/1/image"),
        ("/scanning/batches/{batch}/pages/4", "/scanning/batches/{gone}/pages/4"),
        ("/scanning/batches/{batch}/pages/4/thumb", "/scanning/batches/{gone}/pages/4/thumb"),
        ("/scanning/batches/{batch}/pages/99", "/scanning/batches/{gone}/pages/99"),
        ("/api/v1/batches/{batch}/pages/4", "/api/v1/batches/{gone}/pages/4"),
        ("/api/v1/documents/{ident}", "/api/v1/documents/{none}"),
        ("/api/v1/documents/{ident}/pages/999/image", "/api/v1/documents/{none}/pages/999/image"),
        ("/review/{ident}", "/review/{none}"),
        ("/iiif/documents/{ident}/manifest.json", "/iiif/documents/{none}/manifest.json"),
    ],
)
def test_what_is_closed_and_what_is_not_there_read_the_same(mixed: Mixed, path: str, other: str) -> None:
    names = {"ident": mixed.documents[B][0], "none": "0" * 20 + "-0001", "batch": mixed.batch, "gone": "0" * 20}
    closed = mixed.ask("GET", path.format(**names), KEEPER[A])
    missing = mixed.ask("GET", other.format(**names), KEEPER[A])

    def bare(text: str) -> str:
        for name in sorted(names.values(), key=len, reverse=True):
            text = text.replace(name, "…")
        return text

    assert (closed.status_code, bare(closed.text)) == (404, bare(missing.text))
