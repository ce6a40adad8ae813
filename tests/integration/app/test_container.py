"""The container and its database: what was built on one database does not outlive it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline import settings
from pipeline.app import Container
from pipeline.db.audit import AuditFilter
from pipeline.db.database import Database, exchange
from pipeline.db.register import RegisterRepository
from pipeline.db.tables import OfficeRow
from pipeline.model.audit import Action
from pipeline.model.search import Query
from tests.conftest import short_folder


@pytest.fixture
def container() -> Iterator[Container]:
    built = Container(settings.load(short_folder()))
    yield built
    built.close()


def test_nothing_is_opened_before_it_is_asked_for(container: Container) -> None:
    assert not container.settings.home.exists() or list(container.settings.home.iterdir()) == []
    container.close_database()
    container.close()

    assert not (container.settings.home / "abhilekh.db").exists()


def test_repositories_end_with_their_database(container: Container) -> None:
    before = container.repositories
    assert container.repositories is before and container.records.database is container.database

    container.close_database()

    after = container.repositories
    assert after is not before
    for part in (container.records, container.register, container.people, container.audit_log, container.page_notes):
        assert part.database is after.database


def test_services_ask_the_database_in_force(container: Container) -> None:
    services, file = container.services(), container.database.file
    viewer, boards = services.viewing, services.boards
    assert services.viewing is viewer and services.search(Query("नस्ती")).total == 0 and file is not None
    fresh = Database(f"sqlite:///{file.with_name('fresh.db')}")
    fresh.migrate()
    with fresh.write() as session:
        session.add(OfficeRow(code="sagar", name_hi="सागर", name_en="Sagar"))

    container.close_database()
    exchange(fresh, file, keep=False)

    assert services.viewing is not viewer and services.boards is not boards
    assert services.viewing.register.database is container.database
    assert [office.code for office in RegisterRepository(container.database).offices()] == ["sagar"]
    assert services.offices() == ["sagar"] and services.search(Query("नस्ती")).total == 0


def test_what_waits_for_the_audit_log_is_written_before_its_database_is_closed(container: Container) -> None:
    container.audit_log.record_soon("sita", Action.SEARCH, "नस्ती")

    container.close_database()

    total, (event,) = container.audit_log.page(AuditFilter(), 0, 10)
    assert (total, event.person, event.what) == (1, "sita", "नस्ती")
