"""Commands for accounts: user add, list, grant, revoke, disable, enable, unlock, reset, link, tokens."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.app import Container
from pipeline.cli.output import Json, container, out, print_json
from pipeline.cli.register_lists import By, whom
from pipeline.errors import IdentityLinkError
from pipeline.locale import Message
from pipeline.model.accounts import EVERY_OFFICE, Grant
from pipeline.model.audit import Action
from pipeline.model.roles import Role

if TYPE_CHECKING:
    from pipeline.model.accounts import Account

group = typer.Typer(no_args_is_help=True, help="Who may sign in, and what they may do.")

Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
RoleOption = Annotated[Role, typer.Option("--role", help="The role.")]
OfficeOption = Annotated[str, typer.Option("--office", help="The office's code; without it, every office.")]


def add_commands(app: typer.Typer) -> None:
    for name, command in (
        ("add", add),
        ("list", list_people),
        ("grant", grant),
        ("revoke", revoke),
        ("disable", disable),
        ("enable", enable),
        ("unlock", unlock),
        ("reset", reset),
        ("link", link),
        ("tokens", list_tokens),
    ):
        group.command(name)(command)
    app.add_typer(group, name="user")


def add(
    context: typer.Context,
    name: Name,
    role: RoleOption,
    office: OfficeOption = EVERY_OFFICE,
    full_name: Annotated[str, typer.Option("--name", help="The full name.")] = "",
    outside: Annotated[
        bool, typer.Option("--outside", help="Signs in at the identity provider; no link is printed.")
    ] = False,
    subject: Annotated[str, typer.Option("--subject", help="The subject (sub) there; with --outside.")] = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Add a user and print the link that sets the password, valid once and for 48 hours.

    Example:  abhilekh user add s.verma --role record_keeper --office sagar-collectorate --name "सरिता वर्मा"
    """
    with container(context) as parts:
        if subject and not outside:
            raise IdentityLinkError(cause=Message("--subject needs --outside"))
        known_as = _subject_at_provider(parts, subject) if subject else None
        if known_as is not None:
            parts.people.identities.require_free(known_as)
        parts.people.add(name, " ".join(full_name.split()), [Grant(role, office)], outside=outside)
        _note(parts, by, name, did="add", role=role.value, office=office)
        if known_as is not None:
            parts.people.identities.link(name, known_as)
            _note(parts, by, name, did="link", subject=subject)
        if not outside:
            _tell_link(parts, name, as_json)
        elif as_json:
            print_json({"name": name, "link": None})


def list_people(context: typer.Context, as_json: Json = False) -> None:
    """List the users.

    Example:  abhilekh user list
    """
    with container(context) as parts:
        everyone, waiting = parts.people.every(), parts.people.identities.requests()
    if as_json:
        print_json(
            {
                "identity_requests": [{**asdict(one), "pin": one.pin} for one in waiting],
                "people": [
                    {
                        "name": known.person.name,
                        "full_name": known.person.full_name,
                        "grants": [{"role": grant.role.value, "office": grant.office} for grant in known.person.grants],
                        "disabled": known.disabled,
                        "has_password": known.has_password,
                        "has_code": known.has_code,
                        "outside": known.outside,
                        "subject": known.subject,
                        "waits_until": known.waits_until,
                        "created_at": known.created_at,
                    }
                    for known in everyone
                ],
            }
        )
        return
    for known in everyone:
        grants = ", ".join(f"{grant.role.value} ({grant.office})" for grant in known.person.grants) or "—"
        out(f"{known.person.name:20} {known.person.full_name or '—':24} {grants:40} {_state(known)}")
    for one in waiting:
        who = one.shown_name or one.subject
        out(f"{one.person}: waits to be linked to “{who}”, code {one.pin} ({one.at:%Y-%m-%d %H:%M})")


def grant(
    context: typer.Context, name: Name, role: RoleOption, office: OfficeOption = EVERY_OFFICE, by: By = None
) -> None:
    """Assign a role to a user.

    Example:  abhilekh user grant s.verma --role officer --office rewa-collectorate
    """
    with container(context) as parts:
        parts.people.grant(name, Grant(role, office))
        _note(parts, by, name, did="grant", role=role.value, office=office)


def revoke(
    context: typer.Context, name: Name, role: RoleOption, office: OfficeOption = EVERY_OFFICE, by: By = None
) -> None:
    """Remove a role from a user.

    Example:  abhilekh user revoke s.verma --role officer --office rewa-collectorate
    """
    with container(context) as parts:
        parts.people.grant(name, Grant(role, office), take=True)
        _note(parts, by, name, did="revoke", role=role.value, office=office)


