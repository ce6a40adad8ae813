"""Commands for the full text: check it against the rows, and bring it up to the rules of this version."""

from __future__ import annotations

import typer

from pipeline.cli.output import Json, bar, container, out, print_json


def add_commands(app: typer.Typer) -> None:
    group = typer.Typer(name="index", help="The search index: check, refresh, rebuild.", no_args_is_help=True)
    group.command("check")(check)
    group.command("refresh")(refresh)
    group.command("rebuild")(rebuild)
    app.add_typer(group)


def check(context: typer.Context, as_json: Json = False) -> None:
    """Compare every page with the full text and the vocabulary, token by token.

    Example:  abhilekh index check
    """
    from pipeline.index import consistency

    with container(context) as parts, bar("pages") as tell:
        found = consistency.check(parts.database, parts.text_index, tell=tell)
    if as_json:
        print_json(found.json())
    else:
        for name, value in found.json().items():
            out(f"{name:10} {len(value) if isinstance(value, list) else value}")
            for one in value if isinstance(value, list) else ():
                out(f"    {one}")
        if found.waiting:
            out(
                "waiting pages are found; `abhilekh work` or `up` puts them in anew, or `abhilekh index refresh` at once"
            )
    if not found.is_well:
        raise typer.Exit(1)


def refresh(context: typer.Context, as_json: Json = False) -> None:
    """Index pages again that an older version indexed; searching goes on meanwhile.

    Example:  abhilekh index refresh
    """
    from pipeline.index import consistency

    with container(context) as parts:
        done = sum(consistency.refresh_all(parts.database, parts.text_index))
    if as_json:
        print_json({"pages": done})
    else:
        out(f"{done} pages indexed again")


def rebuild(context: typer.Context, as_json: Json = False) -> None:
    """Rebuild the whole index from the rows while the old one serves, and replace it in one step.

    In the database, what comes in waits meanwhile (a thousand pages take about a second). With OpenSearch a new index is
    filled behind the alias.

    Example:  abhilekh index rebuild
    """
    from pipeline.index import refill

    with container(context) as parts, bar("pages") as tell:
        if parts.open_search is None:
            done = refill.fill(parts.database, parts.text_index, tell=tell)
        else:
            done = parts.open_search.rebuild()
    if as_json:
        print_json({"pages": done})
    else:
        out(f"{done} pages in the new index")
