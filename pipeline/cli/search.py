"""Commands that only read: search, show, file-no, status."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

import typer

from pipeline import settings
from pipeline.app import Container
from pipeline.cli.output import Json, container, out, print_json
from pipeline.errors import NotANumberError, NotFoundError
from pipeline.extract import file_number
from pipeline.extract.file_number.number_json import file_number_json
from pipeline.locale import Message
from pipeline.locale.labels import FLAGS
from pipeline.model import contract
from pipeline.model.batch import BatchState
from pipeline.model.document import DocumentKind
from pipeline.model.health import SystemStatus
from pipeline.model.search import Query


def add_commands(app: typer.Typer) -> None:
    app.command("search")(search)
    app.command("show")(show)
    app.command("file-no")(file_no)
    app.command("status")(status)


_Since = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Only documents dated from then.")
]
_Until = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Only documents dated until then.")]


def search(
    context: typer.Context,
    query: Annotated[list[str] | None, typer.Argument(help="Words, or a file number.")] = None,
    number: Annotated[str | None, typer.Option("--file-no", help="Only documents of this file.")] = None,
    office: Annotated[str | None, typer.Option("--office", help="Only documents of this office.")] = None,
    since: _Since = None,
    until: _Until = None,
    kind: Annotated[DocumentKind | None, typer.Option("--kind", help="Only documents of this kind.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Hits to show.")] = 20,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Hits to skip.")] = 0,
    as_json: Json = False,
) -> None:
    """Find pages by words or by file number.

    Example:  abhilekh search "सोनपुरा सीमांकन" --from 2019-01-01
    """
    asked = Query(
        unicodedata.normalize("NFC", " ".join(query or [])),
        number,
        office,
        _day(since),
        _day(until),
        kind,
        limit=limit,
        offset=offset,
        facets=as_json,
    )
    with container(context) as parts:
        answer = parts.services().search(asked)
    if as_json:
        print_json(contract.answer_json(answer))
        return
    _print_understood(answer.understood)
    for hit in answer.hits:
        out(f"{hit.file_no or '—'}  {hit.date or '—'}  {hit.subject or '—'}")
        out(f"    {hit.document}  page {hit.page}:  {hit.snippet}")
    out(f"{answer.total} found in {answer.took_ms} ms")


def _print_understood(understood: Mapping[str, object]) -> None:
    """What the words were read as, what else was looked for, and what may have been meant."""
    for name, says in (("readings", "read as"), ("also", "also")):
        found = understood.get(name)
        if isinstance(found, dict):
            for word, others in found.items():
                out(f"{word} — {says}: {', '.join(others)}")
    if meant := understood.get("did_you_mean"):
        out(f"did you mean: {meant}")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def show(context: typer.Context, ident: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """Show one document or batch, whole.

    Example:  abhilekh show 3f2a9c0d1e4b5a6f7c8d-0001 --json
    """
    with container(context) as parts:
        try:
            document = parts.records.document(ident)
            found = contract.document_json(document, parts.records.batch(document.batch))
        except NotFoundError:
            found = _batch(parts, ident)
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        if isinstance(value, str | int | float | None):
            out(f"{name:14} {_in_words(name, value)}")
    out(f"{'source':14} {found['source']['name']} ({found['source']['bytes']} bytes)")
    if isinstance(found["pages"], list):
        for page in found["pages"]:
            _print_page(page)
    else:
        _print_batch(found)


def _batch(parts: Container, ident: str) -> dict[str, Any]:
    """A batch; that of a document that is gone because its scan has a newer version."""
    for name in (ident, ident.rpartition("-")[0]):
        try:
            batch = parts.records.batch(name)
        except NotFoundError:
            continue
        if name == ident or batch.state is BatchState.SUPERSEDED:
            versions = parts.scan_versions().rows.of(name)
            return contract.batch_json(batch, parts.records.batch_details(name), versions)
    raise NotFoundError(what="document or batch", name=ident)


def _in_words(name: str, value: str | float | None) -> str | float:
    """A value as a person reads it: moments in local time."""
    if value is None:
        return "—"
    return f"{datetime.fromisoformat(str(value)).astimezone():%Y-%m-%d %H:%M}" if name.endswith("_at") else value


def _print_batch(found: dict[str, Any]) -> None:
    """Print what a batch has besides single values."""
    for number, document in enumerate(found["documents"]):
        out(f"{'' if number else 'documents':14} {document}")
    if found["error"]:
        out(f"{'error':14} {found['error']['hi']}\n{'':14} {found['error']['en']}")
    for name in ("supersedes", "perhaps_same"):
        for other in found[name]:
            out(f"{name:14} {other}")
    for flag, pages in found["flags"].items():
        hindi, english = _flag_in_words(flag)
        out(f"{'flag':14} {flag}: {_ranges(pages)}\n{'':14} {hindi}\n{'':14} {english}")


def _flag_in_words(flag: str) -> tuple[str, str]:
    """What a flag means, in Hindi and English: the words of the search page."""
    meaning = Message(FLAGS.get(flag, flag))
    return meaning.text("hi"), meaning.text("en")


def _ranges(numbers: Sequence[int]) -> str:
    """1, 2, 3, 7 as 1–3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def _print_page(page: dict[str, Any]) -> None:
    state = "blank" if page["blank"] else f"confidence {page['confidence']:.2f}"
    remarks = ", ".join([f"sheet {page['source_page']}", state, *page["flags"]])
    out(f"\n— page {page['number']} ({remarks}) —")
    out(page["text"])


