"""Find: the search box, the results, and the same for programs.

`asking` reads the query string, `routes` holds the pages and `api` the JSON. Searching itself is the `Library`'s.
"""

from fastapi import APIRouter

from pipeline.web.search import api, routes

router = APIRouter()
router.include_router(routes.router)
router.include_router(api.router)
