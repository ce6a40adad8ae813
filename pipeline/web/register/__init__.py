"""The register for programs: offices and files entered, changed, counted, closed; lists in and out. It has no pages: people
use the commands `abhilekh office` and `abhilekh file`, which ask the same `pipeline.register.service`."""

from fastapi import APIRouter

from pipeline.web.register import files, lists, offices

router = APIRouter()
router.include_router(offices.router)
router.include_router(lists.router)
router.include_router(files.router)
