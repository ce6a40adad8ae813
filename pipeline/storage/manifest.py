"""The manifest of a batch as bytes: a checked envelope around what others put in.

What the documents hold is the business of those who write and read them. JSON, UTF-8, NFC, Devanagari never escaped. The
last entry is the SHA-256 of the manifest without it, so that damage shows where no row is left to compare with.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from pipeline.model.json_values import JsonObject

SCHEMA = 1
_ENVELOPE: dict[str, type | tuple[type, ...]] = {"batch": str, "source": dict, "objects": list, "documents": list}
_SEAL = "sha256"
_OBJECT: dict[str, type] = {"key": str, "sha256": str, "bytes": int}


def dumps(content: JsonObject) -> bytes:
    """Write `content` (batch, source, objects, documents, and whatever else) with the schema number first.

    The same content gives the same bytes. Raises `ValueError` when the envelope is not whole.
    """
    _check(content)
    return sealed(content)


def loads(data: bytes) -> dict[str, Any]:
    """Read a manifest. Raises `ValueError` when it is no JSON, of a schema we do not know, not whole, or changed."""
    content = unsealed(data)
    _check(content)
    return content


def sealed(content: JsonObject) -> bytes:
    """Write any JSON object with the schema number first and its own SHA-256 last; the same content, the same bytes."""
    text = _text({"schema": SCHEMA} | {key: value for key, value in content.items() if key not in ("schema", _SEAL)})
    return _text(json.loads(text) | {_SEAL: _digest(text)}).encode() + b"\n"


def unsealed(data: bytes) -> dict[str, Any]:
    """The inverse of `sealed`. Raises `ValueError` when it is no JSON, of a schema we do not know, or changed."""
    content = json.loads(data)
    if not isinstance(content, dict):
        raise ValueError("a manifest is a JSON object")
    seal = content.pop(_SEAL, None)
    if seal is not None and seal != _digest(_text(content)):
        raise ValueError("the manifest has changed since it was written")
    if content.get("schema") != SCHEMA:
        raise ValueError(f"this manifest has schema {content.get('schema')!r}; known is {SCHEMA}")
    return content


def _text(content: Mapping[str, Any]) -> str:
    return unicodedata.normalize("NFC", json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _check(content: Mapping[str, Any]) -> None:
    for key, kind in _ENVELOPE.items():
        if not isinstance(content.get(key), kind):
            raise ValueError(f"the manifest's {key!r} is missing or of the wrong type")
    for entry in content["objects"]:
        if not isinstance(entry, dict) or not all(isinstance(entry.get(key), kind) for key, kind in _OBJECT.items()):
            raise ValueError(f"an object in the manifest lacks its key, sha256 or bytes: {entry!r}")
