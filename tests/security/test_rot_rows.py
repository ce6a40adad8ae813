"""One rotten bit in the database is found, whatever cell it is in, and mended; no backup copies it over a good one.

What SQLite itself sees is malformed pages; a bit inside a cell it does not see, so rows have digests.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.db.accounts import AccountRepository
from pipeline.db.accounts_carried import carry
from pipeline.db.database import Database
from pipeline.db.row_repair import repair_rows
from pipeline.db.saved_searches import SavedSearches
from pipeline.db.throttling import Client
from pipeline.extract import file_number
from pipeline.index import integrity, refill
from pipeline.index.textindex import index_for
from pipeline.model.accounts import Grant
from pipeline.model.roles import Right, Role
from tests.conftest import Office, short_folder
from tests.integration.filled_home import copy_of, fill, opened, picture
from tests.security import rot

pytestmark = pytest.mark.waits

ENV = "ABHILEKH_TEST_DATABASE_URL"
SEED = 20261130
FLIPS = 20
PAGE_BYTES = 4096
ROWS = (
    "person",
    "session",
    "token",
    "link",
    "saved_search",
    "arrival",
    "batch",
    "page",
    "document",
    "object",
    "indexed",
    "office",
    "register_event",
    "deed",
    "word",
    "page_text_data",
    "page_text_docsize",
    "row_digest",
)
OURS = ("person", "session", "token", "saved_search")  # of which no object tells


@pytest.fixture(scope="module")
def archive() -> Iterator[Office]:
    """Scans, people with passwords, sessions, links, tokens and searches, an office, and entries of the audit log."""
    home = short_folder()
    office = Office(home)
    fill(office)
    assert office.call("office", "add", "sagar", "--hi", "कलेक्टर कार्यालय सागर").returncode == 0
    with opened(home) as container:
        people = container.people
        for name in ("admin", "s.verma", "r.k.sharma"):
            people.add(name, "सरिता वर्मा", [Grant(Role.ADMINISTRATOR)])
            people.set_password(name, "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$" + name * 4)
            people.sign_in(name)
            people.make_token(name, "scanner", [Right.VIEW])
            people.link(name)
            SavedSearches(container.database).save(name, "मेरी खोज", "q=सोनपुरा")
    rot.one_file(home)
    yield office
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def office(archive: Office) -> Iterator[Office]:
    with copy_of(archive) as copy:
        yield copy


def is_well(file: Path) -> bool:
    database = Database(f"sqlite:///{file}")
    try:
        return integrity.check(database).is_well
    finally:
        database.close()


def mend(file: Path) -> None:
    """What `repair` does to the rows, without objects."""
    database = Database(f"sqlite:///{file}")
    try:
        repair_rows(database)
        if integrity.check(database).database:
            refill.fill(database, index_for(database, file_number.parse))
    finally:
        database.close()


def test_twenty_bits_by_chance_each_found_and_each_mended(archive: Office, tmp_path: Path) -> None:
    """One at a time: the database with this one bit flipped is not well, and as it was once it is repaired."""
    file = archive.home / "abhilekh.db"
    before = rot.content(file)
    known = [name for name in before if not name.startswith("page_text_")]  # which may be made anew, in other blocks
    places = rot.some_places(file, ROWS, FLIPS, SEED)
    sys.stdout.write(f"seed {SEED}: {places}\n")
    for place in places:
        damaged = tmp_path / "damaged.db"
        shutil.copyfile(file, damaged)
        rot.flip(damaged, place.offset, place.bit)
        assert not is_well(damaged), place
        mend(damaged)
        assert is_well(damaged), place
        after = rot.content(rot.closed(damaged))
        assert [name for name in known if after[name] != before[name]] == [], place


def test_bits_anywhere_in_the_file_are_found_or_change_nothing(archive: Office, tmp_path: Path) -> None:
    file, chance = archive.home / "abhilekh.db", random.Random(SEED)
    before = rot.content(file)
    found = 0
    for _ in range(60):
        damaged = tmp_path / "damaged.db"
        shutil.copyfile(file, damaged)
        place, bit = chance.randrange(file.stat().st_size), chance.randrange(8)
        rot.flip(damaged, place, bit)
        if is_well(damaged):
            assert rot.content(rot.closed(damaged)) == before, (place, bit)
        else:
            found += 1
    assert found > 5


def test_twenty_bits_at_once_are_told_and_no_backup_copies_them(office: Office, tmp_path: Path) -> None:
    before = picture(office.home)
    target = tmp_path / "b"
    assert office.call("backup", target).returncode == 0
    good = (target / "abhilekh.db").read_bytes()
    file = rot.one_file(office.home)
    for place in rot.some_places(file, (*OURS, "page", "document", "object", "batch"), FLIPS, SEED):
        rot.flip(file, place.offset, place.bit)

    checked = office.call("verify", "--json")
    assert checked.returncode == 1, checked.stderr
    assert json.loads(checked.stdout)["rows"]
    assert "reindex --force" in office.call("verify").stdout
    copied = office.call("backup", target, "--json")
    assert copied.returncode == 3, copied.stderr
    told = json.loads(copied.stdout)
    assert told["database"] and not told["damaged"]
    assert (target / "abhilekh.db").read_bytes() == good
    assert "reindex --force" in office.call("backup", target).stdout

    done = office.call("repair", target, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert office.call("verify").returncode == 0
    assert picture(office.home) == before


def test_zeroed_pages_are_told_by_each_command_and_mended(office: Office, tmp_path: Path) -> None:
    before, target = picture(office.home), tmp_path / "b"
    assert office.call("backup", target).returncode == 0
    good = (target / "abhilekh.db").read_bytes()
    file = rot.one_file(office.home)
    at = next(at for table, name, at, _ in rot.cells(file, ("page",)) if name == "text")
    with file.open("r+b") as data:
        data.seek(at // PAGE_BYTES * PAGE_BYTES)
        data.write(bytes(PAGE_BYTES))

    doctor = office.call("doctor", "--json")
    assert doctor.returncode == 4
    assert "reindex --force" in json.loads(doctor.stdout)["checks"]["database"]["says"]
    checked = office.call("verify", "--json")
    assert checked.returncode == 1, checked.stderr
    assert json.loads(checked.stdout)["database"]
    copied = office.call("backup", target, "--json")
    assert copied.returncode == 3, copied.stderr
    assert json.loads(copied.stdout)["database"]
    assert (target / "abhilekh.db").read_bytes() == good
    first = office.call("backup", tmp_path / "first", "--json")
    assert (first.returncode, (tmp_path / "first" / "abhilekh.db").exists()) == (3, False), first.stderr

    rebuilt = office.call("reindex", "--force", "--json")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    assert office.call("verify").returncode == 0
    after = picture(office.home)
    assert {name: after[name] for name in ("documents", "answers", "batches")} == {
        name: before[name] for name in ("documents", "answers", "batches")
    }


def test_a_person_whose_row_is_damaged_is_brought_back_or_named_and_disabled(archive: Office, tmp_path: Path) -> None:
    file, damaged = archive.home / "abhilekh.db", tmp_path / "damaged.db"
    shutil.copyfile(file, damaged)
    shutil.copyfile(file, tmp_path / "backup.db")
    names = [cell for cell in rot.cells(file, ("person",)) if cell[1] == "full_name"]
    for bit in (0, 1):  # two bits: no single one can be turned back
        rot.flip(damaged, names[0][2] + bit, 0)
    shutil.copyfile(damaged, tmp_path / "again.db")
    old, new = Database(f"sqlite:///{damaged}"), Database(f"sqlite:///{tmp_path / 'new.db'}")
    new.migrate()

    lost = carry(old, new)

    assert len(lost) == 1 and lost[0].startswith("person ")
    people = AccountRepository(new, idle=timedelta(hours=1), whole=timedelta(hours=2))
    assert [known.disabled for known in people.every()].count(True) == 1
    old.close()
    new.close()
    again = Database(f"sqlite:///{tmp_path / 'again.db'}")
    done = repair_rows(again, tmp_path / "backup.db")
    assert (done.repaired, done.damaged) == (lost, [])
    assert integrity.check(again).is_well
    again.close()


def test_a_backup_carries_no_session_link_or_token(archive: Office, tmp_path: Path) -> None:
    with copy_of(archive) as office:
        assert office.call("backup", tmp_path / "b").returncode == 0
        with sqlite3.connect(office.home / "abhilekh.db") as rows:
            asked = "SELECT hash FROM session UNION ALL SELECT hash FROM token UNION ALL SELECT hash FROM link"
            hashes = [row[0] for row in rows.execute(asked)]
            password = rows.execute("SELECT password FROM person").fetchone()[0]
        rows.close()
    assert len(hashes) == 9
    files = [path for path in (tmp_path / "b").iterdir() if path.is_file()]
    for path in files:
        data = path.read_bytes()
        assert [one for one in hashes if one.encode() in data] == [], path
    assert password.encode() in (tmp_path / "b" / "abhilekh.db").read_bytes()


def test_what_commands_write_and_change_always_has_its_digest(office: Office) -> None:
    """Beside the rows of the fixtures: changes, removals, statements over many rows, and a key that is written anew."""
    with opened(office.home) as container:
        container.people.grant("s.verma", Grant(Role.ADMINISTRATOR), take=True)
        container.people.disable("r.k.sharma")
        container.people.unlock("admin")
        container.people.throttle.failed(Client("admin", "127.0.0.1"))
        for token in container.people.tokens():
            container.people.end_token(token.ident)
    assert office.call("ingest", office.home / "\u0928\u093c\u092f\u093e.pdf").returncode == 3
    assert is_well(office.home / "abhilekh.db")


@pytest.mark.skipif(ENV not in os.environ, reason="no PostgreSQL")
def test_postgresql_keeps_digests_too() -> None:
    schema = f"rot_{secrets.token_hex(4)}"
    plain = Database(os.environ[ENV])
    with plain.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    database = Database(f"{os.environ[ENV]}?options=-csearch_path%3D{schema}")
    try:
        database.migrate()
        people = AccountRepository(database, idle=timedelta(hours=1), whole=timedelta(hours=2))
        people.add("admin", "सरिता वर्मा", [Grant(Role.ADMINISTRATOR)])
        people.set_password("admin", "hash")
        people.make_token("admin", "scanner", [Right.VIEW])
        assert integrity.check(database).is_well
        with database.engine.begin() as connection:  # as if the bytes had changed below the server
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql("UPDATE person SET full_name = 'सरिता वर्म'")
        assert integrity.check(database).rows == ["person admin"]
    finally:
        database.close()
        with plain.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
        plain.close()
