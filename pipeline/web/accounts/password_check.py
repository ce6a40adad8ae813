"""Passwords and codes that somebody types, judged one at a time and throttled against guessing (`db.throttling`)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request

from pipeline.accounts import passwords
from pipeline.db.accounts import AccountRepository
from pipeline.db.throttling import Client, session_counter
from pipeline.errors import TooManyTriesError, WrongCodeError, WrongLoginError
from pipeline.locale.formatting import moment_in_words
from pipeline.web.security import cookies, permissions
from pipeline.web.security.cookies import bearer_of, cookie_of
from pipeline.web.security.refusals import address_of

T = TypeVar("T")

_ONE_GUESS = threading.Lock()  # guesses made at once must not all be judged before the first is throttled


def client_of(request: Request, people: AccountRepository, name: str) -> Client:
    """Who tries as `name`: known by their session or token, by a device in which they signed in before, or unknown."""
    secure = request.app.state.secure_cookies
    if permissions.visitor(request).name == name != "":
        held = bearer_of(request.headers) or cookie_of(request.headers, secure=secure)
        return Client(name, address_of(request), session_counter(held))
    device = cookies.read(request.headers, cookies.device_cookie(name), secure=secure)
    return Client(name, address_of(request), people.throttle.device_counter(name, device))


def verify_password(people: AccountRepository, client: Client, password: str, code: str) -> str:
    """The hash that this password fits; `code` is the language. Raises `WrongLoginError`, and `TooManyTriesError` while one
    has to wait."""

    def check() -> str:
        kept = people.password_of(client.name)
        if not passwords.fits(password, kept) or kept is None:
            raise WrongLoginError
        return kept

    return throttled(people, client, code, check)


def throttled(people: AccountRepository, client: Client, code: str, check: Callable[[], T]) -> T:
    """What `check` returns; what it refuses is throttled. Raises what it raises, and `TooManyTriesError`."""
    _require_no_wait(people, client, code)  # who has to wait does not stand in the way of others
    with _ONE_GUESS:
        _require_no_wait(people, client, code)
        try:
            return check()
        except (WrongLoginError, WrongCodeError):
            people.throttle.failed(client)
            raise


def _require_no_wait(people: AccountRepository, client: Client, code: str) -> None:
    if until := people.throttle.waits(client):
        people.throttle.refused(client)
        raise TooManyTriesError(until=moment_in_words(until, code))
