"""Samples for acceptance: drawn by a seed, looked through, signed; the report of it.

`routes` holds the pages, `api` the JSON; what may be done is decided in `pipeline.review.sampling`.
"""

from fastapi import APIRouter

from pipeline.web.review import sampling_api, sampling_routes

router = APIRouter()
router.include_router(sampling_routes.router)
router.include_router(sampling_api.router)
