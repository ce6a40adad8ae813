"""What the repositories ask of the full text: that it follows the rows of pages in the transaction that changes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlmodel import Session

from pipeline.db.tables import DocumentRow, PageRow


class PageIndex(Protocol):
    """The full text of pages. Built by `index.textindex`, handed to the repositories by the container."""

    def put(self, session: Session, pages: Sequence[tuple[PageRow, DocumentRow]]) -> None:
        """Make pages findable as they now stand."""

    def take(self, session: Session, page_ids: Sequence[int]) -> None:
        """Make pages unfindable; nothing happens to one that is not there."""
