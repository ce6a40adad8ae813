"""Samples for acceptance: drawn, looked through document by document, signed. The object in the store first, then the row.

Who may is decided here: samples of an office are drawn and judged by those who review there.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from pipeline.db.samples import SampleRepository
from pipeline.errors import NotFoundError, ReviewBusyError, SampleError
from pipeline.model.accounts import Person, Right
from pipeline.model.sampling import MOST, Sample, Scope, Verdict, draw, sample_from, sample_json
from pipeline.model.scan import StoredObject
from pipeline.storage import Store, keys, manifest

log = structlog.get_logger()

_WAIT_SECONDS = 10.0
_LONGEST_REMARK, _LONGEST_SEED = 500, 64


class Sampling:
    """Every method may raise what store and database raise; those that change something return the sample as it is kept."""

    def __init__(self, store: Callable[[], Store], rows: SampleRepository) -> None:
        self.store = store
        self.rows = rows

    def draw(self, person: Person, scope: Scope, *, percent: float, limit: float, seed: str = "") -> Sample:
        """Draw a sample; without a `seed` one is thrown. Raises `SampleError`."""
        if not person.may(Right.REVIEW, scope.office):
            raise NotFoundError(what="office", name=scope.office or "*")
        if not 0 < percent <= 100 or not 0 <= limit <= 100:  # noqa: PLR2004 - of a hundred
            raise SampleError(cause="a share is a number from 0 to 100", cause_hi="प्रतिशत 0 से 100 तक की संख्या है")
        seed = " ".join(seed.split())[:_LONGEST_SEED] or secrets.token_hex(8)
        population, over, drawn = draw(self.rows.population(scope), percent, seed)
        if not drawn:
            raise SampleError(cause="no document was filed on these days", cause_hi="इन दिनों कोई दस्तावेज़ दर्ज नहीं हुआ")
        if len(drawn) > MOST:
            raise SampleError(
                cause=f"{len(drawn)} documents would be drawn, and the limit is {MOST}",
                cause_hi=f"{len(drawn)} दस्तावेज़ चुने जाते, और सीमा {MOST} है",
            )
        sample = Sample(
            secrets.token_hex(6), scope, percent, limit, seed, population, over, drawn, person.name, datetime.now(UTC)
        )
        return self._keep(sample)

    def one(self, person: Person, ident: str) -> Sample:
        """Raises `NotFoundError`, also for a sample of an office that the person does not review."""
        sample = self.rows.one(ident)
        if not person.may(Right.REVIEW, sample.scope.office):
            raise NotFoundError(what="sample", name=ident)
        return sample

    def every(self, person: Person) -> list[Sample]:
        return self.rows.of(person.offices(Right.REVIEW))

    def judge(self, person: Person, ident: str, document: str, *, is_right: bool, remark: str = "") -> Sample:
        """Say whether a document of the sample is as its scan shows it. Raises `SampleError` where that says nothing."""

        offices = person.offices(Right.REVIEW)

        def change(sample: Sample) -> Sample:
            if document not in sample.documents or document not in self.rows.named([document], offices):
                raise NotFoundError(what="document", name=document)
            said = " ".join(remark.split())[:_LONGEST_REMARK]
            if not is_right and not said:
                raise SampleError(cause="it was not said what is wrong", cause_hi="यह नहीं लिखा कि क्या ग़लत है")
            return sample.with_verdict(document, Verdict(is_right, said, person.name, datetime.now(UTC)))

        return self._change(person, ident, change)

    def sign(self, person: Person, ident: str) -> Sample:
        """Answer for the sample; nothing of it can be changed afterwards. Raises `SampleError` while documents wait."""

        def change(sample: Sample) -> Sample:
            if sample.waiting:
                raise SampleError(
                    cause=f"{len(sample.waiting)} of its documents have not been looked at",
                    cause_hi=f"उसके {len(sample.waiting)} दस्तावेज़ अभी देखे नहीं गए",
                )
            return sample.signed(person.name, person.full_name, datetime.now(UTC))

        return self._change(person, ident, change)

    def _change(self, person: Person, ident: str, change: Callable[[Sample], Sample]) -> Sample:
        self.one(person, ident)
        with self.rows.alone(ident, wait_seconds=_WAIT_SECONDS) as ours:
            if not ours:
                raise ReviewBusyError
            sample = self.one(person, ident)
            if sample.signature is not None:
                raise SampleError(cause="it is signed", cause_hi="उस पर हस्ताक्षर हो चुके हैं")
            return self._keep(change(sample))

    def _keep(self, sample: Sample) -> Sample:
        data = manifest.sealed(sample_json(sample))
        self.rows.put(sample, self.store().put_bytes(keys.sample(sample.id), data, "application/json"))
        return sample


def replay(store: Store, rows: SampleRepository) -> tuple[int, list[str]]:
    """Make the rows of all stored samples again; returns how many, and the keys of those that are damaged."""
    taken, damaged = 0, []
    for info in store.list(keys.SAMPLES):
        data = store.get(info.key)
        try:
            sample = sample_from(manifest.unsealed(data))
            if keys.sample(sample.id) != info.key:
                raise ValueError(f"it is sample {sample.id}")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("sample", key=info.key, cause=str(error))
            damaged.append(info.key)
            continue
        rows.put(sample, StoredObject(info.key, hashlib.sha256(data).hexdigest(), len(data)))
        taken += 1
    return taken, damaged
