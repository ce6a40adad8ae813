"""Watch: how work stands, for those who scan. `routes` holds the pages, `api` the JSON."""

from fastapi import APIRouter

from pipeline.web.watch import api, routes

router = APIRouter()
router.include_router(routes.router)
router.include_router(api.router)
