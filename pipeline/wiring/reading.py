"""What people may ask of an installation: search, look, review, status. The web's library and the commands' alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipeline.index.search import Search, digits
from pipeline.model import Answer, Batch, Document, Query
from pipeline.records import file_number
from pipeline.wiring.health import Health

if TYPE_CHECKING:
    from pipeline.desk.pages import PageDesk
    from pipeline.desk.receiving import Receiving
    from pipeline.desk.work import Desk
    from pipeline.index.board import Boards
    from pipeline.index.page_offices import PageOfficeRows
    from pipeline.index.saved import SavedSearches
    from pipeline.looking.viewing import Viewing
    from pipeline.register.desk import RegisterDesk
    from pipeline.register.registrar import Registrar
    from pipeline.review.desk import ReviewDesk
    from pipeline.review.sampling import Sampling
    from pipeline.store import Store
    from pipeline.wiring.house import House

_SUGGESTED = 8  # completions of a question
_LOOK_SECONDS = 2.0  # between two looks at the inbox and the parts, however many people watch


class Reading:
    """What people may ask: search, look, status. The web's library and the commands' alike."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._search = Search(house.database, house.engine, file_number.parse, file_number.looks_like_one)
        self._opening = threading.Lock()
        self.health = Health(house)

    def search(self, query: Query) -> Answer:
        return self._search.find(query)

    def suggest(self, text: str, offices: frozenset[str] | None = None) -> list[str]:
        """What the beginning of a question may become, for somebody who may see these offices; None stands for all."""

        def registered(written: str) -> list[str]:
            begun = digits(written)
            return self.house.register.begun(begun, offices, _SUGGESTED) if begun else []

        return self._search.suggest(text, _SUGGESTED, registered, offices)

    @cached_property
    def saved(self) -> SavedSearches:
        """The searches that people keep."""
        from pipeline.index.saved import SavedSearches

        return SavedSearches(self.house.database)

    def office_names(self, code: str) -> dict[str, str]:
        """The offices of the register by their codes, in Hindi (`hi`) or English."""
        found = {one.code: (one.name_hi, one.name_en) for one in self.house.register.offices()}
        return {
            office: (hindi if code == "hi" else english) or english or hindi
            for office, (hindi, english) in found.items()
        }

    def document(self, ident: str) -> Document:
        return self.house.records.document(ident)

    def batch_of(self, document: Document) -> Batch:
        return self.house.records.batch(document.batch)

    @cached_property
    def review(self) -> ReviewDesk:
        """What reviewers see and do."""
        from pipeline.index.review_queue import ReviewQueue
        from pipeline.review.desk import ReviewDesk

        house, minutes = self.house, self.house.settings.review.hand_minutes
        with self._opening:
            queue = ReviewQueue(house.database, edit_lock_minutes=minutes)
            return ReviewDesk(house.reviewing(), queue, house.known, minutes)

    def boxes(self, document: str, page: int, text: str) -> list[list[float]]:
        return self._search.boxes(document, page, text)

    def offices(self) -> list[str]:
        """The codes of all offices: of the register, and those that documents name."""
        return sorted({office.code for office in self.house.register.offices()} | self.house.records.offices())

    def places(self, document: str, text: str) -> dict[int, list[list[float]]]:
        return self._search.places(document, text)

    @cached_property
    def viewing(self) -> Viewing:
        from pipeline.index.leaves import Leaves
        from pipeline.looking.viewing import Viewing

        house, settings = self.house, self.house.settings
        return Viewing(
            Leaves(house.database),
            house.register,
            house.records.batch,
            self.image,
            settings.home / "run" / "scans",
            pages=house.records.read_pages,
            max_pixels=int(settings.pages.max_megapixels * 1e6),
            retention=settings.retention.by_class,
        )

    @cached_property
    def page_offices(self) -> PageOfficeRows:
        """The office of each page of a scan."""
        from pipeline.index.page_offices import PageOfficeRows

        return PageOfficeRows(self.house.database)

    def image(self, key: str) -> Iterator[bytes]:
        return self._store.stream(key)

    @property
    def _store(self) -> Store:
        with self._opening:  # only the first call opens the store
            return self.house.store

    @cached_property
    def desk(self) -> Desk:
        from pipeline.desk.work import Desk, at_most_every
        from pipeline.index.working import Working

        house = self.house
        return Desk(
            Working(house.database),
            house.queue(),
            lambda key: self._store.get(key),  # noqa: PLW0108 - the store is opened when it is first needed
            at_most_every(_LOOK_SECONDS, self.health.arriving),
            house.settings.office,
        )

    @cached_property
    def sampling(self) -> Sampling:
        """Who draws samples for acceptance, and keeps what is found of them."""
        from pipeline.index.samples import Samples
        from pipeline.review.sampling import Sampling

        return Sampling(lambda: self._store, Samples(self.house.database))

    @cached_property
    def receiving(self) -> Receiving:
        return self.house.receiving()

    @cached_property
    def page_desk(self) -> PageDesk:
        """Single pages as their operators see them, and what may be said of them."""
        from pipeline.desk.pages import PageDesk
        from pipeline.index.working import Working

        house = self.house
        with self._opening:
            wishes = house.corrections().rows.wanted_again
        return PageDesk(
            house.page_notes,
            house.sayings(),
            Working(house.database),
            house.records.batch,
            lambda key: self._store.get(key),  # noqa: PLW0108 - as above
            self.image,
            wishes,
        )

    @cached_property
    def register_desk(self) -> RegisterDesk:
        return replace(self.house.register_desk(), registrar=self._registrar)

    def _registrar(self) -> Registrar:
        with self._opening:
            return self.house.registrar()

    @cached_property
    def boards(self) -> Boards:
        from pipeline.index.board import Boards

        return Boards(self.house.database)

    def status(self) -> dict[str, Any]:
        """`status --json`: with the files that wait in the inbox and the newest troubles."""
        return self.health.status()
