"""Accounts: sign in and out, one's own account, and accounts and tokens for the administrator: pages and API."""

from fastapi import APIRouter

from pipeline.web.accounts import account, api, oidc_routes, second_step, sessions, users

router = APIRouter()
router.include_router(sessions.router)
router.include_router(second_step.router)
router.include_router(account.router)
router.include_router(oidc_routes.router)
router.include_router(users.router)
router.include_router(api.router)
