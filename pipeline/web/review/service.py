"""What the review pages may ask: `pipeline.review.service` answers. No behaviour here."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from pipeline.review.service import ReviewService


def of(request: Request) -> ReviewService:
    """The review desk of the library that `create_app` was given."""
    return cast(ReviewService, request.app.state.services.review)


TheReview = Annotated[ReviewService, Depends(of)]
