"""What the pages of samples may ask, and what a form says of the sample to be drawn."""

from __future__ import annotations

from datetime import date
from typing import Annotated, cast

from fastapi import Depends, Request

from pipeline.errors import SampleError
from pipeline.locale import Message
from pipeline.model.digits import western
from pipeline.model.sampling import Scope
from pipeline.review.sampling import Sampling
from pipeline.web.search.params import clean, to_day


def of(request: Request) -> Sampling:
    return cast(Sampling, request.app.state.services.sampling)


TheSampling = Annotated[Sampling, Depends(of)]


def scope(office: str, since: str, until: str) -> Scope:
    """The documents to draw from; without days those of the last month. Raises `SampleError`."""
    today = date.today()
    try:
        last = to_day(clean(until), end=True) if clean(until) else today
        first = to_day(clean(since), end=False) if clean(since) else date(last.year, last.month, 1)
    except ValueError as error:
        raise SampleError(cause=Message("a day is written like 07-11-2004")) from error
    if first > last:
        raise SampleError(cause=Message("the last day lies before the first"))
    return Scope(clean(office) or None, first, last)


def share(written: str) -> float:
    """A number of a hundred, with a point or a comma. Raises `SampleError`."""
    try:
        return float(western(clean(written)).replace(",", "."))
    except ValueError as error:
        raise SampleError(cause=Message("a share is a number from 0 to 100")) from error
