"""The full text and the vocabulary of pages, kept in step with their rows in the same transaction.

Which tokens a page stands under: those of its text (as a person set it right, else as it was read); the year, office, kind
and state of its document; and on a document's first page its file number, whole and in parts, the words of its subject, and
those that a person wrote into its fields.
Tokens of fields begin with a letter and a colon, keys of file numbers with #. Every token is one that `engines.is_token`
knows: FTS5 splits others, and a word of a state would be found as a word of the page.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Select
from sqlmodel import Session, col, select

from pipeline.db.database import Database
from pipeline.db.tables import DocumentRow, IndexedRow, PageRow
from pipeline.index import hindi, vocabulary
from pipeline.index.engines import TextEngine, engine_for
from pipeline.model.document import StoredField
from pipeline.model.page import PERSON

STRICT, CORE, OCR = "#", "#c:", "#o:"  # keys of a file number, from the strict to the forgiving
YEAR, OFFICE, KIND, STATE = "y:", "o:", "k:", "t:"
FILE, SUBJECT = "f:", "s:"
# Devanagari in the upper half of one byte; what stands there otherwise is not written so.
_TO_BYTES = {0x900 + i: 0x80 + i for i in range(0x80)} | {0x80 + i: 0x900 + i for i in range(0x80)}
_FROM_BYTES = "".join(map(chr, range(0x80))) + "".join(map(chr, range(0x900, 0x980)))
UNCOUNTED = 1  # the version of the rules before there was a vocabulary: it does not count pages under them
_IN_WORDS = frozenset({"subject", "sender", "recipient", "signatory", "designation"})  # fields that are said in words
_AT_ONCE = 500  # pages in one statement
_STRANGE = re.compile(r"[^\w#/:]|_", re.ASCII)  # of ASCII; what stands above it is part of a token everywhere
_LEAST_CORE = 2  # numbers in a core: a single one is shared by too many files


class Number(Protocol):
    """A file number as it was understood."""

    @property
    def key(self) -> str: ...
    @property
    def core(self) -> str: ...
    @property
    def ocr(self) -> str: ...


Understand = Callable[[str], Number | None]


class TextIndex:
    """Puts pages into the full text and takes them out. `understand` reads file numbers; without it only keys are known."""

    version = hindi.VERSION

    def __init__(self, engine: TextEngine, understand: Understand | None = None) -> None:
        self.engine = engine
        self.understand = understand

    def put(self, session: Session, pages: Sequence[tuple[PageRow, DocumentRow]]) -> None:
        """Make pages findable as they now stand."""
        rows = self._rows(session, [page.id or 0 for page, _ in pages])
        more, less = Counter[str](), Counter[str]()
        for page, document in pages:
            ident, new = page.id or 0, self.tokens(page, document)
            row = rows.get(ident)
            old = unpack(row.tokens) if row else []
            if old != new:
                self.engine.replace(session, ident, old, new)
            known = old if row and is_counted(row.version) else []
            more.update(set(new).difference(known))
            less.update(set(known).difference(new))
            if row is None:
                session.add(IndexedRow(page_id=ident, tokens=pack(new), version=hindi.VERSION))
            elif old != new or row.version != hindi.VERSION:
                row.tokens, row.version = pack(new), hindi.VERSION
                session.add(row)
        session.flush()
        vocabulary.forget(session, less)
        vocabulary.learn(session, more)

    def take(self, session: Session, page_ids: Sequence[int]) -> None:
        """Make pages unfindable; nothing happens to one that is not there."""
        less = Counter[str]()
        for ident, row in self._rows(session, page_ids).items():
            old = unpack(row.tokens)
            self.engine.replace(session, ident, old, [])
            less.update(set(old) if is_counted(row.version) else ())
            session.delete(row)
        session.flush()
        vocabulary.forget(session, less)

    def _rows(self, session: Session, page_ids: Sequence[int]) -> dict[int, IndexedRow]:
        found: dict[int, IndexedRow] = {}
        for start in range(0, len(page_ids), _AT_ONCE):
            some = col(IndexedRow.page_id).in_(page_ids[start : start + _AT_ONCE])
            found |= {row.page_id: row for row in session.exec(select(IndexedRow).where(some))}
        return found

    def tokens(self, page: PageRow, document: DocumentRow) -> list[str]:
        """Everything the page stands under, in a fixed order; the text comes first."""
        return tokens(IndexedDocument.of(page, document), self.understand)


def index_for(database: Database, understand: Understand | None = None) -> TextIndex:
    """The full text that the database itself keeps."""
    return TextIndex(engine_for(database), understand)


class IndexedDocument(NamedTuple):
    """What of a page and its document is put into the full text; from `subject` on, of its document."""

    text: str
    number: int | None
    subject: str | None
    file_no: str | None
    file_key: str | None
    kind: str
    state: str
    year: int | None
    office: str | None
    by_person: str = ""  # what a person wrote into its fields

    @classmethod
    def of(cls, page: PageRow, document: DocumentRow) -> IndexedDocument:
        return cls(
            page.text if page.corrected is None else page.corrected,
            page.number,
            document.subject,
            document.file_no,
            document.file_key,
            str(document.kind),
            str(document.state),
            document.dated.year if document.dated else None,
            document.office,
            words_by_person(document.fields),
        )


def tokens(shown: IndexedDocument, understand: Understand | None) -> list[str]:
    """What `TextIndex.tokens` gives, of values that may come from another process."""
    found = hindi.terms(shown.text)
    if shown.number == 1:
        found += hindi.terms(shown.by_person)
        found += [SUBJECT + token for token in hindi.terms(shown.subject or "")]
        found += _of_number(shown, understand)
    found += [KIND + code_token(shown.kind), STATE + code_token(shown.state)]
    if shown.year:
        found.append(f"{YEAR}{shown.year}")
    if shown.office:
        found.append(OFFICE + office_token(shown.office))
    return found


def _of_number(shown: IndexedDocument, understand: Understand | None) -> list[str]:
    number = understand(shown.file_no) if understand and shown.file_no else None
    key = shown.file_key or (number.key if number else None)
    found = [f"{STRICT}{one_token(key)}"] if key else []
    if number:
        if number.core.count("/") + 1 >= _LEAST_CORE:
            found.append(f"{CORE}{one_token(number.core)}")
        found.append(OCR + run_together(number.ocr))
    return found + [FILE + token for token in hindi.terms(shown.file_no or shown.file_key or "")]


def words_by_person(fields: Mapping[str, StoredField]) -> str:
    """What a person wrote into fields, as words: it may stand in no page's text."""
    return "\n".join(
        found["value"] for name, found in fields.items() if found.get("by") == PERSON and name in _IN_WORDS
    )


