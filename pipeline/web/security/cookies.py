"""Credentials of a request: the names and flags of cookies, bearer tokens, and the CSRF token of a session.

Whose they are is looked up by `web.middleware.auth`.

Behind TLS a cookie counts only under the prefix `__Host-`, which no other host and no page without TLS can set (RFC 6265bis,
4.1.3.2); a plain one of the same name is then nobody's.
"""

from __future__ import annotations

import hashlib
from http.cookies import CookieError, SimpleCookie
from typing import Literal

from starlette.datastructures import Headers
from starlette.responses import Response

SESSION, OUTSIDE, STEP, DEVICE = "abhilekh_session", "abhilekh_way", "abhilekh_step", "abhilekh_device"
_PREFIX = "__Host-"
_NAME_LENGTH = 12  # hexadecimal digits, so that the cookie of a device does not tell whose account it is

SameSite = Literal["lax", "strict"]


def cookie_name(name: str, *, secure: bool) -> str:
    return f"{_PREFIX}{name}" if secure else name


COOKIE, SECURE_COOKIE = (cookie_name(SESSION, secure=secure) for secure in (False, True))


def sign_of(secret: str) -> str:
    """The CSRF token that the pages of a session carry."""
    return hashlib.sha256(b"pages of " + secret.encode()).hexdigest()


def cookie_of(headers: Headers, *, secure: bool) -> str:
    """The secret of the session that a browser holds; empty where there is none."""
    return read(headers, SESSION, secure=secure)


def bearer_of(headers: Headers) -> str:
    """The token of a program; empty where there is none."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def device_cookie(account: str) -> str:
    """The name of the cookie by which a browser is known to an account."""
    return f"{DEVICE}_{hashlib.sha256(account.encode()).hexdigest()[:_NAME_LENGTH]}"


def read(headers: Headers, name: str, *, secure: bool) -> str:
    """The value of a cookie; "" where there is none that counts."""
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    found = cookies.get(cookie_name(name, secure=secure))
    return found.value if found else ""


def put(
    answer: Response,
    name: str,
    value: str,
    *,
    secure: bool,
    same_site: SameSite = "lax",
    seconds: int | None = None,
) -> None:
    """Have the browser keep a cookie that no script reads, for `seconds` or until it is closed."""
    answer.set_cookie(
        cookie_name(name, secure=secure),
        value,
        path="/",
        secure=secure,
        httponly=True,
        samesite=same_site,
        max_age=seconds,
    )


def drop(answer: Response, name: str, *, secure: bool) -> None:
    answer.delete_cookie(cookie_name(name, secure=secure), path="/", secure=secure, httponly=True, samesite="lax")
