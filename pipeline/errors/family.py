"""The base of the family: kinds, details and both languages. No single error is known here."""

from __future__ import annotations

import errno
from enum import StrEnum
from typing import ClassVar

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
    """Base of the family. `details` fill the braces of the messages."""

    kind: ClassVar[Kind] = Kind.INTERNAL
    code: ClassVar[str] = "internal"
    en: ClassVar[str] = "Internal error."
    hi: ClassVar[str] = "आंतरिक त्रुटि।"
    advice_en: ClassVar[str] = "Look into the log for the details and report them."
    advice_hi: ClassVar[str] = "विवरण लॉग में देखें और सूचित करें।"

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.text("en"))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.details)

    def text(self, language: str) -> str:
        """The message and the advice in `language` ("en" or "hi")."""
        message, advice = (self.hi, self.advice_hi) if language == "hi" else (self.en, self.advice_en)
        return f"{message} {advice}".format_map(_Blank(self.details_in(language))).strip()

    def details_in(self, language: str) -> dict[str, object]:
        """The details as they are told in `language`: in Hindi, `cause_hi` stands in for `cause` where there is one."""
        cause_hi = {"cause": self.details["cause_hi"]} if language == "hi" and "cause_hi" in self.details else {}
        return {**self.details, **cause_hi}

    @property
    def reason(self) -> str:
        """Both languages in one line, for places that have room for one text only."""
        return f"{self.text('hi')} / {self.text('en')}"


class _Blank(dict[str, object]):
    """Details that were not given show as a question mark instead of breaking the message."""

    def __missing__(self, key: str) -> str:
        return "?"


def _rebuild(cls: type[AbhilekhError], details: dict[str, object]) -> AbhilekhError:
    return cls(**details)


def in_hindi(details: dict[str, object]) -> dict[str, object]:
    """The details with those that were given for Hindi, as `cause_hi`, in the place of the others."""
    return {**details, **{name.removesuffix("_hi"): told for name, told in details.items() if name.endswith("_hi")}}
