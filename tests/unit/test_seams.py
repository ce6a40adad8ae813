"""What passes from folder to folder has a type: no public function and no public field is a mapping of anything.

The web application and the command line are the border, where JSON is made and taken; they are not looked at.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PIPELINE = Path(__file__).parents[2] / "pipeline"
BORDER = ("web", "cli")
_UNTYPED = re.compile(r"\b(?:dict|Dict|Mapping|MutableMapping)\[str, Any\]")

# What may take or give a mapping of anything, and why.
ALLOWED = {
    "it reads JSON of the store or of another program, and raises what is wrong with it": {
        "model.audit.AuditEvent.from_json",
        "model.contract.geometry_from",
        "model.contract.source_from",
        "model.register_json.event_from",
        "model.register_json.file_from",
        "model.review.correction_from",
        "model.sampling.sample_from",
        "storage.journal.EntryFormat.from_json",
        "storage.manifest.loads",
        "storage.manifest.unsealed",
    },
    "it gives JSON of which commands print parts, by key": {
        "extract.file_number.number_json.file_number_json",
        "model.contract.answer_json",
        "model.contract.batch_json",
        "model.contract.document_json",
        "model.register_json.file_event_json",
        "model.register_views.FullRegisterFileView.json",
        "model.register_views.RegisterFileView.json",
    },
    "it gives the columns of a row, which the row's class takes by name": {
        "db.register_rows.event_values",
        "db.register_rows.file_values",
        "db.rows.geometry_values",
        "db.rows.page_values",
    },
}


def untyped_in(text: str, module: str) -> Iterator[str]:
    """The public functions and fields of a module that are, take or give a mapping of anything."""
    yield from _untyped(ast.parse(text), module)


def _untyped(parent: ast.Module | ast.ClassDef, name: str) -> Iterator[str]:
    for node in parent.body:
        match node:
            case ast.ClassDef() if _is_public(node.name) and not _is_table(node):
                yield from _untyped(node, f"{name}.{node.name}")
            case ast.FunctionDef() | ast.AsyncFunctionDef() if _is_public(node.name):
                if any(map(_is_untyped, _annotations(node))):
                    yield f"{name}.{node.name}"
            case ast.AnnAssign(target=ast.Name(id=field)) if _is_public(field) and _is_untyped(node.annotation):
                yield f"{name}.{field}"


def _is_public(name: str) -> bool:
    return not name.startswith("_") or name in ("__init__", "__call__")


def _is_table(node: ast.ClassDef) -> bool:
    """Whether a class is a table: its JSON columns are what SQLAlchemy gives, and its rows stay in `db` and `index`."""
    return any(keyword.arg == "table" for keyword in node.keywords)


def _annotations(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    own = function.args
    given = [*own.posonlyargs, *own.args, *own.kwonlyargs, own.vararg, own.kwarg]
    yield from (one.annotation for one in given if one is not None and one.annotation is not None)
    if function.returns is not None:
        yield function.returns


def _is_untyped(annotation: ast.expr) -> bool:
    return _UNTYPED.search(ast.unparse(annotation)) is not None


def _all_untyped() -> set[str]:
    found: set[str] = set()
    for path in PIPELINE.rglob("*.py"):
        parts = path.relative_to(PIPELINE).with_suffix("").parts
        if parts[0] not in BORDER:
            found.update(untyped_in(path.read_text(encoding="utf-8"), ".".join(parts)))
    return found


def test_what_passes_between_folders_has_a_type() -> None:
    allowed = set().union(*ALLOWED.values())
    found = _all_untyped()
    assert sorted(found - allowed) == [], "give them a frozen dataclass, a TypedDict or JsonObject"
    assert sorted(allowed - found) == [], "these are typed by now: take them out of the list"


def test_mappings_of_anything_are_found_wherever_they_stand() -> None:
    text = """
def given(found: Mapping[str, Any] | None = None) -> int: ...
async def gives() -> list[dict[str, Any]]: ...
def keywords(*, ask: Callable[[], Mapping[str, Any]]) -> None: ...
def _private(found: dict[str, Any]) -> None: ...
def typed(found: dict[str, str]) -> JsonObject: ...
class Value:
    field: dict[str, Any]
    _own: dict[str, Any]
    def __init__(self, field: dict[str, Any]) -> None: ...
    def method(self) -> dict[str, Any]: ...
class _Private:
    field: dict[str, Any]
class Row(SQLModel, table=True):
    column: dict[str, Any]
"""
    names = ["given", "gives", "keywords", "Value.field", "Value.__init__", "Value.method"]
    assert list(untyped_in(text, "module")) == [f"module.{name}" for name in names]
