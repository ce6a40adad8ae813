"""Commands for the record of deeds: audit verify, audit list."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from pipeline.cli.output import Json, container, out, print_json
from pipeline.model.audit import Action

group = typer.Typer(no_args_is_help=True, help="The record of what people did.")

_WORDS = {
    "altered": ("the entry was altered", "प्रविष्टि बदली गई है"),
    "missing": ("entries before it are missing, or it is itself", "इससे पहले की प्रविष्टियाँ, या यह स्वयं, नहीं हैं"),
    "order": ("it does not follow the entry before it", "यह पिछली प्रविष्टि से नहीं जुड़ती"),
    "sealed": ("the object store holds it otherwise", "ऑब्जेक्ट स्टोर में यह कुछ और है"),
    "cut": ("the object store holds it, the database does not", "यह ऑब्जेक्ट स्टोर में है, डेटाबेस में नहीं"),
    "segment": ("a sealed segment before it is missing or damaged", "इससे पहले का मुहरबंद खंड गायब या खराब है"),
}


def register(app: typer.Typer) -> None:
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
            english, hindi = _WORDS[fault.why]
            out(f"  entry {fault.number}: {english} / {hindi}")
        out(
            "The record is whole. / अभिलेख अक्षुण्ण है।" if found.is_whole else "THE RECORD WAS CHANGED. / अभिलेख बदला गया है।"
        )
    if not found.is_whole:
        raise typer.Exit(1)


def list_events(
    context: typer.Context,
    person: Annotated[str, typer.Option("--person", help="Only what this person did.")] = "",
    action: Annotated[Action | None, typer.Option("--action", help="Only deeds of this kind.")] = None,
    since: Annotated[str, typer.Option("--from", help="The first day, YYYY-MM-DD.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day, YYYY-MM-DD.")] = "",
    text: Annotated[str, typer.Option("--text", help="Words in what it was done to.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    offset: Annotated[int, typer.Option("--offset", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """List what was done, the newest first.

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
