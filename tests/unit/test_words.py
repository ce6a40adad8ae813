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


def module_name(path: Path) -> str:
    return path.stem if path.stem != "__init__" else path.parent.name


def names_in(path: Path) -> Iterator[tuple[int, str]]:
    """Every name that a module defines or uses, with its line; its own name first."""
    yield 0, module_name(path)
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


def test_no_module_and_no_class_is_called_so() -> None:
    found = [path.relative_to(ROOT).as_posix() for path in MODULES if module_name(path) in RETIRED["modules"]]
    for path in MODULES:
        classes = [
            node.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ClassDef)
        ]
        found += [
            f"{path.relative_to(ROOT)} {name}" for name in classes if name.strip("_").lower() in RETIRED["modules"]
        ]

    assert found == []


@pytest.mark.parametrize("term", RETIRED["terms"])
def test_no_page_and_no_text_says_it_otherwise(term: str) -> None:
    found = [str(path.relative_to(ROOT)) for path in PAGES if term in path.read_text(encoding="utf-8")]

    assert found == []
