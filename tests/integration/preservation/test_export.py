"""What is taken out is whole and right: the bag validates, the PDFs open, what was damaged is never passed on."""

from __future__ import annotations

import csv
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest

from pipeline import errors
from pipeline.app import Container
from pipeline.db.exports import ExportScope
from pipeline.extract import file_number
from pipeline.preservation.export.folder import plain, whole
from pipeline.preservation.export.model import ExportFormat
from tests.conftest import Office
from tests.integration.filled_home import copy_of, opened

with warnings.catch_warnings(action="ignore", category=UserWarning):  # bagit asks for its version in an old way
    import bagit

NUMBER = "भण्डार/27/1991"  # of the file of six pages


@pytest.fixture(scope="module")
def copied(archive: Office) -> Iterator[Office]:
    with copy_of(archive) as copy:
        yield copy


@pytest.fixture(scope="module")
def container(copied: Office) -> Iterator[Container]:
    with opened(copied.home) as built:
        yield built


def taken_out(container: Container, form: ExportFormat, target: Path, wanted: ExportScope | None = None) -> Any:
    return container.export(form, wanted or ExportScope(), target, tell=lambda done, of: None)


def documents(folder: Path) -> list[dict[str, str]]:
    text = next(folder.rglob("documents.csv")).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def test_a_bag_validates_and_holds_originals_pdfs_layouts_and_what_is_known(
    container: Container, tmp_path: Path
) -> None:
    done = taken_out(container, ExportFormat.BAGIT, tmp_path / "bag")

    bag = bagit.Bag(str(tmp_path / "bag"))
    assert bag.validate()
    assert (
        bag.info["Payload-Oxum"]
        == f"{sum(p.stat().st_size for p in _payload(tmp_path))}.{len(list(_payload(tmp_path)))}"
    )
    originals = {path.stem for path in (tmp_path / "bag").rglob("originals/*")}
    assert originals == {row["source_sha256"] for row in documents(tmp_path / "bag")}
    assert len(list((tmp_path / "bag").rglob("*.alto.xml.gz"))) == done.pages == 8
    assert all((tmp_path / "bag" / row["path"]).read_bytes()[:5] == b"%PDF-" for row in documents(tmp_path / "bag"))


def _payload(folder: Path) -> Iterator[Path]:
    return (path for path in (folder / "bag" / "data").rglob("*") if path.is_file())


def test_a_bag_that_somebody_changes_is_found_out(container: Container, tmp_path: Path) -> None:
    taken_out(container, ExportFormat.BAGIT, tmp_path / "bag")
    letter = next((tmp_path / "bag").rglob("originals/*.jpg"))
    data = bytearray(letter.read_bytes())
    data[1000] ^= 1
    letter.write_bytes(data)

    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(tmp_path / "bag")).validate()


def test_pdfs_lie_by_file_and_their_sums_are_right(container: Container, tmp_path: Path) -> None:
    done = taken_out(container, ExportFormat.PDF, tmp_path / "out")

    rows = documents(tmp_path / "out")
    assert len(rows) == done.documents == len(list((tmp_path / "out").rglob("*.pdf")))
    for row in rows:
        with pikepdf.open(tmp_path / "out" / row["path"]) as pdf:
            assert len(pdf.pages) == int(row["pages"])
    checked = subprocess.run(["sha256sum", "-c", "--quiet", "manifest-sha256.txt"], cwd=tmp_path / "out", check=False)
    assert checked.returncode == 0


