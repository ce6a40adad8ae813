"""The forms of an export, each as what is written of a file and what closes the folder.

- `pdf`: a folder for each office and file, with a searchable PDF/A for each document.
- `bagit`: a bag after RFC 8493: PDFs, the original scans, the layouts with all words and their places, and the metadata.
- `eoffice`: a folder `fl-<number>` for each file with one PDF/A of the noting and one of the correspondence, and metadata
  as CSV and XML. The names of the folders follow the guidelines for migration of eOffice; the rest is our own convention,
  described in docs/operations.md.
- `csv`: the tables alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

from pipeline import __version__
from pipeline.formats import plain_csv, searchable
from pipeline.model.document import DocumentKind
from pipeline.model.page import ReadPage
from pipeline.preservation.export.folder import ExportFolder
from pipeline.preservation.export.model import (
    ExportDependencies,
    Exported,
    ExportedFile,
    ExportFormat,
    File,
    as_json,
    file_json,
    today,
)

MANIFEST = "manifest-sha256.txt"
_NOTING = (DocumentKind.NOTING,)
_CORRESPONDENCE = tuple(kind for kind in DocumentKind if kind is not DocumentKind.NOTING)


@dataclass(frozen=True, slots=True)
class Layout:
    """A form: where files lie in the folder, what is written of each, and what is written last (giving a SHA-256)."""

    root: str
    put_file: Callable[[File, ExportFolder, ExportDependencies], None]
    close: Callable[[ExportFolder, Exported], str]


def _pdf(file: File, folder: ExportFolder, dependencies: ExportDependencies) -> None:
    for number, taken in enumerate(file.documents, start=1):
        document = taken.document
        words = [f"{number:03d}", str(document.kind), document.value("date") or "", document.value("letter_no") or ""]
        taken.path = folder.name(f"{file.folder}/", " ".join(word for word in words if word), ".pdf")
        _put_object(folder, dependencies, taken.path, document.pdf_key)


def _bag(file: File, folder: ExportFolder, dependencies: ExportDependencies) -> None:
    originals: dict[str, str] = {}
    for taken in file.documents:
        document = taken.document
        taken.path = f"{file.folder}/documents/{document.id}.pdf"
        _put_object(folder, dependencies, taken.path, document.pdf_key)
        for page in document.pages:
            if page.layout_key:
                name = page.layout_key.removeprefix("pages/").replace("/", "-")
                _put_object(folder, dependencies, f"{file.folder}/layouts/{name}", page.layout_key)
        for source in taken.batch.source.each:
            originals[source.original_key] = f"{file.folder}/originals/{source.sha256}{source.media_type.suffix}"
    for key, path in originals.items():
        _put_object(folder, dependencies, path, key)
    folder.put_text(f"{file.folder}/file.json", as_json(file_json(file)))


def _eoffice(file: File, folder: ExportFolder, dependencies: ExportDependencies) -> None:
    parent, _, name = file.folder.rpartition("/")
    file.folder = folder.name(f"{parent}/", f"fl-{name}")
    for title, part, kinds in (("Notes", "noting", _NOTING), ("Receipts", "correspondence", _CORRESPONDENCE)):
        chosen = list(file.of(*kinds))
        if chosen:
            path = f"{file.folder}/{title}/{part}.pdf"
            _put_bound(file, chosen, path, part, folder, dependencies)
            for taken in chosen:
                taken.path = path
    folder.put_text(f"{file.folder}/metadata.csv", plain_csv.lines(_eoffice_rows(file)))
    folder.put(f"{file.folder}/metadata.xml", [_eoffice_xml(file)])


def _put_bound(
    file: File, chosen: list[ExportedFile], path: str, part: str, folder: ExportFolder, dependencies: ExportDependencies
) -> None:
    """The pages of several documents as one PDF/A, made anew from their images and words."""
    about = searchable.About(
        title=f"{file.number} {part}".strip(),
        created=chosen[0].batch.received_at,
        identifier=file.number or None,
        subject=file.subject or None,
        source=f"sha256:{chosen[0].batch.source.sha256}",
        document=f"{file.bundle.office or ''}/{file.bundle.key or ''}/{part}",
    )
    made = dependencies.scratch / "bound.pdf"
    dependencies.scratch.mkdir(parents=True, exist_ok=True)
    searchable.write((_page(page, dependencies) for taken in chosen for page in taken.document.pages), about, made)
    with made.open("rb") as pieces:
        folder.put(path, iter(lambda: pieces.read(1 << 20), b""))
    made.unlink()


def _page(page: ReadPage, dependencies: ExportDependencies) -> searchable.PdfPage:
    return searchable.PdfPage(dependencies.store.get(page.image_key), page.width, page.height, page.dpi, page.words)


def _eoffice_rows(file: File) -> Iterator[list[object]]:
    yield ["part", "pages", "document", "kind", "letter_no", "date", "subject", "sender", "recipient"]
    place = {"Notes": 1, "Receipts": 1}
    for title, kinds in (("Notes", _NOTING), ("Receipts", _CORRESPONDENCE)):
        for taken in file.of(*kinds):
            document, first = taken.document, place[title]
            place[title] += len(document.pages)
            names = ("letter_no", "date", "subject", "sender", "recipient")
            pages = f"{first}-{place[title] - 1}"
            yield [title, f"p. {pages}", document.id, str(document.kind), *(document.value(name) for name in names)]


def _eoffice_xml(file: File) -> bytes:
    """The file's own metadata, and a line for each document."""
    root = ElementTree.Element("file")
    volume = file.volumes[0] if file.volumes else None
    about: dict[str, object] = {
        "number": file.number,
        "key": file.bundle.key,
        "office": file.bundle.office,
        "subject": file.subject,
        "year": volume.year if volume else "",
        "branch": volume.branch if volume else "",
        "record_class": volume.record_class if volume else "",
        "closed_on": volume.closed_on if volume else "",
    }
    for what, value in about.items():
        ElementTree.SubElement(root, what).text = _allowed(str(value or ""))
    documents = ElementTree.SubElement(root, "documents")
    header, *rows = _eoffice_rows(file)
    for row in rows:
        one = ElementTree.SubElement(documents, "document")
        for name, value in zip(header, row, strict=True):
            ElementTree.SubElement(one, str(name)).text = _allowed(str(value or ""))
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _allowed(text: str) -> str:
    """The text without what XML cannot hold."""
    return "".join(char for char in text if char >= " " or char in "\t\n\r")


