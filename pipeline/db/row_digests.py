"""A SHA-256 of every row, kept by the database itself in `row_digest`, by which a cell that changed on the disk is found.

Triggers write the digest in the statement that writes the row, so that whatever is written through us has the right one
and a bit that flips below the database has not. In SQLite the hash is a function of ours (every connection of `Database`
has it), in PostgreSQL one of the server's. Tables that are made anew from others, or live for seconds, have none: the full
text and the vocabulary are compared with what they are made of (see `integrity`).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, inspect, text

TABLE = "row_digest"
FUNCTION = "abhilekh_row_digest"
_WITHOUT = frozenset({TABLE, "alembic_version", "part", "unsent", "posting", "word", "sound"})
_VIRTUAL = "page_text"  # FTS5's table, and its own, which begin with this name
_JOINT = "char(31)"  # between the columns of a key: ASCII's unit separator, which stands in no key of ours
SCHEMA = "sqlite_master"  # where SQLite keeps how its tables were made
_SCHEMA_DIGESTS = (
    f"SELECT '{SCHEMA}' AS tbl, CAST(name AS TEXT) AS key, {FUNCTION}('type,name,tbl_name,sql', CAST(type AS BLOB),"  # noqa: S608
    " CAST(name AS BLOB), CAST(tbl_name AS BLOB), CAST(sql AS BLOB)) AS digest FROM sqlite_master"
)
_DOUBLE = struct.Struct(">d")
_REAL = ("REAL", "FLOA", "DOUB")  # in a column's type: SQLite keeps a number with a fraction there

_POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}_of(the_row jsonb) RETURNS bytea LANGUAGE sql IMMUTABLE AS
$$ SELECT sha256(convert_to(jsonb_strip_nulls(the_row)::text, 'UTF8')) $$
"""
_POSTGRES_TRIGGER = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}_keep() RETURNS trigger LANGUAGE plpgsql SET timezone TO 'UTC' AS $$
DECLARE old_key text; new_key text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT string_agg(to_jsonb(OLD) ->> name, chr(31) ORDER BY place) INTO old_key
            FROM unnest(TG_ARGV) WITH ORDINALITY AS columns(name, place);
        DELETE FROM {TABLE} WHERE tbl = TG_TABLE_NAME AND key = old_key;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT string_agg(to_jsonb(NEW) ->> name, chr(31) ORDER BY place) INTO new_key
            FROM unnest(TG_ARGV) WITH ORDINALITY AS columns(name, place);
        INSERT INTO {TABLE}(tbl, key, digest) VALUES (TG_TABLE_NAME, new_key, {FUNCTION}_of(to_jsonb(NEW)));
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 - names are ours


def row_digest(names: str, *values: object) -> bytes:
    """SHA-256 of a row: `names` are its columns, joined by commas. What is NULL does not count, so that a column that is
    added empty changes no digest. Each value stands with its column, its type and its length."""
    found = hashlib.sha256()
    for name, value in zip(names.split(","), values, strict=True):
        if value is not None:
            kind, data = _as_bytes(value)
            found.update(f"{name}\0{kind}{len(data)}\0".encode() + data)
    return found.digest()


def _as_bytes(value: object) -> tuple[str, bytes]:
    if isinstance(value, float):
        return "f", _DOUBLE.pack(value)
    return "b", value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def prepare(connection: Any) -> None:
    """Give a connection of SQLite's driver the function that the triggers call."""
    connection.create_function(FUNCTION, -1, row_digest, deterministic=True)


def tables(connection: Connection) -> list[str]:
    """The tables whose rows have digests, by name."""
    found = inspect(connection).get_table_names()
    return sorted(name for name in found if name not in _WITHOUT and not name.startswith((_VIRTUAL, "sqlite_")))


def key_columns(connection: Connection, table: str) -> list[str]:
    return list(inspect(connection).get_pk_constraint(table)["constrained_columns"])


