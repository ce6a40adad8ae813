"""What the tests of rebuilding and of backups share: a filled installation, copies of it, and a picture of what it tells."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from pipeline import settings
from pipeline.app import Container
from pipeline.model import contract
from pipeline.model.document import DocumentKind
from pipeline.model.search import Query
from tests.conftest import SCANS, Office, short_folder

LETTERS = [SCANS / "letters" / name for name in ("letter-01-clean.jpg", "letter-05-clean.jpg")]
FILE = SCANS / "files" / "file-02-office.tif"
WAITING = SCANS / "letters" / "letter-14-clean.jpg"
QUERIES = [
    Query("सोनपुरा"),
    Query("कार्यालय"),
    Query("कार्या"),
    Query("दिनांक क्रमांक", limit=3, offset=1),
    Query("एफ 19-76/2019/1/4"),
    Query("प्रति"),
    Query("", kind=DocumentKind.LETTER),
]


@contextmanager
def opened(home: Path) -> Iterator[Container]:
    container = Container(settings.load(home))
    try:
        yield container
    finally:
        container.close()


def fill(office: Office) -> None:
    """Two letters and a file on the shelf, a rejected file, and a letter that is received and waits."""
    bad = office.home / "\u0928\u093c\u092f\u093e.pdf"  # a name that is not NFC, as other systems write it
    bad.write_text("यह स्कैन नहीं है।\n", encoding="utf-8")
    rows, code = office.ingest(*LETTERS, FILE, bad)
    assert code == 3, rows
    assert sorted(row["status"] for row in rows) == ["indexed"] * 3 + ["rejected"]
    with opened(office.home) as container:
        assert container.intake().take(WAITING).outcome == "received"


@contextmanager
def copy_of(office: Office) -> Iterator[Office]:
    """The same installation in another place, to be damaged."""
    home = short_folder()
    shutil.copytree(office.home, home, dirs_exist_ok=True)
    try:
        yield Office(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def picture(home: Path) -> dict[str, Any]:
    """What `show --json` and `search --json` tell of everything, and what the rows hold besides."""
    with opened(home) as container:
        batches = every(container, "SELECT id FROM batch ORDER BY id")
        documents = every(container, "SELECT id FROM document ORDER BY id")
        answers = [contract.answer_json(container.services().search(query)) for query in QUERIES]
        for answer in answers:
            del answer["took_ms"]
        return {
            "batches": [
                contract.batch_json(container.records.batch(b), container.records.batch_details(b)) for b in batches
            ],
            "documents": [shown(container, document) for document in documents],
            "answers": answers,
            "rows": [every(container, f"SELECT * FROM {table} ORDER BY id") for table in ("batch", "document", "page")],  # noqa: S608
            "objects": list(container.records.objects()),
            "arrivals": every(container, "SELECT name, sha256, outcome, batch_id FROM arrival ORDER BY name"),
        }


def shown(container: Container, ident: str) -> dict[str, Any]:
    document = container.records.document(ident)
    return contract.document_json(document, container.records.batch(document.batch))


def every(container: Container, statement: str) -> list[Any]:
    with container.database.read() as session:
        rows = [tuple(row) for row in session.execute(text(statement))]
    return [row[0] if len(row) == 1 else row for row in rows]


def batch_named(container: Container, name: str) -> str:
    with container.database.read() as session:
        return str(session.execute(text("SELECT id FROM batch WHERE name = :name"), {"name": name}).scalar_one())
