"""Commands for the audit log: audit verify, audit list."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from pipeline.cli.output import Json, container, out, print_json
from pipeline.locale import Message
from pipeline.model.audit import Action

group = typer.Typer(no_args_is_help=True, help="The audit log: who did what, and when.")

_WORDS = {
    "altered": Message("the entry was altered"),
    "missing": Message("entries before it are missing, or it is itself"),
    "order": Message("it does not follow the entry before it"),
    "sealed": Message("the object store holds it otherwise"),
    "cut": Message("the object store holds it, the database does not"),
    "segment": Message("a checkpoint before it is missing or damaged"),
}


def add_commands(app: typer.Typer) -> None:
    group.command("verify")(verify)
    group.command("list")(list_events)
    app.add_typer(group, name="audit")


def verify(context: typer.Context, as_json: Json = False) -> None:
    """Check that no entry was altered, removed, inserted or moved; exit code 1 where one was.

    Example:  abhilekh audit verify
    """
    from pipeline.audit.checkpoints import check

    with container(context) as parts:
        found = check(parts.store, parts.audit_log)
    if as_json:
        print_json({"entries": found.entries, "sealed": found.sealed, "faults": [asdict(f) for f in found.faults]})
    else:
        out(f"{found.entries} entries, {found.sealed} of them sealed in the object store")
        for fault in found.faults:
            out(f"  entry {fault.number}: {_WORDS[fault.why].in_both()}")
        verdict = Message("The audit log is whole.") if found.is_whole else Message("THE AUDIT LOG WAS CHANGED.")
        out(verdict.in_both())
    if not found.is_whole:
        raise typer.Exit(1)


def list_events(
    context: typer.Context,
    person: Annotated[str, typer.Option("--person", help="Only what this person did.")] = "",
    action: Annotated[Action | None, typer.Option("--action", help="Only events of this kind.")] = None,
    since: Annotated[str, typer.Option("--from", help="The first day, YYYY-MM-DD.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day, YYYY-MM-DD.")] = "",
    text: Annotated[str, typer.Option("--text", help="Words in the object of the event.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    offset: Annotated[int, typer.Option("--offset", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """List events, the newest first.

    Example:  abhilekh audit list --person s.verma --from 2026-01-01
    """
    from pipeline.db.audit import AuditFilter
    from pipeline.errors import UsageError

    try:
        days = [date.fromisoformat(day) if day else None for day in (since, until)]
    except ValueError as error:
        raise UsageError(cause=f"A day is written YYYY-MM-DD: {error}.") from None
    with container(context) as parts:
        total, found = parts.audit_log.page(AuditFilter(person, action, days[0], days[1], text), offset, limit)
    if as_json:
        print_json({"total": total, "deeds": [event.as_json() for event in found]})
        return
    for event in found:
        out(
            f"{event.number:8}  {event.at:%Y-%m-%d %H:%M:%S}  {event.person or '—':20} {event.action.value:12} {event.what}"
        )
    out(f"{len(found)} of {total}")
