"""Takes a file, an office or everything out, in a form that others can use: PDF/A, a BagIt bag, for eOffice, or tables.

Everything is checked against the SHA-256 it was stored with, and the folder appears when all of it is there. The nouns are
in `model`, the forms in `forms`, how the folder is written in `folder`; which documents belong to which file is known to
`index.exports`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline import plain_csv
from pipeline.errors import NothingToExportError
from pipeline.export.folder import ExportFolder, plain, whole
from pipeline.export.forms import FORMS
from pipeline.export.model import COLUMNS, Exported, File, Form, Kit, Taken, row
from pipeline.index.exports import Bundle, Wanted

NO_OFFICE, NO_NUMBER = "_no-office", "_no-file-number"

Tell = Callable[[int, int], None]


def export(form: Form, wanted: Wanted, target: Path, kit: Kit, *, tell: Tell) -> Exported:
    """Write the folder `target`. Raises `NothingToExportError`, `ExportPlaceError`, `DiskFullError`, and what the store
    raises for an object that is missing or changed: then there is no folder."""
    bundles = list(kit.exports.bundles(wanted))
    if not bundles:
        raise NothingToExportError
    layout = FORMS[form]
    done = Exported(str(form), str(target))
    with whole(target) as folder:
        rows = []
        for count, bundle in enumerate(bundles, start=1):
            file = _opened(bundle, kit, folder, layout.root)
            layout.put_file(file, folder, kit)
            rows += [row(file, taken) for taken in file.documents]
            done.files += 1
            done.documents += len(file.documents)
            done.pages += sum(len(taken.document.pages) for taken in file.documents)
            tell(count, len(bundles))
        folder.put_text(f"{layout.root}documents.csv", plain_csv.lines([COLUMNS, *rows]))
        done.manifest_sha256 = layout.close(folder, done)
        done.bytes = folder.octets
    return done


def _opened(bundle: Bundle, kit: Kit, folder: ExportFolder, root: str) -> File:
    office = bundle.office or NO_OFFICE
    volumes = kit.registered(bundle.office, bundle.key) if bundle.office and bundle.key else ()
    parent = f"{root}{plain(office)}/"
    path = folder.name(parent, bundle.number or bundle.key or NO_NUMBER)
    documents = []
    for leaf in bundle.leaves:
        document = kit.records.document(leaf.document)
        documents.append(Taken(document, kit.records.batch(document.batch)))
    return File(bundle, volumes, path, documents)
