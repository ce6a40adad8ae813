"""File names as people may see them. The files themselves keep the names they came with."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"  # they shape Devanagari and are part of its spelling
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(name: str) -> str:
    """The name in one line that is safe to show, store and send: what cannot be seen is written as an escape.

    Bytes that are no UTF-8 (Python holds them as lone surrogates) become `\\xff`, a line end `\\n`, a sign that turns the
    direction of writing `\\u202e`. Nothing is left out, so that two names stay two.
    """
    return "".join(char if _is_seen(char) else _escaped(char) for char in name)


def _is_seen(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in _UNSEEN


def _escaped(char: str) -> str:
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")
