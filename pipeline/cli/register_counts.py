"""Commands that compare the pages counted by hand with the scans, and close files: file count, reconcile, close, reopen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from pipeline.cli.output import Json, container, out, print_json
from pipeline.cli.register_lists import By, OfficeCode, Volume, named, required, the_file, whom
from pipeline.errors import UsageError

_Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The file number, in any spelling.")]


def add_commands(group: typer.Typer) -> None:
    for command in (count, reconcile, close, reopen):
        group.command(command.__name__)(command)


def count(
    context: typer.Context,
    number: _Number,
    pages: Annotated[int, typer.Option("--pages", min=0, max=1_000_000, help="How many were counted by hand.")],
    by: Annotated[str, typer.Option("--by", help="Who counted.")],
    sheets: Annotated[
        bool, typer.Option("--sheets", help="Sheets were counted: both sides of each are scanned.")
    ] = False,
    one_sided: Annotated[bool, typer.Option("--one-sided", help="With --sheets: only the fronts are scanned.")] = False,
    office: OfficeCode = None,
    volume: Volume = None,
    as_json: Json = False,
) -> None:
    """Note how many pages somebody counted: written sides, blank ones left out, or with --sheets the sheets.

    Example:  abhilekh file count "एफ 19-76/2019" --pages 48 --by "रमा वर्मा"
    """
    from pipeline.model.register import CountUnit

    if one_sided and not sheets:
        raise UsageError(cause="--one-sided belongs to --sheets.")
    unit = (CountUnit.FRONTS if one_sided else CountUnit.SHEETS) if sheets else CountUnit.PAGES
    with container(context) as parts:
        file = the_file(parts, number, office, volume)
        parts.registrar().count(file.ident, pages, unit, by=required(by, "--by"))
        found = {"file": named(file), **parts.register.figures(file).json()}
    print_json(found) if as_json else print_figures(found)


def reconcile(
    context: typer.Context,
    number: _Number,
    missing: Annotated[
        str | None, typer.Option("--missing", help="Pages that are missing in the paper: 3,7 or 3-5; empty: none.")
    ] = None,
    replaced: Annotated[
        str | None, typer.Option("--rescanned", help="Scans made again since: BATCH/PAGE,…; empty: none.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; needed with --missing and --rescanned.")] = "",
    by: By = None,
    office: OfficeCode = None,
    volume: Volume = None,
    as_json: Json = False,
) -> None:
    """Show the pages counted beside those scanned, or note which are missing in the paper or were scanned again.

    Example:  abhilekh file reconcile "एफ 19-76/2019" --missing 3,7 --reason "फटे हुए" --by "रमा वर्मा"
    """
    pages = _pages(missing) if missing is not None else None
    scans = _scans(replaced) if replaced is not None else None
    with container(context) as parts:
        file = the_file(parts, number, office, volume)
        if pages is not None or scans is not None:
            why = required(reason, "--reason")
            file = parts.registrar().note(file.ident, missing=pages, replaced=scans, by=whom(by), reason=why)
        found = {
            "file": named(file),
            **parts.register.figures(file).json(),
            "missing_pages": list(file.missing),
            "rescanned_pages": list(file.replaced),
        }
    print_json(found) if as_json else print_figures(found)


def close(
    context: typer.Context,
    number: _Number,
    by: By = None,
    signed_by: Annotated[str, typer.Option("--signed-by", help="Who answers for figures that differ.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why they differ; needed with --signed-by.")] = "",
    office: OfficeCode = None,
    volume: Volume = None,
    as_json: Json = False,
) -> None:
    """Close a file whose pages are all scanned. Figures that differ need a name and a reason, which are kept for good.

    Example:  abhilekh file close "एफ 19-76/2019" --signed-by "अ. शर्मा" --reason "पृष्ठ 7 अपठनीय"
    """
    if bool(signed_by) != bool(reason):
        raise UsageError(cause="--signed-by and --reason belong together.")
    signed = required(signed_by, "--signed-by") if signed_by else ""
    why = required(reason, "--reason") if reason else ""
    with container(context) as parts:
        file = the_file(parts, number, office, volume)
        parts.registrar().close(file.ident, by=whom(by or signed or None), signed_by=signed, reason=why)
        found = {"file": named(file), "state": "closed", **parts.register.figures(file).json()}
    print_json(found) if as_json else print_figures(found)


def reopen(
    context: typer.Context,
    number: _Number,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept for good.")],
    by: By = None,
    office: OfficeCode = None,
    volume: Volume = None,
    as_json: Json = False,
) -> None:
    """Open a closed file again.

    Example:  abhilekh file reopen "एफ 19-76/2019" --reason "दो पृष्ठ और मिले"
    """
    with container(context) as parts:
        file = the_file(parts, number, office, volume)
        parts.registrar().reopen(file.ident, by=whom(by), reason=required(reason, "--reason"))
    if as_json:
        print_json({"file": named(file), "state": "open"})
    else:
        out(f"{named(file)}  open")


def print_figures(found: Mapping[str, Any]) -> None:
    for name, value in found.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        out(f"{name:16} {'—' if shown in (None, '') else shown}")


def _pages(text: str) -> list[int]:
    from pipeline.extract.file_number import fold_digits

    found: list[int] = []
    for part in filter(None, re.split(r"[,;\s]+", fold_digits(text))):
        numbers = re.fullmatch(r"([1-9]\d{0,5})(?:[-–]([1-9]\d{0,5}))?", part)
        if numbers is None or (numbers[2] and int(numbers[2]) < int(numbers[1])):
            raise UsageError(cause=f"“{part}” is not a page: write 3,7 or 3-5.")
        found.extend(range(int(numbers[1]), int(numbers[2] or numbers[1]) + 1))
    return found


def _scans(text: str) -> list[str]:
    found = [part for part in re.split(r"[,;\s]+", text) if part]
    for part in found:
        if not re.fullmatch(r"[0-9a-f]{20}/[1-9]\d*", part):
            raise UsageError(cause=f"“{part}” is not a scan: write BATCH/PAGE, the page of the scanned file from 1.")
    return found
