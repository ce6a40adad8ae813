"""Which Abhilekh this is: its version and a fingerprint of its code, by which one from before an upgrade is known."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from pipeline import __version__

_HERE = Path(__file__).parent


@cache
def build() -> str:
    """The version and eight digits of the code's hash, as it lies on the disk at the first call in this process."""
    found = hashlib.sha256()
    for path in sorted(_HERE.rglob("*.py")):
        found.update(path.relative_to(_HERE).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{__version__}+{found.hexdigest()[:8]}"
