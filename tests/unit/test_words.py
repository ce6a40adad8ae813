"""One word a thing: the words of an earlier private language stay out of names and pages (`retired_words.toml`)."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIPELINE = ROOT / "pipeline"
RETIRED = tomllib.loads((Path(__file__).parent / "retired_words.toml").read_text(encoding="utf-8"))
MODULES = [path for path in sorted(PIPELINE.rglob("*.py")) if "versions" not in path.parts]  # migrations are history
PAGES = sorted([*(PIPELINE / "web" / "templates").rglob("*.html"), *PIPELINE.rglob("*.po")])
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def parts(name: str) -> set[str]:
    """The words of an identifier in lower case: `is_told` and `IsTold` are `is` and `told`."""
    return {part.lower() for part in _PART.findall(name)}


def names_in(path: Path) -> Iterator[tuple[int, str]]:
    """Every name that a module defines or uses, with its line; its own name first."""
    yield 0, path.stem if path.stem != "__init__" else path.parent.name
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.keyword(arg=str(name)):
                yield node.value.lineno, name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PIPELINE).as_posix())
def test_no_name_is_of_the_retired_language(path: Path) -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line} {name}"
        for line, name in names_in(path)
        if parts(name) & RETIRED["parts"].keys() or name.strip("_").lower() in RETIRED["names"]
    }

    assert found == set()


@pytest.mark.parametrize("term", RETIRED["terms"])
def test_no_page_and_no_text_says_it_otherwise(term: str) -> None:
    saying = [str(path.relative_to(ROOT)) for path in [*MODULES, *PAGES] if term in path.read_text(encoding="utf-8")]

    assert saying == []
