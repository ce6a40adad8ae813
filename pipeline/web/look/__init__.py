"""Look: a page of a document with its image, text and fields, and what can be downloaded.

`sheet` says what a page shows, `routes` holds the pages and `api` the JSON. Finding documents is done in `web.find`.
"""

from fastapi import APIRouter

from pipeline.web.look import api, routes

router = APIRouter()
router.include_router(routes.router)
router.include_router(api.router)
