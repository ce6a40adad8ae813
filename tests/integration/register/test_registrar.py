"""The register on real rows, with a store made of a dictionary: changes, crashes, documents, figures, and rebuilding.

On SQLite always; on PostgreSQL as well when `ABHILEKH_TEST_DATABASE_URL` names one.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy

from pipeline.db.batches import BatchRepository
from pipeline.db.database import Database
from pipeline.db.rebuilding import Rebuilding
from pipeline.db.register import RegisterRepository
from pipeline.errors import (
    AlreadyRegisteredError,
    FiguresDifferError,
    FileClosedError,
    FileOpenError,
    FileUnknownError,
    OfficeUnknownError,
    RegisterValueError,
)
from pipeline.extract.file_number import FileNumber, parse
from pipeline.index.textindex import index_for
from pipeline.model.register import CountUnit, FileState, Office, RecordClass, RegisterFile
from pipeline.model.scan import StoredObject
from pipeline.register import changes as register_changes
from pipeline.register.lists import FILE_COLUMNS, read_list
from pipeline.register.registrar import Registrar
from pipeline.storage import ObjectInfo, Store, keys
from tests.integration.db.test_database import letter, shelve

ENV = "ABHILEKH_TEST_DATABASE_URL"
KINDS = ["sqlite", *(["postgresql"] if ENV in os.environ else [])]


@dataclass
class Shelf:
    """As much of a store as the register asks for."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def put_bytes(self, key: str, data: bytes, content_type: str) -> StoredObject:
        assert key not in self.objects, "no change is ever written over"
        self.objects[key] = data
        return StoredObject(key, "0" * 64, len(data))

    def get(self, key: str) -> bytes:
        return self.objects[key]

    def info(self, key: str) -> ObjectInfo | None:
        return ObjectInfo(key, len(self.objects[key]), "") if key in self.objects else None

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[ObjectInfo]:
        named = (key for key in sorted(self.objects) if key.startswith(prefix) and key > after)
        yield from (ObjectInfo(key, 1, "") for key in named)


