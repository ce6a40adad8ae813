"""Scanning as it goes on, for operators. `dashboard` is the operator's page and `events` keeps it in step; `routes` is
the system status; `upload_page` and `upload_form` take scans from a form, `tus` resumable uploads; `page_annotations` is
about single pages: replaced, blank, to be scanned again. `api`, `dashboard_api` and `page_annotations_api` hold the JSON.
"""

from fastapi import APIRouter

from pipeline.web.scanning import (
    api,
    dashboard,
    dashboard_api,
    events,
    page_annotations,
    page_annotations_api,
    routes,
    tus,
    upload_page,
)

router = APIRouter()
for part in (routes, dashboard, upload_page, page_annotations, events, tus, api, dashboard_api):
    router.include_router(part.router)
router.include_router(page_annotations_api.router)
