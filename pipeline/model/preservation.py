"""What a backup says of itself, as `backup.json` has it. How it is written and read is in `preservation`."""

from __future__ import annotations

from typing import TypedDict


class BackedUpRows(TypedDict):
    """The copy of the database beside the objects."""

    file: str
    sha256: str
    bytes: int


class BackupAbout(TypedDict):
    """`backup.json`: moments in ISO 8601, and the keys of objects that are `damaged`, or `kept` from an earlier backup.

    `database` is None where a server has the rows; `database_damaged` names the faults of a database that was not copied.
    """

    format: int
    abhilekh: str
    began: str
    ended: str
    objects: int
    bytes: int
    damaged: list[str]
    kept: list[str]
    database: BackedUpRows | None
    database_damaged: list[str]
