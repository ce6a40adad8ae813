"""Review: the queue of doubt, one document with its fields and their cut-outs, and what a person may do to it. Samples for
acceptance: drawn by a seed, judged, signed, reported.

`routes`, `actions` and `sampling_routes` hold the pages, `api` and `sampling_api` the JSON. What may be done is decided in
`pipeline.review`.
"""

from fastapi import APIRouter

from pipeline.web.review import actions, api, routes, sampling_api, sampling_routes

router = APIRouter()
router.include_router(api.router)  # before the pages: `number` and `queue` are no documents
router.include_router(routes.router)
router.include_router(actions.router)
router.include_router(sampling_routes.router)
router.include_router(sampling_api.router)
