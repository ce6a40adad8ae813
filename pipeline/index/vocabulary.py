"""The words of the full text: kept in step with it, in its transactions, and looked up by form, look and sound.

What makes words alike is decided in `hindi` (forms), `likeness` (look) and `roman` (sound); here are the rows. A word
counts the pages it stands on; numbers and the marks of fields are no words.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, text
from sqlmodel import Session, col, select

from pipeline.db.tables import SoundRow, WordRow
from pipeline.index import hindi, ocr_similarity, roman

_WORDS = Path(__file__).parent / "words" / "hindi.txt"
_AT_ONCE = 500  # values in one statement
_LONGEST = 40  # letters; what is longer was joined by a misread line
_MOST_LOOKED_AT = 10_000  # words of one look or sound, the first of which may be many in a large index
_SURE = 3  # pages (as in _PUT); a word on so many is taken for a word, even if no dictionary knows it
_LAST = "\U0010ffff"
_FAR_AWAY = 100.0  # letters; further than any word is from another

_PUT = (
    "INSERT INTO word(pages, shape, token, sound, sure) VALUES (?, ?, ?, ?, ?) ON CONFLICT (shape, token) DO UPDATE SET"
    " pages = word.pages + excluded.pages, sure = word.sure OR word.pages + excluded.pages >= 3"
)
_SOUNDS = "INSERT INTO sound(sound, shape) VALUES (?, ?) ON CONFLICT DO NOTHING"
_PAGES = (
    "SELECT word.token, word.pages FROM (VALUES {}) AS asked CROSS JOIN word"
    " WHERE word.shape = asked.column1 AND word.token = asked.column2"
)
_LIKE = "SELECT token, pages FROM word WHERE shape IN ({}) AND length(token) BETWEEN {} AND {} LIMIT {}"
_SOUNDING = (
    "SELECT token, pages FROM word WHERE shape IN (SELECT shape FROM sound WHERE sound IN ({0})) AND sound IN ({0})"
    " LIMIT {1}"
)
_LESS = "UPDATE word SET pages = pages - ? WHERE shape = ? AND token = ?"
_DROP = "DELETE FROM word WHERE shape = ? AND token = ? AND pages <= 0"
_PAGES_FIRST = col(WordRow.pages).desc()
# As they stand in the conditions of the indexes, or these are not used.
_IS_SURE, _IS_COMMON = text("sure"), text("pages >= 50")


@dataclass(frozen=True, slots=True)
class KnownWord:
    """A word of the vocabulary, how far it is from the one asked for, and on how many pages it stands."""

    token: str
    pages: int
    distance: float = 0.0


@cache
def dictionary() -> frozenset[str]:
    """Words that are certainly right: those that Debian's Hindi data of Tesseract knows (Apache licence 2.0), analysed."""
    return frozenset(_WORDS.read_text(encoding="utf-8").split())


@cache
def _stems() -> frozenset[str]:
    return frozenset(hindi.stem(word) for word in dictionary())


def is_right(token: str) -> bool:
    """Whether the word, or a form of it, is in the dictionary."""
    return token in dictionary() or (len(token) > ocr_similarity.SHORT and hindi.stem(token) in _stems())


def is_word(token: str) -> bool:
    return len(token) <= _LONGEST and token[:1].isalpha() and ":" not in token


def learn(session: Session, counts: Mapping[str, int]) -> None:
    """Count so many pages more for each of these words."""
    rows = [values(token, pages) for token, pages in counts.items() if is_word(token)]
    rows.sort(key=itemgetter(1, 2))  # as the table is; and in one order, so that writers do not block
    _many(session, _PUT, rows)
    _many(session, _SOUNDS, sorted({(sound, shape) for _, shape, _, sound, _ in rows if sound is not None}))


def empty(session: Session) -> None:
    session.execute(delete(WordRow))
    session.execute(delete(SoundRow))


def forget(session: Session, counts: Mapping[str, int]) -> None:
    """Count so many pages less for each of these words; a word that stands on no page is gone."""
    wanted = sorted(token for token in counts if is_word(token))
    _many(session, _LESS, [(counts[token], ocr_similarity.shape(token), token) for token in wanted])
    _many(session, _DROP, [(ocr_similarity.shape(token), token) for token in wanted])


def values(token: str, pages: int) -> tuple[int, int, str, int | None, bool]:
    """A word's row as `learn` writes it: pages, shape, token, sound, and whether it is sure."""
    return pages, *_measured(token, pages >= _SURE)


@lru_cache(maxsize=100_000)
def _measured(token: str, often: bool) -> tuple[int, str, int | None, bool]:
    sound = roman.sound(token)
    return ocr_similarity.shape(token), token, _number(sound) if sound else None, often or is_right(token)


