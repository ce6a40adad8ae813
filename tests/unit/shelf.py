"""A record room made of values, and a way to ask the web application in this process about it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import httpx
from fastapi import FastAPI

from pipeline import errors
from pipeline.db.saved_searches import SavedSearches
from pipeline.model.accounts import Grant, PageOffices
from pipeline.model.batch import Batch, BatchState
from pipeline.model.document import Document, DocumentKind, DocumentState, Field
from pipeline.model.page import Box, Geometry, ReadPage, Word
from pipeline.model.register import Figures, Office, RecordClass, RegisterFile, Scanned
from pipeline.model.scan import MediaType, Source
from pipeline.model.search import Answer, Hit, Query, Understanding
from pipeline.model.viewer import Cut, FilePart, FileView, OpenDocument, PageRef
from tests.signing import EVERYTHING, open_app, people

TEXT = "विषय: मरम्मत <b>स्वीकृति</b>"
WORDS = (
    Word("विषय:", Box(100, 100, 200, 50), 0.95, 0, 0, 5),
    Word("मरम्मत", Box(350, 100, 200, 50), 0.90, 0, 6, 12),
    Word("<b>स्वीकृति</b>", Box(600, 100, 300, 50), 0.30, 0, 13, len(TEXT)),
)
READ = ReadPage(
    source_page=1,
    text=TEXT,
    words=WORDS,
    confidence=0.7,
    language="hin",
    width=1000,
    height=2000,
    dpi=300,
    geometry=Geometry(),
    blank=False,
    image_key="pages/b1/000001.webp",
)
BLANK = replace(READ, source_page=2, text="", words=(), blank=True)
UNREAD = replace(READ, source_page=3, text="", words=(), image_key="", flags=("unread",))
EMPTY = replace(READ, source_page=4, text="", words=())
LETTER = Document(
    id="d1",
    batch="b1",
    kind=DocumentKind.LETTER,
    pages=(READ, BLANK, UNREAD, EMPTY),
    fields={
        "file_no": Field("1783/आ०लि०/2018-19", 0.95),
        "date": Field("2004-11-07", 0.9),
        "subject": Field("भवन की मरम्मत", 0.9),
        "sender": Field("संचालक", 0.3),
    },
    state=DocumentState.NEEDS_REVIEW,
    pdf_key="documents/d1.pdf",
)
BATCH = Batch(
    id="b1",
    source=Source("नस्ती 2018.pdf", "ab" * 32, 8, MediaType.PDF, 4),
    state=BatchState.FILED,
    received_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
)
HIT = Hit(
    document="d1",
    page=1,
    source_page=1,
    batch="b1",
    file_no="1783/आ०लि०/2018-19",
    file_key=None,
    date=date(2004, 11, 7),
    subject="भवन की मरम्मत",
    office=None,
    kind=DocumentKind.LETTER,
    score=1.0,
    snippet="<script>alert(1)</script> मरम्मत",
    marks=((8, 16), (26, 32)),
    boxes=((0.35, 0.05, 0.2, 0.025),),
)
FACETS = {
    "office": {"sagar": 3, "hrd": 1},
    "year": {"2004": 3, "2018": 1},
    "kind": {"letter": 4},
    "file": {"1783/आ०लि०/2018-19": 2, "12/4/2018": 1},
    "status": {"filed": 2, "reviewed": 2},
}
OBJECTS = {"pages/b1/000001.webp": b"RIFFwebp", "documents/d1.pdf": b"%PDF-1.7", BATCH.original_key: b"original"}
STATUS: dict[str, object] = {"inbox": 3, "working": 1, "pages": 123456, "parts": {"store": "ok", "tape": "<no tape>"}}

REGISTERED = RegisterFile(
    "hrd",
    "12/4/2018",
    "12/4/2018",
    "12/4/2018",
    "12/4/2018",
    subject="भवन <मरम्मत>",
    year="2018",
    record_class=RecordClass.C,
    pages_counted=9,
)
PARTS = tuple(
    FilePart(ident, kind, DocumentState.FILED, "hrd", day, subject, None, "संचालक", pages, 7)
    for ident, kind, day, subject, pages in (
        ("d0", DocumentKind.COVER, None, None, 1),
        ("d1", DocumentKind.LETTER, date(2004, 11, 7), "भवन की मरम्मत", 4),
        ("d2", DocumentKind.NOTING, None, None, 3),
        ("d3", DocumentKind.ORDER, date(2005, 1, 2), "<b>स्वीकृति</b>", 1),
    )
)
FILE = FileView(
    "hrd",
    "12/4/2018",
    "12/4/2018",
    PARTS,
    (REGISTERED,),
    Figures(9, REGISTERED.count_unit, Scanned(7, 1, 0)),
    Office("hrd", "मानव संसाधन", "Human resources"),
    {"": date(2024, 1, 1)},
)


class Shelf:
    """A library made of values: every search finds the same page `total` times."""

    def __init__(self, total: int = 45, document: Document = LETTER, understood: Understanding | None = None) -> None:
        self.total = total
        self.understood = understood or {}
        self.held = document
        self.asked: list[Query] = []
        self.office: str | None = None
        self.cuts: list[Cut] = []

    def search(self, query: Query) -> Answer:
        self.asked.append(query)
        if query.text == "बम":
            raise ZeroDivisionError("nobody foresaw this")
        if query.text == "store":
            raise errors.StoreUnavailableError(endpoint="127.0.0.1:1", cause="refused")
        count = max(min(query.limit, self.total - query.offset), 0)
        return Answer(query.text, self.understood, self.total, 12.0, (HIT,) * count, FACETS if query.facets else {})

    def suggest(self, text: str, offices: frozenset[str] | None = None) -> list[str]:
        return [f"{text} {'everywhere' if offices is None else ' '.join(sorted(offices))}"]

    def office_names(self, code: str) -> dict[str, str]:
        return {"sagar": "सागर" if code == "hi" else "Sagar <office>"}

    @property
    def saved(self) -> SavedSearches:
        return SavedSearches(people().database)

    def document(self, ident: str) -> Document:
        if ident != self.held.id:
            raise errors.NotFoundError(what="document", name=ident)
        return self.held

    def batch_of(self, document: Document) -> Batch:
        return BATCH

    def page_offices(self, batch: str) -> PageOffices:
        pages = [page.source_page for page in self.held.pages]
        return PageOffices(batch, self.office, BATCH.source.pages, dict.fromkeys(pages, self.office))

    def boxes(self, document: str, page: int, text: str) -> list[list[float]]:
        words = self.held.pages[page - 1].words
        return [word.box.fractions(1000, 2000) for word in words if word.text in text.split()]

    def places(self, document: str, text: str) -> dict[int, list[list[float]]]:
        numbers = range(1, len(self.held.pages) + 1)
        return {number: boxes for number in numbers if (boxes := self.boxes(document, number, text))}

    @property
    def viewing(self) -> Shelf:
        return self

    def page_refs(self, document: str) -> tuple[PageRef, ...]:
        if document != self.held.id:
            return ()
        return tuple(
            PageRef(document, number, self.office, "b1", page.source_page, page.image_key, page.width, page.height, 7)
            for number, page in enumerate(self.held.pages, start=1)
        )

    def page_ref(self, document: str, number: int) -> PageRef:
        found = [page_ref for page_ref in self.page_refs(document) if page_ref.number == number]
        if not found:
            raise errors.NotFoundError(what="page", name=f"{document}/{number}")
        return found[0]

    def opened(self, document: str, number: int) -> OpenDocument:
        page_ref = self.page_ref(document, number)
        page = self.held.pages[number - 1]
        return OpenDocument(
            replace(self.document(document), pages=(page,)), page, page_ref, self.page_refs(document), self.office
        )

    def picture(self, page_ref: PageRef, wanted: Cut) -> bytes:
        if not page_ref.image_key:
            raise errors.NotFoundError(what="page", name=str(page_ref.number))
        self.cuts.append(wanted)
        return b"JPEG"

    def as_scanned(self, page_ref: PageRef) -> bytes:
        return b"SCAN"

    def file(self, office: str | None, key: str) -> FileView:
        if key != FILE.key:
            raise errors.NotFoundError(what="file", name=key)
        return FILE

    def status(self) -> dict[str, object]:
        return STATUS

    def offices(self) -> list[str]:
        return ["sagar"]

    def image(self, key: str) -> Iterator[bytes]:
        if key not in OBJECTS:
            raise errors.ObjectMissingError(key=key)
        yield OBJECTS[key][:4]
        yield OBJECTS[key][4:]


def get(
    path: str,
    lang: str = "hi",
    *,
    shelf: Shelf | None = None,
    app: FastAPI | None = None,
    grants: Sequence[Grant] = EVERYTHING,
    host: str = "127.0.0.1",
    **headers: str,
) -> httpx.Response:
    """One request straight into the application; `_` in header names stands for `-`."""
    opened, signed_in = open_app(shelf or Shelf(), grants)
    wire = httpx.ASGITransport(app=app or opened)
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = signed_in | {"accept-language": lang} | asked
    sent["cookie"] = "; ".join(filter(None, (signed_in["cookie"], asked.get("cookie"))))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=wire, base_url=f"http://{host}") as client:
            return await client.get(path, headers=sent)

    return asyncio.run(ask())
