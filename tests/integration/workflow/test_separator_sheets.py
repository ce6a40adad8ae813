"""Separator sheets on real paper, as far as a PDF is paper: printed by the command, damaged, and worked on as pages."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench import codes as damages
from bench.drawing import Pixels
from pipeline.db.rows import page_from, page_values
from pipeline.db.tables import PageRow
from pipeline.errors import MissingPartError
from pipeline.extract.sheets import SheetCode, SheetPart, decode, encode
from pipeline.formats.fonts import devanagari_font
from pipeline.model.batch import Batch, BatchState
from pipeline.model.document import Document, DocumentKind
from pipeline.model.page import ReadPage
from pipeline.model.scan import MediaType, Source
from pipeline.preprocess.codes import find_codes
from pipeline.settings import OcrSettings, PageSettings
from pipeline.storage import batch_manifest
from pipeline.storage.batch_manifest import BatchManifest
from pipeline.workflow import printing
from pipeline.workflow.page_worker import PageJob, work_page
from tests.conftest import Office, short_folder

CODE = SheetCode("एफ 19-76/2019/1/4", "tehsil-ashta", "2", SheetPart.NOTING)
LONG = SheetCode("पं.भ./स्था./निर्माण-प्रकोष्ठ/41/2012-13", "छिन्दवाड़ा")


@pytest.fixture
def bare() -> Iterator[Office]:
    home = short_folder()
    yield Office(home)
    shutil.rmtree(home, ignore_errors=True)


def drawn(pdf: Path, dpi: int = 150) -> list[Pixels]:
    subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", "-png", str(pdf), str(pdf.with_suffix(""))], check=True)
    found = sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))
    return [np.asarray(cv2.imread(str(one), cv2.IMREAD_GRAYSCALE), np.uint8) for one in found]


def worked(pixels: Pixels, folder: Path) -> ReadPage:
    path = folder / "scan.png"
    cv2.imwrite(str(path), pixels)
    return work_page(PageJob(str(path), MediaType.PNG, 1, 1, str(folder), PageSettings(), OcrSettings())).page


def test_one_sheet_is_printed_with_its_code_three_times(bare: Office, tmp_path: Path) -> None:
    pdf = tmp_path / "one.pdf"
    made = bare.json(
        "sheets",
        "--office",
        CODE.office,
        "--file-no",
        CODE.file_no,
        "--volume",
        "2",
        "--part",
        "noting",
        "--subject",
        "सीमांकन के सम्बन्ध में",
        "-o",
        pdf,
    )
    (page,) = drawn(pdf)
    height, width = page.shape

    assert (made["pages"], made["rejected"], made["sheets"][0]["file_key"]) == (1, [], "F/19/76/2019/1/4")
    assert [decode(code.text) for code in find_codes(page)] == [CODE]
    for part in (page[: height // 3], page[height // 3 : height * 3 // 4], page[height * 3 // 4 :, width // 2 :]):
        assert [decode(code.text) for code in find_codes(np.ascontiguousarray(part))] == [CODE]
    text = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    assert "Separator sheet" in text and "Lay this sheet on top of the file" in text


def test_a_list_prints_its_good_lines_and_names_the_others(bare: Office, tmp_path: Path) -> None:
    listed, pdf = tmp_path / "files.csv", tmp_path / "many.pdf"
    listed.write_text("कार्यालय,नस्ती क्रमांक,भाग\na,12/2019,पत्राचार\na,बिना अंक,\nb,13/2019,\n", encoding="utf-8")

    done = bare.call("sheets", "--list", listed, "-o", pdf, "--json")

    found = json.loads(done.stdout)
    assert done.returncode == 3 and found["pages"] == 2 and [bad["line"] for bad in found["rejected"]] == [3]
    assert "पंक्ति 3" in done.stderr
    assert [decode(find_codes(page)[0].text) for page in drawn(pdf)] == [
        SheetCode("12/2019", "a", "", SheetPart.CORRESPONDENCE),
        SheetCode("13/2019", "b"),
    ]


def test_where_every_line_is_bad_nothing_is_printed(bare: Office, tmp_path: Path) -> None:
    listed, pdf = tmp_path / "files.csv", tmp_path / "none.pdf"
    listed.write_text("file_no\nnone\n", encoding="utf-8")

    assert bare.call("sheets", "--list", listed, "-o", pdf).returncode == 3
    assert not pdf.exists()
    listed.write_bytes("file_no\nएफ 1/2\n".encode("utf-16"))
    refused = bare.call("sheets", "--list", listed, "-o", pdf)
    assert refused.returncode == 2 and "UTF-8" in refused.stderr
    assert bare.call("sheets", "-o", pdf).returncode == 2


@pytest.mark.parametrize("number", range(9, 24))
def test_a_damaged_sheet_is_read_and_never_as_another(number: int) -> None:
    kind, dpi, code, pixels = damages.case(number)

    assert [decode(found.text) for found in find_codes(pixels)] == [code], (kind, dpi)


@pytest.mark.parametrize("turn", [0, 180, 270])
def test_a_sheet_is_set_upright_and_not_read(turn: int, tmp_path: Path) -> None:
    (tmp_path / "s.pdf").write_bytes(printing.printed([printing.PrintedSheet(CODE)]))
    (printed,) = drawn(tmp_path / "s.pdf")

    page = worked(np.ascontiguousarray(np.rot90(np.minimum(printed, 230), turn // 90)), tmp_path)

    assert (page.flags, page.codes, page.text, page.blank) == (("separator",), (encode(CODE),), "", False)
    assert (page.geometry.rotated, page.geometry.set_by) == (turn, "machine")


def test_two_sheets_in_one_scan_are_left_to_a_person(tmp_path: Path) -> None:
    (tmp_path / "s.pdf").write_bytes(printing.printed([printing.PrintedSheet(CODE), printing.PrintedSheet(LONG)]))

    page = worked(np.hstack(drawn(tmp_path / "s.pdf")), tmp_path)

    assert "sheets_disagree" in page.flags and not page.is_separator
    assert {decode(text) for text in page.codes} == {CODE, LONG}


def test_codes_are_kept_in_rows_and_manifests(tmp_path: Path) -> None:
    (tmp_path / "s.pdf").write_bytes(printing.printed([printing.PrintedSheet(CODE)]))
    page = worked(drawn(tmp_path / "s.pdf")[0], tmp_path)
    source = Source("s.png", "0" * 64, 1, MediaType.PNG, 1)
    batch = Batch(source.batch_id, source, BatchState.FILED, datetime(2026, 1, 15, tzinfo=UTC))
    document = Document(f"{batch.id}-0001", batch.id, DocumentKind.OTHER, (page,))

    back = batch_manifest.read(batch_manifest.write(BatchManifest(batch, (), (document,)))).documents[0].pages[0]
    row = PageRow(batch_id=batch.id, source_page=1, **page_values(page))

    assert back == replace(page, words=()) and page_from(row) == page


def test_a_missing_font_is_told_with_the_line_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError) as missing:
        devanagari_font([tmp_path])

    assert "apt-get install -y fonts-lohit-deva" in missing.value.text("hi")
