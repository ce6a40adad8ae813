"""The forms of the review pages and of the pages of samples. A field that was not sent is empty."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import ReviewCutError
from pipeline.locale import Message
from pipeline.model.digits import western
from pipeline.model.review import CORRECTABLE

Text = Annotated[str, Field(max_length=1000)]
_NUMBERS = re.compile(r"[0-9]+")
_MOST_DIGITS = 6  # no document has so many pages, and no scan so many corrections


class ReviewForm(BaseModel):
    """One action on a document as it stood at `version`; the document's own fields come under their names."""

    model_config = ConfigDict(extra="allow", str_strip_whitespace=True)

    version: str = ""
    page: str = ""
    number: str = ""  # of a file, or of a correction
    to_office: str = ""
    neighbour: str = Field("", alias="with")
    order: str = ""
    flag: str = Field("", alias="say")
    reason: str = ""

    @property
    def values(self) -> dict[str, str]:
        """The document's fields that the form carries; an empty one is cleared."""
        sent = self.model_extra or {}
        return {name: _text(sent[name]) for name in (*CORRECTABLE, "kind") if name in sent}

    @property
    def page_number(self) -> int:
        """Raises `ReviewCutError`."""
        return _number(self.page)

    @property
    def correction_number(self) -> int:
        """Raises `ReviewCutError`."""
        return _number(self.number)

    @property
    def page_order(self) -> list[int]:
        """The present numbers of the pages as they are to follow. Raises `ReviewCutError` for one that no page can have."""
        found = _NUMBERS.findall(western(self.order))
        if any(len(number) > _MOST_DIGITS for number in found):
            raise ReviewCutError(cause=Message("a number is too large"))
        return [int(number) for number in found]


class SampleForm(BaseModel):
    """A sample to be drawn: from which documents, how many percent, how many of a hundred may be wrong."""

    office: Text = ""
    since: Text = ""
    until: Text = ""
    percent: Text = ""
    limit: Text = ""
    seed: Text = ""


class VerdictForm(BaseModel):
    """Whether a document of a sample is right."""

    document: Text = ""
    verdict: Text = ""
    remark: Text = ""


class SignForm(BaseModel):
    """The password of the person who signs; who signs in at the identity provider has none."""

    password: Text = ""


def _text(value: object) -> str:
    """The text of a field; of one that was sent several times, the last."""
    if isinstance(value, list):
        return _text(value[-1]) if value else ""
    return value.strip() if isinstance(value, str) else ""


def _number(written: str) -> int:
    digits = western(written)
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > _MOST_DIGITS:
        raise ReviewCutError(cause=Message("“{written}” is no page", written=digits))
    return int(digits)
