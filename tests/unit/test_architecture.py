"""The rules about imports: layers as `pyproject.toml` draws them, and one home for each library."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from docs import folder_diagram

ROOT = Path(__file__).parents[2]
PIPELINE = ROOT / "pipeline"

# Where a library may be imported: a module, or a folder with everything in it.
HOMES = {
    "cv2": ("preprocess",),
    "argon2": ("accounts/passwords.py",),
    "zxcvbn": ("accounts/passwords.py",),
    "pyotp": ("accounts/totp.py",),
    "authlib": ("web/accounts/oidc.py",),
    "joserfc": ("web/accounts/oidc.py",),
    "pytesseract": ("ocr/program.py",),
    "tesserocr": ("ocr/in_process.py",),
    "pdf2image": ("formats/rasterise.py",),
    "pikepdf": ("formats",),
    "pypdfium2": ("formats/pdf_text.py", "formats/pdf_characters.py", "formats/pdfium_page.py"),
    "PIL": ("formats", "viewer/crops.py"),
    "fpdf": ("formats/coversheet.py",),
    "zxingcpp": ("preprocess/codes.py",),
    "fontTools": ("formats/invisible_text.py",),
    "watchdog": ("ingest",),
    "minio": ("storage/s3_bucket.py", "storage/s3_client.py", "storage/s3_errors.py"),
    "urllib3": ("storage/s3.py", "storage/s3_bucket.py", "storage/s3_client.py", "storage/s3_errors.py"),
    "sqlmodel": ("db", "index"),
    "sqlalchemy": ("db", "index"),
    "alembic": ("db",),
    "openpyxl": ("formats/spreadsheet.py",),
    "defusedxml": ("formats/spreadsheet.py",),
    "rapidfuzz": ("index", "extract"),
    "opensearchpy": ("index/engines/opensearch.py",),
    "snowballstemmer": ("index/hindi.py",),
    "fastapi": ("web",),
    "starlette": ("web",),
    "python_multipart": ("web/scanning/upload_form.py",),
    "jinja2": ("web",),
    "uvicorn": ("web",),
    "babel": ("locale",),
    "typer": ("cli",),
    "rich": ("cli",),
    "pebble": ("workflow/pool.py",),
    "pydantic_settings": ("settings.py",),
}


@cache
def imports() -> dict[str, frozenset[str]]:
    """The full names of everything each module imports, wherever in it; every file is parsed once for all tests."""
    found = {}
    for path in PIPELINE.rglob("*.py"):
        module, names = path.relative_to(PIPELINE).as_posix(), set[str]()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                assert node.level == 0, f"{module}: relative import"
                names.update(f"{node.module}.{alias.name}" for alias in node.names)
        found[module] = frozenset(names)
    return found


@pytest.mark.parametrize("library", HOMES)
def test_every_library_has_one_home(library: str) -> None:
    users = [module for module, names in imports().items() if any(name.split(".")[0] == library for name in names)]

    assert users, "nobody uses it: take it out of the dependencies and of this list"
    homes = HOMES[library]
    assert [user for user in users if not any(user == home or user.startswith(f"{home}/") for home in homes)] == []


def test_arrows_run_down_the_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


def test_the_diagram_is_that_of_the_imports() -> None:
    drawn = folder_diagram.page_with(folder_diagram.diagram())

    assert drawn == folder_diagram.PAGE.read_text(encoding="utf-8"), "run: python -m docs.folder_diagram"
