"""A scanner writes a stack page by page, slowly, while everything runs: one batch, in order, with the folder's number."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from pathlib import Path

from tests.conftest import Running, wait_for
from tests.faults.conftest import small_scans

PROFILE = """
name = "page-by-page"
title = "One file for each page"
title_hi = "हर पृष्ठ की अलग फ़ाइल"
folder = "pages"
group = "folder"
subfolders = ["file_no"]
complete = { after_seconds = 2.5 }
"""


def test_pages_written_slowly_become_one_batch_with_the_number_of_their_folder(fresh: Running, tmp_path: Path) -> None:
    (fresh.home / "scanners").mkdir()
    (fresh.home / "scanners" / "pages.toml").write_text(PROFILE, encoding="utf-8")
    fresh.env["ABHILEKH_INTAKE__PROFILES"] = str(fresh.home / "scanners")
    scans = small_scans(tmp_path, 4, seed=8)
    fresh.up()
    stack = fresh.home / "inbox" / "pages" / "F 19-76_2019_1_4"
    stack.mkdir(parents=True)

    for number, scan in enumerate(scans, start=8):  # page 10 comes after page 9, and not after page 1
        slowly(scan, stack / f"page {number}.tif")
        time.sleep(0.3)
    status = wait_for(lambda: (s := fresh.settled()) and s["documents"] and s, "the stack to be filed")

    assert (status["pages"], status["rejected"]) == (len(scans), 0)
    (batch,) = batches(fresh.home)
    story = fresh.json("show", batch)
    documents = [fresh.json("show", document) for document in story["documents"]]
    assert (story["source"]["name"], story["pages"]) == (stack.name, len(scans))
    for document in documents:  # a strip of a letter may show a number of its own
        assert document["fields"].get("file_no_told", document["fields"]["file_no"])["value"] == stack.name
    assert [page["source_page"] for d in documents for page in d["pages"]] == list(range(1, len(scans) + 1))
    assert taken_in_order(fresh.home) == [f"page {number}.tif" for number in range(8, 12)]
    assert sorted(path.name for path in (fresh.home / "done").rglob("*.tif")) == sorted(taken_in_order(fresh.home))
    assert not stack.exists() and stack.parent.is_dir()


def test_a_bad_profile_ends_the_start_and_says_where(fresh: Running) -> None:
    folder = fresh.home / "scanners"
    shutil.copytree(Path(__file__).parents[2] / "scanners", folder)
    bad = folder / "page-by-page.toml"
    bad.write_text(bad.read_text(encoding="utf-8").replace("after_seconds = 60", 'after_seconds = "60"'), "utf-8")
    fresh.env["ABHILEKH_INTAKE__PROFILES"] = str(folder)

    done = fresh.call("watch", timeout=60)

    line = next(n for n, text in enumerate(bad.read_text("utf-8").splitlines(), 1) if "after_seconds" in text)
    assert done.returncode == 2
    assert f"page-by-page.toml is wrong in line {line}: “complete.after_seconds”: it must be a number" in done.stderr
    assert "यह संख्या हो" in done.stderr


def rows(home: Path, query: str) -> list[str]:
    with sqlite3.connect(f"file:{home / 'abhilekh.db'}?mode=ro", uri=True) as database:
        found = [value for (value,) in database.execute(query)]
    database.close()
    return found


def batches(home: Path) -> list[str]:
    return rows(home, "SELECT id FROM batch")


def taken_in_order(home: Path) -> list[str]:
    (files,) = rows(home, "SELECT files FROM batch")
    return [file["name"] for file in json.loads(files)]


def slowly(scan: Path, target: Path) -> None:
    """Write a file in two pieces, as a device does."""
    data = scan.read_bytes()
    with target.open("wb") as file:
        file.write(data[: len(data) // 2])
        file.flush()
        time.sleep(0.1)
        file.write(data[len(data) // 2 :])
