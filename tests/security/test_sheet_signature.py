"""Separator sheets settle something only where this installation printed them, for who may scan for their office."""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import settings
from pipeline.app import Container, workflow
from pipeline.app.sheet_rights import COMMAND
from pipeline.errors import SigningKeyError
from pipeline.extract.sheet_trust import OFFICE, UNSIGNED
from pipeline.extract.sheets import LONGEST, PURPOSE, SIGNATURE_SIGNS, SheetCode, decode, encode, signature_of
from pipeline.model.accounts import Grant
from pipeline.model.annotation import AnnotationKind, PageAnnotation, PageAnnotations
from pipeline.model.batch import Batch
from pipeline.model.document import DocumentState
from pipeline.model.roles import Role
from pipeline.model.signature import Signer
from pipeline.preprocess.codes import find_codes, modules
from pipeline.preservation import signing_key
from pipeline.storage import keys
from tests.conftest import Office as Installation
from tests.conftest import short_folder
from tests.homes import opened
from tests.security.mixed_scan import NUMBER, WORD, A, B, C, empty, joined, letter, sheet, taken

CODE = SheetCode("एफ 19-76/2019/1/4", "tehsil-ashta")
KEY = bytes(range(32))


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    with empty() as made:
        made.people.add("head", "", (Grant(Role.ADMINISTRATOR),))
        made.people.add("operator.a", "", (Grant(Role.OPERATOR, A),))
        made.people.add("operator.both", "", (Grant(Role.OPERATOR, A), Grant(Role.OPERATOR, B)))
        made.people.add("officer.b", "", (Grant(Role.OPERATOR, A), Grant(Role.OFFICER, B)))
        made.people.add("left.b", "", (Grant(Role.OPERATOR, B),))
        made.people.disable("left.b")
        yield made


def by(name: str) -> dict[str, str]:
    return {"operator": name, "upload": "0" * 32, "office": A}


# --- signing


def test_a_signature_holds_for_its_payload_its_purpose_and_its_key_alone() -> None:
    signer, other = Signer(KEY), Signer(KEY[::-1])
    signature = signer.sign("sheet", "payload")

    assert len(signature) == SIGNATURE_SIGNS and set(signature) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert signer.verify("sheet", "payload", signature)
    for purpose, payload, shown in (
        ("label", "payload", signature),
        ("sheet", "payloae", signature),
        ("sheet", "payload", signature[:-1]),
        ("sheet", "payload", ""),
        ("sheet", "payload", signature + "A"),
        ("sheet", "payload", "ꟿ" * 16),
        ("sheetp", "ayload", signature),
        ("sheet", "payload", other.sign("sheet", "payload")),
    ):
        assert not signer.verify(purpose, payload, shown)
    with pytest.raises(ValueError):
        signer.sign("a\0b", "c")
    assert KEY.hex() not in repr(signer) and str(KEY) not in repr(signer)


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((a, b))
        return a == b

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert not Signer(KEY).verify("sheet", "payload", "A" * SIGNATURE_SIGNS)
    assert len(compared) == 1


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30), st.integers(0, 15))
def test_a_signed_code_is_read_and_a_garbled_signature_does_not_hold(office: str, place: int) -> None:
    sign = partial(Signer(KEY).sign, PURPOSE)
    try:
        text = encode(SheetCode("12/2019", office), sign)
    except ValueError:
        return
    signed = signature_of(text)

    assert decode(text) == SheetCode("12/2019", office) and len(text) <= LONGEST
    assert signed is not None and Signer(KEY).verify(PURPOSE, *signed)
    other = text[: len(text) - 16 + place] + ("A" if text[len(text) - 16 + place] != "A" else "B")
    garbled = signature_of(other + text[len(other) :])
    assert garbled is not None and not Signer(KEY).verify(PURPOSE, *garbled)


def test_a_signed_code_still_fits_and_is_read_from_paper() -> None:
    dark = modules(encode(CODE, partial(Signer(KEY).sign, PURPOSE)))
    pixels = np.where(np.kron(dark, np.ones((6, 6), np.bool_)), 0, 255).astype(np.uint8)
    page = np.full((1754, 1240), 255, np.uint8)
    page[100 : 100 + len(pixels), 100 : 100 + len(pixels)] = pixels
    soft = np.asarray(cv2.GaussianBlur(page, (0, 0), 1.5), np.uint8)

    assert len(dark) <= 49, "a sheet has room for three codes of a millimetre a module"
    assert [decode(code.text) for code in find_codes(soft)] == [CODE]


