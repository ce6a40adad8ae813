"""Builds the real parts from the settings. The only folder that names concrete classes."""

from pipeline.app.container import Container
from pipeline.app.health import inbox_count
from pipeline.app.services import Services

__all__ = ["Container", "Services", "inbox_count"]
