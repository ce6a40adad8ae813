"""Look: a page of a document with its image, text and fields, a file with its two sides, and what can be downloaded.

`sheet` says what a page shows, `routes` holds the pages, `pictures` the images,
`iiif` what archive viewers read and `api` the JSON; `finding` refuses what
the person may not see. What is needed of the record room stands in `viewer.service`. Documents are found in `web.search`.
"""

from fastapi import APIRouter

from pipeline.web.viewer import api, iiif_routes, pictures, routes

router = APIRouter()
for part in (pictures, routes, iiif_routes, api):
    router.include_router(part.router)
