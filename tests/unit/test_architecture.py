"""The house rules about imports: one library, one home; the arrows run one way."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

PIPELINE = Path(__file__).parents[2] / "pipeline"
MODULES = sorted(path.relative_to(PIPELINE) for path in PIPELINE.rglob("*.py"))

# Where a library may be imported: a module, or a folder with everything in it.
HOMES = {
    "cv2": ("pages",),
    "argon2": ("people/passwords.py",),
    "zxcvbn": ("people/passwords.py",),
    "pyotp": ("people/totp.py",),
    "authlib": ("web/people/identity.py",),
    "joserfc": ("web/people/identity.py",),
    "pytesseract": ("ocr/program.py",),
    "tesserocr": ("ocr/in_process.py",),
    "pdf2image": ("media/rasterise.py",),
    "pikepdf": ("media",),
    "pypdfium2": ("media/layer.py", "media/pdfium_page.py"),
    "PIL": ("media",),
    "fpdf": ("media/coversheet.py",),
    "zxingcpp": ("pages/codes.py",),
    "fontTools": ("media/textlayer.py",),
    "watchdog": ("ingest",),
    "minio": ("store/s3.py", "store/s3_client.py", "store/s3_errors.py"),
    "urllib3": ("store/s3.py", "store/s3_client.py", "store/s3_errors.py"),
    "sqlmodel": ("index",),
    "sqlalchemy": ("index",),
    "alembic": ("index",),
    "openpyxl": ("records/spreadsheet.py",),
    "defusedxml": ("records/spreadsheet.py",),
    "rapidfuzz": ("index", "records"),
    "opensearchpy": ("index/engines/opensearch.py",),
    "snowballstemmer": ("index/hindi.py",),
    "fastapi": ("web",),
    "starlette": ("web",),
    "python_multipart": ("web/watch/form.py",),
    "jinja2": ("web",),
    "uvicorn": ("web",),
    "babel": ("web",),
    "typer": ("cli",),
    "rich": ("cli",),
    "pebble": ("pool.py",),
    "pydantic_settings": ("settings.py",),
}
FOUNDATION = {
    "pipeline.model",
    "pipeline.people.model",
    "pipeline.people.deeds",
    "pipeline.register.model",
    "pipeline.looking.model",
    "pipeline.desk.note_model",
    "pipeline.board_model",
    "pipeline.desk.model",
    "pipeline.review.model",
    "pipeline.review.sample_model",
    "pipeline.errors",
    "pipeline.settings",
}
STAGES = ("media", "pages", "ocr", "records", "store", "index", "ingest")


@cache
def imports(module: Path) -> tuple[str, ...]:
    """The full names of everything a module imports, wherever in it."""
    found: list[str] = []
    for node in ast.walk(ast.parse((PIPELINE / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{module}: relative import"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(found)


def lives_in(module: Path, home: str) -> bool:
    return module.as_posix() == home or module.as_posix().startswith(f"{home}/")


@pytest.mark.parametrize("library", HOMES)
def test_every_library_has_one_home(library: str) -> None:
    users = [module for module in MODULES if any(name.split(".")[0] == library for name in imports(module))]

    assert users, "nobody uses it: take it out of the dependencies and of this list"
    assert [str(m) for m in users if not any(lives_in(m, home) for home in HOMES[library])] == []


@pytest.mark.parametrize("folder", STAGES)
def test_a_stage_knows_the_nouns_and_itself_and_no_other_stage(folder: str) -> None:
    for module in MODULES:
        if lives_in(module, folder):
            ours = [name for name in imports(module) if name.split(".")[0] == "pipeline"]
            known = (f"pipeline.{folder}", *FOUNDATION)
            strange = [name for name in ours if not any(f"{name}.".startswith(f"{k}.") for k in known)]
            if any(name == "pipeline" for name in ours):
                strange.append("pipeline")
            assert strange == [], module


def test_the_nouns_know_nothing_of_ours() -> None:
    assert [name for name in imports(Path("model.py")) if name.startswith("pipeline")] == []
    assert [name for name in imports(Path("register/model.py")) if name.startswith("pipeline")] == []
    for module in MODULES:
        if lives_in(module, "errors"):
            assert all(name.startswith("pipeline.errors") for name in imports(module) if name.startswith("pipeline"))


def test_nothing_below_knows_the_commands_or_the_web() -> None:
    for module in MODULES:
        if not lives_in(module, "cli"):
            assert not any(name.startswith("pipeline.cli") for name in imports(module)), module
            if not lives_in(module, "web"):
                assert not any(name.startswith("pipeline.web") for name in imports(module)), module


def test_only_the_faces_and_the_supervisor_know_the_wiring() -> None:
    knowing = {
        module.parts[0] for module in MODULES for name in imports(module) if name.startswith("pipeline.wiring")
    }  # fmt: skip

    assert knowing <= {"cli", "web", "supervisor.py", "wiring"}
