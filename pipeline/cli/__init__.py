"""The command `abhilekh`: a face of the same functions as the web. One module a group of commands.

Results go to stdout, progress and logs to stderr; with `--json` stdout carries JSON and nothing else.
"""

from __future__ import annotations

import io
import os
import sys
import uuid
from pathlib import Path
from typing import Annotated

import structlog
import typer

from pipeline import __version__
from pipeline.cli import (
    accounts,
    audit,
    checking,
    export,
    index,
    ingest,
    preservation,
    register_files,
    register_offices,
    repair,
    search,
    services,
    sheets,
)
from pipeline.cli.output import EXIT_CODES, complain
from pipeline.errors import AbhilekhError, InternalError, Kind
from pipeline.errors.disk import disk_error
from pipeline.supervisor.home_permissions import PRIVATE_UMASK

app = typer.Typer(
    name="abhilekh",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="From a record room's paper to files people can find.",
)
for group in (
    services,
    ingest,
    search,
    sheets,
    register_offices,
    register_files,
    accounts,
    audit,
    checking,
    index,
    export,
    preservation,
    repair,
):
    group.add_commands(app)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"abhilekh {__version__}\n")
        raise typer.Exit


@app.callback()
def _everywhere(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option("--home", envvar="ABHILEKH_HOME", help="The folder where everything is kept.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = home


def main() -> None:
    """Run the command and end with its exit code; every failure is reported in one place.

    What it writes, and what the programs that it starts write, is its own user's alone.
    """
    os.umask(PRIVATE_UMASK)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Hindi must be written whatever the locale says
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app(_home_first(sys.argv[1:]), standalone_mode=True)
    except AbhilekhError as error:
        complain(error)
        raise SystemExit(EXIT_CODES[error.kind]) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        if isinstance(error, OSError) and error.filename and (known := disk_error(error, Path.cwd())):
            complain(known)
            raise SystemExit(EXIT_CODES[known.kind]) from None
        ident = uuid.uuid4().hex[:8]
        structlog.get_logger().exception("internal error", id=ident)
        complain(InternalError(id=ident))
        raise SystemExit(EXIT_CODES[Kind.INTERNAL]) from None


def _home_first(arguments: list[str]) -> list[str]:
    """Let `--home DIR` stand anywhere: before the command or after it."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    for place, argument in enumerate(arguments[:end]):
        if argument == "--home" and place + 1 < end:
            return [*arguments[place : place + 2], *arguments[:place], *arguments[place + 2 :]]
        if argument.startswith("--home="):
            return [argument, *arguments[:place], *arguments[place + 1 :]]
    return arguments
