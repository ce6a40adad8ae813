"""Where the font is that printed sheets are set in: Debian's Lohit Devanagari, which has Latin letters as well."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import MissingPartError

_NAME = "Lohit-Devanagari.ttf"
FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("~/.local/share/fonts"))


def devanagari_font(folders: Sequence[Path] = FOLDERS) -> Path:
    """The font's file, from the first of the folders that has it. Raises `MissingPartError` where none has."""
    for folder in folders:
        found = min(folder.expanduser().rglob(_NAME), default=None)
        if found is not None:
            return found
    raise MissingPartError(
        part="Lohit Devanagari",
        cause=f"no {_NAME} under {', '.join(map(str, folders))}",
        fix="apt-get install -y fonts-lohit-deva",
    )
