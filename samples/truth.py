"""What the samples say, as it stands in `truth.json`. Tests read it here; `draw` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

SCANS = Path(__file__).parent / "scans"


class WordTruth(TypedDict):
    """A word and the upright box around it: x, y, width, height in pixels of the image file as stored."""

    text: str
    box: tuple[int, int, int, int]


class LetterTruth(TypedDict):
    """One letter. `rotated_ccw` are the quarter turns in the scan, `skew_ccw` the lean once it stands upright."""

    file: str
    level: str
    dpi: int
    font: str
    rotated_ccw: int
    skew_ccw: float
    text: str
    file_no: str
    label: str
    date: str
    date_text: str
    subject: str
    office: str
    district: str
    to: list[str]
    signed_by: str
    signatory: str
    village: str
    words: list[WordTruth]


class FiledLetter(TypedDict):
    """A letter inside a file; `page` counts the sheets of the scan from 1."""

    page: int
    file_no: str
    date: str
    subject: str


class FileTruth(TypedDict):
    """One whole file. `kinds` and `skew_ccw` have an entry for every page, `texts` for every written one."""

    file: str
    level: str
    dpi: int
    file_no: str
    subject: str
    village: str
    pages: int
    written_pages: int
    duplex: bool
    kinds: list[str]
    skew_ccw: list[float | None]
    texts: list[str]
    letters: list[FiledLetter]


class Truth(TypedDict):
    """Everything that was drawn."""

    letters: list[LetterTruth]
    files: list[FileTruth]


def load(scans: Path = SCANS) -> Truth:
    """The truth of the scans in a folder; image paths in it are relative to that folder."""
    truth: Truth = json.loads((scans / "truth.json").read_text(encoding="utf-8"))
    return truth


def save(truth: Truth, scans: Path) -> None:
    """Write the truth, one letter or file a line, so that a redraw shows as few changed lines."""
    letters = ",\n".join(_compact(row) for row in truth["letters"])
    files = ",\n".join(_compact(row) for row in truth["files"])
    text = f'{{"letters": [\n{letters}\n],\n"files": [\n{files}\n]}}\n'
    (scans / "truth.json").write_text(text, encoding="utf-8")


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
