"""People: signing in and out, one's own account, and people and tokens for the administrator: pages and API."""

from fastapi import APIRouter

from pipeline.web.people import account, api, managing, outside, second_step, signing

router = APIRouter()
router.include_router(signing.router)
router.include_router(second_step.router)
router.include_router(account.router)
router.include_router(outside.router)
router.include_router(managing.router)
router.include_router(api.router)
