"""The command repair: damaged and lost objects and rows come back from a backup folder or another store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr

from pipeline.cli.output import SOME_INPUT_FAILED, Json, bar, container, out, print_json
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.preservation.repair import Copies, Repaired

ACCESS_KEY, SECRET_KEY = "ABHILEKH_REPAIR_ACCESS_KEY", "ABHILEKH_REPAIR_SECRET_KEY"

_Certificate = Annotated[
    Path | None,
    typer.Option(
        "--certificate",
        exists=True,
        dir_okay=False,
        help="The file store/tls.pem of the home whose bundled store that is, on this machine.",
    ),
]


def add_commands(app: typer.Typer) -> None:
    app.command("repair")(repair)


def repair(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="The folder of a backup.")] = None,
    endpoint: Annotated[
        str | None,
        typer.Option("--endpoint", help=f"Another S3 store; its keys are read from {ACCESS_KEY} and {SECRET_KEY}."),
    ] = None,
    bucket: Annotated[str, typer.Option("--bucket", help="The bucket in that store.")] = "abhilekh",
    region: Annotated[str | None, typer.Option("--region", help="The region of that store, if it wants one.")] = None,
    certificate: _Certificate = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would be repaired; write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Bring damaged or lost objects back from a backup folder or another store, each checked by its SHA-256.

    Rows of the database that are not what was written are repaired as well. Everything may run meanwhile.

    Example:  abhilekh repair /media/disk/abhilekh --dry-run
    """
    from pipeline.preservation.repair import repair as repair_all

    with (
        container(context) as parts,
        _copies(folder, endpoint, bucket, region, certificate) as copies,
        bar("objects") as tell,
    ):
        done = repair_all(
            parts.store, parts.records, parts.text_index, copies, parts.scratch, dry_run=dry_run, tell=tell
        )
    if as_json:
        print_json(done.json())
    else:
        _tell(done)
    if not done.is_whole:
        raise typer.Exit(SOME_INPUT_FAILED)


@contextmanager
def _copies(
    folder: Path | None, endpoint: str | None, bucket: str, region: str | None, certificate: Path | None
) -> Iterator[Copies]:
    from pipeline.preservation.repair import FolderCopies, StoreCopies
    from pipeline.preservation.restore import about
    from pipeline.settings import StoreSettings
    from pipeline.storage.opening import open_foreign

    if (folder is None) == (endpoint is None):
        raise UsageError(cause="name a backup folder or --endpoint")
    if certificate is not None:
        _check_certificate(certificate, endpoint)
    if folder is not None:
        about(folder)
        yield FolderCopies(folder.absolute())
        return
    access, secret = (SecretStr(os.environ.get(name, "")) for name in (ACCESS_KEY, SECRET_KEY))
    there = StoreSettings(endpoint=endpoint, bucket=bucket, region=region, access_key=access, secret_key=secret)
    store = open_foreign(there, certificate)
    try:
        store.ping()
        yield StoreCopies(store)
    finally:
        store.close()


def _check_certificate(certificate: Path, endpoint: str | None) -> None:
    """Raise `UsageError` for one that would go unused, or that is no certificate with its key."""
    from pipeline.storage.certificate import client_context

    if endpoint is None or not endpoint.startswith("https://"):
        raise UsageError(cause="--certificate goes with --endpoint https://…")
    try:
        client_context(certificate)
    except ConnectionError as error:
        raise UsageError(cause=f"--certificate needs the tls.pem of a bundled store ({error})") from error


def _tell(done: Repaired) -> None:
    word = "can be repaired" if done.dry_run else "repaired"
    out(f"{done.objects} objects checked, {len(done.repaired)} {word} ({done.bytes} bytes)")
    for name in (*done.repaired, *(f"row {row}" for row in done.rows_repaired)):
        out(f"{word}: {name}")
    for key, reason in done.unrepaired.items():
        out(f"not repaired: {key}: {reason}")
    for row in done.rows_damaged:
        out(f"not repaired: row {row}")
    for fault in done.database:
        out(f"database: {fault}")
    if done.rows_damaged or done.database:
        out("Stop Abhilekh and build the rows again from the objects: abhilekh reindex --force")
