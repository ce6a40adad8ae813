"""What is written: the letters and files of `letters.toml` and `files.toml` as frozen values. No layout, no pixels."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One page of correspondence, and how it is to look as a scan."""

    level: str
    dpi: int
    font: str
    head: tuple[str, ...]
    office: str
    district: str
    label: str
    file_no: str
    date: date
    date_text: str
    subject: str
    body: tuple[str, ...]
    signed_by: str
    signatory: str
    village: str
    to: tuple[str, ...] = ()
    size: float = 12.5
    turn: int = 0  # degrees counter-clockwise: a quarter turn found in the scan
    colour: bool = False
    lang: str = "hi"
    layout: str = "centre"
    label_join: str = " "
    number_in_head: bool = False
    title: str = ""
    date_label: str = "दिनांक:"
    to_label: str = "प्रति,"
    subject_label: str = "विषय:"
    reference: str = ""
    reference_label: str = "संदर्भ:"
    salutation: str = "महोदय,"
    closing: str = ""
    copies: tuple[str, ...] = ()
    copies_label: str = "प्रतिलिपि:"
    copies_number: str = ""
    copies_date: str = ""
    table: tuple[tuple[str, ...], ...] = ()
    table_after: int = 0
    stamp: str = ""


@dataclass(frozen=True, kw_only=True)
class Noting:
    """One note sheet: its page mark, and its notes as (text, post, date)."""

    page: str
    notes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class File:
    """A whole file (नस्ती): cover, note sheets and letters, all under one number."""

    name: str
    level: str
    dpi: int
    duplex: bool
    font: str
    file_no: str
    label: str
    subject: str
    head: tuple[str, ...]
    opened: str
    notings: tuple[Noting, ...]
    letters: tuple[Letter, ...]
    bilevel: bool = False


def load_letters() -> list[Letter]:
    """The letters of `letters.toml`, in order."""
    return [Letter(**_frozen(row)) for row in _read("letters.toml")["letter"]]


def load_files() -> list[File]:
    """The files of `files.toml`; each letter in a file takes number, office and level from its file."""
    return [_file(row) for row in _read("files.toml")["file"]]


def _file(row: dict[str, Any]) -> File:
    row = _frozen(row)
    notings = tuple(Noting(**noting) for noting in row.pop("noting"))
    letters = row.pop("letter")
    shared = {key: row.pop(key) for key in ("office", "district", "village", "stamp")}
    shared |= {key: row[key] for key in ("level", "dpi", "font", "file_no", "head")}
    return File(**row, notings=notings, letters=tuple(Letter(**shared, label="क्रमांक", **letter) for letter in letters))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def _frozen(value: Any) -> Any:
    """The same TOML value with tuples for lists, so that a frozen dataclass is frozen all the way down."""
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value
