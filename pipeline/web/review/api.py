"""Review as JSON: the queue, what the register knows of a number, accepting and correcting."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from pipeline.model.audit import Action
from pipeline.model.review import Correction
from pipeline.model.roles import Right
from pipeline.web.audited import Recording, audited
from pipeline.web.rendering import NO_STORE
from pipeline.web.review.params import PAGE_FLAGS, TheWanted
from pipeline.web.review.service import TheReview
from pipeline.web.security.page_permissions import ThePageOffices
from pipeline.web.security.permissions import Reviewer

router = APIRouter(prefix="/api/v1/review", tags=["review"])

LIMIT, LAST_OFFSET = 200, 1_000_000


class ReviewItemJson(BaseModel):
    """One document of the queue. `doubt` is 0 or more; `hand` is who else has it open."""

    document: str
    batch: str
    kind: str
    status: str
    office: str | None
    file_no: str | None
    date: str | None
    subject: str | None
    pages: int
    doubt: float
    reasons: list[str]
    locked_by: str | None = Field(serialization_alias="hand")


class QueueJson(BaseModel):
    total: int
    counts: dict[str, dict[str, int]]
    documents: list[ReviewItemJson]


class NumberJson(BaseModel):
    """What the register knows of a number: `known`, `perhaps`, `new` or `no_number`; files it may be."""

    written: str
    standing: str
    key: str | None
    files: list[str]


class FieldValuesJson(BaseModel):
    """`version` is that of the document as it was seen; `values` are fields by name, null for the machine's reading."""

    version: str = Field(max_length=64)
    values: dict[str, str | None] = Field(default_factory=dict, max_length=40)


class AtJson(BaseModel):
    """`version` is that of the document as it was seen."""

    version: str = Field(max_length=64)


class SplitJson(AtJson):
    page: int = Field(ge=1, description="The page of the document with which a new one begins.")


class MergeJson(AtJson):
    following: bool = Field(description="Whether the document after it is joined, or the one before it.")


class ReorderJson(AtJson):
    order: list[int] = Field(max_length=5000, description="The present numbers of the pages, as they are to follow.")


class MoveJson(AtJson):
    file_no: str = Field(max_length=200)
    office: str | None = Field(None, max_length=100, description="Of another office; null: as it is.")


class PageFlagJson(AtJson):
    page: int = Field(ge=1)
    flag: Literal["blank", "blank_seen", "not_blank"] = Field(alias="say")


class RescanJson(AtJson):
    page: int = Field(ge=1)
    reason: str = Field(max_length=500, description="Why; empty where it need not be scanned again.")


class CorrectionJson(BaseModel):
    batch: str
    number: int
    at: str
    by: str
    action: str = Field(serialization_alias="deed")
    documents: list[str]


class StandingJson(BaseModel):
    document: str
    version: str
    status: str
    history: list[CorrectionJson]


@router.get("")
@audited(Action.VIEW, Recording.COUNTED)
def queue(
    person: Reviewer,
    service: TheReview,
    wanted: TheWanted,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=LIMIT)] = 50,
    offset: Annotated[int, Query(ge=0, le=LAST_OFFSET)] = 0,
) -> QueueJson:
    """The documents that wait for a person, the most doubtful first."""
    response.headers.update(NO_STORE)
    found = service.queue(person, wanted, limit=limit, offset=offset)
    documents = [
        ReviewItemJson(
            document=one.document,
            batch=one.batch,
            kind=one.kind,
            status=one.state,
            office=one.office,
            file_no=one.file_no,
            date=one.dated.isoformat() if one.dated else None,
            subject=one.subject,
            pages=one.pages,
            doubt=one.doubt,
            reasons=list(one.reasons),
            locked_by=one.locked_by,
        )
        for one in found.entries
    ]
    return QueueJson(total=found.total, counts=found.counts, documents=documents)


@router.get("/number")
@audited(Action.SEARCH, Recording.COUNTED)
def number(
    person: Reviewer,
    service: TheReview,
    response: Response,
    text: Annotated[str, Query(max_length=300)] = "",
    office: Annotated[str, Query(max_length=100)] = "",
) -> NumberJson:
    """What the register knows of a number, while it is being written."""
    response.headers.update(NO_STORE)
    found = service.number(person, text, office or None)
    files = [match.file.number for match in found.matches]
    return NumberJson(written=text, standing=found.standing, key=found.key, files=files[:5])


