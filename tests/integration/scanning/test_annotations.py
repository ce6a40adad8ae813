"""A page is replaced in place, or told to be written on: nothing is lost, nothing happens twice, and it holds for good."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline import errors
from pipeline.app import Container
from pipeline.model.annotation import AnnotationKind
from pipeline.model.batch import BatchState
from pipeline.model.search import Query
from pipeline.preservation.verify import verify
from pipeline.storage import keys
from pipeline.workflow.pool import PagePool
from samples import truth
from tests.conftest import SCANS, Office
from tests.integration.filled_home import FILE, batch_named, copy_of, opened

NEW, NEWER = SCANS / "letters" / "letter-10-office.jpg", SCANS / "letters" / "letter-11-aged.jpg"
PAGE = 4


def village(path: Path) -> str:
    found: str = next(one["village"] for one in truth.load()["letters"] if one["file"].endswith(path.name))
    return found


@pytest.fixture(scope="module")
def office(archive: Office) -> Iterator[Office]:
    """One of its own for this module: each test goes on where the one before ended."""
    with copy_of(archive) as copy, opened(copy.home) as keeper:
        keeper.store.ping()  # from here on the commands and other houses use this store, which saves many starts
        yield copy


@pytest.fixture(scope="module")
def pool(office: Office) -> Iterator[PagePool]:
    with opened(office.home) as container, container.page_pool() as found:
        yield found


def finds(container: Container, words: str, batch: str) -> list[int]:
    return [
        hit.source_page
        for hit in container.services().search(Query(words)).hits
        if hit.batch == batch and hit.tier == "exact"
    ]


def replace(container: Container, batch: str, path: Path, **more: str) -> tuple[int, bool]:
    said = {"name": path.name, "by": "meena", "reason": "the sheet was folded", **more}
    note, is_new = container.annotations_service().replace(batch, PAGE, path, **said)
    return note.turn, is_new


def finish(container: Container, batch: str, pool: PagePool) -> None:
    """Work on the batch."""
    claimed = container.queue().claim(batch)
    assert claimed is not None
    assert container.worker(pool, beats=False).work_on(claimed) is None


def test_a_page_is_replaced_in_place_and_the_old_one_can_still_be_looked_at(office: Office, pool: PagePool) -> None:
    with opened(office.home) as container:
        batch = batch_named(container, FILE.name)
        before = container.records.read_pages(batch)[PAGE - 1]
        old_image, documents = container.store.get(before.image_key), container.records.documents_of(batch)
        assert finds(container, village(NEW), batch) == []

        assert replace(container, batch, NEW) == (1, True)
        assert container.records.batch(batch).state is BatchState.RECEIVED
        finish(container, batch, pool)

        after = container.records.read_pages(batch)[PAGE - 1]
        assert after.image_key == keys.page_image(batch, PAGE, "jpg", 1) != before.image_key
        assert finds(container, village(NEW), batch) == [PAGE]
        assert container.store.get(before.image_key) == old_image
        assert container.store.digest(f"originals/{hashlib.sha256(NEW.read_bytes()).hexdigest()}")
        (note,) = container.page_notes.of(batch).of(PAGE)
        assert (note.by, note.reason, note.image_key, note.layout_key) == (
            "meena",
            "the sheet was folded",
            before.image_key,
            before.layout_key,
        )
        assert len(container.records.documents_of(batch)) >= 1 and documents
        pdf = next(
            d.pdf_key
            for d in map(container.records.document, container.records.documents_of(batch))
            if PAGE in {p.source_page for p in d.pages}
        )
        assert container.store.info(pdf)
        assert verify(container.store, container.records, sample=None, tell=lambda done, of: None).is_well
        assert not verify(container.store, container.records, sample=None, tell=lambda done, of: None).orphans


def test_the_same_scan_again_changes_nothing(office: Office) -> None:
    with opened(office.home) as container:
        batch = batch_named(container, FILE.name)

        assert replace(container, batch, NEW) == (1, False)
        assert container.records.batch(batch).state is BatchState.FILED


def test_redo_reads_the_new_scan(office: Office, pool: PagePool) -> None:
    with opened(office.home) as container:
        batch = batch_named(container, FILE.name)
        before = container.records.read_pages(batch)[PAGE - 1]
        container.queue().put_back([batch], redo=True)
        finish(container, batch, pool)

        after = container.records.read_pages(batch)[PAGE - 1]
        assert (after.text, after.image_key) == (before.text, before.image_key)


def test_killed_between_object_and_row_the_next_one_goes_on(
    office: Office, pool: PagePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(office.home) as container:
        batch = batch_named(container, FILE.name)
        with monkeypatch.context() as patched:
            patched.setattr(type(container.page_notes), "commit", _killed)
            with pytest.raises(KeyboardInterrupt):
                replace(container, batch, NEWER, token="upload-1")
        assert container.page_notes.of(batch).turn(PAGE) == 1
        assert keys.page_note(batch, PAGE, 2) in {info.key for info in container.store.list(keys.PAGE_NOTES)}

        assert replace(container, batch, NEWER, token="upload-1") == (2, False), "the same word is known again"

        assert [note.turn for note in container.page_notes.of(batch).of(PAGE)] == [1, 2]
        assert container.page_notes.of(batch).replaced(PAGE).token == "upload-1"  # type: ignore[union-attr]
        finish(container, batch, pool)
        assert finds(container, village(NEWER), batch) == [PAGE]
        assert finds(container, village(NEW), batch) == []


def _killed(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_reindex_brings_page_and_history_back(office: Office) -> None:
    with opened(office.home) as container:
        batch = batch_named(container, FILE.name)
        before, notes = container.records.read_pages(batch), container.page_notes.of(batch)
    for path in office.home.glob("abhilekh.db*"):
        path.unlink()

    found = office.json("reindex")

    assert (found["damaged"], [b for b in found["received"] if b == batch]) == ([], [])
    with opened(office.home) as container:
        assert container.records.read_pages(batch) == before
        assert container.page_notes.of(batch) == notes
        assert finds(container, village(NEWER), batch) == [PAGE]
        checked = verify(container.store, container.records, sample=None, tell=lambda done, of: None)
        assert checked.is_well and not checked.orphans
        sha256 = hashlib.sha256(NEW.read_bytes()).hexdigest()
        with container.database.read() as session:
            assert not session.execute(text("SELECT 1 FROM batch WHERE sha256 = :sha"), {"sha": sha256}).all()


def test_reindex_after_a_kill_before_the_page_was_read_again_has_it_read(office: Office, pool: PagePool) -> None:
    third = SCANS / "letters" / "letter-12-poor.jpg"
    with opened(office.home) as container:
        batch = batch_named(container, FILE.name)
        assert replace(container, batch, third) == (3, True)
    for path in office.home.glob("abhilekh.db*"):
        path.unlink()

    found = office.json("reindex")

    assert batch in found["received"]
    with opened(office.home) as container:
        finish(container, batch, pool)
        page = container.records.read_pages(batch)[PAGE - 1]
        assert page.image_key.partition(".")[0].endswith("-r3")


def test_what_cannot_stand_for_a_page_is_refused(office: Office, tmp_path: Path) -> None:
    with opened(office.home) as container:
        batch = batch_named(container, FILE.name)
        annotations_service = container.annotations_service()
        several = shutil.copy(FILE, tmp_path / "several.tif")
        bad = tmp_path / "bad.pdf"
        bad.write_bytes(b"no scan")

        with pytest.raises(errors.NotOnePageError):
            replace(container, batch, Path(several))
        with pytest.raises(errors.UnknownMediaError):
            replace(container, batch, bad)
        with pytest.raises(errors.NotFoundError):
            annotations_service.replace(batch, 99, NEW, name="x", by="meena", reason="")
        with pytest.raises(errors.NotFoundError):
            annotations_service.replace("0" * 20, 1, NEW, name="x", by="meena", reason="")
        letter = batch_named(container, "letter-01-clean.jpg")
        same = annotations_service.replace(
            letter, 1, SCANS / "letters" / "letter-01-clean.jpg", name="x", by="meena", reason=""
        )
        assert same[1] is False, "it is the page as it is"
        assert container.records.batch(letter).state is BatchState.FILED


def test_a_batch_in_work_is_left_alone_and_the_word_waits(office: Office) -> None:
    with opened(office.home) as container:
        letter = batch_named(container, "letter-05-clean.jpg")
        container.queue().put_back([letter], redo=True)
        queue = container.queue()
        assert queue.claim(letter)

        with pytest.raises(errors.BatchBusyError):
            container.annotations_service().replace(letter, 1, NEW, name="x", by="meena", reason="")
        with pytest.raises(errors.BatchBusyError):
            container.annotations_service().annotate(letter, 1, AnnotationKind.WRITTEN, by="meena")
        queue.release(letter)
        assert container.annotations_service().replace(letter, 1, NEW, name="x", by="meena", reason="")[1]


def test_a_page_taken_for_blank_is_read_when_somebody_says_that_it_is_written(
    office: Office, pool: PagePool, tmp_path: Path
) -> None:
    import numpy as np
    from PIL import Image

    white = tmp_path / "white.png"
    Image.fromarray(np.full((1600, 1130), 250, np.uint8)).save(white, dpi=(150, 150))
    rows, _ = office.ingest(white)
    batch = rows[0]["batch"]
    with opened(office.home) as container:
        assert container.records.read_pages(batch)[0].blank
        candidates = [(sheet.batch, sheet.page) for _, sheet, _, _ in container.page_notes.blanks(None, 50)]
        assert (batch, 1) in candidates
        assert container.page_notes.blanks(frozenset({"elsewhere"}), 50) == []

        container.annotations_service().annotate(batch, 1, AnnotationKind.WRITTEN, by="meena")
        finish(container, batch, pool)

        page = container.records.read_pages(batch)[0]
        assert (page.blank, page.geometry.measured_from != "") == (False, True)
        container.queue().put_back([batch], redo=True)
        finish(container, batch, pool)
        assert not container.records.read_pages(batch)[0].blank, "what a person said holds"
        others = [sheet for _, sheet, _, _ in container.page_notes.blanks(None, 50)]
        assert batch not in {sheet.batch for sheet in others}
        for sheet in others:
            assert (
                container.annotations_service().annotate(sheet.batch, sheet.page, AnnotationKind.BLANK, by="meena").turn
                == 1
            )
            assert container.records.batch(sheet.batch).state is not BatchState.RECEIVED
        assert container.page_notes.blanks(None, 50) == []


def test_objects_and_rows_tell_the_same(office: Office) -> None:
    with opened(office.home) as container:
        stored = {info.key for info in container.store.list(keys.PAGE_NOTES)}
        with container.database.read() as session:
            rows = session.execute(text("SELECT batch_id, page, turn FROM page_note")).all()
        assert {keys.page_note(*row) for row in rows} == stored and stored
