"""What the commands of the register share: lists in and out, plans in words, values of options."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.output import SOME_INPUT_FAILED, out, print_json
from pipeline.errors import FileAmbiguousError, FileUnknownError, UsageError
from pipeline.locale import Message

if TYPE_CHECKING:
    from pipeline.app import Container
    from pipeline.model.register import RegisterFile
    from pipeline.register.lists import ReadList
    from pipeline.register.plans import ImportPlan

By = Annotated[str | None, typer.Option("--by", help="Who does it; without it, the user of this machine.")]
OfficeCode = Annotated[str | None, typer.Option("--office", help="The code of the office; without it, the one set.")]
Volume = Annotated[str | None, typer.Option("--volume", help="The volume (भाग) of the file.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only report what would be done.")]
AllOrNothing = Annotated[bool, typer.Option("--all-or-nothing", help="Import nothing when one line is refused.")]
ListFile = Annotated[Path, typer.Argument(metavar="LIST", help="A .csv (UTF-8) or .xlsx file.")]


def whom(by: str | None) -> str:
    """Who is to be named in the register."""
    from pipeline.register.cells import clean

    if by is not None and clean(by):
        return clean(by)
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user without a name
        raise UsageError(cause="This user has no name here: give one with --by.") from None


def required(value: str | None, option: str) -> str:
    from pipeline.register.cells import clean

    text = clean(value)
    if not text:
        raise UsageError(cause=f"{option} must not be empty.")
    return text


def write_list(path: Path, rows: Any) -> None:
    from pipeline.formats.spreadsheet import write_rows

    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise UsageError(cause=f"“{path.name}” must end in .csv or .xlsx.")
    write_rows(path, rows)


def tell_plan(plan: ImportPlan, read: ReadList, *, as_json: bool, dry_run: bool, nothing: bool) -> None:
    """Tell what became of a list, and end with 3 when lines were refused. `nothing`: all or nothing was asked for."""
    taken = not dry_run and not (nothing and plan.bad)
    found = {**plan.json(), "unknown_columns": list(read.unknown), "written": taken}
    if as_json:
        print_json(found)
    else:
        _print_plan(found, plan)
    if plan.bad:
        raise typer.Exit(SOME_INPUT_FAILED)


def _print_plan(found: dict[str, Any], plan: ImportPlan) -> None:
    for title, name in (("refused", "bad_lines"), ("look at", "warnings")):
        for bad in found[name]:
            out(f"{title}: line {bad['line']}, {bad['column']}: “{bad['value']}”")
            out(f"    {bad['hi']}। {bad['next_hi']}\n    {bad['en']}. {bad['next_en']}")
    for header in found["unknown_columns"]:
        remark = Message("The register has no such column.").in_both()
        out(f"ignored: column “{header}”\n    {remark}")
    counts = ", ".join(f"{found[name]} {name}" for name in ("created", "updated", "unchanged", "refused"))
    nothing = Message("nothing was written").in_both()
    out(counts if found["written"] else f"{counts}; {nothing}")


def the_file(parts: Container, written: str, office: str | None, volume: str | None) -> RegisterFile:
    """The file of this number, strictly. Raises `FileUnknownError` with what is alike, or `FileAmbiguousError`."""
    from pipeline.register import cells

    matches = parts.known(office or parts.settings.office)(written)
    strict = [match.file for match in matches if match.by == "strict"]
    if volume is not None:
        strict = [file for file in strict if file.volume == cells.volume(volume)]
    if len(strict) == 1:
        return strict[0]
    if strict:
        raise FileAmbiguousError(number=written, files=", ".join(map(named, strict)))
    raise FileUnknownError(number=written, near=", ".join(named(match.file) for match in matches) or "—")


def named(file: RegisterFile) -> str:
    """A file in a few words: its number, volume and office."""
    return f"{file.number}{f' ({file.volume})' if file.volume else ''} [{file.office}]"