def test_for_eoffice_a_file_is_one_pdf_of_noting_and_one_of_correspondence(
    container: Container, tmp_path: Path
) -> None:
    number = file_number.parse(NUMBER)
    assert number is not None

    done = taken_out(container, ExportFormat.EOFFICE, tmp_path / "out", ExportScope(None, number.key))

    (folder,) = (tmp_path / "out").rglob("fl-*")
    bound = {path.parent.name: path for path in folder.rglob("*.pdf")}
    pages = 0
    for path in bound.values():
        with pikepdf.open(path) as pdf:
            pages += len(pdf.pages)
            assert pdf.open_metadata()["pdfaid:part"] == "2"
    assert (done.files, pages) == (1, done.pages)
    assert set(bound) <= {"Notes", "Receipts"} and "Receipts" in bound
    told = ElementTree.parse(folder / "metadata.xml").getroot()  # noqa: S314 - we have just written it
    assert told.findtext("number") == NUMBER
    assert len(told.findall("documents/document")) == done.documents


def test_the_tables_alone_are_small_and_whole(container: Container, tmp_path: Path) -> None:
    taken_out(container, ExportFormat.CSV, tmp_path / "out")

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["documents.csv", "manifest-sha256.txt"]


def test_an_object_that_changed_in_the_store_is_not_passed_on(container: Container, tmp_path: Path) -> None:
    document = container.records.document(container.records.documents_of(_letter(container))[0])
    before = container.store.get(document.pdf_key)
    container.store.put_bytes(document.pdf_key, before[:-1] + b"x", "application/pdf")
    try:
        with pytest.raises(errors.FixityError):
            taken_out(container, ExportFormat.PDF, tmp_path / "out")
    finally:
        container.store.put_bytes(document.pdf_key, before, "application/pdf")

    assert list(tmp_path.iterdir()) == []


def _letter(container: Container) -> str:
    return next(b for b in (o.batch_id for o in _batches(container)) if container.records.batch(b).source.pages == 1)


def _batches(container: Container) -> Any:
    from sqlmodel import select

    from pipeline.db.tables import ObjectRow

    with container.database.read() as session:
        return [row for row in session.exec(select(ObjectRow)).all() if row.key.startswith("documents/")]


def test_an_export_never_writes_over_anything_and_says_when_there_is_nothing(
    container: Container, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(errors.ExportPlaceError):
        taken_out(container, ExportFormat.CSV, tmp_path / "there")
    with pytest.raises(errors.NothingToExportError):
        taken_out(container, ExportFormat.CSV, tmp_path / "none", ExportScope("no-such-office"))

    assert [path.name for path in tmp_path.rglob("*")] == ["there", "mine.txt"]


def test_the_command_tells_what_it_wrote(copied: Office, tmp_path: Path) -> None:
    found = copied.json("export", tmp_path / "out", "--format", "csv", "--file", NUMBER)

    assert (found["form"], found["files"], found["pages"]) == ("csv", 1, 6)
    assert len(found["manifest_sha256"]) == 64
    again = copied.call("export", tmp_path / "out", "--format", "csv")
    assert again.returncode == 2 and "पहले से कुछ है" in again.stderr


def test_a_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), whole(tmp_path / "out") as folder:
        folder.put_text("a.txt", ["half"])
        raise RuntimeError

    assert list(tmp_path.iterdir()) == []
    leftover = tmp_path / "out.unfinished"
    leftover.mkdir()
    (leftover / "old.txt").write_text("of a run that was killed", encoding="utf-8")
    with whole(tmp_path / "out") as folder:
        assert folder.name("", "A/b") == "A_b" and folder.name("", "a/B") == "a_B (2)"
        folder.put_text("a.txt", ["whole"])
    assert [path.name for path in tmp_path.rglob("*.txt")] == ["a.txt"]


@pytest.mark.parametrize(
    ("text", "name"),
    [("एफ 19-76/2019/1", "एफ 19-76_2019_1"), ("../..", "_"), ("a\x00\nb", "a__b"), ("", "_"), ("CON: x?", "CON_ x_")],
)
def test_names_are_fit_for_every_system(text: str, name: str) -> None:
    assert plain(text) == name


def test_a_full_disk_is_told_as_one_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 0))  # type: ignore[attr-defined]
    with pytest.raises(errors.DiskFullError), whole(tmp_path / "out"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []
