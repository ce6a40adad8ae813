"""Export, backup, restore, and building rows again."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind
from pipeline.locale import N_


class ExportPlaceError(AbhilekhError):
    """Where an export is to go there is something already."""

    kind = Kind.USAGE
    code = "export_place"
    message = N_("There is something in {folder} already.")
    advice = N_("Name a folder that is not there yet, or an empty one.")


class NothingToExportError(AbhilekhError):
    """There is no document of what was asked for."""

    kind = Kind.NOT_FOUND
    code = "nothing_to_export"
    message = N_("There is no document to be taken out.")
    advice = N_("See with `abhilekh search` or `abhilekh file show` how office and number are written.")


class SigningKeyError(AbhilekhError):
    """The key with which this installation signs what it prints is lost, damaged or being made."""

    kind = Kind.MISSING
    code = "signing_key"
    message = N_("The key that signs separator sheets cannot be used: {cause}.")
    advice = N_(
        "Bring the object installation/signing-key.json back from a backup. Where there is none, `abhilekh reindex --force` "
        "forgets the old key; a new one is then made, and sheets printed before go to review."
    )


class RowsExistError(AbhilekhError):
    """The database is not empty, and would be replaced."""

    kind = Kind.USAGE
    code = "rows_exist"
    message = N_("The database already holds batches or a register.")
    advice = N_(
        "To build it anew all the same: abhilekh reindex --force (a database on a server must be emptied first)."
    )


class HomeNotEmptyError(AbhilekhError):
    """A backup is restored only where it cannot mix with anything."""

    kind = Kind.USAGE
    code = "home_not_empty"
    message = N_("The home {home} already holds {what}.")
    advice = N_("Restore into a home that holds nothing yet: abhilekh --home NEW restore SOURCE")


class NotABackupError(AbhilekhError):
    """The folder is neither a backup of this installation nor one that a backup may be written to."""

    kind = Kind.USAGE
    code = "not_a_backup"
    message = N_("{folder} cannot be used: {cause}.")
    advice = N_("Name an empty folder outside the home, or an earlier backup of the same installation.")


class BackupUnfinishedError(AbhilekhError):
    """The backup was begun and did not come to its end."""

    kind = Kind.USAGE
    code = "backup_unfinished"
    message = N_("The backup in {folder} was not finished.")
    advice = N_("Finish it by giving abhilekh backup the same folder again, or restore from another one.")
