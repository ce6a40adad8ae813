"""What the worker logs of a lease that is no longer its own."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from pipeline.model.batch import Batch, BatchState
from pipeline.model.scan import MediaType, Source
from pipeline.workflow import worker


@pytest.mark.parametrize(("state", "told"), [(BatchState.FILED, []), (BatchState.WORKING, ["lease lost"])])
def test_a_lease_that_ended_by_filing_is_no_loss(
    state: BatchState, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = Batch("b", Source("b.pdf", "0" * 64, 1, MediaType.PDF, 1), state, datetime(2026, 1, 1, tzinfo=UTC))
    seen = threading.Event()

    def look(ident: str) -> Batch:
        seen.set()
        return batch

    queue: Any = SimpleNamespace(renew=lambda ident: False)
    dependencies: Any = SimpleNamespace(records=SimpleNamespace(batch=look))
    monkeypatch.setattr(worker, "digitise", lambda *arguments, **named: seen.wait(10))
    work = worker.Worker(
        dependencies,
        queue,
        tmp_path,
        batches_at_once=1,
        lease_seconds=0.3,
        retry_seconds=1,
        max_retry_seconds=1,
        beat=lambda note: None,
        require_room=lambda: None,
    )

    with capture_logs() as events, work.leases_kept():
        assert work.work_on(batch) is None

    assert seen.is_set()
    assert [event["event"] for event in events] == told
