"""Files leave the inbox, once what became of them is committed: to `done`, `duplicates` or `rejected`, or away.

A file is moved by descriptors of the folders it comes from and goes to, so that no link leads it elsewhere, and only while
it is what was taken in: the same bytes, with nobody writing. Never over another file. When files leave is decided by
`watch` and `gather`.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePath

import structlog

from pipeline.errors import HeldElsewhereError
from pipeline.files import sha256_of
from pipeline.ingest import safe_paths
from pipeline.ingest.file_lease import Writer, read_lease
from pipeline.ingest.intake import IntakeResult, Places
from pipeline.ingest.snapshot import FileSignature

log = structlog.get_logger()

_LONGEST_NAME = 255  # bytes
_EXCLUSIVE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_HIDDEN = ".abhilekh-leaving-"


def today() -> str:
    """The name of today's folder, where files are set aside."""
    return datetime.now().astimezone().date().isoformat()


def note_of(taken: IntakeResult) -> str:
    """What is written beside a rejected file."""
    return f"{taken.error.text('hi')}\n{taken.error.text('en')}" if taken.error else ""


def clear_upload(path: Path, taken: IntakeResult, places: Places) -> None:
    """Move a file of our own, that came from a browser, to where its outcome belongs."""
    if taken.error is None and taken.outcome != "duplicate" and not places.keep_done:
        path.unlink()
        return
    name, root = PurePath(path.name), places.of("rejected" if taken.error else taken.outcome)
    descriptor = safe_paths.open_file(path.parent, name, path.name)
    try:
        moved = move_taken(path.parent, name, descriptor, root, PurePath(today()))
    finally:
        os.close(descriptor)
    if taken.error is not None:
        write_note(root, PurePath(today()), moved.name, note_of(taken))


def is_unchanged(descriptor: int, sha256: str, signature: FileSignature | None) -> bool:
    """Whether an open file still is what was taken in: its times, where they are known, and its bytes."""
    before = FileSignature.of(os.fstat(descriptor))
    if signature is not None and before != signature:
        return False
    return sha256_of(descriptor) == sha256 and FileSignature.of(os.fstat(descriptor)) == before


def move_taken(inbox: Path, relative: PurePath, descriptor: int, root: Path, target: PurePath) -> Path:
    """Move a regular file that is open and was found unchanged to the folder `target` below `root`; returns its new place.

    Raises `HeldElsewhereError` when somebody writes to it, or it is another file by now: then it stays.
    """
    name = str(relative)
    with read_lease(descriptor) as writer:
        before = os.fstat(descriptor)
        if writer is Writer.OPEN:
            raise HeldElsewhereError(name=name)
        with safe_paths.folder(inbox, relative.parent) as source, safe_paths.folder(root, target, make=True) as folder:
            free = free_name(folder, relative.name)
            try:
                os.rename(relative.name, free, src_dir_fd=source, dst_dir_fd=folder)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
            else:
                _require_same(folder, free, source, relative.name, before)
                _close_to_others(descriptor)
                return root / target / free
    return _copy_over(inbox, relative, descriptor, root, target)


def _close_to_others(descriptor: int) -> None:
    """Take a file's rights from others, which its writer gave them; of another user's file only the folder can do so."""
    with suppress(OSError):
        os.fchmod(descriptor, stat.S_IMODE(os.fstat(descriptor).st_mode) & stat.S_IRWXU)