def _tables(file: File, folder: ExportFolder, dependencies: ExportDependencies) -> None:
    """Nothing beside the table of documents."""


def _put_object(folder: ExportFolder, dependencies: ExportDependencies, path: str, key: str) -> None:
    folder.put(path, dependencies.store.stream(key), expected=dependencies.exports.digest(key), key=key)


def _close_plain(folder: ExportFolder, done: Exported) -> str:
    """The list of everything in the folder, as sha256sum -c reads it."""
    _put_sums(folder, MANIFEST, folder.sums)
    return folder.sums[MANIFEST]


def _close_bag(folder: ExportFolder, done: Exported) -> str:
    """The tag files of a bag: version, manifest of the payload, what the bag is, and a manifest of the tag files."""
    payload = dict(folder.sums)
    octets = folder.octets
    _put_sums(folder, MANIFEST, payload)
    folder.put_text("bagit.txt", ["BagIt-Version: 1.0\n", "Tag-File-Character-Encoding: UTF-8\n"])
    about = {
        "Bagging-Date": today(),
        "Bag-Software-Agent": f"Abhilekh {__version__}",
        "Payload-Oxum": f"{octets}.{len(payload)}",
        "External-Description": f"{done.files} files, {done.documents} documents, {done.pages} pages",
        "Internal-Sender-Identifier": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    folder.put_text("bag-info.txt", [f"{name}: {value}\n" for name, value in about.items()])
    tags = {path: digest for path, digest in folder.sums.items() if path not in payload}
    _put_sums(folder, "tagmanifest-sha256.txt", tags)
    return folder.sums[MANIFEST]


def _put_sums(folder: ExportFolder, path: str, sums: dict[str, str]) -> None:
    folder.put_text(path, _sums(sums.items()))


def _sums(sums: Iterable[tuple[str, str]]) -> Iterator[str]:
    for path, digest in sorted(sums):
        yield f"{digest}  {path.replace('%', '%25')}\n"


FORMS = {
    ExportFormat.PDF: Layout("", _pdf, _close_plain),
    ExportFormat.BAGIT: Layout("data/", _bag, _close_bag),
    ExportFormat.EOFFICE: Layout("", _eoffice, _close_plain),
    ExportFormat.CSV: Layout("", _tables, _close_plain),
}