def _number(sound: str) -> int:
    return zlib.crc32(sound.encode()) >> 1


def _many(session: Session, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement for many rows, handed to the driver as it is: there are a hundred to a page."""
    if rows:
        connection = session.connection()
        sign = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        connection.exec_driver_sql(statement.replace("?", sign), list(rows))


def pages(session: Session, tokens: Sequence[str]) -> dict[str, int]:
    """On how many pages each of these words stands; words that stand on none are left out."""
    found: dict[str, int] = {}
    connection = session.connection()
    sign = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    for start in range(0, len(tokens), _AT_ONCE):
        some = tokens[start : start + _AT_ONCE]
        asked = _PAGES.format(", ".join([f"({sign}, {sign})"] * len(some)))
        named = tuple(value for token in some for value in (ocr_similarity.shape(token), token))
        found |= dict(tuple(row) for row in connection.exec_driver_sql(asked, named))
    return found


def forms(session: Session, tokens: Sequence[str], limit: int) -> dict[str, list[KnownWord]]:
    """Of each of these words the other forms that there are, the commonest first."""
    wanted = {token: hindi.forms(token) - {token} for token in tokens}
    there = pages(session, sorted(set().union(*wanted.values())))
    found = {token: [KnownWord(form, there[form]) for form in some if form in there] for token, some in wanted.items()}
    return {token: sorted(some, key=lambda word: (-word.pages, word.token))[:limit] for token, some in found.items()}


def like(session: Session, token: str) -> list[KnownWord]:
    """Words that recognition, or somebody who types, may have made of this; the nearest first, of these the commonest."""
    shapes = ocr_similarity.shapes_near(token)
    if not shapes:
        return []
    most = ocr_similarity.distances(len(token))
    counts = _joined(session, _LIKE.format(_numbers(shapes), len(token) - most, len(token) + most, _MOST_LOOKED_AT))
    counts.pop(token, None)
    near = [KnownWord(word, counts[word], far) for word, far in ocr_similarity.near(token, list(counts))]
    return sorted(near, key=lambda word: (word.distance, -word.pages, word.token))


def _joined(session: Session, statement: str) -> dict[str, int]:
    """Words and their pages, given as two long lines: thousands of rows come four times as fast as one by one."""
    connection = session.connection()
    join = "group_concat" if connection.dialect.name == "sqlite" else "string_agg"
    asked = f"SELECT {join}(token, ' '), {join}(CAST(pages AS TEXT), ' ') FROM ({statement}) AS found"  # noqa: S608 - ours
    row = connection.exec_driver_sql(asked).one()
    return dict(zip(row[0].split(" "), map(int, row[1].split(" ")), strict=True)) if row[0] else {}


def _numbers(some: Sequence[int]) -> str:
    """Numbers as they stand in a statement: hundreds of them, which as values would each be bound by name."""
    return ",".join(map(str, map(int, some)))


def sounding(session: Session, typed: str, most: float = _FAR_AWAY) -> list[KnownWord]:
    """Words of either script that sound as this one is typed, no further from it than `most`; the nearest first, of these
    the commonest."""
    keys = [_number(key) for key in roman.sounds_of(typed)]
    if not keys:
        return []
    counts = _joined(session, _SOUNDING.format(_numbers(keys), _MOST_LOOKED_AT))
    counts.pop(typed, None)
    near = [KnownWord(word, counts[word], far) for word, far in roman.near(typed, list(counts), most)]
    return sorted(near, key=lambda word: (word.distance, -word.pages, word.token))


def begun(session: Session, beginning: str, limit: int) -> list[KnownWord]:
    """Words that begin so, the commonest first; none that may be a misreading."""
    column = col(WordRow.token)
    if session.get_bind().dialect.name == "sqlite":  # LIKE would not use the index
        where: ColumnElement[bool] = (column >= beginning) & (column < beginning + _LAST)
    else:
        where = column.startswith(beginning, autoescape=True)
    return _surely(session, select(WordRow.token, WordRow.pages).where(where).order_by(_PAGES_FIRST, column), limit)


def commonest(session: Session, limit: int) -> list[KnownWord]:
    """The commonest words, none that may be a misreading."""
    return _surely(session, select(WordRow.token, WordRow.pages).order_by(_PAGES_FIRST, col(WordRow.token)), limit)


def _surely(session: Session, asked: Any, limit: int) -> list[KnownWord]:
    """The first of the words asked for that are surely words: of the common ones where there are enough of these."""
    common = session.execute(asked.where(_IS_COMMON).limit(limit)).all()
    rows = common if len(common) == limit else session.execute(asked.where(_IS_SURE).limit(limit)).all()
    return [KnownWord(*row) for row in rows]
