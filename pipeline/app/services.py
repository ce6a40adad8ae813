"""What people may ask of an installation: search, look, review, status. The web's library and the commands' alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipeline.app.health import Health
from pipeline.extract import file_number
from pipeline.index.search import Search, digits
from pipeline.model.batch import Batch
from pipeline.model.document import Document
from pipeline.model.search import Answer, Query

if TYPE_CHECKING:
    from pipeline.app.container import Container
    from pipeline.db.page_offices import PageOfficeRows
    from pipeline.db.saved_searches import SavedSearches
    from pipeline.db.statistics import StatisticsRepository
    from pipeline.register.registrar import Registrar
    from pipeline.register.service import RegisterService
    from pipeline.review.sampling import Sampling
    from pipeline.review.service import ReviewService
    from pipeline.scanning.dashboard import Dashboard
    from pipeline.scanning.pages import PageService
    from pipeline.scanning.receiving import UploadService
    from pipeline.storage import Store
    from pipeline.viewer.service import ViewerService

_SUGGESTED = 8  # completions of a question
_LOOK_SECONDS = 2.0  # between two looks at the inbox and the parts, however many people watch


class Services:
    """What people may ask: search, look, status. The web's library and the commands' alike."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self._search = Search(container.database, container.engine, file_number.parse, file_number.looks_like_one)
        self._opening = threading.Lock()
        self.health = Health(container)

    def search(self, query: Query) -> Answer:
        return self._search.find(query)

    def suggest(self, text: str, offices: frozenset[str] | None = None) -> list[str]:
        """What the beginning of a question may become, for somebody who may see these offices; None stands for all."""

        def registered(written: str) -> list[str]:
            begun = digits(written)
            return self.container.register.begun(begun, offices, _SUGGESTED) if begun else []

        return self._search.suggest(text, _SUGGESTED, registered, offices)

    @cached_property
    def saved(self) -> SavedSearches:
        """The searches that people keep."""
        from pipeline.db.saved_searches import SavedSearches

        return SavedSearches(self.container.database)

    def office_names(self, code: str) -> dict[str, str]:
        """The offices of the register by their codes, in Hindi (`hi`) or English."""
        found = {one.code: (one.name_hi, one.name_en) for one in self.container.register.offices()}
        return {
            office: (hindi if code == "hi" else english) or english or hindi
            for office, (hindi, english) in found.items()
        }

    def document(self, ident: str) -> Document:
        return self.container.records.document(ident)

    def batch_of(self, document: Document) -> Batch:
        return self.container.records.batch(document.batch)

    @cached_property
    def review(self) -> ReviewService:
        """What reviewers see and do."""
        from pipeline.db.review_queue import ReviewQueue
        from pipeline.review.service import ReviewService

        container, minutes = self.container, self.container.settings.review.edit_lock_minutes
        with self._opening:
            queue = ReviewQueue(container.database, edit_lock_minutes=minutes)
            return ReviewService(container.reviewing(), queue, container.known, minutes)

    def boxes(self, document: str, page: int, text: str) -> list[list[float]]:
        return self._search.boxes(document, page, text)

    def offices(self) -> list[str]:
        """The codes of all offices: of the register, and those that documents name."""
        return sorted({office.code for office in self.container.register.offices()} | self.container.records.offices())

    def places(self, document: str, text: str) -> dict[int, list[list[float]]]:
        return self._search.places(document, text)

    @cached_property
    def viewing(self) -> ViewerService:
        from pipeline.db.viewer import ViewerRepository
        from pipeline.viewer.service import ViewerService

        container, settings = self.container, self.container.settings
        return ViewerService(
            ViewerRepository(container.database),
            container.register,
            container.records.batch,
            self.image,
            settings.home / "run" / "scans",
            pages=container.records.read_pages,
            max_pixels=int(settings.pages.max_megapixels * 1e6),
            retention=settings.retention.by_class,
        )

    @cached_property
    def page_offices(self) -> PageOfficeRows:
        """The office of each page of a scan."""
        from pipeline.db.page_offices import PageOfficeRows

        return PageOfficeRows(self.container.database)

    def image(self, key: str) -> Iterator[bytes]:
        return self._store.stream(key)

    @property
    def _store(self) -> Store:
        with self._opening:  # only the first call opens the store
            return self.container.store

    @cached_property
    def desk(self) -> Dashboard:
        from pipeline.db.scanning import ScanningRepository
        from pipeline.scanning.dashboard import Dashboard, at_most_every

        container = self.container
        return Dashboard(
            ScanningRepository(container.database),
            container.queue(),
            lambda key: self._store.get(key),  # noqa: PLW0108 - the store is opened when it is first needed
            at_most_every(_LOOK_SECONDS, self.health.arriving),
            container.settings.office,
        )

    @cached_property
    def sampling(self) -> Sampling:
        """Who draws samples for acceptance, and keeps what is found of them."""
        from pipeline.db.samples import SampleRepository
        from pipeline.review.sampling import Sampling

        return Sampling(lambda: self._store, SampleRepository(self.container.database))

    @cached_property
    def receiving(self) -> UploadService:
        return self.container.receiving()

    @cached_property
    def page_service(self) -> PageService:
        """Single pages as their operators see them, and what may be said of them."""
        from pipeline.db.scanning import ScanningRepository
        from pipeline.scanning.pages import PageService

        container = self.container
        with self._opening:
            wishes = container.corrections().rows.wanted_again
        return PageService(
            container.page_notes,
            container.annotations_service(),
            ScanningRepository(container.database),
            container.records.batch,
            lambda key: self._store.get(key),  # noqa: PLW0108 - as above
            self.image,
            wishes,
        )

    @cached_property
    def register_service(self) -> RegisterService:
        return replace(self.container.register_service(), registrar=self._registrar)

    def _registrar(self) -> Registrar:
        with self._opening:
            return self.container.registrar()

    @cached_property
    def boards(self) -> StatisticsRepository:
        from pipeline.db.statistics import StatisticsRepository

        return StatisticsRepository(self.container.database)

    def status(self) -> dict[str, Any]:
        """`status --json`: with the files that wait in the inbox and the newest troubles."""
        return self.health.status()
