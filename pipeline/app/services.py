"""What people may ask of an installation: search, viewer, review, status; by the web and by the commands alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.app.health import Health
from pipeline.app.service_parts import ServiceParts
from pipeline.index.search import digits
from pipeline.model.batch import Batch
from pipeline.model.document import Document
from pipeline.model.health import SystemStatus
from pipeline.model.search import Answer, Query

if TYPE_CHECKING:
    from pipeline.app.container import Container
    from pipeline.db.page_offices import PageOfficeRows
    from pipeline.db.saved_searches import SavedSearches
    from pipeline.db.statistics import StatisticsRepository
    from pipeline.register.service import RegisterService
    from pipeline.review.sampling import Sampling
    from pipeline.review.service import ReviewService
    from pipeline.scanning.dashboard import Dashboard
    from pipeline.scanning.pages import PageService
    from pipeline.scanning.receiving import UploadService
    from pipeline.viewer.service import ViewerService

_SUGGESTED = 8  # completions of a query


class Services:
    """What people may ask, always of the database that the container has open. Safe to use from many threads."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.health = Health(container)
        self._building = threading.Lock()
        self._built = ServiceParts(container, self.health)

    @property
    def _parts(self) -> ServiceParts:
        """The parts on the database in force: after `Container.close_database` they are built anew."""
        with self._building:
            if self._built.repositories is not self.container.repositories:
                self._built = ServiceParts(self.container, self.health)
            return self._built

    # --- search and documents ------------------------------------------------------------------------------------

    def search(self, query: Query) -> Answer:
        return self._parts.search.find(query)

    def suggest(self, text: str, offices: frozenset[str] | None = None) -> list[str]:
        """Complete the beginning of a query, for somebody who may see these offices; None stands for all."""

        def registered(written: str) -> list[str]:
            begun = digits(written)
            return self.container.register.begun(begun, offices, _SUGGESTED) if begun else []

        return self._parts.search.suggest(text, _SUGGESTED, registered, offices)

    def boxes(self, document: str, page: int, text: str) -> list[list[float]]:
        return self._parts.search.boxes(document, page, text)

    def places(self, document: str, text: str) -> dict[int, list[list[float]]]:
        return self._parts.search.places(document, text)

    def document(self, ident: str) -> Document:
        return self.container.records.document(ident)

    def batch_of(self, document: Document) -> Batch:
        return self.container.records.batch(document.batch)

    def image(self, key: str) -> Iterator[bytes]:
        return self._parts.image(key)

    # --- offices -------------------------------------------------------------------------------------------------

    def offices(self) -> list[str]:
        """The codes of all offices: of the register, and those that documents name."""
        return sorted({office.code for office in self.container.register.offices()} | self.container.records.offices())

    def office_names(self, code: str) -> dict[str, str]:
        """The offices of the register by their codes, in Hindi (`hi`) or English."""
        found = {one.code: (one.name_hi, one.name_en) for one in self.container.register.offices()}
        return {
            office: (hindi if code == "hi" else english) or english or hindi
            for office, (hindi, english) in found.items()
        }

    # --- features ------------------------------------------------------------------------------------------------

    @property
    def saved(self) -> SavedSearches:
        """The searches that people keep."""
        return self._parts.saved

    @property
    def review(self) -> ReviewService:
        """What reviewers see and do."""
        return self._parts.review

    @property
    def sampling(self) -> Sampling:
        """The samples drawn for acceptance, and what is found of them."""
        return self._parts.sampling

    @property
    def viewing(self) -> ViewerService:
        """Documents and files as they are read in the browser."""
        return self._parts.viewer

    @property
    def page_offices(self) -> PageOfficeRows:
        """The office of each page of a scan."""
        return self._parts.page_offices

    @property
    def dashboard(self) -> Dashboard:
        """How work stands, as operators see it."""
        return self._parts.dashboard

    @property
    def receiving(self) -> UploadService:
        """Uploads from the browser."""
        return self._parts.uploads

    @property
    def page_service(self) -> PageService:
        """Single pages as their operators see them, and their annotations."""
        return self._parts.pages

    @property
    def register_service(self) -> RegisterService:
        """The register of offices and files."""
        return self._parts.register

    @property
    def boards(self) -> StatisticsRepository:
        """The figures of the statistics board."""
        return self._parts.statistics

    def status(self) -> SystemStatus:
        """`status --json`: with the files that wait in the inbox and the newest troubles."""
        return self.health.status()