@pytest.fixture(params=KINDS)
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A function that makes one empty migrated database after the other."""
    made: list[Database] = []
    schemas: list[str] = []
    plain = Database(os.environ[ENV]) if request.param == "postgresql" else None

    def make() -> Database:
        if plain is not None:
            schemas.append(f"test_{secrets.token_hex(4)}")
            with plain.engine.begin() as connection:
                connection.execute(sqlalchemy.text(f"CREATE SCHEMA {schemas[-1]}"))
            made.append(Database(f"{os.environ[ENV]}?options=-csearch_path%3D{schemas[-1]}"))
        else:
            made.append(Database(f"sqlite:///{tmp_path}/{len(made)}/abhilekh.db"))
        made[-1].migrate()
        return made[-1]

    yield make
    for database in made:
        database.close()
    if plain is not None:
        with plain.engine.begin() as connection:
            for schema in schemas:
                connection.execute(sqlalchemy.text(f"DROP SCHEMA {schema} CASCADE"))
        plain.close()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def registrar(databases: Any, shelf: Shelf) -> Registrar:
    made = Registrar(cast(Store, shelf), RegisterRepository(databases()))
    made.put_office(Office("sagar", "कलेक्टर कार्यालय"), by="क", change=False)
    return made


def number(written: str) -> FileNumber:
    parsed = parse(written)
    assert parsed is not None
    return parsed


def add(registrar: Registrar, written: str, volume: str = "", **values: Any) -> RegisterFile:
    return registrar.add_file("sagar", number(written), volume, values, by="क")


def records_of(registrar: Registrar) -> BatchRepository:
    return BatchRepository(registrar.register.database, index_for(registrar.register.database))


def told(register: RegisterRepository) -> dict[str, Any]:
    """All that the register tells."""
    files = register.files()
    return {"offices": register.offices(), "files": files, "events": [register.history(file) for file in files]}


# --- changes --------------------------------------------------------------------------------------------------------


def test_a_file_comes_back_as_it_was_entered(registrar: Registrar) -> None:
    file = add(
        registrar,
        "एफ 19-76/2019",
        "2",
        subject="सीमांकन",
        record_class=RecordClass.B,
        rack="4",
        closed_on=date(2020, 3, 31),
        retention_years=7,
    )

    changed = registrar.set_file(file.ident, {"rack": "", "shelf": "9", "state": FileState.IN_REVIEW}, by="ख")

    assert registrar.register.files() == [changed]
    assert changed == replace(file, place=replace(file.place, rack="", shelf="9"), state=FileState.IN_REVIEW)
    assert registrar.register.files("sagar", record_class=RecordClass.B, words="सीमा") == [changed]
    assert registrar.register.files("gaya") == registrar.register.files(bundle="1") == []
    assert [(e.what, e.by) for e in registrar.register.history(file)] == [("created", "क"), ("changed", "ख")]


def test_what_is_there_is_not_entered_again_and_what_changes_nothing_is_not_kept(
    registrar: Registrar, shelf: Shelf
) -> None:
    file = add(registrar, "12/2018", subject="सीमांकन")
    before = len(shelf.objects)

    registrar.set_file(file.ident, {"subject": "सीमांकन"}, by="ख")
    registrar.put_office(Office("sagar", "कलेक्टर कार्यालय"), by="ख", change=True)
    with pytest.raises(AlreadyRegisteredError):
        add(registrar, "१२/२०१८")
    with pytest.raises(AlreadyRegisteredError):
        registrar.put_office(Office("sagar"), by="ख", change=False)
    with pytest.raises(RegisterValueError):
        registrar.put_office(Office("tehsil", parent="nowhere"), by="ख", change=False)
    with pytest.raises(RegisterValueError):
        registrar.set_file(file.ident, {"state": FileState.CLOSED}, by="ख")
    with pytest.raises(RegisterValueError):
        add(registrar, "13/2018", state=FileState.CLOSED)
    with pytest.raises(OfficeUnknownError):
        registrar.add_file("gaya", number("12/2018"), "", {}, by="ख")
    with pytest.raises(FileUnknownError):
        registrar.count(("sagar", "99", ""), 1, CountUnit.PAGES, by="ख")

    assert len(shelf.objects) == before


def test_a_number_is_found_strictly_then_by_digits_then_by_look_alikes(registrar: Registrar) -> None:
    strict, core, ocr = (add(registrar, written) for written in ("F 19-8/2019", "G 19-8/2019", "F 19-B/2019"))

    found = registrar.register.find("sagar", number("एफ 19-8/2019"))

    assert [(match.file, match.by) for match in found] == [(strict, "strict"), (core, "core"), (ocr, "ocr")]
    assert registrar.register.find("gaya", number("F 19-8/2019")) == []
    assert len(registrar.register.find(None, number("F 19-8/2019"))) == 3


def test_a_list_is_taken_in_one_change_or_not_at_all(registrar: Registrar, shelf: Shelf) -> None:
    rows = [["number", "class", "subject"], ["12/2018", "ख", "एक"], ["13/2018", "ज", "दो"], ["14/2018", "", "तीन"]]
    read = read_list(enumerate(rows, start=1), FILE_COLUMNS, needed="number")

    nothing = registrar.import_files(read, office="sagar", by="क", all_or_nothing=True)
    before = len(shelf.objects)
    some = registrar.import_files(read, office="sagar", by="क", all_or_nothing=False)
    again = registrar.import_files(read, office="sagar", by="क", all_or_nothing=False)

    assert before == 1 and len(shelf.objects) == 2
    assert nothing.json()["refused"] == 1
    assert (some.created, again.created, again.unchanged) == (2, 0, 2)
    assert [file.subject for file in registrar.register.files()] == ["एक", "तीन"]


def test_many_at_once_change_the_register_one_after_the_other(registrar: Registrar, shelf: Shelf) -> None:
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda n: add(registrar, f"{n}/2018"), range(1, 25)))

    assert len(registrar.register.files()) == 24
    assert sorted(shelf.objects) == [keys.register_change(n) for n in range(1, 26)]


# --- crashes and rebuilding -----------------------------------------------------------------------------------------


def test_a_change_that_was_stored_and_not_committed_is_taken_before_the_next(
    registrar: Registrar, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(registrar.register, "apply", killed)
    with pytest.raises(ZeroDivisionError):
        add(registrar, "12/2018")
    monkeypatch.undo()
    assert registrar.register.files() == []

    add(registrar, "13/2018")

    assert [file.number for file in registrar.register.files()] == ["12/2018", "13/2018"]
    assert sorted(shelf.objects) == [keys.register_change(n) for n in (1, 2, 3)]
    assert [o.key for o in records_of(registrar).objects()] == sorted(shelf.objects)


def test_a_database_that_was_lost_writes_over_nothing(registrar: Registrar, shelf: Shelf, databases: Any) -> None:
    add(registrar, "12/2018")
    anew = Registrar(cast(Store, shelf), RegisterRepository(databases()))

    add(anew, "13/2018")

    assert [file.number for file in anew.register.files()] == ["12/2018", "13/2018"]


def test_the_register_is_built_again_from_the_store_alone(registrar: Registrar, shelf: Shelf, databases: Any) -> None:
    file = add(registrar, "12/2018", subject="सीमांकन", weed_on=date(2030, 1, 1))
    registrar.count(file.ident, 4, CountUnit.SHEETS, by="रमा")
    registrar.note(file.ident, missing=[7, 3, 3], replaced=["a" * 20 + "/2"], by="रमा", reason="फटे हुए")
    registrar.close(file.ident, by="क", signed_by="अ. शर्मा", reason="अपठनीय")
    add(registrar, "13/2018", "2")
    fresh = databases()
    empty = Rebuilding(fresh, index_for(fresh))

    assert empty.is_empty()
    done = register_changes.replay(cast(Store, shelf), RegisterRepository(fresh))

    assert told(RegisterRepository(fresh)) == told(registrar.register)
    assert (done.committed, done.damaged, empty.is_empty()) == (6, [], False)


def test_a_damaged_and_a_lost_change_are_named_and_the_others_taken(
    registrar: Registrar, shelf: Shelf, databases: Any
) -> None:
    for written in ("12/2018", "13/2018", "14/2018"):
        add(registrar, written)
    shelf.objects[keys.register_change(2)] = shelf.objects[keys.register_change(2)].replace(b"12/2018", b"22/2018")
    del shelf.objects[keys.register_change(3)]
    fresh = RegisterRepository(databases())

    done = register_changes.replay(cast(Store, shelf), fresh)

    assert done.damaged == [keys.register_change(2), keys.register_change(3)]
    assert [file.number for file in fresh.files()] == ["14/2018"]


def test_a_change_is_the_same_when_it_is_read_back(registrar: Registrar, shelf: Shelf) -> None:
    file = add(registrar, "12/2018", "2", closed_on=date(2020, 1, 1), record_class=RecordClass.A)
    registrar.count(file.ident, 3, CountUnit.PAGES, by="क")
    for key, data in shelf.objects.items():
        assert register_changes.FORMAT.encode(register_changes.FORMAT.decode(key, data).value) == data


# --- documents and figures ------------------------------------------------------------------------------------------


@pytest.fixture
def scanned(registrar: Registrar) -> Registrar:
    """Two letters of one file, of two written pages and a blank one, and a letter of another file."""
    records = records_of(registrar)
    shelve(records, "a", letter("12/2018", "1.2.2018", "सीमांकन"), "", office="sagar")
    shelve(records, "b", letter("12/2018", "3.2.2018", "नक्शा"), office=None)
    shelve(records, "c", letter("13/2018", "3.2.2018", "पंचनामा"), office="sagar")
    shelve(records, "d", letter("12/2018", "3.2.2018", "और कहीं"), office="gaya")
    return registrar


def test_the_documents_of_a_file_come_in_the_order_of_scanning(scanned: Registrar) -> None:
    file = add(scanned, "12/2018")

    found = scanned.register.documents(file)

    assert [(d.subject, d.pages, d.blank) for d in found] == [("सीमांकन", 2, 1), ("नक्शा", 1, 0)]
    assert found[0].dated == date(2018, 2, 1) and found[0].state in ("filed", "needs_review")


def test_numbers_that_are_in_no_register_are_listed(scanned: Registrar) -> None:
    before = [(one.office, one.key, one.documents) for one in scanned.register.unregistered()]
    add(scanned, "12/2018")

    after = [(one.office, one.key, one.documents) for one in scanned.register.unregistered("sagar")]

    assert sorted(before, key=str) == [
        ("gaya", "12/2018", 1),
        ("sagar", "12/2018", 1),
        ("sagar", "13/2018", 1),
        (None, "12/2018", 1),
    ]
    assert after == [("sagar", "13/2018", 1)]


def test_a_file_is_closed_only_when_its_figures_agree(scanned: Registrar) -> None:
    ident = add(scanned, "12/2018").ident

    with pytest.raises(FiguresDifferError, match="counted —, scanned 2"):
        scanned.close(ident, by="क")
    scanned.count(ident, 3, CountUnit.PAGES, by="रमा")
    with pytest.raises(FiguresDifferError, match="counted 3, scanned 2"):
        scanned.close(ident, by="क", signed_by="अ. शर्मा")
    file = scanned.note(ident, missing=[2], replaced=None, by="रमा", reason="फटा हुआ")
    figures = scanned.register.figures(file)
    closed = scanned.close(ident, by="क")

    assert figures.json() == {
        "counted": 3,
        "count_unit": "pages",
        "expected": 3,
        "written": 2,
        "blank": 1,
        "rescanned": 0,
        "noted_missing": 1,
        "missing": 0,
        "extra": 0,
        "agree": True,
    }
    assert closed.state is FileState.CLOSED
    for refused in (
        lambda: scanned.count(ident, 4, CountUnit.PAGES, by="क"),
        lambda: scanned.note(ident, missing=[], replaced=None, by="क", reason="x"),
        lambda: scanned.set_file(ident, {"pages_counted": 5}, by="क"),
        lambda: scanned.close(ident, by="क"),
    ):
        with pytest.raises(FileClosedError):
            refused()
    assert scanned.reopen(ident, by="क", reason="दो पृष्ठ और मिले").state is FileState.OPEN
    with pytest.raises(FileOpenError):
        scanned.reopen(ident, by="क", reason="फिर")


def test_a_signature_closes_a_file_whose_figures_differ_and_stays(scanned: Registrar) -> None:
    file = add(scanned, "12/2018")
    scanned.count(file.ident, 9, CountUnit.PAGES, by="रमा")
    scanned.close(file.ident, by="क", signed_by="अ. शर्मा", reason="अपठनीय")
    scanned.reopen(file.ident, by="ख", reason="मिले")

    events = scanned.register.history(file)

    assert [event.what for event in events] == ["created", "counted", "closed", "reopened"]
    closed = events[2]
    assert (closed.signed_by, closed.reason, closed.details["missing"]) == ("अ. शर्मा", "अपठनीय", 7)
    assert events[3].reason == "मिले"


@pytest.mark.parametrize(
    ("pages", "unit", "gap"), [(2, CountUnit.PAGES, 0), (1, CountUnit.SHEETS, -1), (3, CountUnit.FRONTS, 0)]
)
def test_blank_sides_count_only_where_sheets_were_counted(
    scanned: Registrar, pages: int, unit: CountUnit, gap: int
) -> None:
    file = scanned.count(add(scanned, "12/2018").ident, pages, unit, by="क")

    assert scanned.register.figures(file).difference == gap


def test_a_scan_that_was_made_again_counts_once_and_volumes_count_together(scanned: Registrar) -> None:
    first, second = add(scanned, "12/2018", "1"), add(scanned, "12/2018", "2")
    again = scanned.register.documents(first)[1].id.rpartition("-")[0]
    scanned.note(first.ident, missing=None, replaced=[f"{again}/1"], by="क", reason="धुँधला")
    scanned.count(first.ident, 1, CountUnit.PAGES, by="क")
    assert scanned.register.figures(first).counted is None

    scanned.count(second.ident, 0, CountUnit.PAGES, by="क")
    figures = scanned.register.figures(second)

    assert (figures.counted, figures.scanned.written, figures.scanned.rescanned, figures.agree) == (1, 1, 1, True)


# --- an older database ----------------------------------------------------------------------------------------------


def test_objects_of_an_older_database_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import command

    from pipeline.db.tables import ObjectRow

    database = Database(f"sqlite:///{tmp_path}/abhilekh.db")
    upgrade = command.upgrade
    monkeypatch.setattr(command, "upgrade", lambda config, revision: upgrade(config, "0002"))
    database.migrate()
    assert database.version() == "0002"
    with database.write() as session:
        columns = "id, name, sha256, bytes, media_type, pages, files, profile, told, state, received_at, tries"
        insert = f"INSERT INTO batch ({columns})"
        session.execute(
            sqlalchemy.text(f"{insert} VALUES ('b', 'b', '0', 1, '', 1, '[]', '', '{{}}', 'filed', '2026-01-01', 0)")
        )
        session.execute(sqlalchemy.text("INSERT INTO object VALUES ('pages/b/1.jpg', '0', 1, 'b', '2026-01-01')"))
    monkeypatch.undo()

    database.migrate()

    with database.read() as session:
        row = session.get(ObjectRow, "pages/b/1.jpg")
        assert row is not None and row.batch_id == "b"
    assert RegisterRepository(database).files() == []
    database.close()
