"""Apply corrections: lay what people corrected over what the machine made of a batch.

Pure: documents and corrections in, documents out. Applied to its own result, it changes nothing, so that it may follow
every machine run and every rebuilding. Keeping corrections is the business of `review.editing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.extract import file_number
from pipeline.model.document import Document, DocumentKind, DocumentState, Field
from pipeline.model.page import PERSON, ReadPage
from pipeline.model.review import BLANK_ANNOTATED, NOT_BLANK, PAGE_FLAGS, Conflict, Correction, DocumentSnapshot

KIND = "kind"
_WHOLE = ("file_no", "office", "volume", "part")  # where certain of a document, certain of each part of it

Describe = Callable[
    [str, Sequence[ReadPage]], Document
]  # the machine's view of a document of that name and those pages


@dataclass(slots=True)
class _Cut:
    """Which pages make which document, and what was corrected of each, while the corrections are gone through.

    `owner` holds first what people cut alone: how the machine cut the batch counts for the pages that nobody claims, and
    only at the end. So the outcome does not depend on whether it was cut by the machine or by these corrections before.
    """

    owner: dict[str, list[int]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)  # every document that some correction speaks of
    fields: dict[str, dict[str, str | None]] = field(default_factory=dict)
    states: dict[str, DocumentState] = field(default_factory=dict)
    flags: dict[int, dict[str, bool]] = field(default_factory=dict)

    def take(
        self, snapshots: Sequence[DocumentSnapshot], there: Mapping[int, ReadPage]
    ) -> list[tuple[str, tuple[int, ...]]]:
        """Follow one correction; returns the documents of which pages are no longer there, with those pages."""
        lost = [(one.document, tuple(page for page in one.pages if page not in there)) for one in snapshots]
        claims = {one.document: [page for page in one.pages if page in there] for one in snapshots}
        claimed = {page for pages in claims.values() for page in pages}
        for ident in self.owner.keys() - claims.keys():
            left = [page for page in self.owner[ident] if page not in claimed]
            if left != self.owner[ident]:
                self.owner[ident], self.states[ident] = left, DocumentState.NEEDS_REVIEW
        self.owner |= claims
        self.named |= claims.keys()
        for one in snapshots:
            self.fields.setdefault(one.document, {}).update(one.fields)
            self.states[one.document] = one.state
        for ident in [ident for ident, pages in self.owner.items() if not pages]:
            del self.owner[ident]
            self.fields.pop(ident, None)
            self.states.pop(ident, None)
        return [(ident, pages) for ident, pages in lost if pages]

    def leave(self, document: Document) -> None:
        """A document that nobody speaks of keeps the pages that nobody claims."""
        claimed = {page for pages in self.owner.values() for page in pages}
        left = [page for page in _numbers(document) if page not in claimed]
        if left != _numbers(document):
            self.states[document.id] = DocumentState.NEEDS_REVIEW
        if left:
            self.owner[document.id] = left


def apply(
    documents: Sequence[Document], corrections: Iterable[Correction], describe: Describe
) -> tuple[list[Document], list[Conflict]]:
    """The documents of one batch with the corrections, in their order, laid over them; and what could not be followed.

    Every page stays in exactly one document. `describe` gives the machine's view where people cut otherwise than it did;
    what a person corrected of a document stays with it. Pages that nobody claims, where a person's cut leaves them over,
    make documents of their own.
    """
    there = {page.source_page: page for document in documents for page in document.pages}
    cut = _Cut()
    conflicts: list[Conflict] = []
    for correction in sorted(corrections, key=lambda one: one.number):
        lost = cut.take(correction.documents, there)
        conflicts += [Conflict(correction.number, ident, pages) for ident, pages in lost]
        missing = tuple(page for page in correction.pages if page not in there)
        if missing:
            conflicts.append(Conflict(correction.number, correction.document, missing))
        for number, flags in correction.pages.items():
            cut.flags.setdefault(number, {}).update(flags)
    for document in documents:
        if document.id not in cut.named:
            cut.leave(document)
    if documents:
        _place_unclaimed(cut, there, documents[0].batch)
    pages = {number: _flagged(page, cut.flags.get(number, {})) for number, page in there.items()}
    before = {document.id: document for document in documents}
    made = [_made(ident, [pages[n] for n in own], before.get(ident), cut, describe) for ident, own in cut.owner.items()]
    return sorted(made, key=lambda document: document.pages[0].source_page), conflicts


def _numbers(document: Document) -> list[int]:
    return [page.source_page for page in document.pages]


def _place_unclaimed(cut: _Cut, there: Mapping[int, ReadPage], batch: str) -> None:
    """Give pages that no document has any more a document of their own, each run of neighbours one."""
    owned = {page for pages in cut.owner.values() for page in pages}
    runs: list[list[int]] = []
    for page in sorted(there.keys() - owned):
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    nameless = []
    for run in runs:
        ident = next((name for page in run if (name := name_of(batch, page)) not in cut.owner), None)
        if ident is None:
            nameless.append(run)
        else:
            cut.owner[ident] = run
    for run in nameless:  # every name is somebody's: they go to the document of the nearest page before them
        ident = max(cut.owner, key=lambda one: (min(cut.owner[one]) <= run[0], min(cut.owner[one])))
        cut.owner[ident] += run


def name_of(batch: str, page: int) -> str:
    """The name of a document that was first told by this page."""
    return f"{batch}-{page:04d}"


def _flagged(page: ReadPage, changed: Mapping[str, bool]) -> ReadPage:
    if not changed:
        return page
    was_blank = NOT_BLANK in page.flags or (page.blank and BLANK_ANNOTATED not in page.flags)
    ours = {flag: flag in page.flags for flag in PAGE_FLAGS} | dict(changed)
    flags = (*(flag for flag in page.flags if flag not in PAGE_FLAGS), *(flag for flag, on in ours.items() if on))
    return replace(page, flags=flags, blank=(was_blank or BLANK_ANNOTATED in flags) and NOT_BLANK not in flags)


def _made(ident: str, pages: Sequence[ReadPage], before: Document | None, cut: _Cut, describe: Describe) -> Document:
    """One document: the machine's view of its pages, and over it what people corrected."""
    if before is not None and _numbers(before) == [page.source_page for page in pages]:
        document = replace(before, pages=tuple(pages))
    else:
        document = _kept(before, describe(ident, pages))
    for name, value in cut.fields.get(ident, {}).items():
        document = _with_value(document, name, value)
    return replace(document, state=cut.states.get(ident, document.state))


