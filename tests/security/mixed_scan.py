"""A real installation with a scan that holds documents of two offices: pages of A, a signed separator sheet of B, its pages.

Every page carries a word, a number and a QR code of its office that stand nowhere else, so that whatever is answered can be
searched for what must not be in it.
"""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import zxingcpp
from fastapi import FastAPI
from fpdf import FPDF
from PIL import Image

from pipeline.app import Container
from pipeline.extract.sheets import PURPOSE, SheetCode
from pipeline.model.accounts import Grant
from pipeline.model.document import Document
from pipeline.model.register import Office
from pipeline.model.roles import Role
from pipeline.register import service as register_service
from pipeline.web import server
from pipeline.web.security.cookies import COOKIE, sign_of
from pipeline.workflow import printing
from tests.conftest import short_folder
from tests.homes import copy_of, opened

A, B, C = "sagar", "rewa", "damoh"
WORD = {A: "zephyrine", B: "quixotry"}
NUMBER = {A: "4711/2019", B: "8822/2020"}
SECRET = {A: "Amberfield", B: "Bluewater"}  # in the names of what each office's people send
SCAN_NAME = f"{SECRET[A]}-bundle.pdf"
PAGES = 5
SHEET = 3  # the page that is the separator sheet
PAGES_OF = {A: (1, 2), B: (3, 4, 5)}
MARK = "page-of-{office}"


def letter(office: str, number: int) -> bytes:
    """One page of a letter as a PDF with its own text, and a QR code that tells the office."""
    pdf = FPDF(format="A4")
    pdf.add_page()
    lines = [
        "OFFICE OF THE COLLECTOR",
        f"No. {NUMBER[office]}",
        "Date: 07.11.2019",
        f"Subject: {WORD[office]} boundary dispute of the village",
        "",
        *(f"The matter of {WORD[office]} was heard on page {number} and is placed before you." for _ in range(12)),
    ]
    for line in lines if number == 1 else lines[4:]:
        pdf.set_font("Helvetica", size=14)
        pdf.cell(0, 9, line)
        pdf.ln()
    code = zxingcpp.create_barcode(MARK.format(office=office), zxingcpp.BarcodeFormat.QRCode)
    pdf.image(Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=8)), 120, 200, 60, 60)
    return bytes(pdf.output())


def joined(pieces: list[bytes]) -> bytes:
    whole = pikepdf.Pdf.new()
    for piece in pieces:
        with pikepdf.Pdf.open(io.BytesIO(piece)) as one:
            whole.pages.extend(one.pages)
    target = io.BytesIO()
    whole.save(target)
    return target.getvalue()


def sheet(container: Container, office: str, number: str, *, signed: bool = True) -> bytes:
    sign = partial(container.signer().sign, PURPOSE) if signed else None
    return printing.printed([printing.PrintedSheet(SheetCode(number, office))], sign)


@dataclass
class Mixed:
    """The installation, its application, the scan, and the documents of each office in it."""

    container: Container
    app: FastAPI
    batch: str
    documents: dict[str, list[str]]
    people: dict[tuple[Grant, ...], dict[str, str]] = field(default_factory=dict)

    def headers(self, *grants: Grant) -> dict[str, str]:
        """What somebody with these grants sends."""
        if grants not in self.people:
            name = f"p{len(self.container.people.every())}"
            self.container.people.add(name, "", grants)
            secret = self.container.people.sign_in(name)
            self.people[grants] = {"cookie": f"{COOKIE}={secret}", "x-csrf-token": sign_of(secret), "x-name": name}
        return self.people[grants]

    def ask(self, method: str, path: str, *grants: Grant, **said: Any) -> httpx.Response:
        headers = self.headers(*grants) | said.pop("headers", {})

        async def call() -> httpx.Response:
            wire = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1", headers=headers) as client:
                return await client.request(method, path, **said)

        return asyncio.run(call())

    def document(self, ident: str) -> Document:
        return self.container.records.document(ident)


def taken(container: Container, path: Path, metadata: dict[str, str]) -> str:
    """Take a scan in and work on it to its end; the batch."""
    ident = container.intake().take_all([path], name=path.name, metadata=metadata, profile="generic").batch
    worked(container, ident)
    return ident


def worked(container: Container, ident: str) -> None:
    with container.page_pool() as pool:
        worker = container.worker(pool, beats=False)
        batch = container.queue().claim(ident)
        assert batch is not None
        with worker.leases_kept():
            assert worker.work_on(batch) is None


@contextmanager
def empty() -> Iterator[Container]:
    """An installation with the offices in its register and nothing else."""
    home = short_folder()
    with opened(home, A) as container:
        for code in (A, B, C):
            container.registrar().put_office(Office(code, f"कार्यालय {code}", f"Office {code}"), by="test", change=False)
        yield container
    shutil.rmtree(home, ignore_errors=True)


def _fill(home: Path) -> str:
    """An installation with the scan in it; its batch."""
    with opened(home, A) as container:
        for office in (A, B, C):
            named = Office(office, f"कार्यालय {office}", f"Office {office}")
            container.registrar().put_office(named, by="test", change=False)
        for office in (A, B):
            number = register_service.number(NUMBER[office])
            container.registrar().add_file(office, number, "", {"subject": f"{WORD[office]} register"}, by="test")
        container.people.add("scanner", "", (Grant(Role.OPERATOR, A), Grant(Role.OPERATOR, B)))
        path = home / SCAN_NAME
        path.write_bytes(
            joined([letter(A, 1), letter(A, 2), sheet(container, B, NUMBER[B]), letter(B, 1), letter(B, 2)])
        )
        return taken(container, path, {"operator": "scanner", "upload": "0" * 32, "office": A})


@contextmanager
def mixed_scan() -> Iterator[Mixed]:
    home = short_folder()
    batch = copy_of("mixed", _fill, home)
    with opened(home, A) as container:
        of: dict[str, list[str]] = {A: [], B: []}
        for ident in container.records.documents_of(batch):
            of[container.records.document(ident).value("office") or "?"].append(ident)
        yield Mixed(container, server.application(container), batch, of)
    shutil.rmtree(home, ignore_errors=True)
