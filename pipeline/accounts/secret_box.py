"""Encrypts the secrets that cannot be kept as hashes, with a key that lies beside the database and in no backup.

Whoever gets hold of the rows alone (a backup, a copy of the database) cannot make codes from them. Whoever reads the home
folder as well can.
"""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from pipeline.errors import AccountKeyError
from pipeline.files import create_once
from pipeline.locale import Message

_MODE, _FOLDER_MODE = 0o600, 0o700


class SecretBox:
    """Seals a text for one account, so that a row that was copied to another account does not open there."""

    def __init__(self, key: bytes | None = None) -> None:
        """Without a key, one that ends with this process. Raises `AccountKeyError` for what is no key."""
        try:
            self._cipher = Fernet(key or Fernet.generate_key())
        except ValueError as error:
            raise AccountKeyError(cause=Message("the key is not base64 of 32 bytes")) from error

    @classmethod
    def at(cls, path: Path, configured: str = "") -> SecretBox:
        """With the key of the settings, else the one in the file `path`, which is made where there is none."""
        if configured:
            return cls(configured.encode())
        try:
            return cls(_read_or_create(path))
        except OSError as error:
            raise AccountKeyError(cause=f"{path}: {error.strerror}") from error

    def seal(self, name: str, secret: str) -> str:
        return self._cipher.encrypt(json.dumps([name, secret]).encode()).decode()

    def open(self, name: str, sealed: str, *, seconds: int | None = None) -> str:
        """The secret of the account `name`, sealed at most `seconds` ago. Raises `AccountKeyError`."""
        try:
            owner, secret = json.loads(self._cipher.decrypt(sealed.encode("utf-8", "replace"), ttl=seconds))
        except (InvalidToken, ValueError) as error:
            raise _unreadable() from error
        if owner != name:
            raise _unreadable()
        return str(secret)


def _unreadable() -> AccountKeyError:
    return AccountKeyError(cause=Message("the key in force does not open it"))


def _read_or_create(path: Path) -> bytes:
    """The key in a file that only its owner reads; of several processes that make it at once, one wins."""
    if not path.exists():
        path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        create_once(path, Fernet.generate_key(), mode=_MODE)
    return path.read_bytes().strip()
