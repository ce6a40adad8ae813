"""The administrator's page: people, their roles in offices, one-time links, and tokens of programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import AbhilekhError, PersonNameError, RequestError
from pipeline.people.deeds import Action
from pipeline.people.model import EVERY_OFFICE, Grant, Right, Role
from pipeline.web import faults
from pipeline.web.gate import Administrator
from pipeline.web.language import N_, TheLanguage
from pipeline.web.library import TheLibrary
from pipeline.web.people.access import TheDeeds, ThePeople
from pipeline.web.rendering import render

router = APIRouter(include_in_schema=False)

SEE_OTHER = 303
ROLES = {
    Role.OPERATOR: N_("Scanner operator"),
    Role.RECORD_KEEPER: N_("Record keeper"),
    Role.OFFICER: N_("Officer"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMINISTRATOR: N_("Administrator"),
}
RIGHTS = {
    Right.LOOK: N_("Search and look"),
    Right.SCAN: N_("Scan and watch"),
    Right.REVIEW: N_("Review"),
    Right.REGISTER: N_("Register"),
    Right.EXPORT: N_("Export"),
    Right.BOARD: N_("Board"),
    Right.AUDIT: N_("Record of deeds"),
    Right.ADMINISTER: N_("People"),
}
Typed = Annotated[str, Form(max_length=1000)]


@router.get("/people")
def people_page(request: Request, person: Administrator, people: ThePeople, library: TheLibrary) -> Response:
    return _page(request, people, library)


@router.post("/people")
def add(
    request: Request, person: Administrator, people: ThePeople, deeds: TheDeeds, library: TheLibrary, code: TheLanguage,
    name: Typed = "", full_name: Typed = "", role: Typed = "", office: Typed = EVERY_OFFICE, outside: Typed = "",
) -> Response:  # fmt: skip
    """Enter somebody and show the link by which they set their password; who signs in `outside` needs none."""
    try:
        grant = _grant(role, office)
        added = people.add(name.strip().lower(), " ".join(full_name.split())[:200], [grant], outside=bool(outside))
    except AbhilekhError as error:
        return _page(request, people, library, problem=error, code=code)
    deeds.note(person.name, Action.PEOPLE, added.name, {"did": "add", "role": grant.role, "office": grant.office})
    return RedirectResponse("/people", SEE_OTHER) if outside else _with_link(request, people, library, added.name)


@router.post("/people/{name}/grants")
def grant(
    request: Request, person: Administrator, people: ThePeople, deeds: TheDeeds, library: TheLibrary, code: TheLanguage,
    name: str, role: Typed = "", office: Typed = EVERY_OFFICE, take: Typed = "",
) -> Response:  # fmt: skip
    """Give a role in an office, or take it."""
    try:
        wanted = _grant(role, office)
        people.grant(name, wanted, take=bool(take))
    except AbhilekhError as error:
        return _page(request, people, library, problem=error, code=code)
    did = "revoke" if take else "grant"
    deeds.note(person.name, Action.PEOPLE, name, {"did": did, "role": wanted.role, "office": wanted.office})
    return RedirectResponse("/people", SEE_OTHER)


@router.post("/people/{name}/{deed}")
def change(
    request: Request, person: Administrator, people: ThePeople, deeds: TheDeeds, library: TheLibrary, code: TheLanguage,
    name: str, deed: str,
) -> Response:  # fmt: skip
    """`disable`, `enable`, `unlock`, or `reset`, which shows a new one-time link."""
    try:
        people.known(name)
        if deed not in ("disable", "enable", "unlock", "reset"):
            raise faults.no_address(request)
        if deed in ("disable", "enable"):
            people.disable(name, disabled=deed == "disable")
        if deed == "unlock":
            people.unlock(name)
    except AbhilekhError as error:
        return _page(request, people, library, problem=error, code=code)
    deeds.note(person.name, Action.PEOPLE, name, {"did": deed})
    return _with_link(request, people, library, name) if deed == "reset" else RedirectResponse("/people", SEE_OTHER)


@router.post("/tokens")
def make_token(
    request: Request, person: Administrator, people: ThePeople, deeds: TheDeeds, library: TheLibrary, code: TheLanguage,
    owner: Typed = "", title: Typed = "", rights: Annotated[list[str] | None, Form()] = None,
) -> Response:  # fmt: skip
    """A token of a program, shown this once."""
    try:
        wanted = [Right(one) for one in dict.fromkeys(rights or []) if one in set(Right)]
        if not wanted or not title.strip():
            raise RequestError(
                cause="A token needs a name and at least one right.",
                cause_hi="टोकन को एक नाम और कम से कम एक अधिकार चाहिए।",
            )
        secret = people.make_token(owner, title.strip()[:100], wanted)
    except AbhilekhError as error:
        return _page(request, people, library, problem=error, code=code)
    deeds.note(person.name, Action.PEOPLE, owner, {"did": "token", "name": title.strip()[:100]})
    return _page(request, people, library, secret=secret)


@router.post("/tokens/{ident}/end")
def end_token(ident: str, person: Administrator, people: ThePeople, deeds: TheDeeds) -> Response:
    if people.end_token(ident):
        deeds.note(person.name, Action.PEOPLE, ident, {"did": "end token"})
    return RedirectResponse("/people", SEE_OTHER)


def _grant(role: str, office: str) -> Grant:
    if role not in set(Role):
        raise RequestError(cause="There is no such role.", cause_hi="ऐसी कोई भूमिका नहीं है।")
    office = office.strip() or EVERY_OFFICE
    if len(office) > 100:  # noqa: PLR2004 - longer than any code
        raise PersonNameError(name=office[:100])
    return Grant(Role(role), office)


def _with_link(request: Request, people: ThePeople, library: TheLibrary, name: str) -> Response:
    address = f"{request.url.scheme}://{request.headers.get('host', '')}/welcome/{people.link(name)}"
    return _page(request, people, library, link=address, whose=name)


def _page(
    request: Request, people: ThePeople, library: TheLibrary, *, problem: AbhilekhError | None = None, code: str = "en",
    link: str = "", whose: str = "", secret: str = "",
) -> Response:  # fmt: skip
    told = faults.message(problem, code) if problem else ""
    status = faults.HTTP_STATUS[problem.kind] if problem else 200
    return render(
        request, "people/people.html", http_status=status, everyone=people.every(), tokens=people.tokens(),
        offices=library.offices(), roles=ROLES, rights=RIGHTS, problem=told, link=link, whose=whose, secret=secret,
        every_office=EVERY_OFFICE, has_provider=request.app.state.provider is not None,
    )  # fmt: skip
