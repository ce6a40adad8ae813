"""The form of the review page: what it means, whether it holds a field of the document, and what it refuses."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Form

from pipeline.errors import ReviewCutError
from pipeline.web.review.forms import ReviewForm


def sent(data: dict[str, Any], **more: Any) -> ReviewForm:
    """The form as a route gets it from a browser that sends these fields."""
    app, found = FastAPI(), []

    def route(form: Annotated[ReviewForm, Form()]) -> None:
        found.append(form)

    app.add_api_route("/", route, methods=["POST"])

    async def send() -> int:
        wire = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1") as client:
            return (await client.post("/", data=data, **more)).status_code

    assert asyncio.run(send()) == 200
    return found[0]


def test_nothing_sent_is_an_empty_form() -> None:
    form = sent({})

    assert form == ReviewForm() and form.values == {}


def test_a_field_that_was_emptied_is_not_one_that_was_not_sent() -> None:
    form = sent(
        {"version": " 7 ", "subject": "", "file_no": " एफ 19-76/2019 ", "kind": "letter", "owner": "x", "csrf": "y"}
    )

    assert form.version == "7"
    assert form.values == {"file_no": "एफ 19-76/2019", "subject": "", "kind": "letter"}


def test_the_names_of_the_page_are_those_of_the_form() -> None:
    form = sent({"with": "next", "say": "blank_seen", "page": "१२", "order": "3, १ 2", "number": "4"})

    assert (form.neighbour, form.flag, form.page_number, form.correction_number) == ("next", "blank_seen", 12, 4)
    assert form.page_order == [3, 1, 2]


@pytest.mark.parametrize("page", ["", "x", "-1", "1.5", "²", "1234567"])
def test_what_is_no_page_is_refused(page: str) -> None:
    with pytest.raises(ReviewCutError):
        _ = sent({"page": page}).page_number


def test_an_order_with_a_number_that_no_page_has_is_refused() -> None:
    with pytest.raises(ReviewCutError):
        _ = sent({"order": "1 2 9999999"}).page_order


def test_a_field_that_is_sent_twice_counts_as_it_was_sent_last() -> None:
    assert sent({"office": ["sagar", "rewa"]}).values == {"office": "rewa"}
