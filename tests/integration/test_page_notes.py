"""A page is replaced in place, or told to be written on: nothing is lost, nothing happens twice, and it holds for good."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline import errors
from pipeline.desk.note_model import Saying
from pipeline.keeping.verify import verify
from pipeline.model import BatchState, Query
from pipeline.pool import PagePool
from pipeline.store import keys
from pipeline.wiring import House
from samples import truth
from tests.conftest import SCANS, Office
from tests.integration.keeping import FILE, batch_named, copy_of, opened

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
    with opened(office.home) as house, house.page_pool() as found:
        yield found


def finds(house: House, words: str, batch: str) -> list[int]:
    return [
        hit.source_page
        for hit in house.library().search(Query(words)).hits
        if hit.batch == batch and hit.tier == "exact"
    ]


def replace(house: House, batch: str, path: Path, **more: str) -> tuple[int, bool]:
    said = {"name": path.name, "by": "meena", "reason": "the sheet was folded", **more}
    note, is_new = house.sayings().replace(batch, PAGE, path, **said)
    return note.turn, is_new


def finish(house: House, batch: str, pool: PagePool) -> None:
    """Work on the batch."""
    claimed = house.queue().claim(batch)
    assert claimed is not None
    assert house.conductor(pool, beats=False).work_on(claimed) is None


def test_a_page_is_replaced_in_place_and_the_old_one_can_still_be_looked_at(office: Office, pool: PagePool) -> None:
    with opened(office.home) as house:
        batch = batch_named(house, FILE.name)
        before = house.records.read_pages(batch)[PAGE - 1]
        old_image, documents = house.store.get(before.image_key), house.records.documents_of(batch)
        assert finds(house, village(NEW), batch) == []

        assert replace(house, batch, NEW) == (1, True)
        assert house.records.batch(batch).state is BatchState.RECEIVED
        finish(house, batch, pool)

        after = house.records.read_pages(batch)[PAGE - 1]
        assert after.image_key == keys.page_image(batch, PAGE, "jpg", 1) != before.image_key
        assert finds(house, village(NEW), batch) == [PAGE]
        assert house.store.get(before.image_key) == old_image
        assert house.store.digest(f"originals/{hashlib.sha256(NEW.read_bytes()).hexdigest()}")
        (note,) = house.page_notes.of(batch).of(PAGE)
        assert (note.by, note.reason, note.image_key, note.layout_key) == (
            "meena", "the sheet was folded", before.image_key, before.layout_key,
        )  # fmt: skip
        assert len(house.records.documents_of(batch)) >= 1 and documents
        pdf = next(
            d.pdf_key
            for d in map(house.records.document, house.records.documents_of(batch))
            if PAGE in {p.source_page for p in d.pages}
        )
        assert house.store.info(pdf)
        assert verify(house.store, house.records, sample=None, tell=lambda done, of: None).is_well
        assert not verify(house.store, house.records, sample=None, tell=lambda done, of: None).orphans


def test_the_same_scan_again_changes_nothing(office: Office) -> None:
    with opened(office.home) as house:
        batch = batch_named(house, FILE.name)

        assert replace(house, batch, NEW) == (1, False)
        assert house.records.batch(batch).state is BatchState.FILED


def test_redo_reads_the_new_scan(office: Office, pool: PagePool) -> None:
    with opened(office.home) as house:
        batch = batch_named(house, FILE.name)
        before = house.records.read_pages(batch)[PAGE - 1]
        house.queue().put_back([batch], redo=True)
        finish(house, batch, pool)

        after = house.records.read_pages(batch)[PAGE - 1]
        assert (after.text, after.image_key) == (before.text, before.image_key)


def test_killed_between_object_and_row_the_next_one_goes_on(
    office: Office, pool: PagePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(office.home) as house:
        batch = batch_named(house, FILE.name)
        with monkeypatch.context() as patched:
            patched.setattr(type(house.page_notes), "commit", _killed)
            with pytest.raises(KeyboardInterrupt):
                replace(house, batch, NEWER, token="upload-1")
        assert house.page_notes.of(batch).turn(PAGE) == 1
        assert keys.page_note(batch, PAGE, 2) in {info.key for info in house.store.list(keys.PAGE_NOTES)}

        assert replace(house, batch, NEWER, token="upload-1") == (2, False), "the same word is known again"

        assert [note.turn for note in house.page_notes.of(batch).of(PAGE)] == [1, 2]
        assert house.page_notes.of(batch).replaced(PAGE).token == "upload-1"  # type: ignore[union-attr]
        finish(house, batch, pool)
        assert finds(house, village(NEWER), batch) == [PAGE]
        assert finds(house, village(NEW), batch) == []


def _killed(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_reindex_brings_page_and_history_back(office: Office) -> None:
    with opened(office.home) as house:
        batch = batch_named(house, FILE.name)
        before, notes = house.records.read_pages(batch), house.page_notes.of(batch)
    for path in office.home.glob("abhilekh.db*"):
        path.unlink()

    found = office.json("reindex")

    assert (found["damaged"], [b for b in found["received"] if b == batch]) == ([], [])
    with opened(office.home) as house:
        assert house.records.read_pages(batch) == before
        assert house.page_notes.of(batch) == notes
        assert finds(house, village(NEWER), batch) == [PAGE]
        checked = verify(house.store, house.records, sample=None, tell=lambda done, of: None)
        assert checked.is_well and not checked.orphans
        sha256 = hashlib.sha256(NEW.read_bytes()).hexdigest()
        with house.database.read() as session:
            assert not session.execute(text("SELECT 1 FROM batch WHERE sha256 = :sha"), {"sha": sha256}).all()


def test_reindex_after_a_kill_before_the_page_was_read_again_has_it_read(office: Office, pool: PagePool) -> None:
    third = SCANS / "letters" / "letter-12-poor.jpg"
    with opened(office.home) as house:
        batch = batch_named(house, FILE.name)
        assert replace(house, batch, third) == (3, True)
    for path in office.home.glob("abhilekh.db*"):
        path.unlink()

    found = office.json("reindex")

    assert batch in found["received"]
    with opened(office.home) as house:
        finish(house, batch, pool)
        page = house.records.read_pages(batch)[PAGE - 1]
        assert page.image_key.partition(".")[0].endswith("-r3")


def test_what_cannot_stand_for_a_page_is_refused(office: Office, tmp_path: Path) -> None:
    with opened(office.home) as house:
        batch = batch_named(house, FILE.name)
        sayings = house.sayings()
        several = shutil.copy(FILE, tmp_path / "several.tif")
        bad = tmp_path / "bad.pdf"
        bad.write_bytes(b"no scan")

        with pytest.raises(errors.NotOnePageError):
            replace(house, batch, Path(several))
        with pytest.raises(errors.UnknownMediaError):
            replace(house, batch, bad)
        with pytest.raises(errors.NotFoundError):
            sayings.replace(batch, 99, NEW, name="x", by="meena", reason="")
        with pytest.raises(errors.NotFoundError):
            sayings.replace("0" * 20, 1, NEW, name="x", by="meena", reason="")
        letter = batch_named(house, "letter-01-clean.jpg")
        same = sayings.replace(letter, 1, SCANS / "letters" / "letter-01-clean.jpg", name="x", by="meena", reason="")
        assert same[1] is False, "it is the page as it is"
        assert house.records.batch(letter).state is BatchState.FILED


def test_a_batch_in_work_is_left_alone_and_the_word_waits(office: Office) -> None:
    with opened(office.home) as house:
        letter = batch_named(house, "letter-05-clean.jpg")
        house.queue().put_back([letter], redo=True)
        queue = house.queue()
        assert queue.claim(letter)

        with pytest.raises(errors.BatchBusyError):
            house.sayings().replace(letter, 1, NEW, name="x", by="meena", reason="")
        with pytest.raises(errors.BatchBusyError):
            house.sayings().say(letter, 1, Saying.WRITTEN, by="meena")
        queue.release(letter)
        assert house.sayings().replace(letter, 1, NEW, name="x", by="meena", reason="")[1]


def test_a_page_taken_for_blank_is_read_when_somebody_says_that_it_is_written(
    office: Office, pool: PagePool, tmp_path: Path
) -> None:
    import numpy as np
    from PIL import Image

    white = tmp_path / "white.png"
    Image.fromarray(np.full((1600, 1130), 250, np.uint8)).save(white, dpi=(150, 150))
    rows, _ = office.ingest(white)
    batch = rows[0]["batch"]
    with opened(office.home) as house:
        assert house.records.read_pages(batch)[0].blank
        candidates = [(sheet.batch, sheet.page) for _, sheet, _, _ in house.page_notes.blanks(None, 50)]
        assert (batch, 1) in candidates
        assert house.page_notes.blanks(frozenset({"elsewhere"}), 50) == []

        house.sayings().say(batch, 1, Saying.WRITTEN, by="meena")
        finish(house, batch, pool)

        page = house.records.read_pages(batch)[0]
        assert (page.blank, page.geometry.measured_from != "") == (False, True)
        house.queue().put_back([batch], redo=True)
        finish(house, batch, pool)
        assert not house.records.read_pages(batch)[0].blank, "what a person said holds"
        others = [sheet for _, sheet, _, _ in house.page_notes.blanks(None, 50)]
        assert batch not in {sheet.batch for sheet in others}
        for sheet in others:
            assert house.sayings().say(sheet.batch, sheet.page, Saying.BLANK, by="meena").turn == 1
            assert house.records.batch(sheet.batch).state is not BatchState.RECEIVED
        assert house.page_notes.blanks(None, 50) == []


def test_objects_and_rows_tell_the_same(office: Office) -> None:
    with opened(office.home) as house:
        stored = {info.key for info in house.store.list(keys.PAGE_NOTES)}
        with house.database.read() as session:
            rows = session.execute(text("SELECT batch_id, page, turn FROM page_note")).all()
        assert {keys.page_note(*row) for row in rows} == stored and stored
