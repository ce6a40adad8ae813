"""What is wrong with a scanned file or a page of it."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind
from pipeline.locale import N_


class InputError(AbhilekhError):
    """A scanned file cannot be taken in as it is. A person has to do something about it."""

    kind = Kind.INPUT
    code = "input"


class IncompleteScanError(InputError):
    """The file ends too early, or is damaged. It may still be growing."""

    code = "incomplete_scan"
    message = N_("The file “{name}” is cut short or damaged ({cause}).")
    advice = N_("Copy it again from the scanner, or scan the sheets again.")


class EmptyScanError(IncompleteScanError):
    """The file has no bytes at all."""

    code = "empty_scan"
    message = N_("The file “{name}” is empty (0 bytes).")


class NoPagesError(InputError):
    """The file is whole but holds no page."""

    code = "no_pages"
    message = N_("The file “{name}” contains no pages.")
    advice = N_("Scan the sheets again.")


class EncryptedScanError(InputError):
    """The PDF asks for a password."""

    code = "encrypted_scan"
    message = N_("The PDF “{name}” is locked with a password.")
    advice = N_("Save it without a password and drop it in again.")


class UnknownMediaError(InputError):
    """The content is none of the formats a scanner makes."""

    code = "unknown_media"
    message = N_("The file “{name}” is not a scan: its content is neither PDF, TIFF, JPEG nor PNG.")
    advice = N_("Set the scanner to PDF or TIFF and scan again; the ending of the name does not matter.")


class OversizedPageError(InputError):
    """A page has more pixels than a sheet of paper can need."""

    code = "oversized_page"
    message = N_("Page {page} of “{name}” is too large ({pixels} pixels; the limit is {limit}).")
    advice = N_("Scan it again at 300 dpi.")


class UnreasonableScanError(InputError):
    """Opening the file needs more than any scan does: it unpacks without end, or it crashes what opens it."""

    code = "unreasonable_scan"
    message = N_("The file “{name}” cannot be opened as a scan can ({cause}).")
    advice = N_("Scan the sheets again; if somebody sent the file, show it to the administrator first.")


class NotAFileError(InputError):
    """The path is a link, a device or something else that is not a plain file."""

    code = "not_a_file"
    message = N_("“{name}” is not a plain file.")
    advice = N_("Drop in the scanned file itself, not a link to it.")


class LinkedFileError(NotAFileError):
    """The file has several names (hard links): another one may lead to it from where the sharer may not read."""

    code = "linked_file"
    message = N_("“{name}” has several names (hard links).")
    advice = N_("Copy the scan into the inbox; do not link it. What lies under its other names stays as it is.")


class UnreadablePageError(AbhilekhError):
    """One page could not be turned into text; it is filed without text and flagged."""

    kind = Kind.INPUT
    code = "unreadable_page"
    message = N_("Page {page} could not be read ({cause}).")
    advice = N_("Look at the page in the review list and scan it again if need be.")


class SlowPageError(UnreadablePageError):
    """Work on a page hit its limit of processor time; it is tried again later, alone, and flagged until then."""

    code = "slow_page"
    message = N_("Page {page} takes more than {seconds} s of processor time.")
    advice = N_("It is tried again by itself, alone. For large plans raise work.draw_seconds and work.page_seconds.")


class HeavyScanError(InputError):
    """The pages of a file take more processor time than scans do: it is made to do harm, or holds something else."""

    code = "heavy_scan"
    message = N_(
        "The pages of “{name}” take too much processor time ({spent} s; the limit is {limit} s; {slow} too slow)."
    )
    advice = N_(
        "The file and the pages read so far are kept. Scan the sheets again; if somebody sent the file, show it to the "
        "administrator. Of genuine plans raise work.batch_seconds, then run: abhilekh retry {batch}"
    )


class NotOnePageError(InputError):
    """A scan that is to stand for one page holds several."""

    code = "not_one_page"
    message = N_("“{name}” holds {pages} pages; one page is to be replaced by one.")
    advice = N_("Scan just that sheet, one side of it, and send it again.")
