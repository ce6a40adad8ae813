"""Builds what corrects documents: the journal of corrections and the editor of reviewers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pipeline.app import known_numbers
from pipeline.db.corrections import CorrectionRows
from pipeline.extract.separate import describe
from pipeline.model.batch import Batch
from pipeline.review.corrections import Corrections
from pipeline.review.editing import ReviewEditor
from pipeline.workflow.publish import republish

if TYPE_CHECKING:
    from pipeline.app.container import Container
    from pipeline.review.corrected import Describe


def corrections(container: Container) -> Corrections:
    """The corrections of documents and pages, as they are stored."""
    return Corrections(container.store, CorrectionRows(container.database, container.text_index))


def editor(container: Container) -> ReviewEditor:
    """What people may do to documents in review."""
    return ReviewEditor(
        corrections(container),
        container.records,
        partial(_describe, container),
        container.settings.review.wants_two,
        partial(republish, store=container.store, records=container.records),
    )


def _describe(container: Container, batch: Batch) -> Describe:
    """The machine's view of pages of a batch that a person put together."""
    return partial(
        describe,
        batch.id,
        known=known_numbers.known_to(container, batch),
        office=batch.office,
        today=batch.latest_date,
        grammar=container.numbers.until(batch.latest_date),
    )
