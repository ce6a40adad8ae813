"""Signing in to the application in this process: `open_app(library)` gives it and the headers of an administrator of every
office, or of somebody with the grants that are named.

To a running installation: `samples.signing`, and `Running.sign_in` of the conftest.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from pipeline.db.accounts import AccountRepository
from pipeline.db.audit import AuditLog
from pipeline.model.accounts import Grant
from pipeline.model.roles import Role
from pipeline.web.app import create_app
from pipeline.web.security.cookies import COOKIE, sign_of
from pipeline.web.services import SearchServices
from tests.databases import new_database

EVERYTHING = (Grant(Role.ADMINISTRATOR),)


@cache
def people() -> AccountRepository:
    """People in a database of their own, one for all tests of this process."""
    database = new_database(Path(tempfile.mkdtemp(prefix="abhilekh-")) / "people.db")
    return AccountRepository(database, idle=timedelta(hours=1), whole=timedelta(hours=12))


@cache
def headers(grants: Sequence[Grant] = EVERYTHING) -> Mapping[str, str]:
    """What the browser of somebody with these grants sends, the sign of its pages among it."""
    name = "anybody" if tuple(grants) == EVERYTHING else f"p{abs(hash(tuple(grants)))}"
    people().add(name, "", grants)
    secret = people().sign_in(name)
    return {"cookie": f"{COOKIE}={secret}", "x-csrf-token": sign_of(secret)}


def open_app(
    services: SearchServices, grants: Sequence[Grant] = EVERYTHING, **more: Any
) -> tuple[FastAPI, dict[str, str]]:
    """The application on this library, and the headers of somebody who is signed in to it."""
    app = create_app(services, among=people(), audit_log=AuditLog(people().database), **more)
    return app, dict(headers(tuple(grants)))
