"""People, with all that is theirs, from one database into another: no object of the store tells of them."""

from __future__ import annotations

from sqlmodel import SQLModel, select

from pipeline.index.database import Database
from pipeline.index.inbox_tables import SlipRow, TakenRow
from pipeline.index.people_tables import (
    AttemptRow,
    DeviceRow,
    IdentityRequestRow,
    LinkRow,
    PersonRow,
    RecoveryCodeRow,
    SavedSearchRow,
    SessionRow,
    TokenRow,
)

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


def carry(source: Database, target: Database) -> int:
    """Copy people and all rows that are theirs; returns how many people there are."""
    people = 0
    with source.read() as old, target.write() as new:
        for table in (*_TABLES, *_TAKING):
            rows = old.exec(select(table)).all()
            for row in rows:
                new.merge(table(**row.model_dump()))
            new.flush()
            people += len(rows) if table is PersonRow else 0
    return people
