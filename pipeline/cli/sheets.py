"""The command that prints: sheets."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline import settings
from pipeline.cli.output import SOME_INPUT_FAILED, Json, complain, container, out, print_json
from pipeline.errors import OfficeUnknownError, SheetLineError, SheetListError, UsageError
from pipeline.extract import file_number
from pipeline.extract.sheets import PURPOSE, SheetPart
from pipeline.locale import Message

if TYPE_CHECKING:
    from pipeline.extract.sheet_list import RequestedSheet


def add_commands(app: typer.Typer) -> None:
    app.command("sheets")(sheets)


def sheets(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", help="The PDF to be written.")],
    number: Annotated[str, typer.Option("--file-no", help="The number of the file, as it stands on it.")] = "",
    office: Annotated[str, typer.Option("--office", help="The office's code; else that of the settings.")] = "",
    volume: Annotated[str, typer.Option("--volume", help="The volume, where the file has several.")] = "",
    part: Annotated[SheetPart | None, typer.Option("--part", help="Which half of the file follows.")] = None,
    subject: Annotated[str, typer.Option("--subject", help="Shown on the sheet only.")] = "",
    listed: Annotated[
        Path | None, typer.Option("--list", help="A CSV (UTF-8): office, file_no, volume, part, subject.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print separator sheets, one A4 page a file: laid on a file, its code marks where the file begins.

    Example:  abhilekh sheets --office tehsil-ashta --file-no "एफ 19-76/2019/1/4" --part noting -o sheets.pdf
    """
    if bool(number) == (listed is not None):
        raise UsageError(cause="Give either --file-no or --list.")
    ours = office or settings.load(context.obj).office or ""
    if listed is not None:
        asked, faults = _listed(listed, ours)
    else:
        columns = {"office": ours, "file_no": number, "volume": volume, "part": part or "", "subject": subject}
        asked, faults = [_single(columns)], []
    if asked:
        _write(context, output, asked)
    _tell(output, asked, faults, as_json)
    if faults:
        raise typer.Exit(SOME_INPUT_FAILED)


def _single(columns: dict[str, str]) -> RequestedSheet:
    from pipeline.extract.sheet_list import understood

    try:
        return understood(columns, "--file-no")
    except SheetLineError as fault:
        raise UsageError(cause=f"{fault.details['cause']}. {fault.details['fix']}") from fault


def _listed(path: Path, office: str) -> tuple[list[RequestedSheet], list[SheetLineError]]:
    from pipeline.extract.sheet_list import read_list
    from pipeline.formats.list_limits import MOST_SHEET_BYTES, ListMeter

    try:
        ListMeter(path.name).check_file(path.stat().st_size, MOST_SHEET_BYTES)
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SheetListError(origin=path.name, cause=Message("it is not UTF-8")) from error
    except OSError as error:
        raise UsageError(cause=f"“{path}” cannot be opened: {error.strerror}.") from error
    return read_list(text, path.name, office=office)


def _write(context: typer.Context, output: Path, asked: list[RequestedSheet]) -> None:
    """Write the PDF, its codes signed with the key of this installation."""
    from pipeline.workflow.printing import PrintedSheet, printed

    with container(context) as parts:
        sign = partial(parts.signer().sign, PURPOSE)
        known = {one.code for one in parts.register.offices()} | {parts.settings.office or ""}
    for office in sorted({one.code.office for one in asked} - known):
        complain(OfficeUnknownError(office=office))
    data = printed((PrintedSheet(one.code, one.subject) for one in asked), sign)
    try:
        output.write_bytes(data)
    except OSError as error:
        raise UsageError(cause=f"“{output}” cannot be written: {error.strerror}.") from error


def _tell(output: Path, asked: list[RequestedSheet], faults: list[SheetLineError], as_json: bool) -> None:
    for fault in faults:
        complain(fault)
    if as_json:
        print_json(
            {
                "output": str(output) if asked else None,
                "pages": len(asked),
                "sheets": [_sheet_json(one) for one in asked],
                "rejected": [{"line": f.details["line"], "en": f.text("en"), "hi": f.text("hi")} for f in faults],
            }
        )
    elif asked:
        out(f"{output}: sheets {len(asked)}")
    else:
        out("nothing to print")


def _sheet_json(one: RequestedSheet) -> dict[str, Any]:
    code = one.code
    parsed = file_number.parse(code.file_no)
    return {
        "line": one.line,
        "office": code.office or None,
        "file_no": code.file_no,
        "file_key": parsed.key if parsed else None,
        "volume": code.volume or None,
        "part": code.part,
        "subject": one.subject or None,
    }
