"""The base of the family: kinds, details and languages. No single error is known here."""

from __future__ import annotations

import errno
from enum import StrEnum
from typing import ClassVar

from pipeline.locale import N_, translations
from pipeline.locale.message import filled

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})  # what the system says when a disk or a quota is full


class Kind(StrEnum):
    """Whose turn it is: the person who gave the input, the one who typed, the administrator, time, or us."""

    INPUT = "input"
    USAGE = "usage"
    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    SIGN_IN = "sign_in"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    MISSING = "missing"
    TRANSIENT = "transient"
    INTERNAL = "internal"


class AbhilekhError(Exception):
    """Base of the family. `details` fill the braces of message and advice; one that is a text of ours is a `Message`."""

    kind: ClassVar[Kind] = Kind.INTERNAL
    code: ClassVar[str] = "internal"
    message: ClassVar[str] = N_("Internal error.")
    advice: ClassVar[str] = N_("Look into the log for the details and report them.")
    page_advice: ClassVar[str | None] = None  # on a page, whose reader has no shell; None: as `advice`

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.text("en"))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.details)

    def text(self, language: str) -> str:
        """The message and the advice in `language` ("en", "hi" …)."""
        return self._with(self.advice, language)

    def page_text(self, language: str) -> str:
        """As `text`, for a reader who has a browser and no shell."""
        return self._with(self.advice if self.page_advice is None else self.page_advice, language)

    def _with(self, advice: str, language: str) -> str:
        look_up = translations(language).gettext
        return filled(f"{look_up(self.message)} {look_up(advice)}", self.details, language).strip()

    @property
    def reason(self) -> str:
        """Both languages in one line, for places that have room for one text only."""
        return f"{self.text('hi')} / {self.text('en')}"


def _rebuild(cls: type[AbhilekhError], details: dict[str, object]) -> AbhilekhError:
    return cls(**details)
