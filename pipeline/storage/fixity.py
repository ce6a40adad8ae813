"""Hashes of what goes in and comes out. Which bytes are compared, and when, is decided in `s3`."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from pipeline.errors import FixityError


class HashingReader:
    """Hashes what passes through; SHA-256 for us, MD5 to compare with the server's ETag."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.md5 = hashlib.md5(usedforsecurity=False)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        self.md5.update(data)
        return data


def expect(expected: str, found: str, key: str) -> None:
    """Raise `FixityError` unless the two SHA-256 are one."""
    if found != expected:
        raise FixityError(key=key, expected=expected, found=found)
