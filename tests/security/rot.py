"""Damage below the server: bits flipped in the bundled SeaweedFS's own files, and in SQLite's."""

from __future__ import annotations

import hashlib
import random
import sqlite3
import struct
from dataclasses import dataclass
from pathlib import Path

_NEEDLE = struct.Struct(">IQI")  # cookie, id, size of the body
_TRAILER = 12  # checksum and time, before padding to 8 bytes
_SUPERBLOCK, _ALIGN, _DELETED = 8, 8, 1 << 31
_INDEX_ENTRY = 17
FILER_SHARDS = 8


@dataclass(frozen=True)
class Needle:
    """One stored blob in a volume: where it begins, and how long its body is."""

    volume: Path
    offset: int
    size: int

    @property
    def body(self) -> int:
        return self.offset + _NEEDLE.size


def volumes(home: Path) -> list[Path]:
    return sorted((home / "store" / "data").glob("*.dat"))


def needles(volume: Path) -> list[Needle]:
    data, offset, found = volume.read_bytes(), _SUPERBLOCK, []
    while offset + _NEEDLE.size <= len(data):
        size = _NEEDLE.unpack_from(data, offset)[2]
        size = 0 if size >= _DELETED else size
        found.append(Needle(volume, offset, size))
        used = _NEEDLE.size + size + _TRAILER
        offset += used + _ALIGN - used % _ALIGN
    return found


def holding(home: Path, data: bytes) -> Needle:
    """The needle that holds these bytes of an object."""
    return next(
        one
        for volume in volumes(home)
        for one in needles(volume)
        if data in volume.read_bytes()[one.offset : one.body + one.size]
    )


def flip(path: Path, offset: int, bit: int = 0) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))


def flip_index_entry(needle: Needle, bit: int = 0) -> None:
    """Flip a bit of where the volume's index says that this needle begins."""
    index = needle.volume.with_suffix(".idx")
    data = index.read_bytes()
    for at in range(0, len(data), _INDEX_ENTRY):
        low, high = struct.unpack_from(">IB", data, at + 8)
        if (high << 32 | low) * _ALIGN == needle.offset:
            flip(index, at + 11, bit)
            return
    raise AssertionError("no entry of the index names the needle")


def filer_files(home: Path, folder: str) -> list[Path]:
    """The tables of the filer's LevelDB that hold what it knows of one folder of the bucket."""
    shard = hashlib.md5(f"/buckets/abhilekh/{folder}".encode(), usedforsecurity=False).digest()[-1] % FILER_SHARDS
    found = (home / "store" / "data" / "filerldb2" / f"{shard:02d}").glob("*.l[do][bg]")
    return sorted(path for path in found if path.stat().st_size)


@dataclass(frozen=True)
class Place:
    """A bit in a used cell of the database."""

    table: str
    column: str
    offset: int
    bit: int


def cells(file: Path, tables: tuple[str, ...], *, least: int = 4) -> list[tuple[str, str, int, int]]:
    """Table, column, place in the file and length of every cell that can be found by its bytes."""
    data, found = file.read_bytes(), []
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        database.text_factory = bytes
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            names = [column[0] for column in rows.description]
            for row in rows:
                for name, value in zip(names, row, strict=True):
                    if isinstance(value, bytes) and len(value) >= least and (at := data.find(value)) >= 0:
                        found.append((table, name, at, len(value)))
    database.close()
    return found


def some_places(file: Path, tables: tuple[str, ...], count: int, seed: int) -> list[Place]:
    """Bits of cells by chance, each in a table by chance."""
    chance, found = random.Random(seed), []
    by_table: dict[str, list[tuple[str, str, int, int]]] = {}
    for cell in cells(file, tables):
        by_table.setdefault(cell[0], []).append(cell)
    while len(found) < count:
        table, column, at, length = chance.choice(by_table[chance.choice(sorted(by_table))])
        found.append(Place(table, column, at + chance.randrange(length), chance.randrange(8)))
    return found


def one_file(home: Path) -> Path:
    """The database with its log written into it, so that its bytes are all in one file."""
    file = home / "abhilekh.db"
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")
    database.close()
    return file


def content(file: Path) -> dict[str, list[str]]:
    """Everything that the database holds."""
    with sqlite3.connect(file) as database:
        database.text_factory = bytes
        names = [row[0].decode() for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: sorted(map(repr, database.execute(f'SELECT * FROM "{name}"'))) for name in names}  # noqa: S608
    database.close()
    return found


def closed(file: Path) -> Path:
    """A database that nobody has open any more, without a log."""
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    database.close()
    return file
