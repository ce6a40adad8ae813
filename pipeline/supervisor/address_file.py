"""The file with the address of the web part, and whether that address answers.

The file is there for as long as the address answers: the web part writes it once it does, and removes it when it ends; the
supervisor removes what a killed one has left.
"""

from __future__ import annotations

import http.client
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

HEALTH = "/healthz"
_ANSWER_SECONDS = 5.0  # a web part that is busy answers within a second


def publish(file: Path, address: str) -> None:
    """Write the address, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(address + "\n", encoding="utf-8")
    beside.replace(file)


def published(file: Path) -> str:
    """The address, or an empty text where none is served."""
    with suppress(OSError, ValueError):
        return file.read_text(encoding="utf-8").strip()
    return ""


def withdraw(file: Path, address: str | None = None) -> None:
    """Remove the file; with `address` only where it still holds that one, and not that of another web part."""
    if address is None or published(file) == address:
        file.unlink(missing_ok=True)


def answers(address: str, *, seconds: float = _ANSWER_SECONDS) -> bool:
    """Whether the health address gives any answer. Asked directly, whatever proxy the environment names."""
    try:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
        try:
            connection.request("GET", HEALTH)
            connection.getresponse().read()
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException):
        return False
    return True
