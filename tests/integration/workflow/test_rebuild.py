"""The rows can be lost: the object store alone gives the same documents, pages, fields and search results again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.db.packing import pack, unpack
from pipeline.model.accounts import Grant, Person
from pipeline.model.batch import BatchState
from pipeline.model.page import Box, Geometry, ReadPage
from pipeline.model.roles import Role
from pipeline.ocr.engine import Recognised
from pipeline.ocr.layout import from_alto, to_alto
from pipeline.ocr.text import in_lines, lay_out, weighted_confidence
from pipeline.preservation.verify import verify
from pipeline.storage import keys, manifest
from pipeline.supervisor.supervisor import only_one
from tests.conftest import Office
from tests.integration.filled_home import FILE, LETTERS, WAITING, batch_named, copy_of, opened, picture


def lose_the_rows(home: Path) -> None:
    for path in home.glob("abhilekh.db*"):
        path.unlink()


def test_a_lost_database_comes_back_as_it_was(archive: Office) -> None:
    before = picture(archive.home)
    assert any(answer["total"] for answer in before["answers"])
    assert {batch["status"] for batch in before["batches"]} == {"filed", "received", "rejected"}

    with copy_of(archive) as copy:
        lose_the_rows(copy.home)
        found = copy.json("reindex")
        after = picture(copy.home)
        checked = copy.call("verify", "--json")

    for what in before:
        assert after[what] == before[what], what
    assert checked.returncode == 0, checked.stdout
    assert (found["batches"], found["documents"], found["damaged"]) == (5, len(before["documents"]), [])


def test_a_database_that_holds_something_is_only_replaced_by_force_and_kept(archive: Office) -> None:
    before = picture(archive.home)
    with copy_of(archive) as copy:
        refused = copy.call("reindex")
        assert refused.returncode == 2
        assert "reindex --force" in refused.stderr
        assert picture(copy.home) == before

        with opened(copy.home) as container:
            container.people.add("kavita", "कविता", [Grant(Role.OFFICER)])
            session = container.people.sign_in("kavita")
            container.services().saved.save("kavita", "x", "q=x")
        forced = copy.call("reindex", "--force")

        assert forced.returncode == 0, forced.stderr
        assert picture(copy.home) == before
        assert (copy.home / "abhilekh.db.before-reindex").exists()
        with opened(copy.home) as container:  # of people no object of the store tells: they are carried over
            assert container.people.by_session(session) == Person("kavita", "कविता", (Grant(Role.OFFICER),))
            assert [one.asked for one in container.services().saved.of("kavita")] == ["q=x"]
        assert not (copy.home / "abhilekh.db.rebuild").exists()


def test_a_damaged_database_says_what_to_do_and_is_built_anew(archive: Office) -> None:
    before = picture(archive.home)
    with copy_of(archive) as copy:
        (copy.home / "abhilekh.db").write_bytes(b"no database any more" * 1000)

        refused = copy.call("search", "सोनपुरा")
        forced = copy.call("reindex", "--force")

        # Accounts are in no object: that they are lost is named, and the command ends with 3.
        assert (refused.returncode, forced.returncode) == (4, 3), forced.stderr
        assert "reindex --force" in refused.stderr and "row person *" in forced.stdout
        assert picture(copy.home) == before


def test_what_is_damaged_is_named_and_digitised_again(archive: Office) -> None:
    """A changed layout, a changed manifest, one that is lost; the others are not touched by it."""
    before = picture(archive.home)
    with copy_of(archive) as copy:
        with opened(copy.home) as container:
            layout = keys.page_layout(batch_named(container, LETTERS[0].name), 1)
            changed = keys.manifest(batch_named(container, LETTERS[1].name))
            lost = batch_named(container, WAITING.name)
            text = container.store.get(changed).decode()
            container.store.put_bytes(layout, container.store.get(layout)[:-40], "application/gzip")
            container.store.put_bytes(changed, text.replace('"dpi"', '"dqi"', 1).encode(), "application/json")
            container.store.remove(keys.manifest(lost))
        lose_the_rows(copy.home)

        done = copy.call("reindex", "--json")
        after = picture(copy.home)

        assert done.returncode == 3, done.stderr
        assert layout in done.stdout and changed in done.stdout
        states = {batch["batch"]: batch["status"] for batch in after["batches"]}
        assert sorted(states.values()) == ["filed", "received", "received", "received", "rejected"]
        assert states.keys() == {batch["batch"] for batch in before["batches"]}
        with opened(copy.home) as container:
            assert batch_named(container, f"{lost}.jpg") == lost
            assert batch_named(container, LETTERS[0].name) in states
            assert container.records.batch(batch_named(container, FILE.name)).state is BatchState.FILED
        rows, code = copy.ingest(LETTERS[0])
        assert (code, rows[0]["status"]) == (0, "indexed")
        with opened(copy.home) as container:
            assert verify(container.store, container.records, sample=None, tell=lambda done, total: None).is_well


def test_verify_finds_what_is_changed_missing_and_unknown(archive: Office) -> None:
    with copy_of(archive) as copy:
        with opened(copy.home) as container:
            image = container.records.read_pages(batch_named(container, FILE.name))[0].image_key
            pdf = container.records.document(batch_named(container, LETTERS[0].name) + "-0001").pdf_key
            container.store.put_bytes(pdf, container.store.get(pdf).replace(b"%PDF", b"%PFD"), "application/pdf")
            container.store.remove(image)
            container.store.put_bytes("manifests/nobody.json", b"{}", "application/json")
            sampled = verify(container.store, container.records, sample=1, tell=lambda done, total: None)

        checked = copy.call("verify", "--json")

        assert checked.returncode == 1
        found = json.loads(checked.stdout)
        assert (found["changed"], found["missing"], found["orphans"]) == ([pdf], [image], ["manifests/nobody.json"])
        assert (sampled.missing, sampled.objects) == ([image], 1)


def test_it_is_refused_while_anything_runs(archive: Office) -> None:
    with copy_of(archive) as copy:
        with only_one(copy.home):
            beside_up = copy.call("reindex", "--force")
        with opened(copy.home) as container:
            container.heartbeats.beat("workers", "somewhere:1")
        beside_workers = copy.call("reindex", "--force")

    assert (beside_up.returncode, beside_workers.returncode) == (2, 2)
    assert "already running" in beside_up.stderr
    assert "at work here (workers)" in beside_workers.stderr


def test_a_line_without_words_keeps_its_place_in_the_layout() -> None:
    """The text of a page is rebuilt from its layout, so it must be the same to the letter."""
    found = [
        Recognised(word, Box(10, 10 * row, 50, 8), confidence, row)
        for row, (word, confidence) in enumerate([("पहला", 0.1), ("\x00", 0.5), ("तीसरा", 1 / 3)])
    ]
    text, words = lay_out(in_lines(found))
    page = ReadPage(1, text, words, weighted_confidence(words), "hi", 100, 100, 100, Geometry(), False)

    assert text == "पहला\n\nतीसरा"
    assert from_alto(to_alto(page)) == (text, words)
    assert unpack(pack(words), text) == words


@pytest.mark.parametrize("old, new", [("12", "13"), ("सीमांकन", "सीमांकम"), ("0.875", "0.876")])
def test_a_manifest_knows_when_it_was_changed(old: str, new: str) -> None:
    content = {"batch": "b", "source": {"n": 12}, "objects": [], "documents": ["सीमांकन", 0.875]}
    data = manifest.dumps(content)

    assert manifest.loads(data) == {"schema": 1} | content
    with pytest.raises(ValueError, match="has changed"):
        manifest.loads(data.decode().replace(old, new, 1).encode())
