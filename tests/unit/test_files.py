"""Files of our own: whole or not at all, hashed, locked."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from pipeline import files


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    place = tmp_path / "result.json"
    for content in ("एक", "two"):
        files.replace_whole(place, content)

        assert place.read_text(encoding="utf-8") == content
    assert list(tmp_path.iterdir()) == [place]


def test_what_cannot_be_written_leaves_the_file_that_stood_there(tmp_path: Path) -> None:
    place = tmp_path / "result.json"
    files.replace_whole(place, "before")

    with pytest.raises(UnicodeEncodeError):
        files.replace_whole(place, "half a pair \udc00")

    assert place.read_text(encoding="utf-8") == "before"


def test_a_file_that_is_made_once_keeps_its_first_content_and_its_mode(tmp_path: Path) -> None:
    key = tmp_path / "account.key"
    for content in (b"first", b"second"):
        files.create_once(key, content, mode=0o600)

    assert (key.read_bytes(), stat.S_IMODE(key.stat().st_mode)) == (b"first", 0o600)
    assert list(tmp_path.iterdir()) == [key]


@pytest.mark.parametrize("size", [0, 1, (1 << 20) + 7])
def test_the_hash_is_that_of_all_bytes_wherever_the_file_is_read(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    path = tmp_path / "scan.pdf"
    files.write_synced(path, content)
    expected = hashlib.sha256(content).hexdigest()

    with path.open("rb") as file:
        file.read(size // 2)
        assert (files.sha256_of(file.fileno()), file.tell()) == (expected, size // 2)
    assert files.sha256_of_file(path) == expected


def test_a_lock_is_held_once_and_free_when_its_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("w") as first, path.open("w") as second:
        assert files.try_lock(first)
        assert not files.try_lock(second.fileno())
        first.close()
        assert files.try_lock(second)


def test_a_folder_is_synced_and_locked_like_a_file(tmp_path: Path) -> None:
    files.sync(tmp_path)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        assert files.try_lock(descriptor)
    finally:
        os.close(descriptor)
