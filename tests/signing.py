"""Signing in, for tests: in-process clients of the application, and commands and browsers on a running installation.

In this process: `open_app(library)` gives the application and the headers of an administrator of every office, or of
somebody with the grants that are named. On a running one: `sign_in(address, home)` follows the first one-time link and
gives the cookies, which `httpx` and Playwright's contexts take.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from pipeline.index.database import Database
from pipeline.index.deeds import Deeds
from pipeline.index.people import People
from pipeline.people import Grant, Role
from pipeline.web.app import create_app
from pipeline.web.library import Library
from pipeline.web.people.entrance import COOKIE, sign_of

PASSWORD = "नीला घोड़ा सात पहाड़"
EVERYTHING = (Grant(Role.ADMINISTRATOR),)


@cache
def people() -> People:
    """People in a database of their own, one for all tests of this process."""
    database = Database(f"sqlite:///{tempfile.mkdtemp(prefix='abhilekh-')}/people.db")
    database.migrate()
    return People(database, idle=timedelta(hours=1), whole=timedelta(hours=12))


@cache
def headers(grants: Sequence[Grant] = EVERYTHING) -> Mapping[str, str]:
    """What the browser of somebody with these grants sends, the sign of its pages among it."""
    name = f"p{abs(hash(tuple(grants)))}"
    people().add(name, "", grants)
    secret = people().sign_in(name)
    return {"cookie": f"{COOKIE}={secret}", "x-csrf-token": sign_of(secret)}


def open_app(library: Library, grants: Sequence[Grant] = EVERYTHING, **more: Any) -> tuple[FastAPI, dict[str, str]]:
    """The application on this library, and the headers of somebody who is signed in to it."""
    app = create_app(library, among=people(), deeds=Deeds(people().database), **more)
    return app, dict(headers(tuple(grants)))


@cache
def sign_in(address: str, home: Path) -> dict[str, str]:
    """The cookies of the first administrator, who sets the password by the link that `serve` left in the home."""
    with httpx.Client(base_url=address, timeout=30) as client:
        link = (home / "run" / "welcome").read_text(encoding="utf-8").strip()
        path = re.sub(r"^https?://[^/]+", "", link)
        done = client.post(path, data={"password": PASSWORD, "again": PASSWORD})
        if done.status_code == httpx.codes.NOT_FOUND:  # the home was signed in to before, and started again since
            done = client.post("/login", data={"name": "admin", "password": PASSWORD})
        assert done.status_code == httpx.codes.SEE_OTHER, done.text
        return dict(client.cookies)
