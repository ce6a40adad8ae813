"""View a page of a document with its image, text and fields, a file with its two sides, and download what they hold.

`routes` holds the pages, `view_models` what a page shows, `pictures` the images, `iiif` what archive viewers read and
`api` the JSON; `lookup` refuses what the person may not see. The service they ask is in `viewer.service`. Documents are
found in `web.search`.
"""

from fastapi import APIRouter

from pipeline.web.viewer import api, iiif_routes, pictures, routes

router = APIRouter()
for part in (pictures, routes, iiif_routes, api):
    router.include_router(part.router)
