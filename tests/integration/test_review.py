"""What a person says of documents is found at once, and outlives whatever comes: redo, lost rows, a kill in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.errors import NotFoundError, ReviewStaleError, ReviewUndoError
from pipeline.index.corrections import CorrectionRows
from pipeline.keeping.verify import verify
from pipeline.model import PERSON, DocumentState, Query
from pipeline.people.model import Grant, Person, Role
from pipeline.review.model import BLANK_SEEN, Correction, Deed, version_of
from pipeline.store import keys
from pipeline.wiring import House
from tests.conftest import Office
from tests.integration.keeping import FILE, LETTERS, batch_named, copy_of, opened

SITA = Person("sita", "सीता", (Grant(Role.RECORD_KEEPER),))
SUBJECT = "चरनोई भूमि का विवाद"


@pytest.fixture(scope="module")
def record_room(archive: Office) -> Iterator[Office]:
    """A copy of the filled installation that the tests of this module share; each has a document of its own."""
    with copy_of(archive) as copy, opened(copy.home) as house:
        house.store.ping()  # the commands use this store, which saves many starts
        yield copy


def version(house: House, ident: str) -> str:
    return version_of(house.records.document(ident))


def found(house: House, words: str) -> list[str]:
    return [hit.document for hit in house.library().search(Query(words)).hits]


def cut(house: House, batch: str) -> dict[str, list[int]]:
    every = [house.records.document(ident) for ident in house.records.documents_of(batch)]
    return {document.id: [page.source_page for page in document.pages] for document in every}


def well(house: House) -> bool:
    return verify(house.store, house.records, sample=None, tell=lambda done, total: None).is_well


def test_a_correction_is_found_at_once_and_outlives_redo_and_lost_rows(record_room: Office) -> None:
    with opened(record_room.home) as house:
        batch = batch_named(house, LETTERS[0].name)
        ident = f"{batch}-0001"
        assert found(house, "charnoi vivad") == []
        machine = house.records.document(ident).fields["subject"]

        said = {"subject": SUBJECT, "file_no": "एफ 55-12/2001/1/4"}
        house.reviewing().accept(SITA, ident, version(house, ident), said)

        assert found(house, "charnoi vivad") == [ident]
        assert ident in found(house, "F 55-12/2001/1/4")
        assert house.records.document(ident).state is DocumentState.REVIEWED
    assert record_room.call("retry", "--redo", batch).returncode == 0
    for again in ("", "reindex --force"):
        if again:
            assert record_room.call(*again.split()).returncode == 0
        with opened(record_room.home) as house:
            document = house.records.document(ident)
            subject = document.fields["subject"]
            assert (subject.value, subject.by, subject.machine) == (SUBJECT, PERSON, machine)
            assert document.state is DocumentState.REVIEWED
            assert found(house, "charnoi vivad") == [ident]
            assert [one.by for one in house.corrections().rows.history(ident)] == ["sita"]
            assert well(house)


def test_a_cut_moves_pages_and_pdfs_and_comes_back_from_the_store_alone(archive: Office) -> None:
    with copy_of(archive) as copy:
        with opened(copy.home) as house:
            batch, review = batch_named(house, FILE.name), house.reviewing()
            ident = next(iter(cut(house, batch)))
            review.merge(SITA, ident, version(house, ident), following=True)
            before = cut(house, batch)
            second = f"{batch}-{before[ident][1]:04d}"

            review.split(SITA, ident, version(house, ident), 2)

            assert cut(house, batch) == before | {ident: before[ident][:1], second: before[ident][1:]}
            made = house.records.document(second)
            assert house.store.get(made.pdf_key).startswith(b"%PDF")
            assert made.state is DocumentState.NEEDS_REVIEW
            after = cut(house, batch)
            assert well(house)
        for path in copy.home.glob("abhilekh.db*"):
            path.unlink()
        assert copy.json("reindex")["damaged"] == []
        with opened(copy.home) as house:
            assert cut(house, batch) == after
            assert well(house)
            house.reviewing().merge(SITA, second, version(house, second), following=False)
            assert cut(house, batch) == before
            with pytest.raises(NotFoundError):
                house.records.document(second)
            assert well(house)


def test_kill_between_the_object_and_its_rows_heals(record_room: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends as soon as the correction is stored: the next one to come commits it, and his own form is stale."""
    with opened(record_room.home) as house:
        ident = f"{batch_named(house, LETTERS[1].name)}-0001"
        seen = version(house, ident)
        with monkeypatch.context() as patch:
            patch.setattr(CorrectionRows, "commit", _killed)
            with pytest.raises(KeyboardInterrupt):
                house.reviewing().correct(SITA, ident, seen, {"subject": "बीच में टूटा सुधार"})
        batch = house.records.document(ident).batch
        assert house.store.info(keys.correction(batch, 1)) is not None
        assert version(house, ident) == seen

        with pytest.raises(ReviewStaleError):
            house.reviewing().correct(SITA, ident, seen, {"subject": "दूसरा"})

        assert house.records.document(ident).value("subject") == "बीच में टूटा सुधार"
        assert found(house, "beech mein toota sudhar") == [ident]
        house.reviewing().correct(SITA, ident, version(house, ident), {"subject": "दूसरा"})
        assert [one.number for one in house.corrections().rows.history(ident)] == [1, 2]
        assert well(house)


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_was_done_can_be_undone_unless_it_was_changed_again(record_room: Office) -> None:
    with opened(record_room.home) as house:
        batch, review = batch_named(house, FILE.name), house.reviewing()
        ident = house.records.documents_of(batch)[0]
        before = house.records.document(ident)

        one = review.correct(SITA, ident, version(house, ident), {"subject": "पहला"})
        two = review.correct(SITA, ident, version(house, ident), {"subject": "दूसरा"})
        with pytest.raises(ReviewUndoError):
            review.undo(SITA, ident, one.number)
        review.undo(SITA, ident, two.number)
        assert house.records.document(ident).value("subject") == "पहला"
        page = review.mark(SITA, ident, version(house, ident), 1, {BLANK_SEEN: True})
        review.undo(SITA, ident, page.number)
        review.undo(SITA, ident, one.number)

        assert house.records.document(ident) == before
        assert [c.deed for c in house.corrections().rows.history(ident)] == [
            Deed.CORRECTED, Deed.CORRECTED, Deed.UNDONE, Deed.PAGE, Deed.UNDONE, Deed.UNDONE,
        ]  # fmt: skip


