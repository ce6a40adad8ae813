"""Who else on this machine can reach the home: close it to everybody but its owner, and name what is open.

Every command starts with `PRIVATE_UMASK`, so that nothing new is open; `close_home` does the same to what is older. The
inbox keeps the mode that its administrator gave it: scanners and file servers may write into it as other users.
"""

from __future__ import annotations

import os
import pwd
import stat
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PRIVATE_UMASK = 0o077
_OTHERS = 0o077  # all that group and others may do
_WRITE = 0o022  # of it, writing
_PASS = 0o011  # of it, passing through a folder without listing it
_READ_BY_ALL = 0o004
_ACCESS_LIST = "system.posix_acl_access"
_SET_ASIDE = ("done", "duplicates", "rejected")  # may hold a million files, each closed when it is moved there
_LOOKED_INTO = ("run", "logs", "store")  # folders of which `doctor` looks at what lies in them, too
_SECRETS = frozenset({"access_key", "secret_key", "client_secret", "password"})


@dataclass(slots=True)
class Closed:
    """What `close_home` did: how many files and folders it closed, and which it may not. `passes` means that others may pass
    through the home, to an inbox that they share."""

    count: int = 0
    refused: list[Path] = field(default_factory=list)
    passes: bool = False


def is_shared(home: Path, inbox: Path) -> bool:
    """Whether others than the home's owner write into an inbox inside the home, by its owner, mode or access list: then they
    must be able to pass through the home."""
    if not inbox.is_relative_to(home) or inbox.is_symlink():
        return False
    try:
        found = inbox.stat()
        return bool(found.st_mode & _WRITE) or found.st_uid != home.stat().st_uid or _ACCESS_LIST in os.listxattr(inbox)
    except OSError:  # there is none, or its file system knows no access lists
        return False


def close_home(home: Path, inbox: Path) -> Closed:
    """Take from group and others every right to the home and all in it, but for the inbox.

    Where others share an inbox inside the home, the folders above it stay passable for whom they were so. Of a folder for
    files that were set aside the files are passed over when the folder itself is closed. Links are not followed.
    """
    done = Closed(passes=is_shared(home, inbox) and is_passable(home))
    _close(home, done, keep=_PASS if done.passes else 0)
    for path in _tree(home, inbox):
        _close(path, done, keep=_PASS if done.passes and inbox.is_relative_to(path) else 0)
    return done


def close_files(folder: Path, pattern: str) -> None:
    """Close the files of a folder that match, as what another program has opened to all by itself."""
    for path in folder.glob(pattern):
        _close(path, Closed(), keep=0)


def _tree(home: Path, inbox: Path) -> Iterator[Path]:
    """Everything under the home but the inbox and links."""
    for folder, names, files in os.walk(home):
        here = Path(folder)
        for name in files:
            yield here / name
        for name in list(names):
            path = here / name
            is_aside = here == home and name in _SET_ASIDE and not path.lstat().st_mode & _OTHERS
            if path == inbox or path.is_symlink() or is_aside:
                names.remove(name)
            else:
                yield path


def _close(path: Path, done: Closed, *, keep: int) -> None:
    try:
        mode = path.lstat().st_mode
        too_much = mode & _OTHERS & ~keep
        if too_much and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~too_much)
            done.count += 1
    except FileNotFoundError:  # gone meanwhile
        pass
    except OSError:
        done.refused.append(path)


def open_paths(home: Path, inbox: Path, *besides: Path) -> list[Path]:
    """What of the home can be reached by others, of that which must not: the home, settings, rows, logs, the store with its
    keys, `run`; and of the paths `besides`, those that can be read by them."""
    passes = is_shared(home, inbox)
    found = []
    for path in _private(home, inbox):
        with suppress(OSError):
            allowed = _PASS if passes and inbox.is_relative_to(path) else 0
            if path.lstat().st_mode & _OTHERS & ~allowed and not path.is_symlink():
                found.append(path)
    return found + [path for path in besides if path.exists() and path.stat().st_mode & _READ_BY_ALL]


def foreign_paths(home: Path, inbox: Path) -> list[Path]:
    """What of that belongs to another user than the home does."""
    owner = home.stat().st_uid
    found = []
    for path in _private(home, inbox):
        with suppress(OSError):
            if path.lstat().st_uid != owner:
                found.append(path)
    return found


def is_passable(home: Path) -> bool:
    """Whether others may pass through the folder."""
    return bool(home.stat().st_mode & _PASS)


def owner_name(home: Path) -> str:
    """The user whom the folder belongs to, by name where there is one."""
    uid = home.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _private(home: Path, inbox: Path) -> Iterator[Path]:
    yield home
    for path in sorted(home.iterdir()):
        if path == inbox or (path.is_file() and not path.name.startswith(("abhilekh.", "file_numbers."))):
            continue
        yield path
        if path.name in _LOOKED_INTO and path.is_dir() and os.access(path, os.R_OK | os.X_OK):
            yield from sorted(path.iterdir())


def holds_secrets(settings_file: Path) -> bool:
    """Whether a password or a key stands in the settings."""
    try:
        return any(_secret(name, value) for name, value in _entries(tomllib.loads(settings_file.read_text("utf-8"))))
    except (OSError, ValueError):
        return False


def _entries(table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _entries(value)
        else:
            yield name, value


def _secret(name: str, value: object) -> bool:
    return bool(value) and (name in _SECRETS or (name == "url" and "@" in str(value)))
