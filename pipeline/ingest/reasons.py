"""Why a file waits in the inbox, in both languages, and what happens to it next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import AbhilekhError


@dataclass(frozen=True, slots=True)
class WaitReason:
    """Why a file waits. The code is that of the error, or one of those below."""

    code: str
    en: str
    hi: str


GROWING = WaitReason("growing", "It is still being written.", "यह अभी लिखी जा रही है।")
GROUP = WaitReason("group", "The rest of its group is awaited.", "इसके समूह के बाकी पन्नों की प्रतीक्षा है।")

_NEXT = {
    "settles": ("It is taken in as soon as it holds still.", "लिखना पूरा होते ही यह ले ली जाएगी।"),
    "marker": ("It is taken in when the file comes that ends the group.", "समूह पूरा होने की फ़ाइल आते ही यह ले ली जाएगी।"),
    "taken": ("It is taken in at {at} if nothing more comes.", "और कुछ न आया, तो {at} बजे यह ले ली जाएगी।"),
    "rejected": ("It is rejected at {at} if nothing changes.", "कुछ न बदला, तो {at} बजे यह अस्वीकृत होगी।"),
    "set_aside": ("It is set aside at {at} if no pages come.", "पन्ने न आए, तो {at} बजे यह अलग रख दी जाएगी।"),
    "retried": ("It is tried again by itself.", "अपने आप फिर कोशिश होगी।"),
}


def reason_of(error: Exception) -> WaitReason:
    """What an error means for the file that met it."""
    if isinstance(error, AbhilekhError):
        return WaitReason(error.code, error.text("en"), error.text("hi"))
    if isinstance(error, OSError):
        cause = error.strerror or type(error).__name__
        return WaitReason(
            "unreadable_file", f"It cannot be taken in now ({cause}).", f"इसे अभी नहीं लिया जा सका ({cause})।"
        )
    cause = type(error).__name__
    return WaitReason("internal", f"Internal error ({cause}); see the log.", f"आंतरिक त्रुटि ({cause}); लॉग देखें।")


def next_in_words(then: str, at: datetime | None) -> tuple[str, str]:
    """What happens next, in English and Hindi; times in this machine's zone, with the day unless it is today."""
    english, hindi = _NEXT.get(then, _NEXT["retried"])
    local = at.astimezone() if at else None
    is_today = local is not None and local.date() == datetime.now().astimezone().date()
    due = local.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M") if local else ""
    return english.format(at=due), hindi.format(at=due)