def install(connection: Connection) -> None:
    """Have triggers keep the digests of every table as its columns are now, and make those that are missing.

    To be called after migrations. Rows of a table whose columns changed get new digests; of all others they stay.
    """
    if not inspect(connection).has_table(TABLE):
        return
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        connection.exec_driver_sql(_POSTGRES_FUNCTION)
        connection.exec_driver_sql(_POSTGRES_TRIGGER)
    for table in tables(connection):
        (_install_sqlite if is_sqlite else _install_postgresql)(connection, table)
    if is_sqlite:
        connection.exec_driver_sql(f"DELETE FROM {TABLE} WHERE tbl = '{SCHEMA}'")  # noqa: S608 - names are ours
        connection.exec_driver_sql(f"INSERT INTO {TABLE}(tbl, key, digest) {_SCHEMA_DIGESTS}")


def schema_differing(connection: Connection) -> list[str]:
    """The names of tables, indexes and triggers that SQLite no longer has as they were made."""
    known = f"SELECT tbl, key, digest FROM {TABLE} WHERE tbl = '{SCHEMA}'"  # noqa: S608 - names are ours
    there = set(_keys(connection, "key", f"({known} EXCEPT {_SCHEMA_DIGESTS})"))
    there |= set(_keys(connection, "key", f"({_SCHEMA_DIGESTS} EXCEPT {known})"))
    return sorted(map(readable, there))


def _install_sqlite(connection: Connection, table: str) -> None:
    wanted = dict(_triggers(connection, table))
    made = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
    there = {name: sql for name, sql, *_ in connection.exec_driver_sql(made, (table,))}
    if all(there.get(name) == sql for name, sql in wanted.items()):
        return
    for name, sql in wanted.items():
        connection.exec_driver_sql(f'DROP TRIGGER IF EXISTS "{name}"')
        connection.exec_driver_sql(sql)
    connection.exec_driver_sql(f"DELETE FROM {TABLE} WHERE tbl = ?", (table,))  # noqa: S608 - names are ours
    key, digest = key_of(connection, table), _digest(connection, table)
    connection.exec_driver_sql(
        f"INSERT INTO {TABLE}(tbl, key, digest) SELECT '{table}', {key}, {digest} FROM \"{table}\""  # noqa: S608
    )


def _triggers(connection: Connection, table: str) -> Iterator[tuple[str, str]]:
    """Name and statement of each. Removing first: the policy of an INSERT OR IGNORE would reach into the trigger."""
    old, new = key_of(connection, table, "OLD."), key_of(connection, table, "NEW.")
    drop = f"DELETE FROM {TABLE} WHERE tbl = '{table}' AND key = {{}}; "  # noqa: S608
    values = f"'{table}', {new}, {_digest(connection, table, 'NEW.')}"
    keep = f"INSERT INTO {TABLE}(tbl, key, digest) VALUES ({values}); "  # noqa: S608
    for what, body in (
        ("INSERT", drop.format(new) + keep),
        ("UPDATE", drop.format(old) + drop.format(new) + keep),
        ("DELETE", drop.format(old)),
    ):
        name = f"digest_{what.lower()}_{table}"
        yield name, f'CREATE TRIGGER "{name}" AFTER {what} ON "{table}" BEGIN {body}END'


def key_of(connection: Connection, table: str, row: str = "") -> str:
    """A row's key in SQLite as one text; `row` is what stands before a column's name."""
    return f" || {_JOINT} || ".join(f'CAST({row}"{name}" AS TEXT)' for name in key_columns(connection, table))


def columns(connection: Connection, table: str) -> list[tuple[str, bool]]:
    """The columns of a table in SQLite, in their order, and whether each is for numbers with a fraction."""
    rows = connection.exec_driver_sql(f'PRAGMA table_info("{table}")').all()
    return [(str(name), any(part in str(kind).upper() for part in _REAL)) for _, name, kind, *_ in rows]


def _digest(connection: Connection, table: str, row: str = "") -> str:
    """The call of our function. Texts go as bytes: damaged ones are no UTF-8, and must not stop it."""
    names, values = [], []
    for name, is_real in columns(connection, table):
        cell = f'{row}"{name}"'
        plain = f"CAST({cell} AS BLOB)"
        values.append(f"CASE typeof({cell}) WHEN 'real' THEN {cell} ELSE {plain} END" if is_real else plain)
        names.append(name)
    return f"{FUNCTION}('{','.join(names)}', {', '.join(values)})"


