"""Whether SQLite's full text and the vocabulary are what the pages' tokens make of them, token by token.

FTS5's own check knows no content here, for the table keeps none: it compares the structure alone, and a flipped bit in a
place or a page's number passes. So both sides are added up: what the index gives, and the tokens that it was given. Which
page differs is told by `checking`, which takes far longer.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection

from pipeline.index import vocabulary
from pipeline.index.textindex import UNCOUNTED, unpack

_WORD = (1 << 64) - 1
_AT_ONCE = 10_000  # rows fetched together
_MOST_NAMED = 5  # words in one message
_AVERAGES = 1  # the row of FTS5's data that holds the number of pages and of tokens, by which hits are ranked
_MORE, _BITS = 0x80, 0x7F  # of SQLite's numbers of several bytes
_STRUCTURE_BYTES = (
    256 << 20
)  # of full text; FTS5's own check holds the lock for writing, for about a second each 100 MB
_BLOCK_BYTES = 4050  # FTS5's own size of a page of its index
_INSTANCES = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.page_text_places USING fts5vocab('main', 'page_text', 'instance')"
_REBUILD = "abhilekh index rebuild"


def faults(connection: Connection) -> list[str]:
    """What differs, in words that name the command that makes it anew; nothing where all is right."""
    try:
        given, sizes, counts = _given(connection)
    except (zlib.error, ValueError, TypeError, IndexError) as error:  # its digest names the row
        return [f"the tokens of a page cannot be read ({error})"]
    found = []
    connection.exec_driver_sql(_INSTANCES)
    if _held(connection) != given:
        found.append(f"the full text differs from the pages' tokens ({_REBUILD})")
    if dict(_sizes(connection)) != sizes or _averages(connection) != (len(sizes), sum(sizes.values())):
        found.append(f"the lengths of pages in the full text differ ({_REBUILD})")
    wrong = sorted(set(_miscounted(connection, counts)))
    if wrong:
        found.append(f"the vocabulary differs: {', '.join(wrong[:_MOST_NAMED])} ({_REBUILD})")
    return found


def structure(connection: Connection) -> None:
    """FTS5's own check, of how its pages lead to each other: by these a query finds its way. For a connection that may
    write, though nothing is written. Raises what the driver raises for damage; a large index is passed over."""
    blocks = connection.exec_driver_sql("SELECT count(*) FROM page_text_data").scalar_one()
    if blocks * _BLOCK_BYTES <= _STRUCTURE_BYTES:
        connection.exec_driver_sql("INSERT INTO page_text(page_text) VALUES ('integrity-check')")


def _given(connection: Connection) -> tuple[int, dict[int, int], Counter[str]]:
    """Of the tokens that pages were put in with: their sum, how many each page has, and on how many pages words stand."""
    total, sizes, counts = 0, dict[int, int](), Counter[str]()
    rows = connection.exec_driver_sql("SELECT page_id, tokens, version FROM indexed")
    for page, packed, version in rows.yield_per(_AT_ONCE):
        tokens = unpack(packed)
        total += sum(hash((token, page, place)) for place, token in enumerate(tokens))
        if tokens:
            sizes[page] = len(tokens)
        if version > UNCOUNTED:
            counts.update({token for token in tokens if vocabulary.is_word(token)})
    return total & _WORD, sizes, counts


def _held(connection: Connection) -> int:
    """The same sum of what the index gives."""
    rows = connection.exec_driver_sql("SELECT term, doc, offset FROM temp.page_text_places")
    return sum(hash(tuple(row)) for row in rows.yield_per(_AT_ONCE)) & _WORD


def _sizes(connection: Connection) -> Iterator[tuple[int, int]]:
    for page, size in connection.exec_driver_sql("SELECT id, sz FROM page_text_docsize"):
        yield page, _numbers(size)[0]


def _averages(connection: Connection) -> tuple[int, int]:
    """How many pages and tokens the index says it holds."""
    block = connection.exec_driver_sql(f"SELECT block FROM page_text_data WHERE id = {_AVERAGES}").scalar()  # noqa: S608
    pages, tokens = (*_numbers(block or b""), 0, 0)[:2]
    return pages, tokens


def _numbers(data: bytes) -> list[int]:
    """SQLite's numbers of several bytes, seven bits in each, the highest first."""
    found, number = [], 0
    for byte in data:
        number = number << 7 | byte & _BITS
        if not byte & _MORE:
            found.append(number)
            number = 0
    return found or [0]


def _miscounted(connection: Connection, counts: Counter[str]) -> Iterator[str]:
    """Words whose row is not what it would be written as; `sure` is remembered when a word grows rarer, so may be more."""
    left = dict(counts)
    sounds = {tuple(row) for row in connection.exec_driver_sql("SELECT sound, shape FROM sound")}
    rows = connection.exec_driver_sql("SELECT token, pages, shape, sound, sure FROM word")
    for token, pages, shape, sound, sure in rows.yield_per(_AT_ONCE):
        expected = vocabulary.values(token, left.pop(token, 0))
        is_written = (pages, shape, token, sound) == expected[:4] and sure in (0, 1) and bool(sure) >= expected[4]
        if not is_written or (sound is not None and (sound, shape) not in sounds):
            yield str(token)
    yield from left
