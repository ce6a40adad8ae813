"""Cut a batch into documents: from separator sheets and each page's heading.

Where the sheets cut is found in `ranges`, what a heading says in `headings`, which number a file's sheets share in
`shared_numbers`; here it is decided what a sheet settles for the documents under it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypedDict

from pipeline.extract import file_number
from pipeline.extract.fields import find_fields
from pipeline.extract.file_number import NO_FORMS, Grammar
from pipeline.extract.headings import classify
from pipeline.extract.ranges import Range, cut_by_sheets
from pipeline.extract.shared_numbers import share
from pipeline.extract.sheet_trust import SheetCheck, fault_on, flagged
from pipeline.extract.sheets import SheetCode, SheetPart
from pipeline.model.document import SURE_FROM, Document, DocumentKind, DocumentState, Field, KnownNumber
from pipeline.model.page import NO_DOUBT, ReadPage

# Confidences, 0…1. Set by hand; how far they can be believed is measured in docs/benchmarks.md ("Fields").
_FOLDER_NUMBER = 0.9  # of a number that a person gave to the scanner's folder
_SURE_CLASH = 0.8  # confidence from which another number on the page than on its sheet is worth a person's look
_DOUBT_LEFT = 0.4  # of the doubt in a number, when the office has just that file
_UNTRUSTED = 0.5  # of a number on a sheet that may settle nothing: less than `SURE_FROM`


class OfficeKnowledge(TypedDict):
    """What is known before a document is read: whose it is, the last day a paper in it can bear, how its numbers are
    formed, and what the office knows of a number."""

    office: str | None
    today: date
    grammar: Grammar
    known: Callable[[str], KnownNumber] | None


def separate(
    batch: str,
    pages: Sequence[ReadPage],
    *,
    office: str | None,
    today: date,
    metadata: Mapping[str, str] | None = None,
    grammar: Grammar = NO_FORMS,
    known: Callable[[str], KnownNumber] | None = None,
    sheets: SheetCheck | None = None,
) -> list[Document]:
    """Cut the pages into documents in order; every page lands in exactly one. Blank backs stay with their fronts, and
    separator sheets with the document they open; a sheet that nothing follows, with the one before it.

    `metadata` is that of the batch, from the scanner's folders; its `file_no` is used here, for pages under no sheet.
    `known` looks up what the office knows of a number. `sheets` tells which separator sheets may settle something;
    without it all may.
    """
    pages = [flagged(page, sheets.fault(page) if sheets else None) for page in pages]
    number, documents = (metadata or {}).get("file_no"), list[Document]()
    for part in cut_by_sheets(pages):
        if documents and not part.pages:
            documents[-1] = replace(documents[-1], pages=documents[-1].pages + part.sheets)
            continue
        found = [_describe(batch, kind, run, office, today, grammar) for kind, run in _runs(part)]
        if part.code is not None:
            documents += [_settled(document, part.code, part.sheets) for document in found]
        else:
            documents += [_with_folder_number(d, number) for d in found] if number else share(found, grammar, _judged)
    return documents if known is None else [_beside_known(document, known) for document in documents]


def describe(
    batch: str,
    ident: str,
    pages: Sequence[ReadPage],
    *,
    office: str | None,
    today: date,
    grammar: Grammar = NO_FORMS,
    known: Callable[[str], KnownNumber] | None = None,
) -> Document:
    """One document of pages that a person put together: what their headings say it is, and the fields on them."""
    kind = classify(pages[0]).kind
    found = replace(_describe(batch, kind, list(pages), office, today, grammar), id=ident)
    return found if known is None else _beside_known(found, known)


def _beside_known(document: Document, known: Callable[[str], KnownNumber]) -> Document:
    """The document with its number beside what the office knows: surer where just that file is there; where only one like
    it is, that one is named for a person to choose. A number is never exchanged for another."""
    number = document.fields.get("file_no")
    if number is None or document.file_key is None or number.confidence == 1 or any(map(fault_on, document.pages)):
        return document
    registered = known(number.value)
    if registered.is_known:
        sure = replace(number, confidence=round(1 - (1 - number.confidence) * _DOUBT_LEFT, 3))
        return _judged(replace(document, fields={**document.fields, "file_no": sure}))
    if registered.perhaps is None or number.confidence >= _SURE_CLASH:
        return document
    fields = {**document.fields, "file_no_registered": Field(registered.perhaps, number.confidence)}
    return replace(document, fields=fields, state=DocumentState.NEEDS_REVIEW)


def _runs(part: Range) -> list[tuple[DocumentKind, list[ReadPage]]]:
    """The pages of each document with its kind, the sheets at the head of the first."""
    runs: list[tuple[DocumentKind, list[ReadPage]]] = []
    is_noting = part.code is not None and part.code.part is SheetPart.NOTING
    several = sum(not page.blank for page in part.pages) > 1
    for page in part.pages:
        start = classify(page, first=several and not runs)
        kind = DocumentKind.NOTING if is_noting and start.kind is DocumentKind.OTHER else start.kind
        if runs and (page.blank or not start.opens or _continues(runs[-1][0], kind)):
            runs[-1][1].append(page)
        else:
            runs.append((kind, [page]))
    if not runs:
        return [(DocumentKind.OTHER, list(part.sheets))]
    runs[0][1][:0] = part.sheets
    return runs


def _settled(document: Document, code: SheetCode, sheets: Sequence[ReadPage]) -> Document:
    """The document with what its sheet says of number, office, volume and part. Another number that stands on the page is
    kept, and seen by a person where it was surely read and is not the letter's own."""
    sheet = next(page for page in reversed(sheets) if page.is_separator)
    where, fault = sheet.source_page, fault_on(sheet)
    if fault is not None:
        return _proposed(document, code, where, fault)
    on_sheet = {"file_no": code.file_no, "office": code.office, "volume": code.volume, "part": code.part or ""}
    fields = {**document.fields, **{name: Field(value, 1.0, where) for name, value in on_sheet.items() if value}}
    judged = _judged(replace(document, fields=fields))
    written = document.fields.get("file_no")
    if written is None or document.file_key == judged.file_key:
        return judged
    clashes = "letter_no" not in fields and not _reads_on(document.file_key or "", judged.file_key or "")
    doubted = clashes and written.confidence >= _SURE_CLASH
    state = DocumentState.NEEDS_REVIEW if doubted else judged.state
    return replace(judged, fields={**fields, "number_on_page": written}, state=state)