def disable(context: typer.Context, name: Name, by: By = None) -> None:
    """Disable an account, effective immediately; its tokens are revoked for good; the audit log stays.

    Example:  abhilekh user disable s.verma
    """
    with container(context) as parts:
        tokens = parts.people.disable(name)
        _note(parts, by, name, did="disable", tokens=tokens)
    if tokens:
        ended = Message("{tokens} tokens of programs ended for good", tokens=tokens)
        out(f"{name}: {ended.in_both()}")


def enable(context: typer.Context, name: Name, by: By = None) -> None:
    """Re-enable an account.

    Example:  abhilekh user enable s.verma
    """
    with container(context) as parts:
        parts.people.disable(name, disabled=False)
        _note(parts, by, name, did="enable")


def unlock(context: typer.Context, name: Name, by: By = None) -> None:
    """Clear failed attempts to sign in under this name, and those of the addresses they came from.

    Example:  abhilekh user unlock s.verma
    """
    with container(context) as parts:
        parts.people.known(name)
        freed = parts.people.unlock(name)
        _note(parts, by, name, did="unlock", **({"address": ", ".join(freed)} if freed else {}))
    outcome = Message("free to sign in").in_both()
    out(f"{name}: {outcome}" + (f" ({', '.join(freed)})" if freed else ""))


def reset(context: typer.Context, name: Name, by: By = None, as_json: Json = False) -> None:
    """Print a new link that sets the password; the old password works until it is used. Using it removes the app for codes.

    Example:  abhilekh user reset admin
    """
    with container(context) as parts:
        _tell_link(parts, name, as_json)
        _note(parts, by, name, did="reset")


def link(
    context: typer.Context,
    name: Name,
    subject: Annotated[str, typer.Option("--subject", help="The subject (sub) at the identity provider.")] = "",
    code: Annotated[str, typer.Option("--code", help="The code that the first sign-in showed.")] = "",
    refuse: Annotated[bool, typer.Option("--refuse", help="Drop the request with this code instead.")] = False,
    by: By = None,
) -> None:
    """Link a user to an identity at the provider, by its subject or by the code of a request.

    Example:  abhilekh user link k.sharma --code 3F9A-01BC
    """
    with container(context) as parts:
        identities = parts.people.identities
        parts.people.known(name)
        if refuse:
            if not identities.refuse(name, code):
                raise IdentityLinkError(cause=Message("no request has the code {code}", code=code))
            _note(parts, by, name, did="refuse link", pin=code)
            return
        found = _subject_at_provider(parts, subject) if subject else identities.confirm(name, code)
        if subject:
            identities.link(name, found)
        _note(parts, by, name, did="link", subject=found)
    outcome = Message("linked").in_both()
    out(f"{name}: {outcome}: {found}")


def list_tokens(context: typer.Context, as_json: Json = False) -> None:
    """List the tokens of programs and when each expires.

    Example:  abhilekh user tokens
    """
    with container(context) as parts:
        tokens = parts.people.tokens()
    if as_json:
        print_json({"tokens": [{**asdict(one), "ends_soon": one.ends_soon} for one in tokens]})
        return
    for one in tokens:
        ends = f"{one.expires_at:%Y-%m-%d}" if one.expires_at else "—"
        state = Message("has ended") if one.has_ended else Message("ends soon") if one.ends_soon else None
        warning = f"  {state.in_both()}" if state else ""
        rights = ", ".join(right.value for right in one.rights)
        out(f"{one.ident}  {one.person:20} {one.name:30} {rights:30} until {ends}{warning}")


def _subject_at_provider(parts: Container, subject: str) -> str:
    """The subject as it is kept, with the issuer of the settings. Raises `IdentityLinkError` where there is none."""
    from pipeline.db.identities import subject_at

    if not parts.settings.oidc.issuer:
        raise IdentityLinkError(cause=Message("oidc.issuer is not set"))
    return subject_at(parts.settings.oidc.issuer, subject.strip())


def _state(known: Account) -> str:
    if known.disabled:
        return "disabled"
    if known.outside and not known.has_password:
        return "signs in outside" if known.subject else "signs in outside, not linked yet"
    return ("active, with a code" if known.has_code else "active") if known.has_password else "no password yet"


def _note(parts: Container, by: str | None, name: str, **details: Any) -> None:
    parts.audit_log.note(f"command:{whom(by)}", Action.PEOPLE, name, details)


def _tell_link(parts: Container, name: str, as_json: bool) -> None:
    path = f"/welcome/{parts.people.link(name)}"
    file = parts.settings.address_file
    address = file.read_text(encoding="utf-8").strip() if file.exists() else ""
    link = f"{address}{path}"
    if as_json:
        print_json({"name": name, "link": link})
    else:
        advice = Message("set the password, once, within 48 hours").in_both()
        out(f"{name}: {advice}:\n  {link}")
