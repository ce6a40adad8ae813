"""The queue of review as the rows tell it: order, neighbours and counts, of a short queue and of a long one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.db import review_queue
from pipeline.db.database import Database, now
from pipeline.db.review_queue import ReviewFilter, ReviewQueue
from pipeline.db.review_tables import DoubtReasonRow, DoubtRow
from pipeline.db.tables import BatchRow, DocumentRow
from pipeline.model.document import DocumentState
from tests.databases import new_database

_DOUBTS = (0.2, 0.9, 0.5, 0.9, 0.5, 0.9)  # of d0, d1 …; of d5 nobody needs to look any more


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path / "rows.db")
    with database.write() as session:
        session.add(
            BatchRow(
                id="b",
                name="b.pdf",
                sha256="0",
                bytes=1,
                media_type="application/pdf",
                pages=1,
                state="filed",
                received_at=now(),
            )
        )
        session.flush()
        for number, doubt in enumerate(_DOUBTS):
            state = DocumentState.FILED if number == 5 else DocumentState.NEEDS_REVIEW
            session.add(
                DocumentRow(
                    id=f"d{number}",
                    batch_id="b",
                    first_page=1,
                    kind=("letter", "order")[number % 2],
                    state=state,
                    office="off1" if number < 3 else "off2",
                    file_key="7/2001",
                    pdf_key="",
                    filed_at=now(),
                )
            )
            session.flush()
            session.add(DoubtRow(document_id=f"d{number}", score=doubt))
            session.add(DoubtReasonRow(document_id=f"d{number}", reason="date" if doubt > 0.3 else "subject"))
    yield database
    database.close()


def accept(database: Database, document: str) -> None:
    with database.write() as session:
        row = session.get(DocumentRow, document)
        assert row is not None
        row.state = DocumentState.REVIEWED


def test_the_most_doubtful_come_first_and_each_knows_its_neighbours(rows: Database) -> None:
    queue = ReviewQueue(rows)

    look = queue.look(ReviewFilter(), None, "asha")
    assert [entry.document for entry in look.entries] == ["d1", "d3", "d2", "d4", "d0"]
    assert look.total == 5
    assert look.counts == {
        "office": {"off1": 3, "off2": 2},
        "kind": {"letter": 3, "order": 2},
        "file": {"7/2001": 5},
        "reason": {"date": 4, "subject": 1},
    }
    assert queue.around("d2", ReviewFilter(), None, "asha") == ("d3", "d4")
    assert queue.around("d0", ReviewFilter(), None, "asha") == ("d4", "d1")  # behind the last the queue begins anew
    assert (
        queue.around("", ReviewFilter(), None, "asha")
        == queue.around("gone", ReviewFilter(), None, "asha")
        == (None, "d1")
    )

    of_reason = queue.look(ReviewFilter(reason="date", kind="order"), ["off2"], "asha")
    assert [entry.document for entry in of_reason.entries] == ["d3"]
    assert of_reason.counts["kind"] == {"letter": 1, "order": 1} and of_reason.counts["office"] == {"off2": 1}


def test_of_a_long_queue_only_the_counts_may_be_old(rows: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_queue, "_MANY", 3)
    queue = ReviewQueue(rows)
    before = queue.look(ReviewFilter(), None, "asha")

    accept(rows, "d1")
    after = queue.look(ReviewFilter(), None, "asha")
    assert after.entries[0].document == "d3" and after.total == 4
    assert after.counts == before.counts
    assert queue.look(ReviewFilter(), ["off1"], "asha").counts["office"] == {"off1": 2}  # never those of other offices

    monkeypatch.setattr(review_queue, "_KEPT_SECONDS", -1.0)
    assert queue.look(ReviewFilter(), None, "asha").counts["kind"] == {"letter": 3, "order": 1}
