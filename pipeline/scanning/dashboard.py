"""The operator's dashboard: the state of work of the offices that somebody may see, thumbnails of pages, retry.

Rows are queried in `db.scanning`; pages are in `web.scanning`.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from pipeline.db.queue import BatchQueue
from pipeline.db.scanning import Offices, ScanningRepository
from pipeline.errors import NotFoundError
from pipeline.errors.paths import without_paths, without_paths_in
from pipeline.formats.thumbnail import thumbnail
from pipeline.model.health import InboxStatus, WaitingEntry
from pipeline.model.scanning import DashboardState, ScanProgress

_THUMB_WIDTH, _THUMB_HEIGHT = 180, 240  # twice the size at which they are shown, for sharp screens
_THUMBS_KEPT = 500
_MOST_IN_WORK, _MOST_TROUBLED, _MOST_DONE, _MOST_REPEATS = 20, 20, 12, 5

T = TypeVar("T")


class Dashboard:
    """Safe to use from many threads. A picture that was made for one listener serves all who may see the same offices."""

    def __init__(
        self,
        working: ScanningRepository,
        queue: BatchQueue,
        fetch: Callable[[str], bytes],
        inbox: Callable[[], InboxStatus],
        default_office: str | None,
    ) -> None:
        self.working = working
        self.queue = queue
        self.inbox = inbox
        self.default_office = default_office
        self._made: dict[Offices, tuple[str, DashboardState]] = {}  # with the mark of everything at which each was made
        self._making = threading.Lock()
        self._small = lru_cache(maxsize=_THUMBS_KEPT)(lambda key, _: _made_small(fetch(key)))

    def mark(self) -> str:
        """Changes whenever there is something new to see, for whomever."""
        inbox = self.inbox()
        waiting = [(one["name"], one["code"], one["next"]) for one in inbox["waiting"]]
        seen = repr((self.working.mark(), inbox["inbox"], waiting, inbox["parts"]))
        return hashlib.sha256(seen.encode()).hexdigest()[:16]

    def work(self, offices: Offices) -> DashboardState:
        """The state of work of these offices; None stands for every one. Its mark depends on them alone."""
        mark = self.mark()
        with self._making:
            known = self._made.get(offices)
            if known is None or known[0] != mark:
                known = self._made[offices] = mark, self._look(offices)
            return known[1]

    def _look(self, offices: Offices) -> DashboardState:
        inbox = self.inbox()
        seen = [one for one in inbox["waiting"] if offices is None or self._office(one) in offices]
        in_work, in_work_count = self.working.under_way(offices, _MOST_IN_WORK)
        troubled, troubled_count = self.working.troubled(offices, _MOST_TROUBLED)
        work = DashboardState(
            mark="",
            inbox=inbox["inbox"] if offices is None else len(seen),
            waiting=tuple(without_paths_in(one) for one in sorted(seen, key=lambda one: one["since"], reverse=True)),
            in_work=in_work,
            in_work_count=in_work_count,
            troubled=tuple(map(_for_visitors, troubled)),
            troubled_count=troubled_count,
            done=self.working.done(offices, _MOST_DONE),
            repeats=self.working.repeats(offices, _MOST_REPEATS),
            versions=self.working.versions(offices, _MOST_REPEATS),
            pace=self.working.pace(offices, datetime.now(UTC)),
            parts=without_paths_in(inbox["parts"]),
        )
        return replace(work, mark=_mark_of(work))

    def _office(self, waiting: WaitingEntry) -> str | None:
        return waiting.get("office") or self.default_office

    def office_of(self, batch: str) -> str | None:
        """The office of a batch. Raises `NotFoundError`."""
        known, office = self.working.office_of(batch)
        if not known:
            raise NotFoundError(what="batch", name=batch)
        return office

    def version(self, batch: str, page: int) -> str:
        """Changes when a page is read anew. Raises `NotFoundError` while it has no image."""
        key, read_at = self._image(batch, page)
        return f"{key} {read_at.isoformat()}"

    def thumb(self, batch: str, page: int) -> bytes:
        """A small JPEG of a page. Raises `NotFoundError` while there is none."""
        return self._small(*self._image(batch, page))

    def _image(self, batch: str, page: int) -> tuple[str, datetime]:
        found = self.working.image_of(batch, page)
        if found is None:
            raise NotFoundError(what="page", name=f"{batch}/{page}")
        return found

    def retry(self, batch: str) -> bool:
        """Have a batch that failed or was rejected tried again; False when there is nothing to try."""
        return bool(self.queue.put_back([batch], redo=False))


def _mark_of(work: DashboardState) -> str:
    """Changes with what there is to see of these offices, and not by the mere passing of time or what others do."""
    parts = (work.inbox, work.waiting, work.in_work, work.in_work_count, work.troubled, work.troubled_count, work.done)
    text = repr((*parts, work.repeats, sorted(work.parts.items())))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _for_visitors(scan: ScanProgress) -> ScanProgress:
    """The scan with its trouble as visitors of the web may read it."""
    if scan.trouble is None:
        return scan
    trouble = replace(scan.trouble, en=without_paths(scan.trouble.en), hi=without_paths(scan.trouble.hi))
    return replace(scan, trouble=trouble)


def _made_small(image: bytes) -> bytes:
    return thumbnail(image, width=_THUMB_WIDTH, height=_THUMB_HEIGHT)


def at_most_every(seconds: float, ask: Callable[[], T]) -> Callable[[], T]:
    """`ask`, with its answer kept for so many seconds."""
    asking = threading.Lock()
    known: tuple[float, T] | None = None

    def answer() -> T:
        nonlocal known
        with asking:
            if known is None or time.monotonic() - known[0] >= seconds:
                known = (time.monotonic(), ask())
            return known[1]

    return answer
