"""Search: the search box, the results, saved searches, and the same for programs.

`params` parses the query string, `routes` holds the pages and `api` the JSON. Searching itself is in `pipeline.index`.
"""

from fastapi import APIRouter

from pipeline.web.search import api, routes

router = APIRouter()
router.include_router(routes.router)
router.include_router(api.router)
