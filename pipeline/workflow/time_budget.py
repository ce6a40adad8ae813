"""How much processor time the pages of one batch may take, so that no file holds the workers from the others for long."""

from __future__ import annotations

import threading

from pipeline.errors import HeavyScanError
from pipeline.model.batch import Batch

SECONDS_A_PAGE = 30.0  # of processor time; pages take 2 to 15 on an office PC
MOST_SLOW = 10  # tries that hit a limit, of one batch


class BatchAllowance:
    """The allowance of one batch: `batch_seconds`, and some for each of the `pages` that are to be done."""

    def __init__(self, batch: Batch, pages: int, batch_seconds: float) -> None:
        self.batch = batch
        self.limit = batch_seconds + SECONDS_A_PAGE * pages
        self.spent, self.slow = 0.0, 0
        self._lock = threading.Lock()

    def spend(self, seconds: float, *, is_slow: bool) -> None:
        """Take down what a try at a page took, and whether it hit a limit. Raises `HeavyScanError` when that is too much."""
        with self._lock:
            self.spent += seconds
            self.slow += is_slow
            if self.spent > self.limit or self.slow > MOST_SLOW:
                raise HeavyScanError(
                    name=self.batch.source.name,
                    batch=self.batch.id,
                    spent=round(self.spent),
                    limit=round(self.limit),
                    slow=self.slow,
                )
