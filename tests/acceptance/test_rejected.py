"""Files that cannot be taken in: told in words an operator understands, kept byte for byte, and the line goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests.acceptance.test_ingest import stored
from tests.conftest import SCANS, Office, Running, wait_for

LETTER = SCANS / "letters" / "letter-01-clean.jpg"
PDF = SCANS / "files" / "file-01-office.pdf"


def truncated(path: Path) -> None:
    path.write_bytes(PDF.read_bytes()[: PDF.stat().st_size // 2])


def encrypted(path: Path) -> None:
    with pikepdf.open(PDF) as document:
        document.save(path, encryption=pikepdf.Encryption(owner="one", user="two"))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("यह स्कैन नहीं है।\n", encoding="utf-8")


def no_pages(path: Path) -> None:
    path.write_bytes(b"II*\x00\x00\x00\x00\x00")


BAD: list[tuple[str, Callable[[Path], None], str, str]] = [
    ("कटी हुई.pdf", truncated, "incomplete_scan", "cut short"),
    ("locked.pdf", encrypted, "encrypted_scan", "password"),
    ("empty.pdf", empty, "empty_scan", "empty"),
    ("a text.pdf", text, "unknown_media", "not a scan"),
    ("no-pages.tif", no_pages, "no_pages", "no pages"),
]


@pytest.fixture(scope="module")
def told(office: Office, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of bad files, and by name what the command said of each."""
    folder = tmp_path_factory.mktemp("bad")
    for name, make, _, _ in BAD:
        make(folder / name)
    rows, exit_code = office.ingest(folder)
    assert exit_code == 3
    return folder, {Path(row["path"]).name: row for row in rows}


@pytest.mark.parametrize(
    ("name", "code", "says"), [pytest.param(name, code, says, id=code) for name, _, code, says in BAD]
)
def test_it_is_rejected_with_a_reason(
    name: str, code: str, says: str, office: Office, told: tuple[Path, dict[str, Any]]
) -> None:
    folder, rows = told
    row = rows[name]

    assert (row["status"], row["code"]) == ("rejected", code)
    assert says in row["reason"]
    assert name in row["reason"]
    assert any("\u0900" <= char <= "\u097f" for char in row["reason_hi"].replace(name, ""))
    assert office.json("show", row["batch"])["status"] == "rejected"
    assert (folder / name).exists()


def test_the_bytes_of_a_rejected_file_are_kept(office: Office, told: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = told
    files = [path.read_bytes() for path in folder.iterdir()]

    kept = stored(office, *(f"rejected/{hashlib.sha256(data).hexdigest()}" for data in files))

    assert len(files) == len(BAD)
    assert kept == files


def test_the_line_goes_on_beside_bad_files(running: Running, tmp_path: Path) -> None:
    for name, make, _, _ in BAD:
        make(tmp_path / name)
    running.drop(*tmp_path.iterdir(), LETTER)

    status = wait_for(running.settled, "the inbox to be cleared")

    assert status["rejected"] == len(BAD)
    assert status["documents"] == 1
    rejected = {path.name for path in (running.home / "rejected").rglob("*") if path.is_file()}
    assert rejected >= {name for name, _, _, _ in BAD}
    note = next((running.home / "rejected").rglob("locked.pdf.txt")).read_text(encoding="utf-8")
    assert "पासवर्ड" in note
    assert "password" in note
    assert {trouble["status"] for trouble in status["troubles"]} == {"rejected"}
