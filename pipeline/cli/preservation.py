"""Commands of preservation: reindex, backup, restore."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.app import Container
from pipeline.cli.output import SOME_INPUT_FAILED, Json, bar, container, out, print_json
from pipeline.errors import DatabaseDamagedError, HomeNotEmptyError, RowsExistError, StillWorkingError
from pipeline.extract import file_number
from pipeline.locale import Message

if TYPE_CHECKING:
    from pipeline.db.rebuilding import Rebuilding
    from pipeline.index.textindex import TextIndex
    from pipeline.preservation.verify import VerifyResult
    from pipeline.workflow.rebuild import Rebuilt

_QUICK_SAMPLE = 200  # objects of a restored store that are read once more


def add_commands(app: typer.Typer) -> None:
    app.command("reindex")(reindex)
    app.command("backup")(backup)
    app.command("restore")(restore)


def reindex(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Also where the database holds batches already.")] = False,
    as_json: Json = False,
) -> None:
    """Build the rows and the search index from the object store alone. Nothing else may run meanwhile.

    Example:  abhilekh reindex --force
    """
    from pipeline.supervisor.supervisor import only_one

    with container(context) as parts, only_one(parts.settings.home):
        filled = _require_stillness(parts, force)
        lost: list[str] = []
        with _register(parts, keep=filled, lost=lost) as (empty, index):
            found = _rebuild(parts, empty, index)
        found.damaged += (f"row {name}" for name in lost)
    if as_json:
        print_json(found.json())
    else:
        _tell_rebuilt(found)
    if found.damaged:
        raise typer.Exit(SOME_INPUT_FAILED)


def _tell_rebuilt(found: Rebuilt) -> None:
    out(
        f"{found.batches} batches, {found.documents} documents, {found.pages} pages, "
        f"{found.changes} changes of the register, {found.audit_events} entries of the audit log"
    )
    for title, names in (("will be digitised again", found.received), ("damaged", found.damaged)):
        if names:
            out(f"{title}: {len(names)}")
            for name in names:
                out(f"    {name}")


def _require_stillness(parts: Container, force: bool) -> bool:
    """Raise when something runs, or when there is something that would be replaced without being asked for.

    Returns whether there is something that is replaced.
    """
    from pipeline.db.database import Database

    file = Database(parts.settings.database_url).file
    try:
        running = [*parts.heartbeats.running(), *parts.queue().leased()]
        filled = not parts.rebuilding().is_empty()
    except (DatabaseDamagedError, ValueError):  # or a cell that does not hold what it is for
        if not force:
            raise
        return True
    if running:
        raise StillWorkingError(parts=", ".join(running))
    if filled and (file is None or not force):
        raise RowsExistError
    return filled


@contextmanager
def _register(parts: Container, *, keep: bool, lost: list[str]) -> Iterator[tuple[Rebuilding, TextIndex]]:
    """An empty register to fill. In SQLite it stands beside the one in force, whose place it takes when it is full.

    `lost` is given the rows of people that were damaged, as `table key`: no object tells of them.
    """
    from pipeline.db.accounts_carried import carry
    from pipeline.db.database import Database, exchange
    from pipeline.db.rebuilding import Rebuilding
    from pipeline.index.textindex import index_for

    file = Database(parts.settings.database_url).file
    if file is None:
        yield parts.rebuilding(), parts.text_index
        return
    beside = file.with_name(file.name + ".rebuild")
    for suffix in ("", "-wal", "-shm", "-journal"):
        beside.with_name(beside.name + suffix).unlink(missing_ok=True)
    fresh = Database(f"sqlite:///{beside}")
    try:
        fresh.migrate()
        index = index_for(fresh, file_number.parse)
        yield Rebuilding(fresh, index), index
        try:
            lost += carry(parts.database, fresh)
        except DatabaseDamagedError:
            lost.append("person *")
        parts.close_database()
        exchange(fresh, file, keep=keep)
    finally:
        fresh.close()


def _rebuild(parts: Container, empty: Rebuilding, index: TextIndex) -> Rebuilt:
    from pipeline.index import refill
    from pipeline.workflow.rebuild import rebuild

    parts.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parts.scratch) as scratch, bar("manifests") as tell:
        done = rebuild(parts.store, empty, parts.prove, Path(scratch), tell=tell)
    with bar("full text") as tell:
        refill.fill(empty.database, index, tell=tell)
    return done


def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="A folder: new, empty, or an earlier backup.")],
    as_json: Json = False,
) -> None:
    """Copy rows and objects to a folder, while everything runs. An earlier backup there is brought up to date.

    Example:  abhilekh backup /media/disk/abhilekh
    """
    from pipeline.preservation.backup import back_up

    with container(context) as parts, bar("objects") as tell:
        done = back_up(parts.store, parts.database, target.absolute(), home=parts.settings.home, tell=tell)
    if as_json:
        print_json({"target": str(target), **asdict(done)})
    else:
        out(f"{done.objects} objects, {done.bytes} bytes in {target}")
        out(f"{done.copied} objects, {done.copied_bytes} bytes copied")
        _tell_damaged(done.damaged)
        _tell_database(done.database)
        if done.kept:
            out(f"the earlier copies of {len(done.kept)} of them stay in the backup")
    if not done.is_whole:
        raise typer.Exit(SOME_INPUT_FAILED)


def _tell_database(faults: list[str]) -> None:
    if faults:
        out(f"the database is damaged ({len(faults)} faults); the backup keeps its earlier copy, if it has one:")
        for fault in faults:
            out(f"    {fault}")
        out("Repair it with: abhilekh repair FOLDER, or abhilekh reindex --force")


def _tell_damaged(names: list[str]) -> None:
    for name in names:
        out(f"damaged: {name}")


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    as_json: Json = False,
) -> None:
    """Put a backup back into a home that holds nothing yet, and check it.

    Example:  abhilekh --home /srv/abhilekh restore /media/disk/abhilekh
    """
    from pipeline.preservation.restore import put_back
    from pipeline.preservation.verify import verify
    from pipeline.supervisor.supervisor import only_one

    with container(context) as parts, only_one(parts.settings.home):
        _require_nothing(parts, source)
        with bar("objects") as tell:
            done = put_back(parts.store, source, tell=tell)
        how, damaged = _restore_rows(parts, source), list(done.damaged)
        with bar("check") as tell:
            checked = verify(parts.store, parts.records, sample=_QUICK_SAMPLE, tell=tell)
        _marker(parts).unlink(missing_ok=True)
    found: dict[str, Any] = {"source": str(source), "objects": done.objects, "bytes": done.bytes, "rows": how}
    if as_json:
        print_json({**found, "damaged": damaged, "missing": checked.missing, "changed": checked.changed})
    else:
        out(f"{done.objects} objects, {done.bytes} bytes; rows {how}")
        _tell_damaged(damaged)
        _tell_checked(checked)
    if damaged:
        raise typer.Exit(SOME_INPUT_FAILED)
    if not checked.is_well:
        raise typer.Exit(1)


def _tell_checked(checked: VerifyResult) -> None:
    for title, names in (
        ("missing", checked.missing),
        ("changed", checked.changed),
        ("row", checked.rows),
        ("database", checked.database),
    ):
        for name in names:
            out(f"{title}: {name}")


def _marker(parts: Container) -> Path:
    return parts.settings.home / "run" / "restoring"


def _require_nothing(parts: Container, source: Path) -> None:
    """Raise unless home and store are empty, or hold the beginning of this same backup."""
    from pipeline.preservation.restore import about

    name, marker, home = str(about(source)["ended"]), _marker(parts), parts.settings.home
    running = [*parts.heartbeats.running(), *parts.queue().leased()]
    if running:
        raise StillWorkingError(parts=", ".join(running))
    if not parts.rebuilding().is_empty():
        raise HomeNotEmptyError(home=home, what=Message("batches or a register"))
    begun = marker.exists() and marker.read_text(encoding="utf-8") == name
    if not begun and next(iter(parts.store.list()), None) is not None:
        raise HomeNotEmptyError(home=home, what=Message("objects"))
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.write_text(name, encoding="utf-8")


def _restore_rows(parts: Container, source: Path) -> str:
    """Take the rows from the backup, or build them from the objects; returns "copied" or "rebuilt"."""
    from pipeline.db.database import Database, exchange
    from pipeline.preservation.restore import rows

    saved, file = rows(source), parts.database.file
    if saved is None or file is None:
        with _register(parts, keep=False, lost=[]) as (empty, index):
            _rebuild(parts, empty, index)
        return "rebuilt"
    beside = file.with_name(file.name + ".restore")
    beside.touch(mode=0o600)
    shutil.copyfile(saved, beside)
    parts.close_database()
    exchange(Database(f"sqlite:///{beside}"), file, keep=False)
    return "copied"
