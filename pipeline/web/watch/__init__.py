"""Watch: how work stands, for those who scan. `work` is the operator's page and `events` what keeps it in step; `routes`
is the page of the whole installation; `sending` and `form` send scans without a script, `tus` with one; `api` and `work_api`
hold the JSON; `sheets` is about single pages: replaced, blank, to be scanned again."""

from fastapi import APIRouter

from pipeline.web.watch import api, events, routes, sending, sheets, tus, work, work_api

router = APIRouter()
for part in (routes, work, sending, sheets, events, tus, api, work_api):
    router.include_router(part.router)
router.include_router(sheets.json_router)
