"""The API as its own description tells it: schemathesis asks what the description allows and what it does not.

Few examples for each address, the same ones every time, so that it takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from pipeline.model.accounts import Grant
from pipeline.model.roles import Right, Role
from pipeline.web.app import create_app
from pipeline.web.services import SearchServices
from tests.integration.application import OFFICE, TUS, Room, letter_filed

EXAMPLES = 8
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
METHODS = ("get", "post", "put", "patch", "delete")
DESCRIBED = create_app(cast(SearchServices, None)).openapi()
OPERATIONS = [(path, method) for path, found in DESCRIBED["paths"].items() for method in found if method in METHODS]


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with letter_filed() as made:
        yield made


@pytest.fixture(scope="module")
def api(room: Room) -> Any:
    described = openapi.from_dict(room.app.openapi())
    described.app = room.app
    return described


@pytest.fixture(scope="module")
def token(room: Room) -> dict[str, str]:
    secret = room.container.people.make_token(room.person(Grant(Role.ADMINISTRATOR)), "schemathesis", list(Right))
    return {"authorization": f"Bearer {secret}"}


def test_what_is_described_is_what_there_is() -> None:
    assert len(OPERATIONS) > 20
    for path, method in OPERATIONS:
        described = DESCRIBED["paths"][path][method]
        assert described.get("description") or described.get("summary"), (path, method)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_question_breaks_the_api_and_answers_are_as_described(
    room: Room, api: Any, token: dict[str, str], path: str, method: str, mode: GenerationMode
) -> None:
    known = {"ident": room.document, "document": room.document, "batch": room.batch, "number": 1, "page": 1}
    known |= {"office": OFFICE, "key": room.file_key}

    @examples(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
    )
    @given(case=api[path][method].as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        for headers in (token | TUS, TUS):  # as somebody, and as nobody
            case.call_and_validate(base_url="http://127.0.0.1", headers=headers, checks=CHECKS)
        if {"ident", "batch", "key"} & set(case.path_parameters):  # and of what is really there
            there = {name: known.get(name, value) for name, value in case.path_parameters.items()}
            case.path_parameters.update(there)
            case.call_and_validate(base_url="http://127.0.0.1", headers=token | TUS, checks=CHECKS)

    try:
        ask()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # nothing that could be asked there is wrong
