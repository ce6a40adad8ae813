"""How right the fields of letters are and how far their confidence can be believed; how whole files are cut.

Letters and files are invented (`inventing`, `laying`), drawn as scans and read by the real page work (`record_scans`); here
the documents that `records` makes of them are compared with what is true.
"""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from bench import charts, laying
from bench.field_report import FileScore, OtherScore, Reported, others_table, tables
from bench.other_papers import KINDS
from bench.record_scans import Job, Scan, read, scans
from bench.report import put
from bench.scoring import folded
from pipeline import settings
from pipeline.extract.file_number import load_grammar
from pipeline.extract.separate import separate
from pipeline.model.document import SURE_FROM, Document, DocumentKind

ROOT = Path(__file__).resolve().parent.parent
TUNED_ON = 1  # the seed whose letters were looked at; any other has letters never seen
_TODAY = date(2026, 11, 1)
_ALIKE = 0.9  # from which a text counts as right: one letter in ten, as in ../shared/score.py
_NUMBERS = {"file_no", "letter_no", "reference_no", "endorsement_no"}
_DATES = {"date", "reference_date", "endorsement_date"}
_JUDGED = (
    "file_no",
    "letter_no",
    "date",
    "subject",
    "reference",
    "reference_no",
    "reference_date",
    "sender",
    "recipient",
    "signatory",
    "designation",
    "endorsement_no",
    "endorsement_date",
)
_STARTS = {DocumentKind.LETTER, DocumentKind.ORDER, DocumentKind.OTHER}


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure: so many letters, files and pages that are no letters (`others`) of this seed, in the installed fonts
    or those of a folder."""

    letters: int
    files: int
    seed: int
    fonts: Path | None
    folder: Path | None
    processes: int
    others: int = 0


def run(wish: Wish, *, write: bool, mistakes: bool) -> str:
    """Measure and tell; with `write`, the tables go into docs/benchmarks.md and the plot into docs/images."""
    with tempfile.TemporaryDirectory(prefix="abhilekh-fields-") as scratch:
        folder = wish.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        found, files, others, wrong = _measured(wish, folder)
    markdown = tables(found, files, wish.seed, wish.fonts is not None) + others_table(others)
    if write:
        pictures = charts.draw_fields(found, ROOT / "docs" / "images")
        put(
            ROOT / "docs" / "benchmarks.md",
            "fields",
            markdown + "".join(f"\n![{says}](images/{name})\n" for name, says in pictures.items()),
        )
    return markdown + ("\n".join(wrong) + "\n" if mistakes else "")


def _measured(wish: Wish, folder: Path) -> tuple[list[Reported], list[FileScore], list[OtherScore], list[str]]:
    grammar = load_grammar(settings.CHECKOUT / "config" / "file_numbers.toml")
    fonts = tuple(laying.of_folder(wish.fonts) if wish.fonts else laying.installed())
    jobs = [Job(wish.seed, n, False, fonts, str(folder)) for n in range(wish.letters)]
    jobs += [Job(wish.seed, n, True, fonts, str(folder)) for n in range(wish.files)]
    jobs += [Job(wish.seed, n, False, fonts, str(folder), other=True) for n in range(wish.others)]
    drawn = scans(jobs, wish.processes)
    found, files, others, wrong = list[Reported](), list[FileScore](), list[OtherScore](), list[str]()
    for scan, pages in zip(drawn, read(drawn, wish.processes), strict=True):
        documents = separate(scan.name, pages, office=None, today=_TODAY, grammar=grammar)
        kind = scan.bundle.papers[0].kind
        if kind in KINDS:
            others.append(OtherScore(kind, _sure_of(documents)))
            wrong += [f"{scan.name} {scan.level} {scan.font} {kind}: {line}" for line in _said_surely(documents)]
            continue
        if not scan.bundle.file_no:
            found += compared(scan, documents[0])
            continue
        files.append(_file_score(scan, documents))
        wrong += _mistakes_of(scan, documents, files[-1])
    wrong = [one.line for one in found if not one.right] + wrong
    return found, files, others, wrong


def _sure_of(documents: Sequence[Document]) -> tuple[float, ...]:
    """The confidences of what was reported of a page that has no fields."""
    return tuple(
        document.fields[name].confidence for document in documents for name in _JUDGED if name in document.fields
    )


def _said_surely(documents: Sequence[Document]) -> Iterator[str]:
    for document in documents:
        for name, field in document.fields.items():
            if name in _JUDGED and field.confidence >= SURE_FROM:
                yield f"{name} {_said(document, name)}"


def compared(scan: Scan, document: Document) -> Iterator[Reported]:
    """Each field that is true of the letter or was reported of it."""
    truth = scan.bundle.papers[0].truth
    for name in _JUDGED:
        field, expected = document.fields.get(name), truth.get(name)
        if field is not None or expected is not None:
            value = field.value if field else None
            right = value is not None and expected is not None and is_right(name, expected, value)
            yield Reported(
                name, scan.level, scan.font, field.confidence if field else None, right, expected, value, scan.name
            )


def is_right(name: str, expected: str, value: str) -> bool:
    """Numbers sign by sign but for blanks; dates as such; text to nine letters in ten. In any digits: some fonts draw
    Western ones where the text has Devanagari's."""
    if name in _DATES:
        return expected == value
    if name in _NUMBERS:
        return _number(expected) == _number(value)
    one, other = (folded(text, digits=True).strip(" ।.,-–—:") for text in (expected, value))
    return 1 - Levenshtein.distance(one, other) / max(len(one), len(other), 1) >= _ALIKE


def _number(text: str) -> str:
    text = folded(unicodedata.normalize("NFC", text), digits=True).replace("–", "-").replace("॰", "0")
    return "".join(text.split()).strip(".,:;-").casefold()


def _file_score(scan: Scan, documents: Sequence[Document]) -> FileScore:
    starts = {start for start, paper in zip(scan.starts, scan.bundle.papers, strict=True) if paper.kind == "letter"}
    found = {document.pages[0].source_page for document in documents if document.kind in _STARTS}
    numbers = [document.fields.get("file_no") for document in documents]
    right = all(field is not None and is_right("file_no", scan.bundle.file_no, field.value) for field in numbers)
    days = {document.fields["date"].value for document in documents if "date" in document.fields}
    known = [paper.truth["date"] for paper in scan.bundle.papers if paper.kind == "letter"]
    return FileScore(
        scan.level, right, len(starts & found), len(starts), len(found - starts), sum(day in days for day in known)
    )


def _mistakes_of(scan: Scan, documents: Sequence[Document], score: FileScore) -> list[str]:
    if score.is_right:
        return []
    kinds = ", ".join(f"{start} {paper.kind}" for start, paper in zip(scan.starts, scan.bundle.papers, strict=True))
    rows = [f"{d.pages[0].source_page} {d.kind} {_said(d, 'file_no')} {_said(d, 'date')}" for d in documents]
    return [f"{scan.name} {scan.level} {scan.font}: {scan.bundle.file_no}; {kinds}", *(f"    {row}" for row in rows)]


def _said(document: Document, name: str) -> str:
    field = document.fields.get(name)
    return f"{field.value} ({field.confidence:.2f})" if field else "–"
