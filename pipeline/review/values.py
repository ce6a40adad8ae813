"""Check what a person writes into the fields of a document. Values in, values out; nothing is kept here."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from pipeline.errors import ReviewValueError
from pipeline.extract import file_number
from pipeline.locale import Message
from pipeline.model import typed_date
from pipeline.model.document import Document, DocumentKind
from pipeline.model.page import PERSON
from pipeline.model.register import is_office
from pipeline.model.review import CORRECTABLE, DATES

KIND = "kind"
LONGEST = 2000


def accepted(document: Document, values: Mapping[str, str]) -> dict[str, str | None]:
    """Every field as it is accepted: as written in `values`, else as it stands. Raises `ReviewValueError`."""
    written = {name: checked(name, value) for name, value in values.items()}
    standing = {name: found.value for name in CORRECTABLE if (found := document.fields.get(name)) is not None}
    fields: dict[str, str | None] = dict(standing)
    fields |= {name: value for name, value in written.items() if value or name in standing}
    fields[KIND] = written.get(KIND) or str(document.kind)
    return fields


def corrected(document: Document, values: Mapping[str, str | None]) -> dict[str, str | None]:
    """The fields that are written otherwise than they stand; None stands for the machine's reading. Raises
    `ReviewValueError`."""
    changed: dict[str, str | None] = {}
    for name, value in values.items():
        found = document.fields.get(name)
        if value is None:
            if found is not None and found.by == PERSON:
                changed[name] = None
            continue
        written = checked(name, value)
        standing = str(document.kind) if name == KIND else found.value if found is not None else ""
        if written != standing:
            changed[name] = written
    return changed


def checked(name: str, value: str) -> str:
    """The value as it is kept: one line, NFC, dates as YYYY-MM-DD. Raises `ReviewValueError`."""
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if name != KIND and name not in CORRECTABLE:
        raise _refused(name, text, Message("there is no such field"))
    if len(text) > LONGEST:
        raise _refused(name, text[:40] + "…", Message("it is longer than {most} signs", most=LONGEST))
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise _refused(name, "…", Message("it holds signs that cannot be shown"))
    if name == KIND and text not in set(DocumentKind):
        raise _refused(name, text, Message("there is no such kind of document"))
    if name == "file_no" and text and file_number.parse(text) is None:
        raise _refused(name, text, Message("there is no number in it"))
    if name == "office" and text and not is_office(text):
        raise _refused(name, text, Message("it is no code of an office"))
    return _day(name, text) if name in DATES and text else text


def _day(name: str, text: str) -> str:
    try:
        return typed_date.to_day(text).isoformat()
    except ValueError:
        raise _refused(name, text, Message("it is no date; write 07-11-2004")) from None


def _refused(name: str, value: str, cause: Message) -> ReviewValueError:
    return ReviewValueError(field=name, value=value, cause=cause)
