"""Samples for acceptance: drawn, looked through document by document, signed.

Who may is decided here: samples of an office are drawn and judged by those who review there. Their journal differs from the
others in one thing: a sample is one object, written over by its newest state, until it is signed. So the rows cannot tell
whether they hold that state, and whoever changes a sample takes it from the store first.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.db.samples import SampleRepository
from pipeline.errors import NotFoundError, ReviewBusyError, SampleError
from pipeline.locale import Message
from pipeline.model.accounts import Person
from pipeline.model.roles import Right
from pipeline.model.sampling import MOST, Sample, Scope, Verdict, draw, sample_from, sample_json
from pipeline.storage import Store, keys
from pipeline.storage.journal import Committed, Entry, EntryFormat, Journal, Replayed, exclusively

_WAIT_SECONDS = 10.0
_LONGEST_REMARK, _LONGEST_SEED = 500, 64

# By subject, the sample's id.
FORMAT = EntryFormat(keys.SAMPLES, keys.sample, lambda sample: keys.sample(sample.id), sample_json, sample_from)


class Sampling:
    """Every method may raise what store and database raise; those that change something return the sample as it is kept."""

    def __init__(self, store: Callable[[], Store], rows: SampleRepository) -> None:
        self.rows = rows
        self.journal = journal_of(store, rows)

    def draw(self, person: Person, scope: Scope, *, percent: float, limit: float, seed: str = "") -> Sample:
        """Draw a sample; without a `seed` one is thrown. Raises `SampleError`."""
        if not person.may(Right.REVIEW, scope.office):
            raise NotFoundError(what="office", name=scope.office or "*")
        if not 0 < percent <= 100 or not 0 <= limit <= 100:  # noqa: PLR2004 - of a hundred
            raise SampleError(cause=Message("a share is a number from 0 to 100"))
        seed = " ".join(seed.split())[:_LONGEST_SEED] or secrets.token_hex(8)
        population, over, drawn = draw(self.rows.population(scope), percent, seed)
        if not drawn:
            raise SampleError(cause=Message("no document was filed on these days"))
        if len(drawn) > MOST:
            raise SampleError(
                cause=Message(
                    "{drawn} documents would be drawn, and the limit is {limit}", drawn=len(drawn), limit=MOST
                ),
            )
        sample = Sample(
            secrets.token_hex(6), scope, percent, limit, seed, population, over, drawn, person.name, datetime.now(UTC)
        )
        with self.journal.writing(sample.id) as writer:
            return writer.append(sample).value

    def one(self, person: Person, ident: str) -> Sample:
        """Raises `NotFoundError`, also for a sample of an office that the person does not review."""
        sample = self.rows.one(ident)
        if not person.may(Right.REVIEW, sample.scope.office):
            raise NotFoundError(what="sample", name=ident)
        return sample

    def every(self, person: Person) -> list[Sample]:
        return self.rows.of(person.offices(Right.REVIEW))

    def judge(self, person: Person, ident: str, document: str, *, is_right: bool, remark: str = "") -> Sample:
        """Record whether a document of the sample is as its scan shows it; one that is wrong needs a remark. Raises
        `SampleError`."""
        offices = person.offices(Right.REVIEW)

        def change(sample: Sample) -> Sample:
            if document not in sample.documents or document not in self.rows.named([document], offices):
                raise NotFoundError(what="document", name=document)
            line = " ".join(remark.split())[:_LONGEST_REMARK]
            if not is_right and not line:
                raise SampleError(cause=Message("it was not said what is wrong"))
            return sample.with_verdict(document, Verdict(is_right, line, person.name, datetime.now(UTC)))

        return self._change(person, ident, change)

    def sign(self, person: Person, ident: str) -> Sample:
        """Answer for the sample; nothing of it can be changed afterwards. Raises `SampleError` while documents wait."""

        def change(sample: Sample) -> Sample:
            if sample.waiting:
                raise SampleError(
                    cause=Message("{waiting} of its documents have not been looked at", waiting=len(sample.waiting)),
                )
            return sample.signed(person.name, person.full_name, datetime.now(UTC))

        return self._change(person, ident, change)

    def _change(self, person: Person, ident: str, change: Callable[[Sample], Sample]) -> Sample:
        self.one(person, ident)
        with self.journal.writing(ident) as writer:
            sample = self.one(person, ident)
            if sample.signature is not None:
                raise SampleError(cause=Message("it is signed"))
            return writer.append(change(sample)).value


@dataclass(frozen=True, slots=True)
class _SampleEntries:
    """Samples as the rows of their journal."""

    rows: SampleRepository

    def committed(self, subject: str) -> Committed:
        return Committed()

    def commit(self, entry: Entry[Sample]) -> None:
        self.rows.put(entry.value, entry.stored)


def journal_of(store: Callable[[], Store], rows: SampleRepository) -> Journal[Sample]:
    return Journal(
        store,
        FORMAT,
        _SampleEntries(rows),
        lambda ident: exclusively(rows.alone(ident, wait_seconds=_WAIT_SECONDS), ReviewBusyError()),
    )


def replay(store: Store, rows: SampleRepository) -> Replayed:
    """Make the rows of all stored samples again."""
    return journal_of(lambda: store, rows).replay()
