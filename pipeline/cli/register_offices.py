"""Commands for the offices of the register: office add, list, show, import, export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.output import Json, container, out, print_json
from pipeline.cli.register_lists import AllOrNothing, By, DryRun, ListFile, tell_plan, whom, write_list

group = typer.Typer(no_args_is_help=True, help="The offices of the register.")


def add_commands(app: typer.Typer) -> None:
    for name, command in (
        ("add", add),
        ("list", list_offices),
        ("show", show),
        ("import", import_offices),
        ("export", export),
    ):
        group.command(name)(command)
    app.add_typer(group, name="office")


def add(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="Small Latin letters, digits and hyphens.")],
    hindi: Annotated[str, typer.Option("--hi", help="The name in Hindi.")] = "",
    english: Annotated[str, typer.Option("--en", help="The name in English.")] = "",
    parent: Annotated[str | None, typer.Option("--parent", help="The code of the office above it.")] = None,
    change: Annotated[bool, typer.Option("--change", help="Change an office that is there.")] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Enter an office, or change it.

    Example:  abhilekh office add sagar-collectorate --hi "कलेक्टर कार्यालय, सागर" --en "Collectorate, Sagar"
    """
    from pipeline.register import service

    office = service.office(code, hindi, english, parent)
    with container(context) as parts:
        parts.registrar().put_office(office, by=whom(by), change=change)
    if as_json:
        print_json(asdict(office))
    else:
        out(f"{office.code}  {office.name_hi}  {office.name_en}")


def list_offices(context: typer.Context, as_json: Json = False) -> None:
    """List the offices.

    Example:  abhilekh office list
    """
    with container(context) as parts:
        found = parts.register.offices()
    if as_json:
        print_json({"offices": [asdict(office) for office in found]})
        return
    for office in found:
        out(f"{office.code:24} {office.name_hi or '—'}  {office.name_en or '—'}  {office.parent or ''}".rstrip())


def show(context: typer.Context, code: str, as_json: Json = False) -> None:
    """Show one office, the offices below it and how many files it has.

    Example:  abhilekh office show sagar-collectorate
    """
    with container(context) as parts:
        office = parts.register.office(code)
        below = [other.code for other in parts.register.offices() if other.parent == code]
        files = len(parts.register.files(code))
    if as_json:
        print_json({**asdict(office), "below": below, "files": files})
        return
    for name, value in asdict(office).items():
        out(f"{name:10} {value or '—'}")
    out(f"{'below':10} {', '.join(below) or '—'}\n{'files':10} {files}")


def import_offices(
    context: typer.Context,
    path: ListFile,
    dry_run: DryRun = False,
    all_or_nothing: AllOrNothing = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Import offices from a list; the columns are in docs/operations.md.

    Example:  abhilekh office import offices.xlsx --dry-run
    """
    from pipeline.register import service

    read = service.offices_list(path)
    with container(context) as parts:
        plan = parts.register_service().take_offices(read, by=whom(by), dry_run=dry_run, all_or_nothing=all_or_nothing)
    tell_plan(plan, read, as_json=as_json, dry_run=dry_run, nothing=all_or_nothing)


def export(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="LIST", help="A file that ends in .csv or .xlsx.")],
    as_json: Json = False,
) -> None:
    """Write the offices to a list that import reads back.

    Example:  abhilekh office export offices.csv
    """
    from pipeline.register.lists import office_rows

    with container(context) as parts:
        found = parts.register.offices()
    write_list(path, office_rows(found))
    if as_json:
        print_json({"list": str(path), "offices": len(found)})
    else:
        out(f"{len(found)} offices in {path}")
