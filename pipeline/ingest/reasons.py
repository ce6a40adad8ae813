"""Why a file waits in the inbox, and what happens to it next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import AbhilekhError
from pipeline.locale import N_, Message


@dataclass(frozen=True, slots=True)
class ErrorTexts:
    """What an error says, without the error: the same words are the same reason, and no traceback is kept for as long as a
    file waits."""

    en: str
    hi: str

    @classmethod
    def of(cls, error: AbhilekhError) -> ErrorTexts:
        return cls(error.text("en"), error.text("hi"))

    def text(self, language: str) -> str:
        return self.en if language == "en" else self.hi


@dataclass(frozen=True, slots=True)
class WaitReason:
    """Why a file waits. The code is that of the error, or one of those below."""

    code: str
    words: Message | ErrorTexts

    @property
    def en(self) -> str:
        return self.words.text("en")

    @property
    def hi(self) -> str:
        return self.words.text("hi")


GROWING = WaitReason("growing", Message("It is still being written."))
GROUP = WaitReason("group", Message("The rest of its group is awaited."))

_NEXT = {
    "settles": N_("It is taken in as soon as it holds still."),
    "marker": N_("It is taken in when the file comes that ends the group."),
    "taken": N_("It is taken in at {at} if nothing more comes."),
    "rejected": N_("It is rejected at {at} if nothing changes."),
    "set_aside": N_("It is set aside at {at} if no pages come."),
    "retried": N_("It is tried again by itself."),
}


def reason_of(error: Exception) -> WaitReason:
    """What an error means for the file that met it."""
    if isinstance(error, AbhilekhError):
        return WaitReason(error.code, ErrorTexts.of(error))
    if isinstance(error, OSError):
        cause = error.strerror or type(error).__name__
        return WaitReason("unreadable_file", Message("It cannot be taken in now ({cause}).", cause=cause))
    cause = type(error).__name__
    return WaitReason("internal", Message("Internal error ({cause}); see the log.", cause=cause))


def next_in_words(then: str, at: datetime | None) -> Message:
    """What happens next; times in this machine's zone, with the day unless it is today."""
    local = at.astimezone() if at else None
    is_today = local is not None and local.date() == datetime.now().astimezone().date()
    due = local.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M") if local else ""
    return Message(_NEXT.get(then, _NEXT["retried"]), at=due)
