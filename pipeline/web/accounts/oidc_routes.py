"""OpenID Connect sign-in: redirect, callback, and mapping the subject to an account.

Nobody is let in whom no administrator has linked to issuer and subject, which nobody else ever has. A name can be changed
there or given to somebody else: who comes under the name of a person only asks to be linked, and an administrator confirms.
"""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote, unquote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from pipeline.db.accounts import AccountRepository
from pipeline.db.identities import pin_of, subject_at
from pipeline.db.throttling import Client
from pipeline.errors import IdentityError, IdentityUnlinkedError
from pipeline.locale import Message
from pipeline.web import error_pages
from pipeline.web.accounts.oidc import Attempt, Provider
from pipeline.web.accounts.services import TheAuditLog, ThePeople
from pipeline.web.accounts.sessions import LONGEST_NAME, SEE_OTHER, enter, login_form
from pipeline.web.audited import audits_itself, not_audited
from pipeline.web.health import origin, own_path
from pipeline.web.security import cookies, permissions, refusals

router = APIRouter(include_in_schema=False)

_SECONDS = 600  # from leaving to coming back
_LONGEST_SHOWN = 200


@router.get("/login/outside")
@not_audited("leads to the identity provider; coming back is an event")
def leave(request: Request, next: str = "/") -> Response:
    """Redirect to the provider."""
    if permissions.visitor(request) != permissions.NOBODY:
        return RedirectResponse(own_path(next), SEE_OTHER)
    attempt = Attempt.new(own_path(next))
    answer = RedirectResponse(_provider(request).way_there(attempt, _back(request)), SEE_OTHER)
    packed = quote(attempt.packed(), safe="")
    cookies.put(answer, cookies.OUTSIDE, packed, secure=request.app.state.secure_cookies, seconds=_SECONDS)
    return answer


@router.get("/login/outside/out")
@not_audited("leads to the identity provider")
def sign_out_there(request: Request) -> Response:
    """Redirect to the provider's sign-out: on a shared computer, its session would let the next one in here."""
    try:
        address = _provider(request).way_out(f"{origin(request)}/login")
    except IdentityError:  # its page cannot be found: say so, as for any address that is not there
        address = None
    if address is None:
        raise error_pages.no_address(request)
    return RedirectResponse(address, SEE_OTHER)


@router.get("/login/outside/back")
@audits_itself
def come_back(request: Request, people: ThePeople, audit_log: TheAuditLog) -> Response:
    """Callback: begin a session, or return to the sign-in page with the reason."""
    name, provider = "", _provider(request)
    try:
        attempt = _attempt(request)
        claims = provider.who(attempt, _back(request), dict(request.query_params))
        name = name_in(claims, provider.settings.name_claim)
        person = known(people, claims, name)
    except (IdentityError, IdentityUnlinkedError) as error:
        refusals.failed_sign_in(request, name[:LONGEST_NAME], error.code, outside=True)
        answer = login_form(request, problem=error)
    else:
        client = Client(person, refusals.address_of(request))
        answer = enter(request, people, audit_log, client, attempt.onward, outside=True)
    cookies.drop(answer, cookies.OUTSIDE, secure=request.app.state.secure_cookies)
    return answer


def name_in(claims: dict[str, Any], claim: str) -> str:
    """The name that somebody bears at the provider; empty where the provider does not vouch for it."""
    name = claims.get(claim)
    if not isinstance(name, str) or (claim == "email" and claims.get("email_verified") is not True):
        return ""
    return name.strip().lower()


def known(people: AccountRepository, claims: dict[str, Any], name: str) -> str:
    """The name of the person who is linked to these claims. Raises `IdentityUnlinkedError` where somebody bears the name who
    is to be linked first, and `IdentityError`."""
    subject = subject_at(claims["iss"], claims["sub"])
    person = people.identities.linked(subject)
    if person is not None:
        return person
    if people.identities.request(subject, name, shown_name_of(claims)):
        raise IdentityUnlinkedError(name=name, pin=pin_of(subject))
    raise IdentityError(
        cause=Message("“{name}” is not entered here as somebody who signs in outside", name=name or claims["sub"]),
    )


def shown_name_of(claims: dict[str, Any]) -> str:
    """Name and address at the provider, for the administrator who confirms a link."""
    names = (claims.get(claim) for claim in ("name", "email"))
    return ", ".join(one for one in names if isinstance(one, str))[:_LONGEST_SHOWN]


def _provider(request: Request) -> Provider:
    found = cast(Provider | None, request.app.state.provider)
    if found is None:
        raise error_pages.no_address(request)
    return found


def _back(request: Request) -> str:
    """Where the provider sends the visitor back to."""
    return f"{origin(request)}/login/outside/back"


def _attempt(request: Request) -> Attempt:
    kept = cookies.read(request.headers, cookies.OUTSIDE, secure=request.app.state.secure_cookies)
    found = Attempt.unpacked(unquote(kept))
    if found is None:
        raise IdentityError(
            cause=Message("it took too long, or your browser keeps no cookies"),
        )
    return Attempt(found.state, found.nonce, found.verifier, own_path(found.onward))
