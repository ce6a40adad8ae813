"""No path of the server in what a visitor of the web reads; the log and the commands keep it whole."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from pipeline import errors
from pipeline.errors import AbhilekhError
from pipeline.errors.paths import without_paths, without_paths_in
from pipeline.ingest.uploads import Upload, UploadProgress
from pipeline.locale import Message
from pipeline.model.batch import BatchState
from pipeline.model.scanning import ScanProgress, Trouble
from pipeline.scanning.dashboard import _for_visitors
from pipeline.web import error_pages
from pipeline.web.scanning.tus import upload_json
from tests.signing import open_app
from tests.unit.shelf import Shelf

FAMILY = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, AbhilekhError)]
HOMES = ("/srv/abhilekh", "/home/अभिलेख", "/var/lib/my archive", "/opt/abhilekh-x1")
BRACES = re.compile(r"{(\w+)}")


def call(app: FastAPI, path: str, headers: dict[str, str]) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def details(error: type[AbhilekhError], home: str, as_path: bool) -> dict[str, Any]:
    """Every detail of an error as it may hold a path: as one, in a sentence, in the system's error, in a text of ours."""
    names = set(BRACES.findall(error.message + error.advice)) | {"cause", "fix"}
    place = f"{home}/done/scan 12.tif"
    forms: list[Any] = [Path(place), place, FileNotFoundError(2, "No such file", place), f"it lies in {place}: no"]
    forms.append(Message("{place} is no list ({cause})", place=place, cause=Message("of {folder}", folder=Path(home))))
    return {name: Path(place) if as_path else forms[at % len(forms)] for at, name in enumerate(sorted(names))}


def assert_hidden(text: str, home: str) -> None:
    assert home not in text and PurePath(home).name + "/" not in text, text


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("error", FAMILY)
def test_no_error_shows_a_path_to_a_visitor_and_every_one_keeps_it(error: type[AbhilekhError], home: str) -> None:
    for as_path in (True, False):
        raised = error(**details(error, home, as_path))
        for language in ("en", "hi"):
            assert_hidden(error_pages.message(raised, language), home)
        if BRACES.search(error.message):
            assert home in raised.text("en") and home in str(raised), "the log and the commands tell the whole path"


@pytest.mark.parametrize("path", ["/api/v1/failing", "/failing"])
def test_the_answer_of_a_route_that_fails_names_the_file_alone(path: str) -> None:
    app, headers = open_app(Shelf())

    async def failing(request: Request) -> Response:
        raise errors.DiskFullError(folder=Path("/srv/abhilekh/uploads"), free=3)

    app.add_route(path, failing)
    for language in ("en", "hi"):
        answer = call(app, path, {**headers, "accept-language": language})
        assert answer.status_code == 503
        assert "uploads" in answer.text and "/srv" not in answer.text


def test_texts_that_were_written_down_lose_their_paths_too() -> None:
    full = errors.DiskFullError(folder=Path("/srv/abhilekh/work"), free=3)
    scan = ScanProgress(
        "b1",
        "a.pdf",
        None,
        None,
        BatchState.FAILED,
        1,
        0,
        datetime.now(UTC),
        None,
        Trouble("disk_full", full.text("en"), full.text("hi"), datetime.now(UTC)),
    )
    shown = _for_visitors(scan).trouble
    assert shown is not None and "/srv" not in shown.en + shown.hi and "work" in shown.en and "work" in shown.hi
    assert _for_visitors(replace(scan, trouble=None)).trouble is None

    class Late:
        def hindrance(self, ident: str) -> str:
            return full.reason

    upload = Upload("0" * 32, "a.pdf", "x", 3, datetime.now(UTC).isoformat())
    result = {"outcome": "rejected", "batch": "", "code": "x", "en": full.text("en"), "hi": full.text("hi")}
    told = upload_json(UploadProgress(upload, 3, result), Late()).model_dump_json()  # type: ignore[arg-type]
    assert "/srv" not in told and "work" in told


@pytest.mark.parametrize("path", ["/api/v1/status", "/status"])
def test_the_state_of_the_parts_shows_no_path(path: str) -> None:
    shelf = Shelf()
    full = errors.DiskFullError(folder=Path("/srv/abhilekh/work"), free=3).text("en")
    shelf.status = lambda: {"inbox": 1, "inbox_folder": "/srv/abhilekh/inbox", "parts": {"watcher": full}}  # type: ignore[method-assign,assignment]
    app, headers = open_app(shelf)

    answer = call(app, path, headers)

    assert "/srv" not in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "see /api and /scanning/upload",
        "script/run stop",
        "http://127.0.0.1:8420/srv/x",
        "12/4/2018",
        "नस्ती 1/2018/srv",
        "a/b",
    ],
)
def test_addresses_and_file_numbers_stay_as_they_are(text: str) -> None:
    assert without_paths(text) == text


def test_values_keep_their_form() -> None:
    assert without_paths_in({"a": [1, "in /srv/x/y.tif", Path("/srv/z")], "b": None}) == {
        "a": [1, "in y.tif", "z"],
        "b": None,
    }


def test_what_a_visitor_typed_is_told_back() -> None:
    error = errors.NotFoundError(what="address", name="/srv/nowhere")
    assert "/srv/nowhere" in error_pages.message(error, "en")
