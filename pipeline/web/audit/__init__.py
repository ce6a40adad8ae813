"""The audit log: the auditor's page and its JSON. What is recorded of each request is in `web.audited`."""

from fastapi import APIRouter

from pipeline.web.audit import api, routes

router = APIRouter()
router.include_router(routes.router)
router.include_router(api.router)
