"""Check what a person writes into the fields of a document. Values in, values out; nothing is kept here."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from pipeline.errors import ReviewValueError
from pipeline.extract import file_number
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
        raise _refused(name, text, "there is no such field", "ऐसा कोई खाना नहीं है")
    if len(text) > LONGEST:
        raise _refused(name, text[:40] + "…", f"it is longer than {LONGEST} signs", f"यह {LONGEST} चिह्नों से लंबा है")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise _refused(name, "…", "it holds signs that cannot be shown", "इसमें ऐसे चिह्न हैं जो दिख नहीं सकते")
    if name == KIND and text not in set(DocumentKind):
        raise _refused(name, text, "there is no such kind of document", "ऐसा कोई प्रकार नहीं है")
    if name == "file_no" and text and file_number.parse(text) is None:
        raise _refused(name, text, "there is no number in it", "इसमें कोई संख्या नहीं है")
    if name == "office" and text and not is_office(text):
        raise _refused(name, text, "it is no code of an office", "यह कार्यालय का कोड नहीं है")
    return _day(name, text) if name in DATES and text else text


def _day(name: str, text: str) -> str:
    try:
        return typed_date.to_day(text).isoformat()
    except ValueError:
        raise _refused(name, text, "it is no date; write 7.11.2004", "यह तारीख़ नहीं है; 7.11.2004 की तरह लिखें") from None


def _refused(name: str, value: str, cause: str, cause_hi: str) -> ReviewValueError:
    return ReviewValueError(field=name, value=value, cause=cause, cause_hi=cause_hi)
