"""One page of a scan as its operator sees it: the image, its annotations, and the pages that were taken for blank.

Annotations are kept by `scanning.annotations`; what people see is in `web.scanning`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from pipeline.db.annotations import AnnotationRepository, Offices
from pipeline.db.corrections import WantedAgain
from pipeline.db.scanning import ScanningRepository
from pipeline.errors import NotFoundError
from pipeline.model.annotation import AnnotationKind, PageAnnotation
from pipeline.model.batch import Batch
from pipeline.model.scanning import PageThumb
from pipeline.preprocess.blank import emptiness
from pipeline.scanning.annotations import AnnotationService

_KEPT = 2000


@dataclass(frozen=True, slots=True)
class PageStory:
    """A page with its batch, the document that it is in, if any, and all its annotations."""

    batch: Batch
    page: int
    has_image: bool
    document: str | None
    number: int
    notes: tuple[PageAnnotation, ...]


@dataclass(frozen=True, slots=True)
class BlankPage:
    """A page taken for blank; `sureness` runs from 0 to 1, `row` is where the list goes on."""

    row: int
    sheet: PageThumb
    name: str
    office: str | None
    sureness: float


class PageService:
    """Safe to use from many threads."""

    def __init__(
        self,
        notes: AnnotationRepository,
        annotations_service: AnnotationService,
        working: ScanningRepository,
        batch: Callable[[str], Batch],
        fetch: Callable[[str], bytes],
        stream: Callable[[str], Iterator[bytes]],
        wishes: Callable[[Offices, int], list[WantedAgain]],
    ) -> None:
        self.notes = notes
        self.annotations_service = annotations_service
        self.working = working
        self.batch = batch
        self.stream = stream
        self.wishes = wishes
        self._emptiness = lru_cache(maxsize=_KEPT)(lambda key, _: emptiness(fetch(key)))

    def story(self, batch: str, page: int) -> PageStory:
        """Raises `NotFoundError`."""
        found = self.batch(batch)
        if not 1 <= page <= found.source.pages:
            raise NotFoundError(what="page", name=f"{batch}/{page}")
        place = self.notes.document_at(batch, page)
        document, number = place or (None, 1)
        has_image = self.working.image_of(batch, page) is not None
        return PageStory(found, page, has_image, document, number, self.notes.of(batch).of(page))

    def version(self, batch: str, page: int) -> str:
        """Changes when a page is read anew."""
        found = self.working.image_of(batch, page)
        return found[1].isoformat() if found else ""

    def image_key(self, batch: str, page: int, turn: int | None = None) -> str:
        """The key of a page's image as it is, or as it was before the annotation of that turn. Raises `NotFoundError`."""
        if turn is None:
            found = self.working.image_of(batch, page)
            key = found[0] if found else ""
        else:
            key = next((note.image_key for note in self.notes.of(batch).of(page) if note.turn == turn), "")
        if not key:
            raise NotFoundError(what="page", name=f"{batch}/{page}")
        return key

    def blanks(self, offices: Offices, limit: int, after: int) -> list[BlankPage]:
        """Pages taken for blank that nobody has confirmed or corrected, from the row `after` on."""
        found = []
        for row, sheet, office, name in self.notes.blanks(offices, limit, after):
            image = self.working.image_of(sheet.batch, sheet.page)
            sureness = self._emptiness(*image) if image else 0.0
            found.append(BlankPage(row, sheet, name, office, sureness))
        return found

    def wanted_again(self, offices: Offices, limit: int) -> list[WantedAgain]:
        """Pages of which a record keeper wants a new scan and for which none has come since."""
        found = self.wishes(offices, limit)
        notes = {batch: self.notes.of(batch) for batch in {wish.batch for wish in found}}
        newest = {(wish.batch, wish.page): notes[wish.batch].replaced(wish.page) for wish in found}
        return [wish for wish in found if (note := newest[wish.batch, wish.page]) is None or note.at < wish.at]

    def annotate(self, batch: str, page: int, kind: AnnotationKind, by: str) -> None:
        """Mark a page as blank, or as written on and to be read. Raises `BatchBusyError`."""
        self.annotations_service.annotate(batch, page, kind, by=by)
