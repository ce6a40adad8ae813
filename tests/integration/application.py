"""The real application in this process, on one real letter of one office: what is asked of its addresses is asked here."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from pipeline.app import Container
from pipeline.model import register as register_model
from pipeline.model.accounts import Grant
from pipeline.register import service as register_service
from pipeline.web import server
from pipeline.web.security.cookies import COOKIE, sign_of
from tests.conftest import SCANS, Office, short_folder
from tests.homes import copy_of, opened

OFFICE = "sagar"
LETTER = SCANS / "letters" / "letter-01-clean.jpg"
TUS = {"tus-resumable": "1.0.0"}  # spoken in every request, so that uploads are judged as all else


@dataclass
class Room:
    """An installation with one letter of one office in it, whose file stands in the register."""

    container: Container
    app: FastAPI
    document: str
    batch: str
    file_key: str
    kept: dict[str, str] = field(default_factory=dict)

    def headers(self, *grants: Grant) -> dict[str, str]:
        name = self.person(*grants)
        secret = self.container.people.sign_in(name)
        return {"cookie": f"{COOKIE}={secret}", "x-csrf-token": sign_of(secret)}

    def person(self, *grants: Grant) -> str:
        name = f"p{len(self.container.people.every())}"
        self.container.people.add(name, "", grants)
        return name

    def path_of(self, route: str) -> str:
        known = {
            "ident": self.document,
            "document": self.document,
            "batch": self.batch,
            "office": OFFICE,
            "key": self.file_key,
            "number": "1",
            "page": "1",
            "name": "nobody",
        }
        path = re.sub(r"{(\w+)(?::\w+)?}", lambda hole: known.get(hole[1], "x"), route)
        return f"{path}?x=10&y=10&w=200&h=50" if path.endswith("/cut") else path

    def ask(self, routes: Iterable[str], headers: dict[str, str]) -> dict[str, int]:
        """The status of each route's answer."""

        async def ask_all() -> dict[str, int]:
            wire = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1", headers=headers | TUS) as client:
                found = {}
                for route in routes:
                    method, path = route.split(" ", 1)
                    found[route] = (await client.request(method, self.path_of(path))).status_code
                return found

        return asyncio.run(ask_all())


def _fill(home: Path) -> str:
    """An installation with the letter read and filed, and its file in the register; its document."""
    with opened(home, OFFICE) as container:
        told, code = Office(home, {"ABHILEKH_OFFICE": OFFICE}).ingest(LETTER)
        assert code == 0, told
        ident = str(told[0]["documents"][0])
        named = register_model.Office(OFFICE, "तहसील सागर", "Sagar tehsil")
        container.registrar().put_office(named, by="test", change=False)
        number = register_service.number(container.records.document(ident).value("file_no") or "")
        container.registrar().add_file(OFFICE, number, "", {"subject": "सीमांकन"}, by="test")
    return ident


@contextmanager
def letter_filed() -> Iterator[Room]:
    """A copy of that installation."""
    home = short_folder()
    ident = copy_of("letter", _fill, home)
    with opened(home, OFFICE) as container:
        document = container.records.document(ident)
        assert document.file_key is not None
        yield Room(container, server.application(container), ident, document.batch, document.file_key)
    shutil.rmtree(home, ignore_errors=True)


def routes_of(router: Any) -> Iterator[Any]:
    """All routes, those of included routers too."""
    for route in router.routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from routes_of(included)
        elif hasattr(route, "dependant"):
            yield route
