"""Samples for acceptance: drawn by a seed, looked through, signed; the report of it.

`routes` holds the pages, `api` the JSON; what may be done is decided in `pipeline.review.sampling`.
"""

from fastapi import APIRouter

from pipeline.web.samples import api, routes

router = APIRouter()
router.include_router(routes.router)
router.include_router(api.router)
