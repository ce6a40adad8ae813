"""The command export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.output import Json, bar, container, out, print_json
from pipeline.db.exports import ExportScope
from pipeline.errors import NotANumberError
from pipeline.extract import file_number
from pipeline.locale import Message
from pipeline.preservation.export.model import ExportFormat


def add_commands(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="The folder to write; it must not exist yet.")],
    form: Annotated[ExportFormat, typer.Option("--format", help="The format to write.")],
    office: Annotated[str | None, typer.Option("--office", help="Only this office.")] = None,
    number: Annotated[str | None, typer.Option("--file", help="Only the file of this number.")] = None,
    as_json: Json = False,
) -> None:
    """Export a file, an office or everything. Everything is checked; the folder appears when it is complete.

    Example:  abhilekh export /media/disk/sagar-2019 --format bagit --office sagar
    """
    key = None
    if number is not None:
        parsed = file_number.parse(number)
        if parsed is None:
            raise NotANumberError(text=number, cause=Message("no number was found in it"))
        key = parsed.key
    with container(context) as parts, bar("files") as tell:
        done = parts.export(form, ExportScope(office, key), target.absolute(), tell=tell)
    if as_json:
        print_json(asdict(done))
        return
    out(f"{done.files} files, {done.documents} documents, {done.pages} pages, {done.bytes} bytes in {done.target}")
    out(f"manifest: sha256 {done.manifest_sha256}")
