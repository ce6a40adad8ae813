"""Copy accounts, with all that is theirs, from one database into another: no object of the store holds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import Connection, delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from pipeline.db import raw_rows, row_digests
from pipeline.db.account_tables import (
    AttemptOriginRow,
    AttemptRow,
    DeviceRow,
    IdentityRequestRow,
    LinkRow,
    LoginStepRow,
    PersonRow,
    RecoveryCodeRow,
    SavedSearchRow,
    SessionRow,
    TokenRow,
)
from pipeline.db.database import Database
from pipeline.db.inbox_tables import SlipRow, TakenRow
from pipeline.db.raw_rows import Cells, Text
from pipeline.db.row_repair import repair_rows
from pipeline.errors import DatabaseDamagedError

_TABLES: tuple[type[SQLModel], ...] = (
    PersonRow,
    SessionRow,
    LinkRow,
    TokenRow,
    DeviceRow,
    RecoveryCodeRow,
    IdentityRequestRow,
    SavedSearchRow,
    AttemptRow,
)
_TAKING: tuple[type[SQLModel], ...] = (SlipRow, TakenRow)  # what is under way from the inbox is in no object either
_SECRETS: tuple[type[SQLModel], ...] = (
    SessionRow,
    LinkRow,
    TokenRow,
    DeviceRow,
    RecoveryCodeRow,
    LoginStepRow,
    AttemptRow,
    AttemptOriginRow,
)
_PERSON = str(PersonRow.__tablename__)


def carry(source: Database, target: Database) -> list[str]:
    """Copy people, sessions, links, tokens, saved searches and waits; returns what was damaged, as `table key`.

    A row that is not what was written is first repaired where its digest allows. A person who stays damaged comes disabled,
    for somebody to look at; other damaged rows stay behind, for they might let somebody in.
    """
    with suppress(DatabaseDamagedError):  # what can be read is read below
        repair_rows(source)
    lost: list[str] = []
    people: set[bytes] = set()
    for table in (*_TABLES, *_TAKING):
        name = str(table.__tablename__)
        try:
            with source.read() as old, target.write() as new:
                lost += _carry_table(old.connection(), new.connection(), name, people)
        except DatabaseDamagedError:
            lost.append(f"{name} *")
    return lost


def forget_secrets(database: Database) -> None:
    """Remove what lets somebody in, and the waits: sessions, links, tokens, devices, recovery codes, all kept as hashes.

    Nothing of them stays in the file.
    """
    with database.write() as session:
        session.connection().exec_driver_sql("PRAGMA secure_delete=ON")
        for table in _SECRETS:
            session.execute(delete(table))


def _carry_table(old: Connection, new: Connection, name: str, people: set[bytes]) -> Iterator[str]:
    table = raw_rows.raw_table(old, name)
    damaged = set(row_digests.differing(old, name))
    whose = table.columns.index("person") if "person" in table.columns else None
    for key, cells in raw_rows.every(old, table):
        if key in damaged:
            yield f"{name} {row_digests.readable(key)}"
        belongs = whose is None or (isinstance(cells[whose], Text) and cells[whose].data in people)
        if not belongs or (key in damaged and name != _PERSON):
            continue
        with suppress(UnicodeDecodeError, IntegrityError):  # it is named already, or what it belongs to is
            raw_rows.insert(new, table, _disabled(table.columns, cells) if key in damaged else cells)
            people |= {key} if name == _PERSON else set()


def _disabled(columns: tuple[str, ...], cells: Cells) -> Cells:
    return tuple(1 if name == "disabled" else cell for name, cell in zip(columns, cells, strict=True))
