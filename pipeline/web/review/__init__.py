"""Review: the queue of doubt, one document with its fields and their cut-outs, and what a person may do to it."""

from fastapi import APIRouter

from pipeline.web.review import actions, api, routes

router = APIRouter()
router.include_router(api.router)  # before the pages: `number` and `queue` are no documents
router.include_router(routes.router)
router.include_router(actions.router)