def file_no(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="The number as written.")],
    as_json: Json = False,
) -> None:
    """Show how a written file number is understood: its form, its parts, its keys.

    Example:  abhilekh file-no "फा.नं. ११०१३/४/२०१८"
    """
    grammar = file_number.load_grammar(*settings.load(context.obj).number_forms)
    number = file_number.parse(text, grammar)
    if number is None:
        why = file_number.refusal(text) or file_number.NO_DIGIT
        raise NotANumberError(text=text, cause=why.cause)
    found = file_number_json(number, grammar.named(number.form), file_number.fit(text, grammar))
    if as_json:
        print_json(found)
        return
    form, unknown = found["form"], Message("of no known form").in_both(between=" · ")
    out(f"written  {number.written}")
    out(f"form     {form['en']} · {form['hi']}" if form else f"form     {unknown}")
    for part in found["parts"]["named"]:
        out(f"  {part['role']:10} {part['text']}")
    out(f"parts    {' · '.join(number.parts)}")
    for name, key in found["keys"].items():
        out(f"{name:8} {key}")
    out(f"fit      {found['fit']:.2f}")


def status(context: typer.Context, as_json: Json = False) -> None:
    """Show what is in the inbox, in work, failed or waiting for review, and whether every service runs.

    Example:  abhilekh status
    """
    with container(context) as parts:
        found = parts.services().status()
    if as_json:
        print_json(found)
        return
    for name in (
        "inbox",
        "working",
        "failed",
        "rejected",
        "review",
        "files",
        "documents",
        "pages",
        "blank_pages",
        "timed_out",
        "pages_today",
    ):
        out(f"{name:12} {found[name]}")
    health = found["parts"]
    if isinstance(health, dict):
        for name, how in health.items():
            out(f"{name:12} {how}")
    _print_waiting(found)
    for one in found["versions"]:
        says = "newer version" if one["certain"] else "perhaps a newer version, or changed"
        out(f"\n{says}: {one['name']} ({one['older']} → {one['newer']}, {one['reason']})")
    troubles = found["troubles"]
    if isinstance(troubles, list):
        for trouble in troubles:
            out(f"\n{trouble['status']}: {trouble['name']} ({trouble['batch']})\n  {trouble['hi']}\n  {trouble['en']}")


def _print_waiting(found: SystemStatus) -> None:
    """The files that wait in the inbox, why, and what happens next."""
    if found["waiting_files"]:
        out(f"\nwaiting in the inbox: {found['waiting_files']}")
    for one in found["waiting"]:
        out(f"  {one['name']} (since {one['since'].astimezone():%Y-%m-%d %H:%M})")
        out(f"    {one['hi']} {one['next_hi']}\n    {one['en']} {one['next_en']}")
