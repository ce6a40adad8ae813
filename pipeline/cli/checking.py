"""Commands that check: verify (every object, every row) and doctor (this machine)."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.app import Container
from pipeline.cli.output import Json, bar, container, out, print_json
from pipeline.errors import (
    AbhilekhError,
    DatabaseDamagedError,
    ForeignOwnerError,
    HomeOpenError,
    InboxUnreachableError,
    MissingPartError,
    OlderRunsError,
)
from pipeline.errors.disk import disk_error
from pipeline.settings import config_file
from pipeline.supervisor import home_permissions

if TYPE_CHECKING:
    from pipeline.preservation.verify import VerifyResult

_LEAST_FREE_MB = 2048
_MOST_PATHS = 5  # named of those that are wrong


def add_commands(app: typer.Typer) -> None:
    app.command("verify")(verify)
    app.command("doctor")(doctor)


def verify(
    context: typer.Context,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="Read this many objects, chosen at random.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check every stored object against its recorded SHA-256, and every row against its object.

    Example:  abhilekh verify --sample 1000
    """
    from pipeline.preservation import verify as verifying

    with container(context) as parts, bar("objects") as tell:
        found = verifying.verify(parts.store, parts.records, sample=sample, tell=tell)
    if as_json:
        print_json(found.json())
    else:
        _tell_verified(found)
    if not found.is_well:
        raise typer.Exit(1)


def _tell_verified(found: VerifyResult) -> None:
    out(f"{found.objects} objects, {found.bytes} bytes")
    faults = {"missing": found.missing, "changed": found.changed, "orphans": found.orphans, "rows": found.rows}
    for name, keys in (faults | {"database": found.database}).items():
        out(f"{name:8} {len(keys)}")
        for key in keys:
            out(f"    {key}")
    if found.listing:
        out(f"The store could not list its objects: {found.listing}")
    if found.missing or found.changed or found.listing:
        out("Restore objects from a backup: abhilekh repair FOLDER")
    if found.rows or found.database:
        out("Repair the rows: abhilekh repair FOLDER; if that does not help, abhilekh reindex --force")


def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Check this machine and say what to fix.

    Example:  abhilekh doctor
    """
    with container(context) as parts:
        found = {name: _outcome(check) for name, check in _checks(parts)}
    bad = [name for name, how in found.items() if not how["ok"]]
    if as_json:
        print_json({"ok": not bad, "checks": found})
    else:
        for name, how in found.items():
            out(f"{'ok ' if how['ok'] else 'FIX'}  {name:10} {how['says']}")
    if bad:
        raise typer.Exit(4)


def _outcome(check: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"ok": True, "says": check()}
    except AbhilekhError as error:
        return {"ok": False, "says": error.text("en"), "says_hi": error.text("hi")}
    except OSError as error:
        if known := disk_error(error, Path.cwd()):
            return {"ok": False, "says": known.text("en"), "says_hi": known.text("hi")}
        return {"ok": False, "says": str(error)}


def _checks(parts: Container) -> Iterator[tuple[str, Callable[[], str]]]:
    from pipeline.formats.fonts import devanagari_font
    from pipeline.formats.rasterise import poppler_version
    from pipeline.ocr import engines, program

    home, ocr = parts.settings.home, parts.settings.ocr
    languages = "+".join(filter(None, (ocr.languages, ocr.doubtful_languages)))
    yield "python", lambda: sys.version.split()[0]
    yield "tesseract", program.version
    yield "languages", lambda: "+".join(dict.fromkeys(program.resolve_languages(languages).split("+")))
    yield "engine", lambda: type(engines.chosen(ocr.engine)).__module__.rsplit(".", 1)[-1]
    yield "poppler", poppler_version
    yield "font", lambda: str(devanagari_font())
    yield "home", lambda: _writable(home)
    yield "private", lambda: _private(parts)
    yield "disk", lambda: _enough_room(home)
    yield "inbox", lambda: _inbox(parts)
    yield "scanners", lambda: ", ".join(profile.name for profile in parts.profiles)
    yield "database", lambda: _database_whole(parts)
    yield "store", lambda: _store_answers(parts)
    yield "running", lambda: _same_build(parts)


def _private(parts: Container) -> str:
    """Check that only its owner can read the home. Settings outside of it may be open while they hold no secret."""
    home, inbox = parts.settings.home, parts.settings.inbox
    file = config_file(home)
    open_ones = home_permissions.open_paths(home, inbox, *([file] if home_permissions.holds_secrets(file) else []))
    if open_ones:
        raise HomeOpenError(paths=_first(open_ones), home=home)
    foreign = home_permissions.foreign_paths(home, inbox)
    if foreign:
        raise ForeignOwnerError(paths=_first(foreign), owner=home_permissions.owner_name(home))
    return f"{home_permissions.owner_name(home)} alone"


def _first(paths: Sequence[Path]) -> str:
    more = f" … ({len(paths)})" if len(paths) > _MOST_PATHS else ""
    return ", ".join(str(path) for path in paths[:_MOST_PATHS]) + more


def _inbox(parts: Container) -> str:
    """An inbox that is set may be a share that is away: only our own is created. The result names who else may write."""
    inbox = parts.settings.inbox
    if parts.settings.intake.inbox is not None and not inbox.is_dir():
        raise InboxUnreachableError(folder=inbox, cause="there is no such folder")
    folder = _writable(inbox)
    home = parts.settings.home
    if not home_permissions.is_shared(home, inbox):
        return folder
    how = "and may pass through" if home_permissions.is_passable(home) else "but cannot reach it through"
    return f"{folder} (other users may write into it {how} the home; better an inbox outside it: intake.inbox)"


def _writable(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / ".abhilekh-probe"
    probe.write_bytes(b"")
    probe.unlink()
    return str(folder)


def _enough_room(home: Path) -> str:
    free = shutil.disk_usage(home).free // 2**20
    if free < _LEAST_FREE_MB:
        raise MissingPartError(part="Disk space", cause=f"{free} MB free under {home}", fix="Free some disk space.")
    return f"{free} MB free"


def _database_whole(parts: Container) -> str:
    from pipeline.index import integrity

    faults = integrity.quick(parts.database)
    if faults:
        raise DatabaseDamagedError(file=parts.database.url.database, cause="; ".join(faults))
    return str(parts.database.url)


def _store_answers(parts: Container) -> str:
    parts.store.ping()
    return parts.settings.store.endpoint or "bundled, answers"


def _same_build(parts: Container) -> str:
    """Check that every running part runs this version: after an upgrade, older ones go on until they are restarted."""
    from pipeline.version import build

    running = parts.heartbeats.states()
    older = [part for part in running if part.get("build") != build()]
    if older:
        running_older = ", ".join(f"{part['part']} {part['owner']} {part.get('build', '?')}" for part in older)
        raise OlderRunsError(parts=running_older, ours=build())
    return f"{build()}, {len(running)} parts run it" if running else f"{build()}, nothing runs"
