"""Commands for people: user add, list, grant, revoke, disable, enable, unlock, reset."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pipeline.cli.output import Json, house, out, print_json
from pipeline.cli.registers import By, whom
from pipeline.people.deeds import Action
from pipeline.people.model import EVERY_OFFICE, Grant, Role
from pipeline.wiring import House

group = typer.Typer(no_args_is_help=True, help="Who may sign in, and what they may do.")

Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
RoleOption = Annotated[Role, typer.Option("--role", help="What they are.")]
OfficeOption = Annotated[str, typer.Option("--office", help="In which office, by its code; without it, in every one.")]


def register(app: typer.Typer) -> None:
    for name, command in (
        ("add", add), ("list", list_people), ("grant", grant), ("revoke", revoke), ("disable", disable),
        ("enable", enable), ("unlock", unlock), ("reset", reset),
    ):  # fmt: skip
        group.command(name)(command)
    app.add_typer(group, name="user")


def add(
    context: typer.Context,
    name: Name,
    role: RoleOption,
    office: OfficeOption = EVERY_OFFICE,
    full_name: Annotated[str, typer.Option("--name", help="The full name.")] = "",
    outside: Annotated[bool, typer.Option("--outside", help="They sign in at the identity provider; no link.")] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Enter somebody; prints the link by which they set their password, once, within 48 hours.

    Example:  abhilekh user add s.verma --role record_keeper --office sagar-collectorate --name "सरिता वर्मा"
    """
    with house(context) as parts:
        parts.people.add(name, " ".join(full_name.split()), [Grant(role, office)], outside=outside)
        _note(parts, by, name, did="add", role=role.value, office=office)
        if not outside:
            _tell_link(parts, name, as_json)
        elif as_json:
            print_json({"name": name, "link": None})


def list_people(context: typer.Context, as_json: Json = False) -> None:
    """List who may sign in.

    Example:  abhilekh user list
    """
    with house(context) as parts:
        everyone = parts.people.every()
    if as_json:
        print_json(
            {
                "people": [
                    {
                        "name": known.person.name,
                        "full_name": known.person.full_name,
                        "grants": [{"role": grant.role.value, "office": grant.office} for grant in known.person.grants],
                        "disabled": known.disabled,
                        "has_password": known.has_password,
                        "created_at": known.created_at,
                    }
                    for known in everyone
                ]
            }
        )
        return
    for known in everyone:
        grants = ", ".join(f"{grant.role.value} ({grant.office})" for grant in known.person.grants) or "—"
        state = "disabled" if known.disabled else "active" if known.has_password else "no password yet"
        out(f"{known.person.name:20} {known.person.full_name or '—':24} {grants:40} {state}")


def grant(
    context: typer.Context, name: Name, role: RoleOption, office: OfficeOption = EVERY_OFFICE, by: By = None
) -> None:
    """Give somebody a role.

    Example:  abhilekh user grant s.verma --role officer --office rewa-collectorate
    """
    with house(context) as parts:
        parts.people.grant(name, Grant(role, office))
        _note(parts, by, name, did="grant", role=role.value, office=office)


def revoke(
    context: typer.Context, name: Name, role: RoleOption, office: OfficeOption = EVERY_OFFICE, by: By = None
) -> None:
    """Take a role from somebody.

    Example:  abhilekh user revoke s.verma --role officer --office rewa-collectorate
    """
    with house(context) as parts:
        parts.people.grant(name, Grant(role, office), take=True)
        _note(parts, by, name, did="revoke", role=role.value, office=office)


def disable(context: typer.Context, name: Name, by: By = None) -> None:
    """Let somebody in no more, at once; what they did stays on record.

    Example:  abhilekh user disable s.verma
    """
    with house(context) as parts:
        parts.people.disable(name)
        _note(parts, by, name, did="disable")


def enable(context: typer.Context, name: Name, by: By = None) -> None:
    """Let somebody in again.

    Example:  abhilekh user enable s.verma
    """
    with house(context) as parts:
        parts.people.disable(name, disabled=False)
        _note(parts, by, name, did="enable")


def unlock(context: typer.Context, name: Name, by: By = None) -> None:
    """Forget failed attempts to sign in under this name.

    Example:  abhilekh user unlock s.verma
    """
    with house(context) as parts:
        parts.people.known(name)
        parts.people.unlock(name)
        _note(parts, by, name, did="unlock")


def reset(context: typer.Context, name: Name, by: By = None, as_json: Json = False) -> None:
    """Print a new link by which somebody sets a password; the old password works until then.

    Example:  abhilekh user reset admin
    """
    with house(context) as parts:
        _tell_link(parts, name, as_json)
        _note(parts, by, name, did="reset")


def _note(parts: House, by: str | None, name: str, **told: Any) -> None:
    parts.deeds.note(f"command:{whom(by)}", Action.PEOPLE, name, told)


def _tell_link(parts: House, name: str, as_json: bool) -> None:
    path = f"/welcome/{parts.people.link(name)}"
    file = parts.settings.address_file
    address = file.read_text(encoding="utf-8").strip() if file.exists() else ""
    link = f"{address}{path}"
    if as_json:
        print_json({"name": name, "link": link})
    else:
        out(f"{name}: set the password, once, within 48 hours / पासवर्ड 48 घंटे में, एक बार, यहाँ चुनें:\n  {link}")
