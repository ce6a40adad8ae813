"""Watch: how work stands, for those who scan. `work` is the operator's page and `events` what keeps it in step; `routes`
is the page of the whole installation; `sending` and `form` send scans without a script, `tus` with one; `api` and `work_api`
hold the JSON; `sheets` is about single pages: replaced, blank, to be scanned again."""

from fastapi import APIRouter

from pipeline.web.scanning import api, dashboard, dashboard_api, events, page_annotations, routes, tus, upload_page

router = APIRouter()
for part in (routes, dashboard, upload_page, page_annotations, events, tus, api, dashboard_api):
    router.include_router(part.router)
router.include_router(page_annotations.json_router)
