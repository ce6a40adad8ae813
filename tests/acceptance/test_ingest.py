"""From scans to answers with the real command, the real Tesseract and the real store."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from samples import truth
from tests.conftest import SCANS, Office

LETTER = SCANS / "letters" / "letter-01-clean.jpg"
TURNED = SCANS / "letters" / "letter-03-office.jpg"
FILE = SCANS / "files" / "file-01-office.pdf"


@pytest.fixture(scope="module")
def filled(office: Office) -> Office:
    """An installation that holds two letters and one whole file."""
    rows, code = office.ingest(LETTER, TURNED, FILE)
    assert code == 0, rows
    office.env["FILLED"] = "1"
    for row in rows:
        office.env[f"BATCH_{row['path'].rsplit('/', 1)[-1]}"] = row["batch"]
    assert [row["status"] for row in rows] == ["indexed"] * 3
    return office


def batch(office: Office, name: str) -> str:
    return office.env[f"BATCH_{name}"]


def test_the_fields_of_a_letter_are_found(filled: Office) -> None:
    known = next(letter for letter in truth.load()["letters"] if letter["file"].endswith(LETTER.name))

    document = filled.json("show", batch(filled, LETTER.name) + "-0001")

    assert document["file_no"] == known["file_no"]
    assert document["date"] == known["date"]
    assert document["subject"].rstrip("।") == known["subject"]
    assert document["kind"] == "letter"
    assert document["source"]["bytes"] == LETTER.stat().st_size


def test_a_turned_page_is_set_upright(filled: Office) -> None:
    known = next(letter for letter in truth.load()["letters"] if letter["file"].endswith(TURNED.name))

    page = filled.json("show", batch(filled, TURNED.name) + "-0001")["pages"][0]

    assert page["rotated"] == known["rotated_ccw"] != 0
    assert abs(page["skew_degrees"] - known["skew_ccw"]) < 0.2
    assert page["applied"] is True


def test_every_page_of_a_file_is_there_and_its_blank_backs_are_marked(filled: Office) -> None:
    known = next(file for file in truth.load()["files"] if file["file"].endswith(FILE.name))
    story = filled.json("show", batch(filled, FILE.name))

    pages = [page for ident in story["documents"] for page in filled.json("show", ident)["pages"]]

    assert [page["source_page"] for page in pages] == list(range(1, known["pages"] + 1))
    assert [page["blank"] for page in pages] == [kind == "blank" for kind in known["kinds"]]


def test_a_file_is_cut_into_its_documents(filled: Office) -> None:
    story = filled.json("show", batch(filled, FILE.name))
    documents = [filled.json("show", ident) for ident in story["documents"]]

    assert [document["kind"] for document in documents] == ["cover", "noting", "letter", "letter", "letter"]
    assert len({document["file_key"] for document in documents}) == 1


def test_a_village_is_found_on_its_page_with_its_box(filled: Office) -> None:
    known = next(letter for letter in truth.load()["letters"] if letter["file"].endswith(LETTER.name))
    boxes = [word["box"] for word in known["words"] if word["text"].startswith("सोनपुरा")]

    answer = filled.json("search", "सोनपुरा")

    assert answer["total"] == 1
    hit = answer["hits"][0]
    assert hit["document"] == batch(filled, LETTER.name) + "-0001"
    assert len(hit["boxes"]) == len(boxes)
    page = filled.json("show", hit["document"])["pages"][0]
    for found, drawn in zip(hit["boxes"], boxes, strict=True):
        middle = (drawn[0] + drawn[2] / 2) / page["width"], (drawn[1] + drawn[3] / 2) / page["height"]
        assert found[0] <= middle[0] <= found[0] + found[2]
        assert found[1] <= middle[1] <= found[1] + found[3]
    for start, end in hit["marks"]:
        assert hit["snippet"][start:end] == "सोनपुरा"


@pytest.mark.parametrize("written", ["एफ 19-76/2019/1/4", "F 19-76/2019/1/4", "एफ १९-७६/२०१९/१/४"])
def test_a_file_number_is_found_in_either_script(filled: Office, written: str) -> None:
    answer = filled.json("search", written)

    assert answer["hits"][0]["file_no"] == "एफ 19-76/2019/1/4"


def test_the_same_bytes_are_a_duplicate_under_any_name(filled: Office) -> None:
    copy = filled.home / "another name.jpg"
    shutil.copy(LETTER, copy)

    rows, code = filled.ingest(copy)

    assert code == 0
    assert rows[0]["status"] == "duplicate"
    assert rows[0]["duplicate_of"] == batch(filled, LETTER.name)
    assert copy.exists()


def test_the_searchable_pdf_gives_its_words_back(filled: Office) -> None:
    ident = batch(filled, LETTER.name) + "-0001"
    document = filled.json("show", ident)
    path = filled.home / "document.pdf"
    path.write_bytes(*stored(filled, document["objects"]["pdf"]))

    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout

    assert "सोनपुरा" in text
    checked = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_object_is_what_was_put(filled: Office) -> None:
    checked = filled.call("verify", "--json")

    assert checked.returncode == 0, checked.stdout
    found = filled.json("verify")
    assert found["missing"] == found["changed"] == found["orphans"] == []
    assert found["objects"] > 30


def test_redo_reads_every_page_again_to_the_same_documents(filled: Office) -> None:
    ident = batch(filled, LETTER.name)
    before = filled.json("show", ident + "-0001")

    done = filled.call("retry", "--redo", ident, "--json")

    assert done.returncode == 0, done.stderr
    assert filled.json("show", ident + "-0001") == before


def test_what_is_not_there_is_told_plainly(filled: Office) -> None:
    unknown = filled.call("show", "no-such-thing")
    absent = filled.call("ingest", "no/such/file.pdf")

    assert unknown.returncode == absent.returncode == 2
    assert "no-such-thing" in unknown.stderr
    assert "no/such/file.pdf" in absent.stderr
    assert "Traceback" not in unknown.stderr + absent.stderr


def stored(office: Office, *keys: str) -> list[bytes]:
    """The bytes of objects, read through the project's own store."""
    from pipeline.settings import StoreSettings
    from pipeline.storage.opening import open_store

    opened = open_store(StoreSettings(), office.home)
    try:
        return [opened.store.get(key) for key in keys]
    finally:
        opened.close()
