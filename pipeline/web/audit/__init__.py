"""The record of deeds: what is noted of each request, the auditor's page and its JSON."""

from fastapi import APIRouter

from pipeline.web.audit import api, routes

router = APIRouter()
router.include_router(routes.router)
router.include_router(api.router)
