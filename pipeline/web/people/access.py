"""What the web may ask of people and of the record of deeds. `wiring` gives the real ones; no behaviour here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol, cast

from fastapi import Depends, Request

from pipeline.index.deeds import Deeds
from pipeline.index.people import People
from pipeline.people.deeds import Action
from pipeline.people.second_factor import SecondFactor


class Notes(Protocol):
    """Where deeds are noted."""

    def note(self, person: str, action: Action, what: str, told: Mapping[str, Any] | None = None) -> None: ...
    def note_soon(self, person: str, action: Action, what: str, told: Mapping[str, Any] | None = None) -> None: ...


def people_of(request: Request) -> People:
    return cast(People, request.app.state.people)


def deeds_of(request: Request) -> Deeds:
    return cast(Deeds, request.app.state.deeds)


def second_factor_of(request: Request) -> SecondFactor:
    return cast(SecondFactor, request.app.state.second_factor)


ThePeople = Annotated[People, Depends(people_of)]
TheDeeds = Annotated[Deeds, Depends(deeds_of)]
TheSecondFactor = Annotated[SecondFactor, Depends(second_factor_of)]
Names = Sequence[str]
