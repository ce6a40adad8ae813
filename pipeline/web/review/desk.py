"""What the review pages may ask: `pipeline.review.desk` answers. No behaviour here."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from pipeline.review.desk import ReviewDesk


def of(request: Request) -> ReviewDesk:
    """The review desk of the library that `create_app` was given."""
    return cast(ReviewDesk, request.app.state.library.review)


TheReview = Annotated[ReviewDesk, Depends(of)]
