"""What is sent from a browser or a program."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind
from pipeline.errors.scans import InputError
from pipeline.locale import N_


class TooLargeError(AbhilekhError):
    """More was sent than this address takes."""

    kind = Kind.TOO_LARGE
    code = "too_large"
    message = N_("More was sent than is taken here (at most {limit}).")
    advice = N_("Send less at a time; scans go through the upload page or the inbox.")


class UploadTooLargeError(AbhilekhError):
    """An upload is announced, or turns out, larger than may be sent."""

    kind = Kind.INPUT
    code = "upload_too_large"
    message = N_("“{name}” is too large to be sent here (the limit is {limit} MB).")
    advice = N_("Put it into the inbox folder, or send it in parts.")


class TooManyUploadsError(AbhilekhError):
    """Somebody has begun more uploads than may be open at once."""

    kind = Kind.TRANSIENT
    code = "too_many_uploads"
    message = N_("{count} uploads of yours are unfinished.")
    advice = N_("Let some of them end, or cancel those that you do not need.")


class UploadOffsetError(AbhilekhError):
    """Bytes were sent for another place than the one where the upload stands."""

    kind = Kind.USAGE
    code = "upload_offset"
    message = N_("The upload stands at byte {offset}, and other bytes came.")
    advice = N_("Ask where it stands, and go on from there.")


class UploadChangedError(AbhilekhError):
    """What arrived is not what was sent: the checksums differ."""

    kind = Kind.INPUT
    code = "upload_changed"
    message = N_("“{name}” was changed on its way (the checksums differ).")
    advice = N_("Send it again.")


class PageMovedError(InputError):
    """A page that a new scan was to stand for has come to another office while the scan was on its way."""

    code = "page_moved"
    message = N_("“{name}” was to replace a page that belongs to another office by now; nothing was replaced.")
    advice = N_("Ask that office to replace the page; the new scan lies in rejected/.")