def _proposed(document: Document, code: SheetCode, where: int, fault: str) -> Document:
    """The document under a sheet that may settle nothing: what the sheet says of number, volume and part is proposed to the
    person to whom it goes, and what was read stands. Its office stays that of the batch."""
    on_sheet = {"file_no": code.file_no, "volume": code.volume, "part": code.part or ""}
    proposed = {name: Field(value, _UNTRUSTED, where) for name, value in on_sheet.items() if value}
    fields = {**proposed, **document.fields}
    if document.fields.get("file_no") is not None:
        fields["number_on_sheet"] = proposed["file_no"]
    first, *others = document.pages
    return _judged(replace(document, fields=fields, pages=(flagged(first, fault), *others)))


def _reads_on(key: str, number: str) -> bool:
    """Whether the key is that of the number with words behind it, as the page's mark: 41/2012/13 पृष्ठ 1."""
    rest = key.removeprefix(f"{number}/")
    return bool(number) and rest != key and not rest[:1].isdigit()


def _with_folder_number(document: Document, number: str) -> Document:
    """The document with the number of its folder, where it has none; where it has another, a person decides."""
    of_folder, written = Field(number, _FOLDER_NUMBER), document.fields.get("file_no")
    if written is None:
        return _judged(replace(document, fields={**document.fields, "file_no": of_folder}))
    parsed = file_number.parse(number)
    if parsed is not None and parsed.key == document.file_key:
        return document
    return replace(document, fields={**document.fields, "file_no_told": of_folder}, state=DocumentState.NEEDS_REVIEW)


def _continues(previous: DocumentKind, kind: DocumentKind) -> bool:
    """Sheets of noting follow each other in one document."""
    return previous is kind is DocumentKind.NOTING


def _describe(
    batch: str, kind: DocumentKind, pages: list[ReadPage], office: str | None, today: date, grammar: Grammar
) -> Document:
    fields = find_fields(pages, today=today, grammar=grammar, kind=kind)
    if office:
        fields["office"] = Field(office, 1.0)
    return _judged(
        Document(id=f"{batch}-{pages[0].source_page:04d}", batch=batch, kind=kind, pages=tuple(pages), fields=fields)
    )


def _judged(document: Document) -> Document:
    """The document with its key, and sent to review where its number is missing or doubtful, nobody knows what it is, it has
    a date that none can be, or a page is flagged."""
    number = document.fields.get("file_no")
    parsed = file_number.parse(number.value) if number else None
    unsure = number is None or parsed is None or number.confidence < SURE_FROM
    doubtful = unsure or document.kind is DocumentKind.OTHER or "date_impossible" in document.fields
    flagged = any(set(page.flags) - NO_DOUBT for page in document.pages)
    return Document(
        id=document.id,
        batch=document.batch,
        kind=document.kind,
        pages=document.pages,
        fields=document.fields,
        file_key=parsed.key if parsed else None,
        state=DocumentState.NEEDS_REVIEW if doubtful or flagged else DocumentState.FILED,
    )
