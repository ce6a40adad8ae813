"""The words of the full text: kept in step with it, in its transactions, and looked up by form, look and sound.

What makes words alike is decided in `hindi` (forms), `likeness` (look) and `roman` (sound); here are the rows. A word
counts the pages it stands on; numbers and the marks of fields are no words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, or_
from sqlmodel import Session, col, select

from pipeline.index import hindi, likeness, roman
from pipeline.index.tables import LikenessRow, WordRow

_WORDS = Path(__file__).parent / "words" / "hindi.txt"
_AT_ONCE = 500  # values in one statement
_LONGEST = 40  # letters; what is longer was joined by a misread line
_MOST_LOOKED_AT = 10_000  # words of one look or sound, the first of which may be many in a large index
_LAST = "\U0010ffff"

_MORE = "UPDATE word SET pages = pages + ? WHERE token = ?"
_LESS = "UPDATE word SET pages = pages - ? WHERE token = ?"
_NEW = (
    "INSERT INTO word(pages, token, stem, sound) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (token) DO UPDATE SET pages = word.pages + excluded.pages"
)
_LIKE = "INSERT INTO likeness(key, word_id) VALUES (?, ?) ON CONFLICT DO NOTHING"


@dataclass(frozen=True, slots=True)
class Known:
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
    return token in dictionary() or (len(token) > likeness.SHORT and hindi.stem(token) in _stems())


def is_word(token: str) -> bool:
    return len(token) <= _LONGEST and token[:1].isalpha() and ":" not in token


def learn(session: Session, counts: Mapping[str, int]) -> None:
    """Count so many pages more for each of these words."""
    wanted = sorted(token for token in counts if is_word(token))  # in one order, so that writers do not block
    there = {word.token for word in _rows(session, wanted)}
    if there:
        _many(session, _MORE, [(counts[token], token) for token in wanted if token in there])
    new = [token for token in wanted if token not in there]
    if not new:
        return
    _many(session, _NEW, [_values(token, counts[token]) for token in new])
    _many(session, _LIKE, [(key, row.id) for row in _rows(session, new) for key in sorted(likeness.keys(row.token))])


def forget(session: Session, counts: Mapping[str, int]) -> None:
    """Count so many pages less for each of these words; a word that stands on no page is gone."""
    wanted = sorted(token for token in counts if is_word(token))
    if not wanted:
        return
    _many(session, _LESS, [(counts[token], token) for token in wanted])
    for row in list(_rows(session, wanted)):
        if row.pages <= 0:
            keys = likeness.keys(row.token)
            session.execute(
                delete(LikenessRow).where(col(LikenessRow.key).in_(keys), col(LikenessRow.word_id) == row.id)
            )
            session.execute(delete(WordRow).where(col(WordRow.id) == row.id))


def _values(token: str, pages: int) -> tuple[int, str, str | None, str | None]:
    stem = hindi.stem(token)
    return pages, token, stem if stem != token else None, roman.sound(token) or None


def _many(session: Session, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement for many rows, handed to the driver as it is: there are a hundred to a page."""
    if rows:
        connection = session.connection()
        sign = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        connection.exec_driver_sql(statement.replace("?", sign), list(rows))


def _rows(session: Session, tokens: Sequence[str]) -> Iterator[Any]:
    for start in range(0, len(tokens), _AT_ONCE):
        slice_ = tokens[start : start + _AT_ONCE]
        yield from session.execute(
            select(WordRow.id, WordRow.token, WordRow.pages).where(col(WordRow.token).in_(slice_))
        )


def pages(session: Session, tokens: Sequence[str]) -> dict[str, int]:
    """On how many pages each of these words stands; words that stand on none are left out."""
    return {row.token: row.pages for row in _rows(session, tokens)}


def forms(session: Session, token: str, limit: int) -> list[Known]:
    """Other forms of the word, the commonest first."""
    stem = hindi.stem(token)
    found = select(WordRow.token, WordRow.pages).where(
        or_(col(WordRow.stem) == stem, col(WordRow.token) == stem), WordRow.token != token
    )
    rows = session.execute(found.order_by(col(WordRow.pages).desc(), col(WordRow.token)).limit(limit))
    return [Known(*row) for row in rows]


def like(session: Session, token: str) -> list[Known]:
    """Words that recognition, or somebody who types, may have made of this; the nearest first, of these the commonest."""
    keys = likeness.keys(token)
    if not keys:
        return []
    found = (
        select(WordRow.token, WordRow.pages)
        .join(LikenessRow, col(LikenessRow.word_id) == col(WordRow.id))
        .where(col(LikenessRow.key).in_(keys), WordRow.token != token)
        .limit(_MOST_LOOKED_AT)
    )
    counts: dict[str, int] = dict(tuple(row) for row in session.execute(found))
    near = [Known(word, counts[word], far) for word, far in likeness.near(token, list(counts))]
    return sorted(near, key=lambda word: (word.distance, -word.pages, word.token))


def sounding(session: Session, typed: str) -> list[Known]:
    """Words of either script that sound as this one is typed; the nearest first, of these the commonest."""
    keys = roman.sounds_of(typed)
    if not keys:
        return []
    found = select(WordRow.token, WordRow.pages).where(col(WordRow.sound).in_(keys), WordRow.token != typed)
    rows = session.execute(found.order_by(col(WordRow.pages).desc()).limit(_MOST_LOOKED_AT))
    near = [Known(word, count, roman.apart(typed, word)) for word, count in rows]
    return sorted(near, key=lambda word: (word.distance, -word.pages, word.token))


def begun(session: Session, beginning: str, limit: int) -> list[Known]:
    """Words that begin so, the commonest first."""
    column = col(WordRow.token)
    if session.get_bind().dialect.name == "sqlite":
        where: ColumnElement[bool] = (column >= beginning) & (
            column < beginning + _LAST
        )  # LIKE would not use the index
    else:
        where = column.startswith(beginning, autoescape=True)
    found = select(WordRow.token, WordRow.pages).where(where).order_by(col(WordRow.pages).desc(), column)
    return [Known(*row) for row in session.execute(found.limit(limit))]
