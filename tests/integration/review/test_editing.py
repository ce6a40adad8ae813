"""What a person says of documents is found at once, and outlives whatever comes: redo, lost rows, a kill in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.app import Container
from pipeline.db.corrections import CorrectionRows
from pipeline.errors import NotFoundError, ReviewStaleError, ReviewUndoError
from pipeline.model.accounts import Grant, Person
from pipeline.model.document import DocumentState
from pipeline.model.page import PERSON
from pipeline.model.review import BLANK_SEEN, Correction, ReviewAction, version_of
from pipeline.model.roles import Role
from pipeline.model.search import Query
from pipeline.preservation.verify import verify
from pipeline.storage import keys
from tests.conftest import Office
from tests.integration.filled_home import FILE, LETTERS, batch_named, copy_of, opened

SITA = Person("sita", "सीता", (Grant(Role.RECORD_KEEPER),))
SUBJECT = "चरनोई भूमि का विवाद"


@pytest.fixture(scope="module")
def record_room(archive: Office) -> Iterator[Office]:
    """A copy of the filled installation that the tests of this module share; each has a document of its own."""
    with copy_of(archive) as copy, opened(copy.home) as container:
        container.store.ping()  # the commands use this store, which saves many starts
        yield copy


def version(container: Container, ident: str) -> str:
    return version_of(container.records.document(ident))


def found(container: Container, words: str) -> list[str]:
    return [hit.document for hit in container.services().search(Query(words)).hits]


def cut(container: Container, batch: str) -> dict[str, list[int]]:
    every = [container.records.document(ident) for ident in container.records.documents_of(batch)]
    return {document.id: [page.source_page for page in document.pages] for document in every}


def well(container: Container) -> bool:
    return verify(container.store, container.records, sample=None, tell=lambda done, total: None).is_well


def test_a_correction_is_found_at_once_and_outlives_redo_and_lost_rows(record_room: Office) -> None:
    with opened(record_room.home) as container:
        batch = batch_named(container, LETTERS[0].name)
        ident = f"{batch}-0001"
        assert found(container, "charnoi vivad") == []
        machine = container.records.document(ident).fields["subject"]

        said = {"subject": SUBJECT, "file_no": "एफ 55-12/2001/1/4"}
        container.reviewing().accept(SITA, ident, version(container, ident), said)

        assert found(container, "charnoi vivad") == [ident]
        assert ident in found(container, "F 55-12/2001/1/4")
        assert container.records.document(ident).state is DocumentState.REVIEWED
    assert record_room.call("retry", "--redo", batch).returncode == 0
    for again in ("", "reindex --force"):
        if again:
            assert record_room.call(*again.split()).returncode == 0
        with opened(record_room.home) as container:
            document = container.records.document(ident)
            subject = document.fields["subject"]
            assert (subject.value, subject.by, subject.machine) == (SUBJECT, PERSON, machine)
            assert document.state is DocumentState.REVIEWED
            assert found(container, "charnoi vivad") == [ident]
            assert [one.by for one in container.corrections().rows.history(ident)] == ["sita"]
            assert well(container)


def test_a_cut_moves_pages_and_pdfs_and_comes_back_from_the_store_alone(archive: Office) -> None:
    with copy_of(archive) as copy:
        with opened(copy.home) as container:
            batch, review = batch_named(container, FILE.name), container.reviewing()
            ident = next(iter(cut(container, batch)))
            review.merge(SITA, ident, version(container, ident), following=True)
            before = cut(container, batch)
            second = f"{batch}-{before[ident][1]:04d}"

            review.split(SITA, ident, version(container, ident), 2)

            assert cut(container, batch) == before | {ident: before[ident][:1], second: before[ident][1:]}
            made = container.records.document(second)
            assert container.store.get(made.pdf_key).startswith(b"%PDF")
            assert made.state is DocumentState.NEEDS_REVIEW
            after = cut(container, batch)
            assert well(container)
        for path in copy.home.glob("abhilekh.db*"):
            path.unlink()
        assert copy.json("reindex")["damaged"] == []
        with opened(copy.home) as container:
            assert cut(container, batch) == after
            assert well(container)
            container.reviewing().merge(SITA, second, version(container, second), following=False)
            assert cut(container, batch) == before
            with pytest.raises(NotFoundError):
                container.records.document(second)
            assert well(container)


def test_kill_between_the_object_and_its_rows_heals(record_room: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends as soon as the correction is stored: the next one to come commits it, and his own form is stale."""
    with opened(record_room.home) as container:
        ident = f"{batch_named(container, LETTERS[1].name)}-0001"
        seen = version(container, ident)
        with monkeypatch.context() as patch:
            patch.setattr(CorrectionRows, "commit", _killed)
            with pytest.raises(KeyboardInterrupt):
                container.reviewing().correct(SITA, ident, seen, {"subject": "बीच में टूटा सुधार"})
        batch = container.records.document(ident).batch
        assert container.store.info(keys.correction(batch, 1)) is not None
        assert version(container, ident) == seen

        with pytest.raises(ReviewStaleError):
            container.reviewing().correct(SITA, ident, seen, {"subject": "दूसरा"})

        assert container.records.document(ident).value("subject") == "बीच में टूटा सुधार"
        assert found(container, "beech mein toota sudhar") == [ident]
        container.reviewing().correct(SITA, ident, version(container, ident), {"subject": "दूसरा"})
        assert [one.number for one in container.corrections().rows.history(ident)] == [1, 2]
        assert well(container)


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_was_done_can_be_undone_unless_it_was_changed_again(record_room: Office) -> None:
    with opened(record_room.home) as container:
        batch, review = batch_named(container, FILE.name), container.reviewing()
        ident = container.records.documents_of(batch)[0]
        before = container.records.document(ident)

        one = review.correct(SITA, ident, version(container, ident), {"subject": "पहला"})
        two = review.correct(SITA, ident, version(container, ident), {"subject": "दूसरा"})
        with pytest.raises(ReviewUndoError):
            review.undo(SITA, ident, one.number)
        review.undo(SITA, ident, two.number)
        assert container.records.document(ident).value("subject") == "पहला"
        page = review.mark(SITA, ident, version(container, ident), 1, {BLANK_SEEN: True})
        review.undo(SITA, ident, page.number)
        review.undo(SITA, ident, one.number)

        assert container.records.document(ident) == before
        assert [c.action for c in container.corrections().rows.history(ident)] == [
            ReviewAction.CORRECTED,
            ReviewAction.CORRECTED,
            ReviewAction.UNDONE,
            ReviewAction.PAGE,
            ReviewAction.UNDONE,
            ReviewAction.UNDONE,
        ]