@router.get("/{ident}")
@audited(Action.VIEW)
def standing(
    ident: str, person: Reviewer, service: TheReview, offices_of: ThePageOffices, response: Response
) -> StandingJson:
    """The state of a document, and its corrections."""
    response.headers.update(NO_STORE)
    found = service.sheet(person, ident)
    documents = offices_of(found.document.batch).documents
    closed = {name for name, office in documents.items() if not person.may(Right.REVIEW, office)}
    history = [correction_view(one, closed) for one in found.history]
    return StandingJson(document=ident, version=found.version, status=found.document.state, history=history)


@router.post("/{ident}/accept")
@audited(Action.REVIEW)
def accept(ident: str, wanted: FieldValuesJson, person: Reviewer, service: TheReview) -> CorrectionJson:
    """Say that every field is right, those in `values` as they stand there."""
    values = {name: value for name, value in wanted.values.items() if value is not None}
    return correction_view(service.reviewing.accept(person, ident, wanted.version, values))


@router.post("/{ident}/correct")
@audited(Action.REVIEW)
def correct(ident: str, wanted: FieldValuesJson, person: Reviewer, service: TheReview) -> CorrectionJson:
    """Say what some fields are; the document still waits."""
    return correction_view(service.reviewing.correct(person, ident, wanted.version, wanted.values))


@router.post("/{ident}/split")
@audited(Action.REVIEW)
def split(ident: str, wanted: SplitJson, person: Reviewer, service: TheReview) -> CorrectionJson:
    """Have a new document begin with a page."""
    return correction_view(service.reviewing.split(person, ident, wanted.version, wanted.page))


@router.post("/{ident}/merge")
@audited(Action.REVIEW)
def merge(ident: str, wanted: MergeJson, person: Reviewer, service: TheReview) -> CorrectionJson:
    """Make one document of this one and its neighbour in the same scan."""
    return correction_view(service.reviewing.merge(person, ident, wanted.version, following=wanted.following))


@router.post("/{ident}/reorder")
@audited(Action.REVIEW)
def reorder(ident: str, wanted: ReorderJson, person: Reviewer, service: TheReview) -> CorrectionJson:
    """Put the pages into another order."""
    return correction_view(service.reviewing.reorder(person, ident, wanted.version, wanted.order))


@router.post("/{ident}/move")
@audited(Action.REVIEW)
def move(ident: str, wanted: MoveJson, person: Reviewer, service: TheReview) -> CorrectionJson:
    """Put the document into another file, perhaps of another office."""
    return correction_view(service.reviewing.move(person, ident, wanted.version, wanted.file_no, wanted.office))


@router.post("/{ident}/page")
@audited(Action.REVIEW)
def page(ident: str, wanted: PageFlagJson, person: Reviewer, service: TheReview) -> CorrectionJson:
    """Say of a page whether it is blank."""
    return correction_view(service.reviewing.mark(person, ident, wanted.version, wanted.page, PAGE_FLAGS[wanted.flag]))


@router.post("/{ident}/rescan")
@audited(Action.REVIEW)
def rescan(ident: str, wanted: RescanJson, person: Reviewer, service: TheReview) -> CorrectionJson:
    """Ask for a new scan of a page, or no longer."""
    return correction_view(service.reviewing.want_again(person, ident, wanted.version, wanted.page, wanted.reason))


@router.post("/{ident}/undo/{number}")
@audited(Action.REVIEW)
def undo(ident: str, number: int, person: Reviewer, service: TheReview) -> CorrectionJson:
    """Take back what was done, as the history numbers it."""
    return correction_view(service.reviewing.undo(person, ident, number))


def correction_view(one: Correction, closed: Collection[str] = ()) -> CorrectionJson:
    """A correction without the documents that are `closed` to who asks: of another office by now."""
    return CorrectionJson(
        batch=one.batch,
        number=one.number,
        at=one.at.isoformat(),
        by=one.by,
        action=one.action,
        documents=[after.document for after in one.documents if after.document not in closed],
    )
