"""When a file has come to rest. Time is given by the test."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from pipeline.errors import UnreadableFileError
from pipeline.ingest.reasons import reason_of
from pipeline.ingest.settle import Settling

SCAN = Path("scan.pdf")


def stat(size: int, mtime_ns: int = 5, ctime_ns: int = 6, inode: int = 7) -> os.stat_result:
    found = {"st_size": size, "st_mtime_ns": mtime_ns, "st_ctime_ns": ctime_ns, "st_ino": inode}
    return cast(os.stat_result, SimpleNamespace(**found))


def test_a_file_is_taken_once_it_has_held_still() -> None:
    settling = Settling(2.0)

    assert not settling.is_settled(SCAN, stat(10), 100.0)
    assert not settling.is_settled(SCAN, stat(10), 101.9)
    assert settling.is_settled(SCAN, stat(10), 102.0)


@pytest.mark.parametrize("changed", [stat(11), stat(10, mtime_ns=6), stat(10, ctime_ns=7), stat(10, inode=8)])
def test_a_change_of_size_time_or_inode_begins_the_wait_anew(changed: os.stat_result) -> None:
    settling = Settling(2.0)
    settling.is_settled(SCAN, stat(10), 100.0)

    assert not settling.is_settled(SCAN, changed, 103.0)
    assert not settling.is_settled(SCAN, changed, 104.9)
    assert settling.is_settled(SCAN, changed, 105.0)
    assert settling.still_for(SCAN, 105.0) == 2.0


def test_without_a_wait_a_file_is_taken_at_once() -> None:
    assert Settling(0.0).is_settled(SCAN, stat(10), 0.0)


def test_a_file_that_does_not_open_is_looked_at_after_growing_pauses_up_to_a_minute() -> None:
    settling, now, pauses = Settling(0.0), 0.0, []
    settling.is_settled(SCAN, stat(10), now)
    for _ in range(8):
        settling.look_again_later(SCAN, now)
        due = settling.next_look()
        assert due is not None
        assert not settling.is_settled(SCAN, stat(10), due - 0.01) and settling.is_settled(SCAN, stat(10), due)
        pauses.append(due - now)
        now = due

    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    assert settling.still_for(SCAN, now) == now


def test_files_that_are_gone_are_forgotten() -> None:
    settling = Settling(2.0)
    for name in ("a", "b", "c"):
        settling.is_settled(Path(name), stat(1), 0.0)

    settling.keep_only({Path("a"), Path("b")})
    settling.forget(Path("b"))
    settling.forget(Path("never seen"))

    assert settling.next_look() == 2.0
    assert settling.still_for(Path("c"), 9.0) == settling.still_for(Path("b"), 9.0) == 0.0
    settling.forget(Path("a"))
    assert settling.next_look() is None


def test_the_same_reason_is_no_news_and_keeps_no_error_alive() -> None:
    settling, errors = Settling(1.0), [UnreadableFileError(name="scan.pdf", cause="x") for _ in range(2)]
    settling.is_settled(SCAN, stat(1), 0.0)
    kept = weakref.ref(errors[0])

    assert [settling.waits_for(SCAN, reason_of(error)) for error in errors] == [True, False]
    errors.clear()
    assert kept() is None
