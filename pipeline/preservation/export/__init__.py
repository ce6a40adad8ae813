"""Export a file, an office or everything, in a form that others can use: PDF/A, a BagIt bag, for eOffice, or tables.

Everything is checked against the SHA-256 it was stored with, and the folder appears when all of it is there. The nouns are
in `model`, the forms in `forms`, how the folder is written in `folder`; which documents belong to which file is known to
`db.exports`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.db.exports import Bundle, ExportScope
from pipeline.errors import NothingToExportError
from pipeline.formats import plain_csv
from pipeline.preservation.export.folder import ExportFolder, plain, whole
from pipeline.preservation.export.forms import FORMS
from pipeline.preservation.export.model import (
    COLUMNS,
    ExportDependencies,
    Exported,
    ExportedFile,
    ExportFormat,
    File,
    row,
)

NO_OFFICE, NO_NUMBER = "_no-office", "_no-file-number"

Tell = Callable[[int, int], None]


def export(
    form: ExportFormat, wanted: ExportScope, target: Path, dependencies: ExportDependencies, *, tell: Tell
) -> Exported:
    """Write the folder `target`. Raises `NothingToExportError`, `ExportPlaceError`, `DiskFullError`, and what the store
    raises for an object that is missing or changed: then there is no folder."""
    bundles = list(dependencies.exports.bundles(wanted))
    if not bundles:
        raise NothingToExportError
    layout = FORMS[form]
    done = Exported(str(form), str(target))
    with whole(target) as folder:
        rows = []
        for count, bundle in enumerate(bundles, start=1):
            file = _opened(bundle, dependencies, folder, layout.root)
            layout.put_file(file, folder, dependencies)
            rows += [row(file, taken) for taken in file.documents]
            done.files += 1
            done.documents += len(file.documents)
            done.pages += sum(len(taken.document.pages) for taken in file.documents)
            tell(count, len(bundles))
        folder.put_text(f"{layout.root}documents.csv", plain_csv.lines([COLUMNS, *rows]))
        done.manifest_sha256 = layout.close(folder, done)
        done.bytes = folder.octets
    return done


def _opened(bundle: Bundle, dependencies: ExportDependencies, folder: ExportFolder, root: str) -> File:
    office = bundle.office or NO_OFFICE
    volumes = dependencies.registered(bundle.office, bundle.key) if bundle.office and bundle.key else ()
    parent = f"{root}{plain(office)}/"
    path = folder.name(parent, bundle.number or bundle.key or NO_NUMBER)
    documents = []
    for page_ref in bundle.page_refs:
        document = dependencies.records.document(page_ref.document)
        documents.append(ExportedFile(document, dependencies.records.batch(document.batch)))
    return File(bundle, volumes, path, documents)