def _install_postgresql(connection: Connection, table: str) -> None:
    """What the trigger calls takes the row whole. The columns it was made for stand in its comment."""
    columns = ", ".join(column["name"] for column in inspect(connection).get_columns(table))
    trigger = f"digest_{table}"
    there = connection.execute(
        text(
            "SELECT obj_description(oid, 'pg_trigger') FROM pg_trigger"
            " WHERE tgname = :name AND tgrelid = CAST(:of AS regclass)"
        ),
        {"name": trigger, "of": f'"{table}"'},
    ).scalar()
    if there == columns:
        return
    arguments = ", ".join(f"'{name}'" for name in key_columns(connection, table))
    for statement in (
        f'DROP TRIGGER IF EXISTS "{trigger}" ON "{table}"',
        f'CREATE TRIGGER "{trigger}" AFTER INSERT OR UPDATE OR DELETE ON "{table}"'
        f" FOR EACH ROW EXECUTE FUNCTION {FUNCTION}_keep({arguments})",
        f'COMMENT ON TRIGGER "{trigger}" ON "{table}" IS \'{columns}\'',
        "SET LOCAL timezone TO 'UTC'",
        f"DELETE FROM {TABLE} WHERE tbl = '{table}'",  # noqa: S608 - names are ours
        f"INSERT INTO {TABLE}(tbl, key, digest) SELECT '{table}', {_postgresql_key(connection, table)},"  # noqa: S608
        f' {FUNCTION}_of(to_jsonb(t)) FROM "{table}" t',
    ):
        connection.exec_driver_sql(statement)


def _postgresql_key(connection: Connection, table: str) -> str:
    return " || chr(31) || ".join(f"(to_jsonb(t) ->> '{name}')" for name in key_columns(connection, table))


def differing(connection: Connection, table: str) -> list[bytes]:
    """The keys of rows that are not what was written, that have no digest, or that are gone and have one still.

    A key is that of `row_digest`, as bytes: a damaged one need be no text. `readable` is for people.
    """
    key, digest, rows = (_of_sqlite if connection.dialect.name == "sqlite" else _of_postgresql)(connection, table)
    joined = f"{rows} LEFT JOIN {TABLE} d ON d.tbl = '{table}' AND d.key = {key}"
    found = set(_keys(connection, key, f"{joined} WHERE d.digest IS DISTINCT FROM {digest}"))
    rows_there = connection.exec_driver_sql(f"SELECT count(*) FROM {rows}").scalar_one()  # noqa: S608
    of_table = f"{TABLE} WHERE tbl = '{table}'"
    kept = connection.exec_driver_sql(f"SELECT count(*) FROM {of_table}").scalar_one()  # noqa: S608
    if found or rows_there != kept:
        found |= set(_keys(connection, "key", of_table)) - set(_keys(connection, key, rows))
    return sorted(found)


def _of_sqlite(connection: Connection, table: str) -> tuple[str, str, str]:
    """Key, digest and source of the rows; not by an index, which may be damaged for itself."""
    return key_of(connection, table, "t."), _digest(connection, table, "t."), f'"{table}" AS t NOT INDEXED'


def _of_postgresql(connection: Connection, table: str) -> tuple[str, str, str]:
    connection.exec_driver_sql("SET LOCAL timezone TO 'UTC'")
    return _postgresql_key(connection, table), f"{FUNCTION}_of(to_jsonb(t))", f'"{table}" t'


def _keys(connection: Connection, key: str, source: str) -> list[bytes]:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"SELECT CAST({key} AS BLOB) FROM {source}")  # noqa: S608 - names are ours
    else:
        rows = connection.exec_driver_sql(f"SELECT convert_to({key}, 'UTF8') FROM {source}")  # noqa: S608
    return [bytes(found or b"") for (found,) in rows]


def readable(key: bytes) -> str:
    """A key for people: its columns with a blank between them, and signs for what is no text."""
    return key.decode("utf-8", "backslashreplace").replace("\x1f", " ")
