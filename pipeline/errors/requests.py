"""What somebody asked for or typed and cannot have: a command, a setting, a list, a number, a search."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind
from pipeline.errors.scans import InputError
from pipeline.locale import N_


class RequestError(AbhilekhError):
    """A page or a program asked the web part for something in a way that it does not understand."""

    kind = Kind.USAGE
    code = "request"
    message = N_("This was not understood: {cause}")
    advice = N_("Correct it and try again; programs find every address described under /api.")


class UsageError(AbhilekhError):
    """A command or setting was given wrongly."""

    kind = Kind.USAGE
    code = "usage"
    message = "{cause}"
    advice = N_("See the command's --help.")


class UnstorableValueError(AbhilekhError):
    """A value cannot stand in the database, so that nothing can be found or kept by it."""

    kind = Kind.USAGE
    code = "unstorable_value"
    message = N_("A number that was sent is too large, or a text holds signs that are none.")
    advice = N_("Send it again without them; nothing was changed.")


class SettingsError(AbhilekhError):
    """The configuration cannot be used."""

    kind = Kind.USAGE
    code = "settings"
    message = N_("The setting {setting} in {origin} is wrong: {cause}.")
    advice = N_("Correct it; config/abhilekh.toml explains every setting.")


class ProfileError(AbhilekhError):
    """A scanner profile cannot be used."""

    kind = Kind.USAGE
    code = "profile"
    message = N_("The scanner profile {origin} is wrong in line {line}: {cause}.")
    advice = N_("Correct it; scanners/README.md explains every key.")


class NumberFormsError(AbhilekhError):
    """A file of forms of file numbers cannot be used."""

    kind = Kind.USAGE
    code = "number_forms"
    message = N_("The file of number forms {origin} is wrong in line {line}: {cause}.")
    advice = N_("Correct it, or take the entry out; docs/file-numbers.md explains how a form is written.")


class NotANumberError(AbhilekhError):
    """What was typed is no file number. `cause` says why and what to do."""

    kind = Kind.USAGE
    code = "not_a_number"
    message = N_("“{text}” is not a file number: {cause}.")
    advice = N_("The ways of writing that are known: docs/file-numbers.md")


class SheetListError(AbhilekhError):
    """A list of files for separator sheets cannot be read."""

    kind = Kind.USAGE
    code = "sheet_list"
    message = N_("The list “{origin}” cannot be read: {cause}.")
    advice = N_("Save it as CSV in UTF-8, its first line with the columns office, file_no, volume, part, subject.")


class SheetLineError(InputError):
    """No separator sheet can be made of a line. `fix` says what to do."""

    code = "sheet_line"
    message = N_("Line {line} of “{origin}”: {cause}; no sheet was made for it.")
    advice = "{fix}"


class NotFoundError(AbhilekhError):
    """There is no document, batch or page of that name."""

    kind = Kind.NOT_FOUND
    code = "not_found"
    message = N_("There is no {what} “{name}”.")
    advice = N_("Look for it on the search page, or with abhilekh search.")
    page_advice = N_("Look for it on the search page.")


class TooManySearchesError(AbhilekhError):
    """Somebody keeps as many searches as they may."""

    kind = Kind.USAGE
    code = "too_many_searches"
    message = N_("You keep {most} searches already; there is no room for another one.")
    advice = N_("Remove one that you no longer need.")


class TooManyStreamsError(AbhilekhError):
    """As many pages listen for news as are served."""

    kind = Kind.TOO_MANY
    code = "too_many_streams"
    message = N_("{limit} pages listen for news already; this one does not change by itself.")
    advice = N_("Load the page again to see what is new, and close pages that you do not need.")


class SearchUnavailableError(AbhilekhError):
    """The search engine of a large site does not answer, or refuses what it is asked."""

    kind = Kind.TRANSIENT
    code = "search_unavailable"
    message = N_("The search engine does not answer ({cause}).")
    advice = N_("Filing goes on; pages that are filed meanwhile are sent to it when it is back.")