def test_every_cut_can_be_undone(record_room: Office) -> None:
    with opened(record_room.home) as house:
        batch, review = batch_named(house, FILE.name), house.reviewing()
        before = cut(house, batch)
        ident = next(iter(before))
        done: list[Correction] = [review.merge(SITA, ident, version(house, ident), following=True)]
        order = list(range(len(cut(house, batch)[ident]), 0, -1))
        done.append(review.reorder(SITA, ident, version(house, ident), order))
        done.append(review.split(SITA, ident, version(house, ident), 2))
        assert cut(house, batch) != before

        for correction in reversed(done):
            review.undo(SITA, ident, correction.number)

        assert cut(house, batch) == before
        assert well(house)


def test_another_offices_document_is_not_there_and_none_is_put_there(record_room: Office) -> None:
    stranger = Person("ram", "राम", (Grant(Role.RECORD_KEEPER, "elsewhere"),))
    with opened(record_room.home) as house:
        ident = f"{batch_named(house, LETTERS[1].name)}-0001"
        with pytest.raises(NotFoundError):
            house.reviewing().correct(stranger, ident, version(house, ident), {"subject": "x"})
        house.reviewing().correct(SITA, ident, version(house, ident), {"office": "elsewhere"})
        house.reviewing().correct(stranger, ident, version(house, ident), {"subject": "हमारा"})
        with pytest.raises(NotFoundError):
            house.reviewing().correct(stranger, ident, version(house, ident), {"office": "nowhere"})
