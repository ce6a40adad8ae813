"""Signing in outside: the way to the identity provider and back, and which of our people somebody is there.

Nobody is let in whom no administrator has entered. Who comes for the first time is known by their name there; from then on
by issuer and subject, which nobody else ever has, whatever name they may take.
"""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote, unquote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import IdentityError
from pipeline.index.people import People
from pipeline.people.deeds import Action
from pipeline.people.model import Person
from pipeline.web import faults, gate
from pipeline.web.everywhere import origin, own_path
from pipeline.web.language import TheLanguage
from pipeline.web.people.access import TheDeeds, ThePeople
from pipeline.web.people.identity import Attempt, Provider
from pipeline.web.people.signing import SEE_OTHER, provider_name, signed_in
from pipeline.web.rendering import render

router = APIRouter(include_in_schema=False)

_COOKIE, _SECURE_COOKIE = "abhilekh_way", "__Host-abhilekh_way"
_SECONDS = 600  # from leaving to coming back
_LONGEST_NAME = 64


@router.get("/login/outside")
def leave(request: Request, next: str = "/") -> Response:
    """To the provider's own page."""
    if gate.visitor(request) != gate.NOBODY:
        return RedirectResponse(own_path(next), SEE_OTHER)
    attempt = Attempt.new(own_path(next))
    answer = RedirectResponse(_provider(request).way_there(attempt, _back(request)), SEE_OTHER)
    secure = request.app.state.secure_cookies
    answer.set_cookie(
        _SECURE_COOKIE if secure else _COOKIE, quote(attempt.packed(), safe=""), path="/", secure=secure, httponly=True,
        samesite="lax", max_age=_SECONDS,
    )  # fmt: skip
    return answer


@router.get("/login/outside/out")
def sign_out_there(request: Request) -> Response:
    """To the provider's own page of signing out: on a shared computer, its session would let the next one in here."""
    try:
        address = _provider(request).way_out(f"{origin(request)}/login")
    except IdentityError:  # its page cannot be found: say so, as for any address that is not there
        address = None
    if address is None:
        raise faults.no_address(request)
    return RedirectResponse(address, SEE_OTHER)


@router.get("/login/outside/back")
def come_back(request: Request, people: ThePeople, deeds: TheDeeds, code: TheLanguage) -> Response:
    """In, or back to the sign-in page with the reason."""
    address = request.client.host if request.client else ""
    name, provider = "", _provider(request)
    try:
        attempt = _attempt(request)
        claims = provider.who(attempt, _back(request), dict(request.query_params))
        name = name_in(claims, provider.settings.name_claim)
        person = known(people, claims, name)
    except IdentityError as error:
        why = {"address": address, "why": error.code, "outside": True}
        deeds.note("", Action.LOGIN_FAILED, name[:_LONGEST_NAME], why)
        answer: Response = render(
            request, "people/login.html", http_status=faults.HTTP_STATUS[error.kind], next="/", name="",
            problem=faults.message(error, code), outside=provider_name(request), is_out=False,
        )  # fmt: skip
    else:
        deeds.note(person.name, Action.LOGIN, person.name, {"address": address, "outside": True})
        answer = signed_in(request, people.sign_in(person.name), attempt.onward)
    for cookie in (_COOKIE, _SECURE_COOKIE):
        answer.delete_cookie(cookie, path="/", secure=cookie is _SECURE_COOKIE, httponly=True, samesite="lax")
    return answer


def name_in(claims: dict[str, Any], claim: str) -> str:
    """The name that somebody bears at the provider; empty where the provider does not vouch for it."""
    name = claims.get(claim)
    if not isinstance(name, str) or (claim == "email" and claims.get("email_verified") is not True):
        return ""
    return name.strip().lower()


def known(people: People, claims: dict[str, Any], name: str) -> Person:
    """Who of our people this is. Raises `IdentityError`."""
    person = people.by_subject(f"{claims['iss']} {claims['sub']}", name)
    if person is None:
        raise IdentityError(
            cause=f"“{name or claims['sub']}” is not entered here as somebody who signs in outside",
            cause_hi=f"“{name or claims['sub']}” यहाँ बाहर से प्रवेश करने वालों में दर्ज नहीं है",
        )
    return person


def _provider(request: Request) -> Provider:
    found = cast(Provider | None, request.app.state.provider)
    if found is None:
        raise faults.no_address(request)
    return found


def _back(request: Request) -> str:
    """Where the provider sends the visitor back to."""
    return f"{origin(request)}/login/outside/back"


def _attempt(request: Request) -> Attempt:
    kept = request.cookies.get(_SECURE_COOKIE) or request.cookies.get(_COOKIE) or ""
    found = Attempt.unpacked(unquote(kept))
    if found is None:
        raise IdentityError(
            cause="it took too long, or your browser keeps no cookies",
            cause_hi="बहुत देर हो गई, या आपका ब्राउज़र कुकी नहीं रखता",
        )
    return Attempt(found.state, found.nonce, found.verifier, own_path(found.onward))
