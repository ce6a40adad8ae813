"""A scan of 60 pages with separator sheets between five files, aged and leaning: five files come of it, and every page."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from pipeline.app import Container
from pipeline.extract import file_number
from pipeline.extract.sheets import PURPOSE
from samples.separated import OFFICE, SeparatedTruth, draw_separated
from tests.conftest import Office


@pytest.fixture(scope="module")
def known(office: Office, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SeparatedTruth]:
    folder = tmp_path_factory.mktemp("separated")
    assert office.call("office", "add", OFFICE, "--hi", "तहसील नगरी").returncode == 0
    container = Container(settings.load(office.home))
    try:
        truth = draw_separated(folder, seed=7, sign=partial(container.signer().sign, PURPOSE))
    finally:
        container.close()
    return folder / truth["file"], truth


@pytest.fixture(scope="module")
def filed(office: Office, known: tuple[Path, SeparatedTruth]) -> list[dict[str, Any]]:
    rows, code = office.ingest(known[0])
    assert code == 0, rows
    return [office.json("show", ident) for ident in rows[0]["documents"]]


def test_every_document_has_the_number_of_its_sheet(
    filed: list[dict[str, Any]], known: tuple[Path, SeparatedTruth]
) -> None:
    sheet_of = {page: file for file in known[1]["files"] for page in file["pages"]}

    for document in filed:
        sheet = sheet_of[document["pages"][0]["source_page"]]
        assert {sheet_of[page["source_page"]]["file_no"] for page in document["pages"]} == {sheet["file_no"]}
        assert (document["file_no"], document["office"]) == (sheet["file_no"], sheet["office"])
        assert document["confidence"]["file_no"] == 1.0
        for name in ("volume", "part"):
            assert document["fields"].get(name, {"value": ""})["value"] == sheet[name]
    parsed = [file_number.parse(file["file_no"]) for file in known[1]["files"]]
    assert {document["file_key"] for document in filed} == {number.key for number in parsed if number}


def test_every_page_is_there_and_no_document_is_empty(
    filed: list[dict[str, Any]], known: tuple[Path, SeparatedTruth]
) -> None:
    pages = [page for document in filed for page in document["pages"]]
    kinds = known[1]["kinds"]

    assert [page["source_page"] for page in pages] == list(range(1, 61))
    sheets = [page for page in pages if kinds[page["source_page"] - 1] == "sheet"]
    assert all(page["flags"] == ["separator"] and not page["text"] for page in sheets)
    for document in filed:
        assert any(kinds[page["source_page"] - 1] not in ("sheet", "blank") for page in document["pages"])
    assert [document["kind"] for document in filed].count("letter") == kinds.count("letter")


def test_the_sheets_survive_building_the_rows_again(office: Office, filed: list[dict[str, Any]]) -> None:
    assert office.call("reindex", "--force").returncode == 0

    assert office.json("show", filed[0]["document"]) == filed[0]
