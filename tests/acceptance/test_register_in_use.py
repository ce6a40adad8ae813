"""The register by its commands: entered, imported, counted against real scans, closed, and built again after a loss."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.conftest import SCANS, Office

FILE = SCANS / "files" / "file-02-office.tif"


@pytest.fixture(scope="module")
def number(office: Office) -> str:
    """The file number that the documents of a scan carry."""
    rows, code = office.ingest(FILE)
    assert code == 0, rows
    found: list[str] = [one["number"] for one in office.json("file", "unregistered")["numbers"]]
    assert found
    return found[0]


def test_the_register_from_the_first_office_to_a_closed_file(office: Office, number: str, tmp_path: Path) -> None:
    assert office.call("office", "add", "sagar", "--hi", "कलेक्टर कार्यालय, सागर").returncode == 0
    bad_code = office.call("office", "add", "Sagar Office")
    assert bad_code.returncode == 2 and "रोमन अक्षर" in bad_code.stderr

    listed = tmp_path / "list.csv"
    lines = [["नस्ती क्रमांक", "विषय", "वर्ग", "वर्ष"], [number, "=सीमांकन", "ख", "2019"], ["77/1998", "नक्शा", "ज", "1998"]]
    with listed.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(lines)
    arguments = ("file", "import", listed, "--office", "sagar", "--by", "रमा")
    tried = office.call(*arguments, "--dry-run")
    assert tried.returncode == 3 and "कुछ नहीं लिखा गया" in tried.stdout and "line 3, वर्ग: “ज”" in tried.stdout
    assert office.json("file", "list")["files"] == []
    assert office.call(*arguments, "--all-or-nothing").returncode == 3
    assert office.json("file", "list")["files"] == []
    taken = office.call(*arguments)
    assert (taken.returncode, taken.stdout.splitlines()[-1]) == (3, "1 created, 0 updated, 0 unchanged, 1 refused")

    shown = office.json("file", "show", number)
    assert (shown["subject"], shown["weeding_due"], shown["state"]) == ("=सीमांकन", "2030-01-01", "open")
    assert shown["documents"] and shown["figures"]["written"] > 0 and shown["events"][0]["by"] == "रमा"

    refused = office.call("file", "close", number)
    assert refused.returncode == 2 and "नस्ती" in refused.stderr and "--signed-by" in refused.stderr
    written = shown["figures"]["written"]
    assert office.call("file", "count", number, "--pages", written + 2, "--by", "रमा").returncode == 0
    noted = office.json("file", "reconcile", number, "--missing", "3,७", "--reason", "फटे हुए", "--by", "रमा")
    assert (noted["missing"], noted["extra"], noted["missing_pages"], noted["agree"]) == (0, 0, [3, 7], True)
    assert office.call("file", "close", number).returncode == 0
    assert office.call("file", "count", number, "--pages", "1", "--by", "रमा").returncode == 2
    assert office.call("file", "reopen", number, "--reason", "दो पृष्ठ और मिले").returncode == 0


def test_lists_go_out_and_come_back_and_the_rows_may_be_lost(office: Office, number: str, tmp_path: Path) -> None:
    added = office.json("file", "add", "OLD 5/1998", "--office", "sagar", "--volume", "भाग-२", "--rack", "4")
    assert (added["volume"], added["alike"]) == ("2", [])
    assert office.call("file", "set", "OLD 5/1998", "--rack", "", "--year", "कब").returncode == 2
    assert office.json("file", "set", "OLD 5/1998", "--rack", "", "--year", "1998-99")["year"] == "1998-99"
    for name in ("out.csv", "out.xlsx"):
        assert office.call("file", "export", tmp_path / name).returncode == 0
        again = office.json("file", "import", tmp_path / name)
        assert (again["unchanged"], again["created"], again["updated"], again["refused"]) == (2, 0, 0, 0)
    office.call("office", "export", tmp_path / "offices.xlsx")
    assert office.json("office", "import", tmp_path / "offices.xlsx")["unchanged"] == 1
    assert office.call("file", "export", tmp_path / "out.pdf").returncode == 2
    before = [office.json("office", "show", "sagar"), *(office.json("file", "show", n) for n in (number, "OLD 5/1998"))]
    assert office.call("verify").returncode == 0

    for path in office.home.glob("abhilekh.db*"):
        path.unlink()
    rebuilt = office.json("reindex")

    assert rebuilt["damaged"] == [] and rebuilt["changes"] > 5
    assert [
        office.json("office", "show", "sagar"),
        *(office.json("file", "show", n) for n in (number, "OLD 5/1998")),
    ] == before
    checked = office.json("verify")
    assert checked["missing"] == checked["changed"] == checked["orphans"] == []


def test_a_backup_holds_the_register(office: Office, number: str, tmp_path: Path) -> None:
    assert office.call("backup", tmp_path / "backup").returncode == 0
    elsewhere = Office(tmp_path / "h")

    done = elsewhere.call("restore", tmp_path / "backup")

    assert done.returncode == 0, done.stderr
    assert elsewhere.json("file", "list") == office.json("file", "list")


def test_what_is_unknown_or_ambiguous_says_what_to_do(office: Office, number: str) -> None:
    office.call("file", "add", "OLD 5/1998", "--office", "sagar", "--volume", "3")

    unknown, ambiguous = office.call("file", "show", "5/1998"), office.call("file", "show", "OLD 5/1998")

    assert (unknown.returncode, ambiguous.returncode) == (2, 2)
    assert "OLD 5/1998 (2)" in unknown.stderr
    assert "--volume" in ambiguous.stderr
    assert office.call("file", "show", "OLD 5/1998", "--volume", "भाग 3").returncode == 0