def test_every_cut_can_be_undone(record_room: Office) -> None:
    with opened(record_room.home) as container:
        batch, review = batch_named(container, FILE.name), container.reviewing()
        before = cut(container, batch)
        ident = next(iter(before))
        done: list[Correction] = [review.merge(SITA, ident, version(container, ident), following=True)]
        order = list(range(len(cut(container, batch)[ident]), 0, -1))
        done.append(review.reorder(SITA, ident, version(container, ident), order))
        done.append(review.split(SITA, ident, version(container, ident), 2))
        assert cut(container, batch) != before

        for correction in reversed(done):
            review.undo(SITA, ident, correction.number)

        assert cut(container, batch) == before
        assert well(container)


def test_another_offices_document_is_not_there_and_none_is_put_there(record_room: Office) -> None:
    stranger = Person("ram", "राम", (Grant(Role.RECORD_KEEPER, "elsewhere"),))
    with opened(record_room.home) as container:
        ident = f"{batch_named(container, LETTERS[1].name)}-0001"
        with pytest.raises(NotFoundError):
            container.reviewing().correct(stranger, ident, version(container, ident), {"subject": "x"})
        container.reviewing().correct(SITA, ident, version(container, ident), {"office": "elsewhere"})
        container.reviewing().correct(stranger, ident, version(container, ident), {"subject": "हमारा"})
        with pytest.raises(NotFoundError):
            container.reviewing().correct(stranger, ident, version(container, ident), {"office": "nowhere"})
