"""Serve the review pages: the queue, one document with its history, and what the register knows of a number.

Actions are in `review.editing`; samples for acceptance in `review.sampling`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.db.review_queue import ReviewFilter, ReviewList, ReviewQueue
from pipeline.errors import NotFoundError
from pipeline.extract import file_number
from pipeline.model.accounts import Person
from pipeline.model.batch import Batch
from pipeline.model.document import Document
from pipeline.model.register import FileMatch
from pipeline.model.review import Correction, version_of
from pipeline.model.roles import Right
from pipeline.review.editing import ReviewEditor
from pipeline.review.permissions import require


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The document before or after in the same scan, as far as it may be seen."""

    document: str
    kind: str
    file_no: str | None
    subject: str | None
    pages: int


@dataclass(frozen=True, slots=True)
class OpenReview:
    """One document open for review. `version` is to be sent with every action; `locked_by` is who else has it open."""

    document: Document
    batch: Batch
    version: str
    history: tuple[Correction, ...]
    previous: Neighbour | None
    following: Neighbour | None
    locked_by: str | None


class NumberStanding(StrEnum):
    """What the register knows of a written number."""

    KNOWN = "known"
    PERHAPS = "perhaps"
    NEW = "new"
    NO_NUMBER = "no_number"


@dataclass(frozen=True, slots=True)
class NumberCheck:
    written: str
    standing: NumberStanding
    key: str | None = None
    matches: tuple[FileMatch, ...] = ()


class ReviewService:
    """What review pages need. Documents of offices that the person may not review are as if they were not there."""

    def __init__(
        self,
        reviewing: ReviewEditor,
        queue: ReviewQueue,
        known: Callable[[str | None], Callable[[str], list[FileMatch]]],
        edit_lock_minutes: float,
    ) -> None:
        self.reviewing = reviewing
        self._queue = queue
        self._known = known
        self._edit_lock_minutes = edit_lock_minutes

    def queue(self, person: Person, wanted: ReviewFilter, *, limit: int, offset: int = 0) -> ReviewList:
        return self._queue.look(wanted, person.offices(Right.REVIEW), person.name, limit=limit, offset=offset)

    def around(self, person: Person, ident: str, wanted: ReviewFilter) -> tuple[str | None, str | None]:
        """The document before and the one after in the queue; for one that the person may not review, as for none."""
        return self._queue.around(ident, wanted, person.offices(Right.REVIEW), person.name)

    def sheet(self, person: Person, ident: str) -> OpenReview:
        """Open a document for review; the person takes its edit lock. Raises `NotFoundError`."""
        records = self.reviewing.records
        document = records.document(ident)
        require(person, document)
        if self._is_behind(document.batch):
            self.reviewing.heal(document.batch)
            document = records.document(ident)
        names = records.documents_of(document.batch)
        place = names.index(ident)
        return OpenReview(
            document,
            records.batch(document.batch),
            version_of(document),
            tuple(self.reviewing.corrections.rows.history(ident)),
            self._neighbour(person, names[place - 1 : place]),
            self._neighbour(person, names[place + 1 : place + 2]),
            self.acquire_edit_lock(person, ident),
        )

    def acquire_edit_lock(self, person: Person, ident: str) -> str | None:
        """Take the edit lock of a document where it is free; returns who else has it."""
        return self._queue.acquire_edit_lock(ident, person.name, self._edit_lock_minutes)

    def release_edit_lock(self, person: Person, ident: str) -> None:
        self._queue.release_edit_lock(ident, person.name)

    def number(self, person: Person, written: str, office: str | None) -> NumberCheck:
        """What the register of the office knows of a number, as it is being written. Files of offices that the person may
        not review are as if they were not there."""
        parsed = file_number.parse(written)
        if parsed is None:
            return NumberCheck(written, NumberStanding.NO_NUMBER)
        matches = tuple(one for one in self._known(office)(written) if person.may(Right.REVIEW, one.file.office))
        same = tuple(match for match in matches if match.by == "strict")
        if same:
            return NumberCheck(written, NumberStanding.KNOWN, parsed.key, same)
        return NumberCheck(written, NumberStanding.PERHAPS if matches else NumberStanding.NEW, parsed.key, matches)

    def _is_behind(self, batch: str) -> bool:
        """Whether a correction is stored that no row tells of."""
        return self.reviewing.corrections.is_behind(batch)

    def _neighbour(self, person: Person, names: Sequence[str]) -> Neighbour | None:
        for name in names:
            try:
                found = self.reviewing.records.document(name)
                require(person, found)
            except NotFoundError:
                return None
            number, subject = found.value("file_no"), found.value("subject")
            return Neighbour(name, str(found.kind), number, subject, len(found.pages))
        return None