def _kept(before: Document | None, document: Document) -> Document:
    """A document cut anew with what was certain of it before, by a person or by its separator sheet."""
    if before is None:
        return document
    for name, found in before.fields.items():
        if found.by == PERSON:
            document = _with_value(document, name, found.value)
        elif name in _WHOLE and found.confidence == 1:
            document = _with(document, name, found)
    return document


def _with_value(document: Document, name: str, value: str | None) -> Document:
    """The document with one field as a person wrote it, or with None as the machine read it, which is kept beside it."""
    found = document.fields.get(name)
    machine = found.machine if found is not None and found.by == PERSON else found
    if name == KIND and found is None:
        machine = Field(str(document.kind), 0.0 if document.kind is DocumentKind.OTHER else 1.0)
    if value is None:
        return _with(document, name, machine)
    page, box = (machine.source_page, machine.box) if machine is not None else (None, None)
    if name == "office" and value != (document.value("office") or ""):  # it is what the register of the other one holds
        document = _with(document, "file_no_registered", None)
    return _with(document, name, Field(value, 1.0, page, box, PERSON, machine))


def _with(document: Document, name: str, found: Field | None) -> Document:
    fields = {key: one for key, one in document.fields.items() if key != name}
    kind = document.kind
    if name == KIND:
        kind = DocumentKind(found.value) if found is not None else kind
        found = found if found is not None and found.by == PERSON else None
    if found is not None:
        fields[name] = found
    changed = replace(document, fields=fields, kind=kind)
    if name != "file_no":
        return changed
    parsed = file_number.parse(found.value) if found is not None and found.value else None
    return replace(changed, file_key=parsed.key if parsed else None)
