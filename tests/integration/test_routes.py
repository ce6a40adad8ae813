"""Every address of the real application, on a real letter: with every role, with nobody, and from another office."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from pipeline import settings
from pipeline.people import RIGHTS, Grant, Right, Role
from pipeline.web import gate, server
from pipeline.web.people.entrance import COOKIE, sign_of
from pipeline.wiring import House
from tests.conftest import SCANS, Office, short_folder

PUBLIC = {"/healthz", "/login", "/login/outside", "/login/outside/back", "/welcome/{secret}", "/language/{wanted}"}
ONES_OWN = {"/logout", "/account/password"}  # ends the session, asks for the password
ENDLESS = {"/watch/events"}
OFFICE = "sagar"
LETTER = SCANS / "letters" / "letter-01-clean.jpg"


@dataclass
class Room:
    """An installation with one letter of one office in it."""

    house: House
    app: FastAPI
    document: str
    batch: str
    file_key: str

    def headers(self, *grants: Grant) -> dict[str, str]:
        name = f"p{len(self.house.people.every())}"
        self.house.people.add(name, "", grants)
        secret = self.house.people.sign_in(name)
        return {"cookie": f"{COOKIE}={secret}", "x-csrf-token": sign_of(secret)}

    def path_of(self, route: str) -> str:
        known = {
            "ident": self.document, "document": self.document, "batch": self.batch, "office": OFFICE, "key": self.file_key,
            "number": "1", "page": "1", "name": "nobody",
        }  # fmt: skip
        return re.sub(r"{(\w+)(?::\w+)?}", lambda hole: known.get(hole[1], "x"), route)

    def call(self, method: str, path: str, headers: dict[str, str]) -> int:
        async def ask() -> int:
            wire = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1") as client:
                return (await client.request(method, path, headers=headers)).status_code

        return asyncio.run(ask())


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    home = short_folder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ABHILEKH_OFFICE", OFFICE)
        told, code = Office(home).ingest(LETTER)
        assert code == 0, told
        house = House(settings.load(home))
    document = house.records.document(told[0]["documents"][0])
    assert document.file_key is not None
    yield Room(house, server.application(house), document.id, document.batch, document.file_key)
    house.close()
    shutil.rmtree(home, ignore_errors=True)


def routes_of(router: Any) -> Iterator[Any]:
    """All routes, those of included routers too."""
    for route in router.routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from routes_of(included)
        elif hasattr(route, "dependant"):
            yield route


def guarded(app: FastAPI) -> Iterator[tuple[str, str, Right | None]]:
    """Method and address of every route that asks who is there, and the right that it asks for."""
    for route in routes_of(app):
        if route.path not in PUBLIC:
            for method in sorted(route.methods - {"HEAD", "OPTIONS"}):
                yield method, route.path, right_of(route)


def right_of(route: Any) -> Right | None:
    """The right that a route's gate names; None where it only asks for somebody."""
    gates = [one.call for one in walk(route.dependant) if getattr(one.call, "__module__", "") == gate.__name__]
    assert gates, f"{route.path} asks nobody who they are"
    rights = [cell.cell_contents for call in gates for cell in call.__closure__ or ()]
    return next((right for right in rights if isinstance(right, Right)), None)


def walk(dependant: Any) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one
        yield from walk(one)


def test_nobody_gets_in_anywhere(room: Room) -> None:
    for method, path, _ in guarded(room.app):
        assert room.call(method, room.path_of(path), {}) in (303, 401, 403), (method, path)


@pytest.mark.parametrize("role", Role)
def test_every_address_is_refused_to_roles_without_its_right_and_never_breaks(room: Room, role: Role) -> None:
    headers = room.headers(Grant(role))
    asked = 0
    for method, path, needed in guarded(room.app):
        if path in ONES_OWN | ENDLESS:
            continue
        status = room.call(method, room.path_of(path), headers)
        asked += 1
        if needed is not None and needed not in RIGHTS[role]:
            assert status in (403, 412), (method, path, status)  # 412: not even the protocol is spoken
        else:
            assert status < 500 and status not in (401,), (method, path, status)
    assert asked > 30


def test_what_belongs_to_another_office_is_not_there(room: Room) -> None:
    ours, theirs = (room.headers(Grant(Role.ADMINISTRATOR, office)) for office in (OFFICE, "rewa"))
    seen = 0
    for method, path, _ in guarded(room.app):
        if method == "GET" and any(hole in path for hole in ("{ident}", "{document}", "{batch}", "{key")):
            here = room.path_of(path)
            if room.call(method, here, ours) < 400:
                seen += 1
                assert room.call(method, here, theirs) == 404, path
    assert seen > 8


def test_no_change_is_taken_without_the_sign_of_our_pages(room: Room) -> None:
    headers = room.headers(Grant(Role.ADMINISTRATOR))
    bare = {"cookie": headers["cookie"]}
    for method, path, _ in guarded(room.app):
        if method != "GET":
            assert room.call(method, room.path_of(path), bare) == 403, (method, path)
            wrong = bare | {"x-csrf-token": "0" * 64}
            assert room.call(method, room.path_of(path), wrong) == 403, (method, path)
