"""Questions that people keep, each one's own. What a query string means is the web's business."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from pipeline.db.account_tables import SavedSearchRow
from pipeline.db.database import Database, now
from pipeline.errors import TooManySearchesError

MOST = 100  # of one person
LONGEST_NAME, LONGEST = 120, 8000


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """`asked` is the query string that leads to the answers."""

    ident: str
    name: str
    asked: str
    created_at: datetime


class SavedSearches:
    """Safe to use from many threads; every call is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, person: str) -> list[SavedSearch]:
        """Somebody's searches by their names."""
        with self.database.read() as session:
            rows = session.exec(select(SavedSearchRow).where(SavedSearchRow.person == person))
            return sorted(map(_saved, rows), key=lambda one: (one.name.casefold(), one.ident))

    def save(self, person: str, name: str, asked: str) -> SavedSearch:
        """Keep a question; one of the same name is replaced. Raises `TooManySearchesError`."""
        name = " ".join(name.split())[:LONGEST_NAME]
        with self.database.write() as session:
            mine = select(SavedSearchRow).where(SavedSearchRow.person == person)
            row = session.exec(mine.where(SavedSearchRow.name == name)).first()
            if row is None:
                if session.exec(select(func.count()).select_from(mine.subquery())).one() >= MOST:
                    raise TooManySearchesError(most=MOST)
                row = SavedSearchRow(
                    id=secrets.token_hex(8), person=person, name=name, asked=asked[:LONGEST], created_at=now()
                )
            row.asked = asked[:LONGEST]
            session.add(row)
            return _saved(row)

    def forget(self, person: str, ident: str) -> bool:
        """Whether there was such a search of this person; it is gone then."""
        with self.database.write() as session:
            found = session.exec(
                select(SavedSearchRow).where(col(SavedSearchRow.id) == ident, SavedSearchRow.person == person)
            ).first()
            if found is not None:
                session.delete(found)
            return found is not None


def _saved(row: SavedSearchRow) -> SavedSearch:
    return SavedSearch(row.id, row.name, row.asked, row.created_at)
