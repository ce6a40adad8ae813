"""What looking needs of the record room: open pages, pictures of them, files with their two sides.

Pictures that were made are kept in memory, and the scans that pages are drawn from on the disk, up to a bound each. How a
picture is cut is in `viewer.crops`; what it is shown in, in `web.viewer`.
"""

from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.db.register import RegisterRepository
from pipeline.db.viewer import ViewerRepository
from pipeline.errors import NotFoundError
from pipeline.model.batch import Batch
from pipeline.model.scan import Source
from pipeline.model.viewer import Cut, FileView, OpenDocument, PageRef
from pipeline.viewer.excerpt import Excerpts, Pages

_KEPT_BYTES = 48 * 2**20  # of pictures, in memory
_KEPT_SCANS = 3
_AT_ONCE = 2  # pictures in the making: each may take a hundred megabytes
LONGEST = 1800  # pixels of a page drawn from its scan

Read = Callable[[str], Iterator[bytes]]


class PictureCache:
    """The newest values by key, as many as fit into `most` bytes. Safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> bytes | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Hashable, value: bytes) -> None:
        with self._lock:
            self._bytes += len(value) - len(self._values.pop(key, b""))
            self._values[key] = value
            while self._bytes > self.most:
                self._bytes -= len(self._values.popitem(last=False)[1])


class ViewerService:
    """Pages, pictures and files as people look at them. `read` gives a stored object; `folder` is for scans in use."""

    def __init__(
        self,
        page_refs: ViewerRepository,
        register: RegisterRepository,
        batch: Callable[[str], Batch],
        read: Read,
        folder: Path,
        *,
        max_pixels: int,
        retention: Mapping[str, int],
        pages: Pages = lambda batch: (),
    ) -> None:
        self.documents = page_refs
        self.register = register
        self.batch = batch
        self.read = read
        self.folder = folder
        self.max_pixels = max_pixels
        self.retention = retention
        self.excerpts = Excerpts(pages, lambda key: b"".join(self.read(key)), folder.parent / "excerpts")
        self._kept = PictureCache(_KEPT_BYTES)
        self._making = threading.BoundedSemaphore(_AT_ONCE)
        self._fetching = threading.Lock()
        self._fetched: list[Path] = []

    def opened(self, document: str, number: int) -> OpenDocument:
        return self.documents.opened(document, number)

    def page_ref(self, document: str, number: int) -> PageRef:
        return self.documents.page_ref(document, number)

    def page_refs(self, document: str) -> tuple[PageRef, ...]:
        return self.documents.page_refs(document)

    def picture(self, page_ref: PageRef, wanted: Cut) -> bytes:
        """A piece or a smaller copy of the page's image, as JPEG."""
        from pipeline.viewer.crops import cut  # noqa: PLC0415 - most commands look at no picture

        if not page_ref.image_key:
            raise NotFoundError(what="page", name=f"{page_ref.document}/{page_ref.number}")
        return self._made(
            (page_ref.image_key, page_ref.version, wanted),
            lambda: cut(b"".join(self.read(page_ref.image_key)), wanted, page_ref.number),
        )

    def as_scanned(self, page_ref: PageRef) -> bytes:
        """The page as it lies in the original scan, as JPEG."""
        from pipeline.viewer.crops import as_scanned  # noqa: PLC0415

        places = {number: (file, inside) for number, file, inside in self.batch(page_ref.batch).source.places()}
        file, inside = places[page_ref.source_page]

        def draw() -> bytes:
            with self._fetching:
                path = self._scan(file)
                return as_scanned(path, file.media_type, inside, longest=LONGEST, max_pixels=self.max_pixels)

        return self._made((file.sha256, inside), draw)

    def excerpt(self, batch: Batch, pages: Sequence[int]) -> Path:
        """These pages of a scan as a PDF; see `excerpt.Excerpts.write`. A few are written at a time."""
        with self._making:
            return self.excerpts.write(batch, pages)

    def file(self, office: str | None, key: str) -> FileView:
        """A file by its key, with its entry in the register. Raises `NotFoundError`."""
        number, parts = self.documents.parts(office, key)
        volumes = tuple(file for file in self.register.with_key(key) if office in (file.office, None))
        if len({file.office for file in volumes}) > 1:
            volumes = ()  # without an office nobody can say which of them it is
        if not parts and not volumes:
            raise NotFoundError(what="file", name=key)
        held_by = self.register.office(volumes[0].office) if volumes else None
        return FileView(
            office,
            key,
            volumes[0].number if volumes else number or key,
            parts,
            volumes,
            self.register.figures(volumes[0]) if volumes else None,
            held_by,
            {file.volume: file.weeding(self.retention) for file in volumes},
        )

    def _made(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        found = self._kept.get(key)
        if found is None:
            with self._making:
                found = self._kept.get(key) or make()
            self._kept.put(key, found)
        return found

    def _scan(self, file: Source) -> Path:
        """The scan on the disk; the one that was used longest ago makes room for it."""
        path = self.folder / file.sha256
        if path in self._fetched:
            self._fetched.remove(path)
        else:
            if not self._fetched:
                shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            for old in self._fetched[: -_KEPT_SCANS + 1 or None] if len(self._fetched) >= _KEPT_SCANS else ():
                old.unlink(missing_ok=True)
                self._fetched.remove(old)
            self._fetch(file, path)
        self._fetched.append(path)
        return path

    def _fetch(self, file: Source, path: Path) -> None:
        half = path.with_suffix(".half")
        try:
            with half.open("wb") as out:
                for piece in self.read(file.original_key):
                    out.write(piece)
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
