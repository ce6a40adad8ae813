"""Commands for the files of the register: file add, set, list, show, import, export, unregistered.

Counting pages and closing files is in `register_counts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli import register_counts
from pipeline.cli.output import Json, container, out, print_json
from pipeline.cli.register_lists import (
    AllOrNothing,
    By,
    DryRun,
    ListFile,
    OfficeCode,
    Volume,
    named,
    tell_plan,
    the_file,
    whom,
    write_list,
)
from pipeline.errors import UsageError
from pipeline.locale import Message

if TYPE_CHECKING:
    from pipeline.model.register import RegisterFile

group = typer.Typer(no_args_is_help=True, help="The files (नस्तियाँ) of the register.")

_Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The file number, in any spelling.")]
_Subject = Annotated[str | None, typer.Option("--subject", help="What it is about.")]
_Year = Annotated[str | None, typer.Option("--year", help="2018, or 2018-20.")]
_Branch = Annotated[str | None, typer.Option("--branch", help="The branch or section.")]
_Class = Annotated[str | None, typer.Option("--class", help="A, B, C or D.")]
_Retention = Annotated[str | None, typer.Option("--retention", help="Years it is kept; without it, as its class says.")]
_ClosedOn = Annotated[str | None, typer.Option("--closed-on", help="When the office closed it: 31.12.2018.")]
_WeedOn = Annotated[str | None, typer.Option("--weed-on", help="When it may be weeded, where that is given.")]
_Room = Annotated[str | None, typer.Option("--room")]
_Rack = Annotated[str | None, typer.Option("--rack")]
_Shelf = Annotated[str | None, typer.Option("--shelf")]
_Bundle = Annotated[str | None, typer.Option("--bundle", help="The bundle (बस्ता) it lies in.")]
_State = Annotated[str | None, typer.Option("--state", help="open, in_scanning or in_review.")]


_COLUMNS = (
    *("subject", "year", "branch", "record_class", "retention_years", "closed_on", "weed_on"),
    *("room", "rack", "shelf", "bundle", "state"),
)


def add_commands(app: typer.Typer) -> None:
    for name, command in (
        ("add", add),
        ("set", set_file),
        ("list", list_files),
        ("show", show),
        ("import", import_files),
        ("export", export),
        ("unregistered", unregistered),
    ):
        group.command(name)(command)
    register_counts.add_commands(group)
    app.add_typer(group, name="file")


def add(
    context: typer.Context,
    number: _Number,
    office: OfficeCode = None,
    volume: Volume = None,
    subject: _Subject = None,
    year: _Year = None,
    branch: _Branch = None,
    record_class: _Class = None,
    retention: _Retention = None,
    closed_on: _ClosedOn = None,
    weed_on: _WeedOn = None,
    room: _Room = None,
    rack: _Rack = None,
    shelf: _Shelf = None,
    bundle: _Bundle = None,
    state: _State = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Enter a file. A number that looks like one in the register is named.

    Example:  abhilekh file add "एफ 19-76/2019" --subject "सीमांकन" --class B --year 2019 --rack 4 --bundle 12
    """
    from pipeline.register import service

    texts = subject, year, branch, record_class, retention, closed_on, weed_on, room, rack, shelf, bundle, state
    values = service.values(dict(zip(_COLUMNS, texts, strict=True)))
    parsed, of_volume = service.number(number), service.value("volume", volume or "")
    with container(context) as parts:
        code = office or parts.settings.office
        if code is None:
            raise UsageError(cause="Say whose file it is with --office, or set office in abhilekh.toml.")
        near = [match for match in parts.register.find(code, parsed) if match.by != "strict"]
        file = parts.registrar().add_file(code, parsed, of_volume, values, by=whom(by))
        found = service.file_view(file, parts.settings.retention.by_class).json()
    if as_json:
        print_json({**found, "alike": [match.file.number for match in near]})
    else:
        _print_added(file, [match.file for match in near])


def _print_added(file: RegisterFile, near: Sequence[RegisterFile]) -> None:
    out(f"{named(file)}  {file.key}")
    for other in near:
        remark = Message("perhaps the same file").in_both()
        out(f"{remark}: {named(other)}")


