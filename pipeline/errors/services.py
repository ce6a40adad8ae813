"""A service or part of the installation that fails, is missing, full, busy or held by another process."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind
from pipeline.locale import N_


class MissingPartError(AbhilekhError):
    """A program or data file that Abhilekh needs is not installed or did not start."""

    kind = Kind.MISSING
    code = "missing_part"
    message = N_("{part} is missing or does not work: {cause}.")
    advice = "{fix}"


class StoreUnavailableError(AbhilekhError):
    """The object store does not answer. Work waits and goes on when it is back."""

    kind = Kind.TRANSIENT
    code = "store_unavailable"
    message = N_("The object store at {endpoint} does not answer ({cause}).")
    advice = N_(
        "Work waits and goes on by itself when it answers. Whether every object is still there is not known until then: "
        "look for the cause with abhilekh doctor, and afterwards run abhilekh verify."
    )


class StoreFullError(StoreUnavailableError):
    """The disk of the object store is full."""

    code = "store_full"
    message = N_("The object store has no room left ({cause}).")
    advice = N_("Free disk space; work goes on by itself.")


class ObjectMissingError(AbhilekhError):
    """An object that a row speaks of is not in the store."""

    code = "object_missing"
    message = N_("The object {key} is not in the store.")
    advice = N_("The rest is not affected. An administrator brings it back from a backup: abhilekh repair FOLDER")
    page_advice = N_("The rest is not affected. Tell the administrator, who brings it back from a backup.")


class ObjectUnreadableError(ObjectMissingError):
    """The store answers for other objects and cannot read this one: its bytes, or what points to them, are damaged."""

    code = "object_unreadable"
    message = N_("The object {key} is damaged in the store and cannot be read.")


class FixityError(AbhilekhError):
    """An object's bytes are not the ones that were put."""

    code = "fixity"
    message = N_("The object {key} has changed: its SHA-256 is {found}, not {expected}.")
    advice = N_("Bring it back from a backup, abhilekh repair FOLDER, and check the disk.")


class DatabaseUnavailableError(AbhilekhError):
    """The database is locked or does not answer."""

    kind = Kind.TRANSIENT
    code = "database_unavailable"
    message = N_("The database does not answer ({cause}).")
    advice = N_(
        "Waiting work goes on by itself when it answers. What was just being entered may not have been recorded: look, and "
        "enter it again."
    )


class DatabaseDamagedError(AbhilekhError):
    """The file of the database is not one any more."""

    kind = Kind.MISSING
    code = "database_damaged"
    message = N_("The database {file} is damaged ({cause}).")
    advice = N_(
        "Scans and their documents lie in the object store, not in this file. Stop Abhilekh, build it again from there with "
        "abhilekh reindex --force, and see with abhilekh verify whether anything is missing."
    )


class InboxUnreachableError(AbhilekhError):
    """The inbox folder is not there, or cannot be listed."""

    kind = Kind.TRANSIENT
    code = "inbox_unreachable"
    message = N_("The inbox {folder} cannot be reached ({cause}).")
    advice = N_("Check that the share is mounted and may be read; scans are taken in by themselves once it is back.")


class HeldElsewhereError(AbhilekhError):
    """Another program has the file in its hands."""

    kind = Kind.TRANSIENT
    code = "held_elsewhere"
    message = N_("Another program holds “{name}”.")
    advice = N_("Close it there; it is taken in by itself as soon as it is free.")


class UnreadableFileError(AbhilekhError):
    """The file lies in the inbox and cannot be opened, mostly for want of rights."""

    kind = Kind.TRANSIENT
    code = "unreadable_file"
    message = N_("“{name}” cannot be opened ({cause}).")
    advice = N_(
        "Give Abhilekh the right to read it, or close it in the program that has it open; it is taken in by itself."
    )


class AlreadyRunningError(AbhilekhError):
    """Another Abhilekh already runs on this home."""

    kind = Kind.USAGE
    code = "already_running"
    message = N_("Abhilekh is already running on {home} (process {pid}).")
    advice = N_("Use it, or stop it first.")


class OlderRunsError(AbhilekhError):
    """After an upgrade, parts that were started before it still run the older code."""

    kind = Kind.MISSING
    code = "older_runs"
    message = N_("Another version than this one ({ours}) still runs: {parts}.")
    advice = N_("Stop it and start it again: script/run stop, then script/run.")


class HomeOpenError(AbhilekhError):
    """Other users of this machine can reach what is in the home."""

    kind = Kind.MISSING
    code = "home_open"
    message = N_("Other users of this machine can reach: {paths}.")
    advice = N_(
        "Start abhilekh up anew, which closes the home {home}, or: chmod go-rwx on each (the inbox stays as it is)."
    )


class ForeignOwnerError(AbhilekhError):
    """Something in the home belongs to another user than the home, as when a command was run as root."""

    kind = Kind.MISSING
    code = "foreign_owner"
    message = N_("The home belongs to {owner}, and not to them belong: {paths}.")
    advice = N_("Run every command as {owner}, and give these back, as root: chown -R {owner} on each.")


class StillWorkingError(AbhilekhError):
    """What was asked for needs everything to stand still, and something runs."""

    kind = Kind.USAGE
    code = "still_working"
    message = N_("Abhilekh is at work here ({parts}).")
    advice = N_(
        "Stop it first, with script/run stop or Ctrl-C; a part that was killed is forgotten after half a minute."
    )


class BatchBusyError(AbhilekhError):
    """A batch is being worked on, and cannot be changed meanwhile."""

    kind = Kind.TRANSIENT
    code = "batch_busy"
    message = N_("This scan is being worked on.")
    advice = N_("Try again in a moment.")


class InternalError(AbhilekhError):
    """Something nobody foresaw; the details are in the log under `id`."""

    code = "internal"
    message = N_("Internal error {id}.")