# --- the key


def test_the_key_is_made_once_and_survives_reindex_and_restore(tmp_path: Path) -> None:
    home, copy = short_folder(), short_folder()
    try:
        with opened(home, A) as made:
            first = made.signer().sign(PURPOSE, "x")
            assert made.signer().sign(PURPOSE, "x") == first
            assert keys.SIGNING_KEY in {stored.key for stored in made.records.objects()}
        office = Installation(home)
        backup = tmp_path / "backup"
        assert office.call("backup", backup).returncode == 0
        assert (backup / "objects" / keys.SIGNING_KEY).exists()
        assert office.call("reindex", "--force").returncode == 0
        restored = Installation(copy)
        assert restored.call("restore", backup).returncode == 0
        for place in (home, copy):
            with opened(place, A) as made:
                assert made.signer().sign(PURPOSE, "x") == first
                assert keys.SIGNING_KEY in {stored.key for stored in made.records.objects()}
        assert '"orphans": []' in office.call("verify", "--json").stdout
    finally:
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(copy, ignore_errors=True)


def test_a_lost_or_damaged_key_is_told_and_not_replaced() -> None:
    with empty() as made:
        assert signing_key.known_signer(made.store, made.records) is None
        made.signer()
        text = made.store.get(keys.SIGNING_KEY)
        other = b"1" if text[-9:-8] == b"0" else b"0"
        made.store.put_bytes(keys.SIGNING_KEY, text[:-9] + other + text[-8:], "application/json")
        with pytest.raises(SigningKeyError):
            made.signer()
        made.store.remove(keys.SIGNING_KEY)
        with pytest.raises(SigningKeyError):
            made.signer()
        check = workflow.sheet_rights(made).check(_batch(made, {}), PageAnnotations())
        assert check.verify is not None and not check.verify("x", "y")


def test_two_installations_have_two_keys(container: Container) -> None:
    with empty() as other:
        signature = other.signer().sign(PURPOSE, "x")
        assert not container.signer().verify(PURPOSE, "x", signature)


# --- what a sheet settles


def filed(
    container: Container, folder: Path, name: str, metadata: dict[str, str], first: bytes
) -> tuple[str | None, str, set[str]]:
    """The office of what lies under a sheet, its state, and its flags."""
    path = folder / name
    path.write_bytes(joined([first, letter(A, 1)]))
    batch = taken(container, path, metadata)
    (ident,) = container.records.documents_of(batch)
    document = container.records.document(ident)
    return document.value("office"), document.state, {flag for page in document.pages for flag in page.flags}


def test_a_sheet_of_another_office_counts_where_its_operator_scans_for_it(container: Container, tmp_path: Path) -> None:
    for name in ("once", "again"):  # a copy of a sheet is the sheet
        office, _, flags = filed(
            container, tmp_path, f"both-{name}.pdf", by("operator.both"), sheet(container, B, NUMBER[B])
        )
        assert (office, flags) == (B, {"separator"} | flags - {OFFICE, UNSIGNED})


@pytest.mark.parametrize("who", ["operator.a", "officer.b", "left.b", "nobody.here"])
def test_otherwise_the_batchs_office_stays_and_a_person_looks(container: Container, tmp_path: Path, who: str) -> None:
    office, state, flags = filed(container, tmp_path, f"{who}.pdf", by(who), sheet(container, B, f"{len(who)}/2020"))

    assert (office, state) == (A, DocumentState.NEEDS_REVIEW) and OFFICE in flags


@pytest.mark.parametrize("named", ["../../../escape", "tehsil-nowhere", "sagar/../rewa"])
def test_an_office_that_is_not_in_the_register_is_none(container: Container, tmp_path: Path, named: str) -> None:
    first = sheet(container, named, f"{len(named)}/2018")
    office, state, flags = filed(container, tmp_path, f"n{len(named)}.pdf", {COMMAND: "ingest"}, first)

    assert (office, state) == (A, DocumentState.NEEDS_REVIEW) and OFFICE in flags
    assert named not in container.records.offices()


