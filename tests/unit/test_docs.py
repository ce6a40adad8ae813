"""The documents name what is there: decisions with date, status and a line in the index, modules and files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
PIPELINE = ROOT / "pipeline"
FOLDERS = sorted(path.name for path in PIPELINE.iterdir() if (path / "__init__.py").exists())
_LINK = re.compile(r"\]\(([^)#:]+?)(?:#[^)]*)?\)")
_MODULE = re.compile(rf"`(?:pipeline/)?((?:{'|'.join(FOLDERS)})(?:/[a-z0-9_]+)+)(?:\.py)?/?`")


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name[:4])
def test_a_decision_has_number_date_status_and_stands_in_the_index(page: Path) -> None:
    text, index = page.read_text(encoding="utf-8"), (page.parent / "README.md").read_text(encoding="utf-8")
    found = re.match(r"# (\d+)\. (.+)\n\n- Date: (20\d\d-\d\d-\d\d)\n- Status: (\S.*)\n", text)

    assert found, f"{page.name} begins with '# number. title', '- Date:' and '- Status:'"
    number, title, date, status = found.groups()
    assert int(number) == int(page.name[:4])
    assert f"| [{number}]({page.name}) | {title} | {date} | {status} |" in index


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files(document: Path) -> None:
    targets = _LINK.findall(document.read_text(encoding="utf-8"))

    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_that_are_named_exist(document: Path) -> None:
    named = set(_MODULE.findall(document.read_text(encoding="utf-8")))

    assert sorted(name for name in named if not is_there(name)) == []


def is_there(name: str) -> bool:
    return any((PIPELINE / f"{name}{end}").exists() for end in ("", ".py", ".html", ".txt"))
