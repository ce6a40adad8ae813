"""The parts behind `Services`, each built when it is first asked for, on one open database.

They hold state that is worth keeping between questions: vocabulary, thumbnails, uploads. `Services` builds them anew once
the container has another database.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.extract import file_number
from pipeline.index.search import Search

if TYPE_CHECKING:
    from pipeline.app.container import Container
    from pipeline.app.health import Health
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

_LOOK_SECONDS = 2.0  # between two looks at the inbox and the parts, however many people watch


class ServiceParts:
    """What people ask, on the database that is in force when it is built."""

    def __init__(self, container: Container, health: Health) -> None:
        self.container = container
        self.repositories = container.repositories
        self.health = health
        self.search = Search(container.database, container.engine, file_number.parse, file_number.looks_like_one)
        self._opening = threading.Lock()

    def image(self, key: str) -> Iterator[bytes]:
        return self._store.stream(key)

    @property
    def _store(self) -> Store:
        with self._opening:  # only the first call opens the store
            return self.container.store

    def _get(self, key: str) -> bytes:
        return self._store.get(key)

    @cached_property
    def saved(self) -> SavedSearches:
        from pipeline.db.saved_searches import SavedSearches

        return SavedSearches(self.container.database)

    @cached_property
    def page_offices(self) -> PageOfficeRows:
        from pipeline.db.page_offices import PageOfficeRows

        return PageOfficeRows(self.container.database)

    @cached_property
    def statistics(self) -> StatisticsRepository:
        from pipeline.db.statistics import StatisticsRepository

        return StatisticsRepository(self.container.database)

    @cached_property
    def review(self) -> ReviewService:
        from pipeline.db.review_queue import ReviewQueue
        from pipeline.review.service import ReviewService

        container, minutes = self.container, self.container.settings.review.edit_lock_minutes
        with self._opening:
            queue = ReviewQueue(container.database, edit_lock_minutes=minutes)
            return ReviewService(container.reviewing(), queue, container.known, minutes)

    @cached_property
    def sampling(self) -> Sampling:
        from pipeline.db.samples import SampleRepository
        from pipeline.review.sampling import Sampling

        return Sampling(lambda: self._store, SampleRepository(self.container.database))

    @cached_property
    def viewer(self) -> ViewerService:
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
    def dashboard(self) -> Dashboard:
        from pipeline.db.scanning import ScanningRepository
        from pipeline.scanning.dashboard import Dashboard, at_most_every

        container = self.container
        return Dashboard(
            ScanningRepository(container.database),
            container.queue(),
            self._get,
            at_most_every(_LOOK_SECONDS, self.health.arriving),
            container.settings.office,
        )

    @cached_property
    def uploads(self) -> UploadService:
        return self.container.receiving()

    @cached_property
    def pages(self) -> PageService:
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
            self._get,
            self.image,
            wishes,
        )

    @cached_property
    def register(self) -> RegisterService:
        return replace(self.container.register_service(), registrar=self._registrar)

    def _registrar(self) -> Registrar:
        with self._opening:
            return self.container.registrar()
