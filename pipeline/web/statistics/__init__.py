"""Progress of the work, for those who answer for it. `routes` holds the page and the CSV, `api` the JSON."""

from fastapi import APIRouter

from pipeline.web.statistics import api, routes

router = APIRouter()
for part in (routes, api):
    router.include_router(part.router)