def move_strange(inbox: Path, relative: PurePath, root: Path, target: PurePath, note: str) -> Path:
    """Set something aside that is no plain file, with a note beside it; returns the note's place.

    A link, a pipe, a socket or a device holds no bytes: the note names what it was, and it is removed. A file that has
    other names as well is moved.
    """
    with safe_paths.folder(inbox, relative.parent) as source, safe_paths.folder(root, target, make=True) as folder:
        free = free_name(folder, relative.name)
        try:
            os.rename(relative.name, free, src_dir_fd=source, dst_dir_fd=folder)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            return _move_strange_over(source, relative, root, target, note)
        found = os.stat(free, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISREG(found.st_mode):
            if found.st_nlink == 1:  # exchanged for a file just now, which is still to be taken in
                _put_back(folder, free, source, relative.name)
                raise HeldElsewhereError(name=str(relative))
        else:
            note += _what_it_was(folder, free, found)
            os.unlink(free, dir_fd=folder)
    return write_note(root, target, free, note)


def _move_strange_over(source: int, relative: PurePath, root: Path, target: PurePath, note: str) -> Path:
    """As `move_strange`, from another file system."""
    hidden = f"{_HIDDEN}{os.urandom(8).hex()}"
    os.rename(relative.name, hidden, src_dir_fd=source, dst_dir_fd=source)
    found = os.stat(hidden, dir_fd=source, follow_symlinks=False)
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
        _put_back(source, hidden, source, relative.name)
        raise HeldElsewhereError(name=str(relative))
    note += _what_it_was(source, hidden, found)
    os.unlink(hidden, dir_fd=source)  # of a file with other names, those keep the bytes
    return write_note(root, target, relative.name, note)


def _what_it_was(folder: int, name: str, found: os.stat_result) -> str:
    if stat.S_ISLNK(found.st_mode):
        leads = os.readlink(name, dir_fd=folder)
        return f"\nlink → {leads!a}"
    return f"\n{stat.filemode(found.st_mode)} · {found.st_nlink}"


def _require_same(folder: int, name: str, source: int, old_name: str, before: os.stat_result) -> None:
    """Raise `HeldElsewhereError`, the file being put back, when what was moved is not what was open."""
    moved = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not os.path.samestat(moved, before):
        _put_back(folder, name, source, old_name)
        raise HeldElsewhereError(name=old_name)


def _put_back(folder: int, name: str, source: int, old_name: str) -> None:
    free = free_name(source, old_name)
    os.rename(name, free, src_dir_fd=folder, dst_dir_fd=source)
    log.warning("file was exchanged while it was moved: put back", file=ascii(free))


def _copy_over(inbox: Path, relative: PurePath, descriptor: int, root: Path, target: PurePath) -> Path:
    """Copy to another file system under a temporary name, flush to disk, rename, and only then remove the source."""
    before = FileSignature.of(os.fstat(descriptor))
    with safe_paths.folder(inbox, relative.parent) as source, safe_paths.folder(root, target, make=True) as folder:
        partial = fitting("." + relative.name, f".{os.urandom(4).hex()}.partial")
        copy = os.open(partial, _EXCLUSIVE, 0o600, dir_fd=folder)
        try:
            done = 0
            while piece := os.pread(descriptor, 1 << 20, done):
                os.write(copy, piece)
                done += len(piece)
            os.fsync(copy)
            os.utime(copy, ns=(before.mtime_ns, before.mtime_ns))
            _hide(source, relative.name, descriptor, before)
        except BaseException:
            os.unlink(partial, dir_fd=folder)
            raise
        finally:
            os.close(copy)
        free = free_name(folder, relative.name)
        os.rename(partial, free, src_dir_fd=folder, dst_dir_fd=folder)
        os.unlink(_hidden_name(before), dir_fd=source)
        return root / target / free


def _hidden_name(signature: FileSignature) -> str:
    return f"{_HIDDEN}{signature.inode}-{signature.mtime_ns}"


def _hide(source: int, name: str, descriptor: int, before: FileSignature) -> None:
    """Rename a file that was copied, and see that it is the one that was, unchanged; else it is put back."""
    hidden = _hidden_name(before)
    os.rename(name, hidden, src_dir_fd=source, dst_dir_fd=source)
    now = os.fstat(descriptor)
    same = os.path.samestat(os.stat(hidden, dir_fd=source, follow_symlinks=False), now)
    if not same or (now.st_size, now.st_mtime_ns) != (before.size, before.mtime_ns):
        _put_back(source, hidden, source, name)
        raise HeldElsewhereError(name=name)


def write_note(root: Path, target: PurePath, name: str, note: str) -> Path:
    """Write a text beside the file `name` of a folder below `root`, never over anything; returns its place."""
    with safe_paths.folder(root, target, make=True) as folder:
        free = free_name(folder, fitting(name, ".txt"))
        descriptor = os.open(free, _EXCLUSIVE, 0o600, dir_fd=folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(note + "\n")
    return root / target / free


def free_name(folder: int, name: str) -> str:
    """The name, or with a number, so that nothing in the open folder has it."""
    stem, dot, suffix = name.rpartition(".") if "." in name[1:] else (name, "", "")
    candidate, count = name, 1
    while _is_there(folder, candidate):
        count += 1
        candidate = fitting(stem, f"-{count}{dot}{suffix}")
    return candidate


def _is_there(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def fitting(stem: str, tail: str) -> str:
    """Both as one file name, the stem cut so that it has room: 255 bytes, and a Devanagari letter takes three."""
    whole, room = os.fsencode(stem), _LONGEST_NAME - len(os.fsencode(tail))
    return (stem if len(whole) <= room else whole[:room].decode("utf-8", "ignore")) + tail


def free_folder(root: Path, name: str) -> PurePath:
    """Make a folder of its own below today's, with a name like this one; returns its place below `root`."""
    plain = "".join("-" if char in "/\0" else char for char in name).strip(". ") or "group"
    with safe_paths.folder(root, today(), make=True) as day:
        count = 1
        while True:
            tail = "" if count == 1 else f"-{count}"
            free = fitting(plain, tail)
            try:
                os.mkdir(free, 0o700, dir_fd=day)
            except FileExistsError:
                count += 1
            else:
                return PurePath(today(), free)