def set_file(
    context: typer.Context,
    number: _Number,
    office: OfficeCode = None,
    volume: Volume = None,
    subject: _Subject = None,
    year: _Year = None,
    branch: _Branch = None,
    record_class: _Class = None,
    retention: _Retention = None,
    closed_on: _ClosedOn = None,
    weed_on: _WeedOn = None,
    room: _Room = None,
    rack: _Rack = None,
    shelf: _Shelf = None,
    bundle: _Bundle = None,
    state: _State = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Change a file in the register; an empty value removes what is there.

    Example:  abhilekh file set "एफ 19-76/2019" --rack 7 --state in_scanning
    """
    from pipeline.register import service

    texts = subject, year, branch, record_class, retention, closed_on, weed_on, room, rack, shelf, bundle, state
    values = service.values(dict(zip(_COLUMNS, texts, strict=True)))
    with container(context) as parts:
        ident = the_file(parts, number, office, volume).ident
        file = parts.registrar().set_file(ident, values, by=whom(by))
        found = service.file_view(file, parts.settings.retention.by_class).json()
    print_json(found) if as_json else _print_file(found)


def list_files(
    context: typer.Context,
    words: Annotated[str | None, typer.Argument(help="Words in number or subject.")] = None,
    office: OfficeCode = None,
    state: _State = None,
    record_class: _Class = None,
    bundle: _Bundle = None,
    due: Annotated[
        datetime | None, typer.Option("--due", formats=["%Y-%m-%d"], help="Only files to be weeded by that day.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the files of the register.

    Example:  abhilekh file list --class C --due 2026-12-31
    """
    from pipeline.register import service

    of_class = service.value("record_class", record_class) if record_class else None
    in_state = service.value("state", state) if state else None
    with container(context) as parts:
        found = parts.register.files(
            office, state=in_state, record_class=of_class, bundle=bundle, words=words and words.strip()
        )
        listed = [service.file_view(file, parts.settings.retention.by_class).json() for file in found]
    if due:
        listed = [file for file in listed if file["weeding_due"] and file["weeding_due"] <= due.date().isoformat()]
    if as_json:
        print_json({"files": listed})
        return
    for file in listed:
        place = " / ".join(file[name] for name in ("room", "rack", "shelf", "bundle") if file[name])
        volume = f" ({file['volume']})" if file["volume"] else ""
        out(
            f"{file['number']}{volume}  [{file['office']}]  {file['state']}  {file['subject'] or '—'}  {place}".rstrip()
        )
    out(f"{len(listed)} files")


def show(
    context: typer.Context, number: _Number, office: OfficeCode = None, volume: Volume = None, as_json: Json = False
) -> None:
    """Show a file: what the register says, its figures, its documents and what happened to it.

    Example:  abhilekh file show "F 19-76/2019"
    """
    from pipeline.register import service

    with container(context) as parts:
        file = the_file(parts, number, office, volume)
        found = service.full_view(parts.register, file, parts.settings.retention.by_class).json()
    if as_json:
        print_json(found)
        return
    _print_file(found)
    register_counts.print_figures(found["figures"])
    for document in found["documents"]:
        dated = document["dated"] or "—"
        pages = f"{document['pages']} pages, {document['blank']} blank"
        out(
            f"{document['id']}  {document['kind']}  {dated}  {document['subject'] or '—'}  {pages}  {document['state']}"
        )
    for event in found["events"]:
        signed = f", signed by {event['signed_by']}" if event["signed_by"] else ""
        out(
            f"{event['at'].astimezone():%Y-%m-%d %H:%M}  {event['what']}  {event['by']}{signed}  {event['reason']}".rstrip()
        )


def _print_file(found: Mapping[str, Any]) -> None:
    for name, value in found.items():
        if isinstance(value, str | int | None):
            out(f"{name:16} {'—' if value in (None, '') else value}")
        elif name in ("missing", "replaced"):
            out(f"{name:16} {', '.join(map(str, value)) or '—'}")


def import_files(
    context: typer.Context,
    path: ListFile,
    office: OfficeCode = None,
    dry_run: DryRun = False,
    all_or_nothing: AllOrNothing = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Import files from a list; the columns are in docs/operations.md. Bad lines are named, the good ones imported.

    Example:  abhilekh file import basta-12.xlsx --office sagar-collectorate --dry-run
    """
    from pipeline.register import service

    read = service.files_list(path)
    with container(context) as parts:
        plan = parts.register_service().take_files(
            read, office or parts.settings.office, by=whom(by), dry_run=dry_run, all_or_nothing=all_or_nothing
        )
    tell_plan(plan, read, as_json=as_json, dry_run=dry_run, nothing=all_or_nothing)


def export(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="LIST", help="A file that ends in .csv or .xlsx.")],
    office: OfficeCode = None,
    as_json: Json = False,
) -> None:
    """Write the files to a list that import reads back, of one office or of all.

    Example:  abhilekh file export register.xlsx
    """
    with container(context) as parts:
        rows = list(parts.register_service().rows_of_files({office} if office else None))
    write_list(path, rows)
    if as_json:
        print_json({"list": str(path), "files": len(rows) - 1})
    else:
        out(f"{len(rows) - 1} files in {path}")


def unregistered(context: typer.Context, office: OfficeCode = None, as_json: Json = False) -> None:
    """List the numbers that stand on documents but not in the register, with similar files.

    Example:  abhilekh file unregistered
    """
    with container(context) as parts:
        found = [
            {**asdict(one), "alike": [match.file.number for match in parts.known(one.office)(one.number)]}
            for one in parts.register.unregistered(office)
        ]
    if as_json:
        print_json({"numbers": found})
        return
    perhaps = Message("perhaps").in_both()
    for one in found:
        alike = f"  {perhaps}: {', '.join(one['alike'])}" if one["alike"] else ""
        out(f"{one['number']}  [{one['office'] or '—'}]  {one['documents']} documents{alike}")
    out(f"{len(found)} numbers")
