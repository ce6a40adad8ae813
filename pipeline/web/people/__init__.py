"""People: signing in and out, one's own account, and the administrator's page of people and tokens."""

from fastapi import APIRouter

from pipeline.web.people import managing, outside, signing

router = APIRouter()
router.include_router(signing.router)
router.include_router(outside.router)
router.include_router(managing.router)
