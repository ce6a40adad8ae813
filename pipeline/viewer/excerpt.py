"""A PDF of some pages of a scan, for who may not have the whole original. Which pages those are is decided elsewhere.

It is put together from the images of the pages and never cut out of the original: the pages of a PDF share resources,
attachments and scripts, and a page taken out of it may carry others along. The first sheet says what it is.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.locale import N_, Message
from pipeline.model.batch import Batch
from pipeline.model.page import ReadPage
from pipeline.model.scan import MediaType

if TYPE_CHECKING:
    from pipeline.formats.searchable import PdfPage

_NOTICE_DPI = 150
_NOTICE_PIXELS = 4_000_000  # A4 at 150 dpi has 2.2 million
_NOTICE_SECONDS = 60.0
_LONGEST_RANGES = 60  # letters of a file's name
TITLE = Message("Part of a scan")
TEXT = N_(
    "This file is not the original scan but a part of it. It holds these pages of the scan {batch}: {pages}. Pages of the "
    "scan that your roles do not let you see are left out."
)
_LANGUAGES = ("hi", "en")  # of the notice, in this order

Pages = Callable[[str], Sequence[ReadPage]]  # all pages of a batch that were read, by its id


class Excerpts:
    """Writes excerpts into folders of their own under `folder`. `fetch` gives a stored object. Safe to use from threads."""

    def __init__(self, pages: Pages, fetch: Callable[[str], bytes], folder: Path) -> None:
        self.pages = pages
        self.fetch = fetch
        self.folder = folder

    def write(self, batch: Batch, wanted: Sequence[int]) -> Path:
        """The pages with these numbers as a PDF, the notice before them. Whoever calls removes the file's folder afterwards.

        Pages that were not worked on yet have no image and are left out. Raises what the store raises, and
        `MissingPartError` without the font of the notice.
        """
        from pipeline.formats import searchable  # noqa: PLC0415 - most that is looked at needs no PDF written

        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix="excerpt-", dir=self.folder))
        try:
            numbers = set(wanted)
            found = [page for page in self.pages(batch.id) if page.source_page in numbers and page.image_key]
            about = searchable.About(
                title=f"{TITLE}: {batch.id}, {ranges(wanted)}",
                created=batch.received_at,
                subject=str(Message(TEXT, batch=batch.id, pages=ranges(wanted))),
                document=f"{batch.id} {ranges(wanted)}",
            )
            path = place / "excerpt.pdf"
            searchable.write(self._sheets(batch, wanted, found, place), about, path)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return path

    def _sheets(self, batch: Batch, wanted: Sequence[int], found: Sequence[ReadPage], place: Path) -> Iterator[PdfPage]:
        from pipeline.formats.searchable import PdfPage  # noqa: PLC0415 - as above

        yield self._notice(batch, wanted, place)
        for page in found:
            yield PdfPage(self.fetch(page.image_key), page.width, page.height, page.dpi, page.words)

    def _notice(self, batch: Batch, wanted: Sequence[int], place: Path) -> PdfPage:
        from pipeline.formats import bilevel, coversheet, fonts  # noqa: PLC0415 - as above
        from pipeline.formats.rasterise import rasterise  # noqa: PLC0415
        from pipeline.formats.searchable import PdfPage  # noqa: PLC0415

        path = place / "notice.pdf"
        title, text = (
            [one.text(language) for language in _LANGUAGES]
            for one in (TITLE, Message(TEXT, batch=batch.id, pages=ranges(wanted)))
        )
        path.write_bytes(coversheet.print_notice(title, text, fonts.devanagari_font()))
        drawn = rasterise(
            path,
            MediaType.PDF,
            1,
            default_dpi=_NOTICE_DPI,
            max_dpi=_NOTICE_DPI,
            max_pixels=_NOTICE_PIXELS,
            cpu_seconds=_NOTICE_SECONDS,
        )
        height, width = drawn.pixels.shape[:2]
        return PdfPage(bilevel.encode_png(drawn.pixels), width, height, drawn.dpi, ())


def ranges(pages: Sequence[int]) -> str:
    """Page numbers in short: 1-3, 7, 9-10."""
    ordered = sorted(set(pages))
    starts = [ordered[0], *(b for a, b in pairwise(ordered) if b != a + 1)] if ordered else []
    ends = [*(a for a, b in pairwise(ordered) if b != a + 1), ordered[-1]] if ordered else []
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True))


def name_of(scan: str, pages: Sequence[int]) -> str:
    """The name under which an excerpt is saved: that of the scan, that it is a part, and its pages where they fit."""
    listed = ranges(pages).replace(", ", "+")
    return f"{scan}-part-pages-{listed}.pdf" if len(listed) <= _LONGEST_RANGES else f"{scan}-part.pdf"
