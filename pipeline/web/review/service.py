"""The review service as a dependency of routes. No behaviour here."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from pipeline.review.service import ReviewService


def of(request: Request) -> ReviewService:
    """The review service that `create_app` was given."""
    return cast(ReviewService, request.app.state.services.review)


TheReview = Annotated[ReviewService, Depends(of)]