def test_an_unsigned_sheet_proposes_and_settles_nothing(container: Container, tmp_path: Path) -> None:
    path = tmp_path / "unsigned.pdf"
    path.write_bytes(joined([sheet(container, B, NUMBER[B], signed=False), letter(A, 1), letter(A, 2)]))
    (ident,) = container.records.documents_of(taken(container, path, {COMMAND: "ingest"}))
    document = container.records.document(ident)
    number = document.fields["file_no"]

    assert document.value("office") == A and document.state is DocumentState.NEEDS_REVIEW
    assert UNSIGNED in document.pages[0].flags and number.confidence < 1
    assert NUMBER[B] in (number.value, document.value("number_on_sheet"))
    assert WORD[A] in "".join(page.text for page in document.pages), "nothing of the scan is lost"


def test_a_sheet_of_another_installation_is_unsigned(container: Container, tmp_path: Path) -> None:
    foreign = partial(Signer(KEY).sign, PURPOSE)
    from pipeline.workflow import printing

    first = printing.printed([printing.PrintedSheet(SheetCode("77/2001", B))], foreign)
    office, state, flags = filed(container, tmp_path, "foreign.pdf", by("operator.both"), first)

    assert (office, state) == (A, DocumentState.NEEDS_REVIEW) and UNSIGNED in flags


def test_a_sheet_of_the_scans_own_office_settles_its_number(container: Container, tmp_path: Path) -> None:
    path = tmp_path / "own.pdf"
    path.write_bytes(joined([sheet(container, A, "1234/2007"), letter(A, 2)]))
    (ident,) = container.records.documents_of(taken(container, path, by("operator.a")))
    number = container.records.document(ident).fields["file_no"]

    assert (number.value, number.confidence) == ("1234/2007", 1.0)


# --- who brought a page


def _batch(container: Container, metadata: dict[str, str], profile: str = "generic") -> Batch:
    from datetime import UTC, datetime

    from pipeline.model.batch import BatchState
    from pipeline.model.scan import MediaType, Source

    source = Source("s.pdf", "0" * 64, 1, MediaType.PDF, 3)
    return Batch("b", source, BatchState.FILED, datetime.now(UTC), A, profile=profile, metadata=metadata)


def test_the_name_of_a_folder_is_no_operator_and_the_inbox_scans_for_what_it_is_given(container: Container) -> None:
    def may(metadata: dict[str, str], office: str, inbox: tuple[str, ...] = ()) -> bool:
        rights = workflow.sheet_rights(container)
        rights.inbox = inbox
        return rights.check(_batch(container, metadata), PageAnnotations()).may_scan(1, office)

    assert not may({"operator": "operator.both"}, B), "a scanner's folder may be called anything"
    assert may(by("operator.both"), B) and not may(by("operator.a"), B)
    assert not may({}, B) and may({}, B, (B,)) and not may({}, C, (B,)) and may({}, C, ("*",))
    assert not may({}, "../../../escape", ("*",)), "every office is every one of the register"
    assert may({COMMAND: "ingest"}, B) and not may({COMMAND: "ingest"}, "nowhere")


def test_a_page_that_was_replaced_is_its_replacers(container: Container) -> None:
    from datetime import UTC, datetime

    note = PageAnnotation(
        "b", 1, 1, AnnotationKind.REPLACED, datetime.now(UTC), "operator.a", source=_batch(container, {}).source
    )
    check = workflow.sheet_rights(container).check(_batch(container, by("operator.both")), PageAnnotations((note,)))

    assert not check.may_scan(1, B) and check.may_scan(2, B)


def test_a_profile_names_the_offices_that_its_sheets_may_name(tmp_path: Path) -> None:
    folder = tmp_path / "scanners"
    folder.mkdir()
    (folder / "feeder.toml").write_text(
        f'name = "feeder"\ntitle = "Feeder"\ntitle_hi = "फ़ीडर"\nfolder = "feeder"\noffices = ["{B}"]\n',
        encoding="utf-8",
    )
    home = short_folder()
    (home / "abhilekh.toml").write_text(f'[intake]\nprofiles = "{folder}"\n', encoding="utf-8")
    made = Container(settings.load(home))
    try:
        for code in (A, B, C):
            from pipeline.model.register import Office

            made.registrar().put_office(Office(code, code, code), by="test", change=False)
        check = workflow.sheet_rights(made).check(_batch(made, {}, "feeder"), PageAnnotations())
        assert check.may_scan(1, B) and not check.may_scan(1, C)
        assert not workflow.sheet_rights(made).check(_batch(made, {}), PageAnnotations()).may_scan(1, B)
    finally:
        made.close()
        shutil.rmtree(home, ignore_errors=True)
