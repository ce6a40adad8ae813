"""The names of objects. What is stored under them does not live here.

Keys under `originals/` and `rejected/` carry the content's SHA-256 and are never overwritten or removed.
"""

from __future__ import annotations

import re

ORIGINALS = "originals/"
REJECTED = "rejected/"
MANIFESTS = "manifests/"
REGISTER = "register/"
CHECKPOINTS = "deeds/"
AUDIT_TAIL = "audit-tail/"  # entries of the audit log that stand in no segment yet; of no row, and removed after it
PAGE_NOTES = "page-notes/"
CORRECTIONS = "corrections/"
SAMPLES = "samples/"
VERSIONS = "versions/"
SIGNING_KEY = "installation/signing-key.json"  # the secret with which this installation signs what it prints
_WRITE_ONCE = (ORIGINALS, REJECTED)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PAGE_AND_TURN = re.compile(r"/([0-9]+)-([0-9]+)\.json\Z")
_ENTRY_NUMBER = re.compile(r"([0-9]+)\.json\Z")
_SUFFIXES = ("jpg", "webp", "png")


def original(sha256: str) -> str:
    """The key of a scan as it came. Raises `ValueError` for anything but 64 lowercase hex digits."""
    return ORIGINALS + _checked(sha256)


def rejected(sha256: str) -> str:
    """The key of a scan that a person must look at. Raises `ValueError` as `original` does."""
    return REJECTED + _checked(sha256)


def page_image(batch: str, number: int, suffix: str, turn: int = 0) -> str:
    """The key of a page image; `number` counts from 1, `suffix` is jpg, webp or png, with or without a dot.

    `turn` is that of the annotation by which another scan stands for the page; 0 is the page as it came.
    """
    bare = suffix.removeprefix(".")
    if bare not in _SUFFIXES:
        raise ValueError(f"a page image is one of {', '.join(_SUFFIXES)}, not {suffix!r}")
    return f"pages/{batch}/{_numbered(number, turn)}.{bare}"


def page_layout(batch: str, number: int, turn: int = 0) -> str:
    """The key of a page's ALTO layout, gzipped; `number` counts from 1, `turn` as of its image."""
    return f"pages/{batch}/{_numbered(number, turn)}.alto.xml.gz"


def _numbered(number: int, turn: int) -> str:
    return f"{number:06d}-r{turn}" if turn else f"{number:06d}"


def page_notes(batch: str) -> str:
    """The prefix of the keys of all annotations on the pages of a batch."""
    return f"{PAGE_NOTES}{batch}/"


def page_note(batch: str, page: int, turn: int) -> str:
    """The key of the `turn`th annotation of a page, from 1."""
    return f"{page_notes(batch)}{page:06d}-{turn:04d}.json"


def page_and_turn(key: str) -> tuple[int, int]:
    """Page and turn of an annotation's key; 0 and 0 for any other key."""
    found = _PAGE_AND_TURN.search(key)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def entry_number(key: str) -> int:
    """The number that the key of a register change or a correction ends in; 0 for a key without one."""
    found = _ENTRY_NUMBER.search(key)
    return int(found[1]) if found else 0


def document_pdf(document: str) -> str:
    """The key of a document's searchable PDF."""
    return f"documents/{document}.pdf"


def manifest(batch: str) -> str:
    """The key of a batch's manifest."""
    return f"{MANIFESTS}{batch}.json"


def register_change(number: int) -> str:
    """The key of a change of the register; `number` counts from 1, and the order of keys is theirs."""
    return f"{REGISTER}{number:010d}.json"


def audit_log(number: int) -> str:
    """The key of a segment of the audit log; `number` is that of its first entry, and the order of keys is theirs."""
    return f"{CHECKPOINTS}{number:012d}.json"


def audit_tail(number: int) -> str:
    """The key of the newest entries of the audit log; `number` is that of the first, and the order of keys is theirs."""
    return f"{AUDIT_TAIL}{number:012d}.json"


def corrections(batch: str) -> str:
    """The prefix of the keys of all corrections of a batch."""
    return f"{CORRECTIONS}{batch}/"


def correction(batch: str, number: int) -> str:
    """The key of a correction in a batch; `number` counts from 1, and the order of keys is theirs."""
    return f"{corrections(batch)}{number:06d}.json"


def sample(ident: str) -> str:
    """The key of a sample for acceptance."""
    return f"{SAMPLES}{ident}.json"


def versions_of(batch: str) -> str:
    """What the keys of a batch's links to later versions begin with; those of every batch for an empty name."""
    return f"{VERSIONS}{batch}/" if batch else VERSIONS


def version(batch: str, microseconds: int) -> str:
    """The key of a link between a batch and a later version of it; the time is that of UTC since 1970."""
    return f"{VERSIONS}{batch}/{microseconds:020d}.json"


def is_write_once(key: str) -> bool:
    """Whether objects under this key may never be overwritten or removed."""
    return key.startswith(_WRITE_ONCE)


def _checked(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"not a SHA-256 in lowercase hex: {sha256!r}")
    return sha256
