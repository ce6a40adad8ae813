"""What `doctor` finds besides programs, and what `show` and `status` tell of a batch and of the inbox, in words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.model.page import Geometry, ReadPage
from pipeline.version import build
from tests.conftest import Office, short_folder
from tests.integration.filled_home import FILE, batch_named, opened


@pytest.fixture
def bare() -> Iterator[Office]:
    home = short_folder()
    yield Office(home)
    shutil.rmtree(home, ignore_errors=True)


def test_doctor_names_a_bad_profile_with_its_line_and_the_reason(bare: Office) -> None:
    folder = bare.home / "scanners"
    shutil.copytree(Path(__file__).parents[3] / "scanners", folder)
    bad = folder / "page-by-page.toml"
    bad.write_text(bad.read_text(encoding="utf-8").replace("after_seconds = 60", 'after_seconds = "60"'), "utf-8")
    bare.env["ABHILEKH_INTAKE__PROFILES"] = str(folder)

    found = bare.json("doctor")["checks"]["scanners"]

    line = next(n for n, text in enumerate(bad.read_text("utf-8").splitlines(), 1) if "after_seconds" in text)
    assert not found["ok"]
    assert f"page-by-page.toml is wrong in line {line}" in found["says"] and "must be a number" in found["says"]


def test_doctor_says_when_an_older_version_still_runs(bare: Office) -> None:
    with opened(bare.home) as container:
        container.beat("watcher")
        container.heartbeats.beat("workers", "pc:7", details={"build": "0.0.9+00000000"})

    done = bare.json("doctor")["checks"]["running"]

    assert not done["ok"] and "workers pc:7 0.0.9+00000000" in done["says"] and build() in done["says"]
    assert "watcher" not in done["says"] and "script/run stop" in done["says_hi"]


def test_doctor_makes_no_inbox_that_is_set(bare: Office, tmp_path: Path) -> None:
    bare.env["ABHILEKH_INTAKE__INBOX"] = str(tmp_path / "share")

    assert not bare.json("doctor")["checks"]["inbox"]["ok"]
    assert not (tmp_path / "share").exists()


@pytest.mark.parametrize(("terms", "register"), [("mp", "पंजी में"), ("up", "पंजिका में")])
def test_a_command_speaks_the_terms_of_the_state(bare: Office, terms: str, register: str) -> None:
    bare.env["ABHILEKH_WEB__TERMS"] = terms

    refused = bare.call("office", "show", "nowhere")

    assert refused.returncode == 2
    assert f"{register} कार्यालय “nowhere” नहीं है" in refused.stderr and "no office “nowhere”" in refused.stderr


def test_show_tells_of_a_batch_its_pages_and_flags_in_words(archive: Office) -> None:
    with opened(archive.home) as container:
        batch = batch_named(container, FILE.name)
        story = container.records.batch_details(batch)
        pages = container.records.read_pages(batch)

    found = archive.json("show", batch)
    said = archive.call("show", batch).stdout

    assert (found["pages_read"], found["blank_pages"]) == (len(pages), sum(page.blank for page in pages))
    assert found["flags"] == story.flags
    assert all(document in said for document in found["documents"])


def test_flags_and_the_error_of_a_batch_are_told_in_both_languages(bare: Office) -> None:
    bad = bare.home / "locked.pdf"
    bad.write_bytes(b"no scan at all")
    rows, _ = bare.ingest(bad)
    with opened(bare.home) as container:
        taken = container.intake().take(FILE)
        for number in (1, 2, 3, 5):
            flags = ("javascript", "unreadable") if number == 5 else ("javascript",)
            page = ReadPage(number, "", (), 0.0, "", 1, 1, 300, Geometry(), False, "", "", flags)
            container.records.keep_page(taken.batch, page, [])

    said, rejected = bare.call("show", taken.batch).stdout, bare.call("show", rows[0]["batch"]).stdout

    assert bare.json("show", taken.batch)["flags"] == {"javascript": [1, 2, 3, 5], "unreadable": [5]}
    assert "javascript: 1–3, 5" in said and "They are never run" in said
    assert "unreadable: 5" in said and "कोरा" in said
    assert "is not a scan" in rejected and "स्कैनर में" in rejected
