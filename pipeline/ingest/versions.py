"""Is a scan a later version of one that was taken before? Decided by evidence in the bytes, doubt being only a hint.

Scanning programs save the same file anew after every page, or go on writing after a pause that looked like the end. Others
give every scan the same name. So a name alone tells nothing: what counts is whether the first file's own data lie in the
second. How links are stored does not live here.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from pathlib import Path

# Why one scan stands for another; `db.scan_versions` keeps them, the page and `show` tell them.
REASONS = ("changed_in_inbox", "changed_after_taking", "grown", "same_data", "changed_unreadable", "restored")

_LOOKS = 4096  # places in the first file at which there may be a piece that tells something
_SAMPLES, _SAMPLE_BYTES = 64, 48  # pieces that are looked for in the second file, and their length
_PLAIN = 22  # a piece with fewer different byte values is white paper, a table or zeros, and tells nothing
_FEWEST = 8  # pieces that must tell something
_HINT_SHARE = 0.5  # of the pieces found, from which on a common origin is listed as a hint
_GROWN_SHARE = 0.9  # what a program writes anew each time, as dates and directories, is less than the rest
_MOST_BYTES = 256 << 20  # of a second file that is searched; a larger one is not


def share_within(older: Path, newer: Path) -> float | None:
    """Which share of the first file's data is found in the second, 0 to 1; None where it cannot be measured.

    Compressed pictures stand in a file as they are, wherever it has them: that of a page that was saved before is found
    whole in the file that was saved later. Two scans of paper have none in common, even of the same sheet.
    """
    size = newer.stat().st_size
    if not 0 < size <= _MOST_BYTES:
        return None
    pieces = _pieces(older)
    if len(pieces) < _FEWEST:
        return None
    with newer.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = sum(data.find(piece) >= 0 for piece in pieces)
    return found / len(pieces)


def _pieces(path: Path) -> list[bytes]:
    """Pieces from all over the file that are not uniform."""
    size = path.stat().st_size
    step = max(size // _LOOKS, _SAMPLE_BYTES)
    found = []
    with path.open("rb") as file:
        for start in range(0, size - _SAMPLE_BYTES, step):
            file.seek(start)
            piece = file.read(_SAMPLE_BYTES)
            if len(set(piece)) >= _PLAIN:
                found.append(piece)
    every = max(len(found) // _SAMPLES, 1)
    return found[::every]


def verdict(share: float | None, *, has_more_pages: bool) -> tuple[str, bool]:
    """The reason, and whether it is certain: nearly all data of the first file are in the second, which has more pages.

    With no more pages than before, two letters of one form would look the same.
    """
    if share is not None and share >= _GROWN_SHARE and has_more_pages:
        return "grown", True
    return "same_data", False


def is_hint(share: float | None) -> bool:
    return share is not None and share >= _HINT_SHARE


def holds_all(older: Sequence[str], newer: Sequence[str]) -> bool:
    """Whether a group has every page of another, by their SHA-256, and more."""
    return len(newer) > len(older) > 0 and set(older) <= set(newer)
