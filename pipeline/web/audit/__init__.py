"""The record of deeds: what is noted of each request, and the auditor's page."""

from pipeline.web.audit.routes import router

__all__ = ["router"]