def is_counted(version: int) -> bool:
    """Whether the vocabulary counts a page that stands under the rules of this version; below zero it waits besides."""
    return abs(version) > UNCOUNTED


def one_token(key: str) -> str:
    """A key without blanks; a sign at which an engine would split it becomes a stroke, which its keys have anyway."""
    return _on_strokes("".join(key.casefold().split()))


def code_token(code: str) -> str:
    """The code of a kind or a state as one token: `needs_review` is `needs/review`."""
    return _on_strokes("/".join(code.casefold().split()))


def _on_strokes(text: str) -> str:
    return "".join("/" if char.isascii() and _STRANGE.match(char) else char for char in text)


def run_together(key: str) -> str:
    """A key without its joints: a letter misread for a digit cut the number in other places."""
    return one_token(key.replace("/", ""))


def office_token(office: str) -> str:
    """An office's code as one token: its letters, signs and digits."""
    return "/".join(hindi.terms(office))


def pack(tokens: Sequence[str]) -> bytes:
    """The tokens in one line, Hindi letters as one byte each, compressed."""
    line = " ".join(tokens).translate(_TO_BYTES)
    try:
        return b"\1" + zlib.compress(line.encode("latin-1"), 9)
    except UnicodeEncodeError:  # other scripts as well
        return b"\0" + zlib.compress(" ".join(tokens).encode(), 9)


def unpack(data: bytes) -> list[str]:
    line = zlib.decompress(data[1:])
    return (codecs.charmap_decode(line, "strict", _FROM_BYTES)[0] if data[:1] == b"\1" else line.decode()).split()


def waiting(limit: int) -> Select[Any]:
    """Pages of documents that are not in the full text by the rules of this version, the newest first."""
    joined = select(PageRow.id).join(IndexedRow, col(IndexedRow.page_id) == col(PageRow.id), isouter=True)
    where = (col(IndexedRow.version).is_(None)) | (col(IndexedRow.version) != hindi.VERSION)
    return joined.where(col(PageRow.document_id).is_not(None), where).order_by(col(PageRow.id).desc()).limit(limit)


def refresh(session: Session, index: TextIndex, limit: int) -> int:
    """Put up to so many waiting pages into the full text by the rules of this version; returns how many there were."""
    found = session.exec(
        select(PageRow, DocumentRow)
        .join(DocumentRow, col(PageRow.document_id) == col(DocumentRow.id))
        .where(col(PageRow.id).in_(session.scalars(waiting(limit)).all()))
    ).all()
    index.put(session, found)
    return len(found)
