"""The description of the API: complete, for those who are signed in, and true about refusals."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from pipeline.web.openapi import description
from tests.signing import open_app
from tests.unit.shelf import Shelf, get


def test_every_address_for_programs_is_described_with_its_refusals() -> None:
    app, _ = open_app(Shelf())
    document = description(app)

    assert document["openapi"].startswith("3.1") and document["security"]
    for path in (
        "/api/v1/search",
        "/api/v1/review/{ident}/split",
        "/api/v1/samples",
        "/api/v1/audit",
        "/api/v1/uploads",
    ):
        assert path in document["paths"]
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["description"] and operation["tags"]
            assert {"400", "401", "403", "404", "422"} <= set(operation["responses"])
            assert "HTTPValidationError" not in str(operation["responses"])  # FastAPI's own form


def test_files_are_had_under_the_api_as_well() -> None:
    for path in ("pdf", "original", "text", "pages/1/image"):
        here, there = get(f"/documents/d1/{path}"), get(f"/api/v1/documents/d1/{path}")
        assert here.status_code == 200 and here.content == there.content
        assert here.headers["content-type"] == there.headers["content-type"]


def test_only_who_is_signed_in_reads_it() -> None:
    app, _ = open_app(Shelf())

    async def ask(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
            return await client.get(path)

    assert asyncio.run(ask("/api/v1/openapi.json")).status_code == 401
    assert asyncio.run(ask("/api")).headers["location"].startswith("/login")
    assert get("/api/v1/openapi.json").json()["paths"]
    page = get("/api", "hi").text
    assert "/api/v1/review/{ident}/merge" in page and "http://127.0.0.1/api/v1/search" in page


def test_what_is_sent_wrongly_is_told_by_name() -> None:
    for path, name in (("/api/v1/audit?offset=x", "offset"), ("/audit?offset=-1", "offset")):
        answer = get(path, "en")
        assert answer.status_code == 400 and name in answer.text


def test_the_documentation_names_every_address() -> None:
    app, _ = open_app(Shelf())
    text = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    parts = {part for path in description(app)["paths"] for part in path.removeprefix("/api/v1/").split("/")}

    assert sorted(part for part in parts if "{" not in part and part not in text) == []
