"""Draw the folders of `pipeline/` and who imports whom into docs/architecture.md, from the imports themselves.

.venv/bin/python -m docs.folder_diagram          # write the diagram
.venv/bin/python -m docs.folder_diagram --check  # exit 1 when it is out of date
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- folders: written by docs/folder_diagram.py -->", "<!-- /folders -->"


def layers() -> list[list[str]]:
    """The folders of each layer, top to bottom, as import-linter holds them (`pyproject.toml`)."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(one for one in settings["tool"]["importlinter"]["contracts"] if one["id"] == "layers")
    return [[name.strip(" ()") for name in re.split(r"[|:]", line)] for line in contract["layers"]]


def diagram() -> str:
    """The diagram as Mermaid text: one box a layer, one arrow for each pair of folders of which one imports the other."""
    graph = grimp.build_graph("pipeline")
    rows = layers()
    folders = [folder for row in rows for folder in row]
    lines = ["```mermaid", "flowchart TB"]
    for number, row in enumerate(rows):
        lines.append(f'  subgraph L{number}[" "]')
        lines += [f"    {folder}" for folder in row]
        lines.append("  end")
    for upper in folders:
        for lower in folders:
            if upper != lower and graph.direct_import_exists(
                importer=f"pipeline.{upper}", imported=f"pipeline.{lower}", as_packages=True
            ):
                lines.append(f"  {upper} --> {lower}")
    return "\n".join([*lines, "```"])


def page_with(drawn: str) -> str:
    """architecture.md with the diagram between its marks. Raises `ValueError` when the marks are missing."""
    text = PAGE.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{PAGE.name} lacks the marks {BEGIN} and {END}")
    return f"{head}{BEGIN}\n{drawn}\n{END}{tail}"


def main() -> int:
    page = page_with(diagram())
    if "--check" in sys.argv:
        return int(page != PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
