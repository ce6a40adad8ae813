"""Offices and files of the register."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind
from pipeline.locale import N_


class OfficeUnknownError(AbhilekhError):
    """The register has no office of that code."""

    kind = Kind.NOT_FOUND
    code = "office_unknown"
    message = N_("There is no office “{office}” in the register.")
    advice = N_("Enter it with abhilekh office add, or name one that abhilekh office list shows.")


class FileUnknownError(AbhilekhError):
    """The register has no file of that number. `near` names files that it may mean."""

    kind = Kind.NOT_FOUND
    code = "file_unknown"
    message = N_("There is no file “{number}” in the register; alike: {near}.")
    advice = N_("Enter it with abhilekh file add, or give the number as it stands in the register.")


class FileAmbiguousError(AbhilekhError):
    """More than one file of the register has that number."""

    kind = Kind.USAGE
    code = "file_ambiguous"
    message = N_("More than one file has the number “{number}”: {files}.")
    advice = N_("Say which one with --office and --volume.")


class AlreadyRegisteredError(AbhilekhError):
    """The office or file that was to be entered stands in the register already."""

    kind = Kind.USAGE
    code = "already_registered"
    message = N_("“{name}” stands in the register already.")
    advice = N_("Change it with abhilekh file set, or with abhilekh office add --change.")


class RegisterValueError(AbhilekhError):
    """A value for the register was given wrongly. `fix` says what to do."""

    kind = Kind.USAGE
    code = "register_value"
    message = N_("“{value}” cannot be entered as {column}: {cause}.")
    advice = "{fix}"


class RegisterListError(AbhilekhError):
    """A list of offices or files cannot be read or written."""

    kind = Kind.INPUT
    code = "register_list"
    message = N_("The list “{name}” cannot be used: {cause}.")
    advice = N_("Save it as an Excel workbook (.xlsx) or as “CSV UTF-8”, with the headers of docs/operations.md.")


class ListTooLargeError(AbhilekhError):
    """A list is larger than a list may be, or unpacks to more. `cause` names the limit."""

    kind = Kind.INPUT
    code = "list_too_large"
    message = N_("The list “{name}” is too large: {cause}.")
    advice = N_(
        "Take out sheets, columns and pictures that are not needed and save it anew, or split it into several lists."
    )


class ListReaderBusyError(AbhilekhError):
    """As many lists are being read as are read at once."""

    kind = Kind.TRANSIENT
    code = "list_reader_busy"
    message = N_("Other lists are being read.")
    advice = N_("Send the list again in a minute; nothing of it was taken.")


class FileClosedError(AbhilekhError):
    """The file is closed; its figures stand."""

    kind = Kind.USAGE
    code = "file_closed"
    message = N_("The file “{number}” is closed.")
    advice = N_("Open it again with abhilekh file reopen, giving a reason.")


class FileOpenError(AbhilekhError):
    """The file is not closed, so that it cannot be opened again."""

    kind = Kind.USAGE
    code = "file_open"
    message = N_("The file “{number}” is not closed.")
    advice = N_("Nothing has to be done.")


class FiguresDifferError(AbhilekhError):
    """A file was to be closed whose pages by hand and by scan differ."""

    kind = Kind.USAGE
    code = "figures_differ"
    message = N_("The file “{number}” is not closed: counted {counted}, scanned {found}, noted as missing {noted}.")
    advice = N_(
        "Count again or scan what is missing (abhilekh file count, abhilekh file reconcile --missing), or close it with "
        "--signed-by NAME --reason TEXT."
    )


class RegisterBusyError(AbhilekhError):
    """Somebody else has been changing the register all the while."""

    kind = Kind.TRANSIENT
    code = "register_busy"
    message = N_("Somebody else is changing the register.")
    advice = N_("Try again in a moment.")
