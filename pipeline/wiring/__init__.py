"""Builds the real parts from the settings. The only folder that names concrete classes."""

from pipeline.wiring.health import inbox_count
from pipeline.wiring.house import House
from pipeline.wiring.reading import Reading

__all__ = ["House", "Reading", "inbox_count"]
