"""Builds what works on batches: the pool of page processes and the worker, with what separator sheets may settle."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pipeline.app import ingest, known_numbers
from pipeline.app.sheet_rights import SheetRights
from pipeline.ingest.profiles import default_dpi
from pipeline.ocr import program
from pipeline.preservation import signing_key
from pipeline.workflow.flow import Dependencies
from pipeline.workflow.pool import PagePool
from pipeline.workflow.worker import Worker

if TYPE_CHECKING:
    from pipeline.app.container import Container


def page_pool(container: Container) -> PagePool:
    """Processes that work on pages. Raises `MissingPartError` when they could not read: better now than page by page."""
    if container.settings.ocr.enabled:
        program.resolve_languages(container.settings.ocr.languages)
    work = container.settings.work
    return PagePool(work.processes, memory_mb=work.page_memory_mb, page_seconds=work.page_seconds, nice=work.nice)


def worker(container: Container, pool: PagePool, *, beats: bool = True) -> Worker:
    """What takes batches from the queue; with `beats` it gives signs of life."""
    settings, work = container.settings, container.settings.work
    return Worker(
        Dependencies(
            container.store,
            container.records,
            container.corrections(),
            pool.work,
            settings.pages,
            settings.ocr,
            container.numbers,
            partial(known_numbers.known_to, container),
            default_dpi(container.profiles),
            container.page_notes.of,
            sheet_rights(container).check,
            work,
        ),
        container.queue(),
        container.scratch,
        batches_at_once=work.processes,
        lease_seconds=work.lease_seconds,
        retry_seconds=work.retry_seconds,
        max_retry_seconds=work.max_retry_seconds,
        beat=(lambda note: container.beat("workers", note)) if beats else (lambda note: None),
        require_room=lambda: ingest.require_room(container),
    )


def sheet_rights(container: Container) -> SheetRights:
    """What separator sheets may settle."""
    return SheetRights(
        lambda: signing_key.known_signer(container.store, container.records),
        lambda: frozenset(office.code for office in container.register.offices()),
        lambda: container.people,
        lambda: container.profiles,
        container.settings.intake.offices,
    )
