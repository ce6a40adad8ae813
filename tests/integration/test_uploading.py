"""Scans sent from the browser: in pieces, cut off and taken up again, checked, limited; taken in once and only once."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline import errors, settings
from pipeline.ingest.uploads import Limits, Uploads
from pipeline.model import BatchState
from pipeline.people.model import Grant, Role
from pipeline.wiring import House, Reading
from tests.conftest import SCANS, short_folder, wait_for
from tests.signing import EVERYTHING, open_app

LETTER = SCANS / "letters" / "letter-01-clean.jpg"
OTHER = SCANS / "letters" / "letter-02-aged.jpg"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    home = short_folder()
    (home / "abhilekh.toml").write_text("[upload]\nmax_mb = 2\nin_flight = 3\n[intake]\nmin_free_mb = 0\n", "utf-8")
    built = House(settings.load(home))
    yield built
    built.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def library(house: House) -> Iterator[Reading]:
    library = house.library()
    yield library
    library.receiving.stop()
    shutil.rmtree(house.settings.home / "uploads", ignore_errors=True)


def ask(library: Reading, method: str, path: str, grants: Sequence[Grant] = EVERYTHING, **said: Any) -> httpx.Response:
    app, signed_in = open_app(library, grants)
    wire = httpx.ASGITransport(app=app)
    said["headers"] = {**signed_in, **said.get("headers", {})}

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **said)

    return asyncio.run(call())


def begin(library: Reading, size: int, grants: Sequence[Grant] = EVERYTHING, **said: str) -> httpx.Response:
    told = {"filename": "letter.jpg", **said}
    pairs = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": pairs}
    return ask(library, "POST", "/api/v1/uploads", grants, headers=headers)


def patch(
    library: Reading, address: str, offset: int, data: Any, grants: Sequence[Grant] = EVERYTHING, **more: str
) -> httpx.Response:
    return ask(library, "PATCH", address, grants, headers={**BYTES, "Upload-Offset": str(offset), **more}, content=data)


def offset(library: Reading, address: str) -> int:
    return int(ask(library, "HEAD", address, headers=TUS).headers["Upload-Offset"])


def outcome(library: Reading, address: str) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        found: dict[str, Any] = ask(library, "GET", address).json()
        return found if found["status"] not in ("uploading", "checking") else None

    ended: dict[str, Any] = wait_for(done, "the upload to be taken in", seconds=30)
    return ended


def sent(library: Reading, data: bytes, **said: str) -> dict[str, Any]:
    address = begin(library, len(data), **said).headers["Location"]
    assert patch(library, address, 0, data).status_code == 204
    return outcome(library, address)


def test_a_scan_is_taken_up_again_where_it_broke_off_and_taken_in_once(library: Reading, house: House) -> None:
    data = LETTER.read_bytes()
    address = begin(library, len(data), file_no="1783/आ०लि०/2018-19", office="sagar", token="a|1|2").headers["Location"]

    async def torn() -> AsyncIterator[bytes]:
        yield data[:1000]
        yield data[1000:5000]

    assert patch(library, address, 0, torn()).headers["Upload-Offset"] == "5000"
    assert offset(library, address) == 5000
    unfinished = ask(library, "GET", "/api/v1/uploads").json()
    assert [(one["token"], one["offset"], one["status"]) for one in unfinished] == [("a|1|2", 5000, "uploading")]
    assert patch(library, address, 5000, data[5000:]).headers["Upload-Offset"] == str(len(data))

    found = outcome(library, address)

    batch = house.records.batch(found["batch"])
    assert (found["status"], batch.source.sha256) == ("received", hashlib.sha256(data).hexdigest())
    assert (batch.source.name, batch.office, batch.state) == ("letter.jpg", "sagar", BatchState.RECEIVED)
    assert (batch.told["file_no"], batch.told["operator"]) == ("1783/आ०लि०/2018-19", "anybody")
    assert [path.name for path in (house.settings.home / "done").rglob("*.jpg")] == ["letter.jpg"]

    again = sent(library, data, filename="copy.jpg", office="sagar")
    assert (again["status"], again["batch"]) == ("duplicate", found["batch"])


def test_a_connection_that_breaks_keeps_what_had_come(library: Reading) -> None:
    data = LETTER.read_bytes()
    address = begin(library, len(data)).headers["Location"]
    app, signed_in = open_app(library)
    messages = [{"type": "http.request", "body": data[:3000], "more_body": True}, {"type": "http.disconnect"}]
    scope = {
        "type": "http", "method": "PATCH", "path": address, "raw_path": address.encode(), "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"upload-offset", b"0"), (b"tus-resumable", b"1.0.0"),
                    (b"content-type", b"application/offset+octet-stream"),
                    *((name.encode(), value.encode()) for name, value in signed_in.items())],
        "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    asyncio.run(app(scope, receive, send))

    assert offset(library, address) == 3000
    assert patch(library, address, 3000, data[3000:]).status_code == 204


def test_bytes_for_another_place_are_refused_and_change_nothing(library: Reading) -> None:
    address = begin(library, 100).headers["Location"]
    assert patch(library, address, 0, b"x" * 10).status_code == 204

    for wrong in (0, 9, 11, 100):
        answer = patch(library, address, wrong, b"y" * 5)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "upload_offset")
    assert offset(library, address) == 10
    assert patch(library, address, 10, b"y" * 91).status_code == 413
    assert patch(library, address, 10, b"y", **{"Content-Type": "text/plain"}).status_code == 415


def test_a_piece_counts_whole_or_not_at_all_where_its_checksum_is_told(library: Reading) -> None:
    address = begin(library, 20).headers["Location"]
    good = base64.b64encode(hashlib.sha256(b"0123456789").digest()).decode()

    answer = patch(library, address, 0, b"0123456780", **{"Upload-Checksum": f"sha256 {good}"})
    assert (answer.status_code, answer.headers["Tus-Resumable"], offset(library, address)) == (460, "1.0.0", 0)
    assert patch(library, address, 0, b"0123456789", **{"Upload-Checksum": f"sha256 {good}"}).status_code == 204
    assert patch(library, address, 10, b"x", **{"Upload-Checksum": "md5 eA=="}).status_code == 400


def test_a_file_that_is_not_what_its_sender_says_is_refused(library: Reading, house: House) -> None:
    before = house.records.counts()["received"]

    found = sent(library, OTHER.read_bytes(), sha256="0" * 64)

    assert (found["status"], found["error"]["code"], found["batch"]) == ("rejected", "upload_changed", None)
    assert house.records.counts()["received"] == before


def test_what_is_no_scan_is_rejected_with_the_reason_and_kept(library: Reading, house: House) -> None:
    found = sent(library, b"this is no scan", filename="letter.pdf")

    assert (found["status"], found["error"]["code"]) == ("rejected", "unknown_media")
    assert "स्कैनर में" in found["error"]["hi"]
    assert house.records.batch(found["batch"]).state is BatchState.REJECTED
    note = next((house.settings.home / "rejected").rglob("letter.pdf.txt")).read_text(encoding="utf-8")
    assert "Set the scanner" in note and "स्कैनर में" in note


def test_limits_of_size_number_and_room_hold(library: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    assert begin(library, 2 * 2**20 + 1).status_code == 413
    assert {begin(library, 10).status_code for _ in range(3)} == {201}
    refused = begin(library, 10)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_uploads")
    first = ask(library, "GET", "/api/v1/uploads").json()[0]["id"]
    assert ask(library, "DELETE", f"/api/v1/uploads/{first}", headers=TUS).status_code == 204
    assert ask(library, "HEAD", f"/api/v1/uploads/{first}", headers=TUS).status_code == 404

    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 95, 5))  # type: ignore[attr-defined]
    full = begin(library, 10)
    assert (full.status_code, full.json()["error"]["code"]) == (503, "disk_full")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\Windows\\a.jpg", "a.jpg"),
        ("/abs/olute.jpg", "olute.jpg"),
        ("..", "scan"),
        ("", "scan"),
        (".hidden.jpg", "hidden.jpg"),
        ("a\x00b\x1b[31m\u202ec.jpg", "ab[31mc.jpg"),
        ("<script>alert(1)</script>.jpg", "script-.jpg"),
        ("नस्ती \u200dक\u094dष.pdf", "नस्ती \u200dक\u094dष.pdf"),
        ("न" * 300 + ".pdf", "न" * 58 + ".pdf"),
    ],
)
def test_a_name_leads_nowhere_and_fits(library: Reading, house: House, name: str, kept: str) -> None:
    ident = begin(library, 10, filename=name).headers["Location"].rpartition("/")[2]
    found = next(one for one in library.receiving.of("anybody") if one.upload.id == ident)

    assert found.upload.name == kept
    place = library.receiving.uploads.file(found.upload)
    assert place.parent == house.settings.home / "uploads" / ident / "data" and place.exists()
    shown = ask(library, "GET", "/watch/upload").text
    assert "<script>alert" not in shown
    library.receiving.uploads.remove(ident)


@pytest.mark.parametrize("ident", ["..", "../../etc", "a" * 31, "A" * 32, "0" * 32])
def test_an_id_leads_nowhere(library: Reading, ident: str) -> None:
    assert ask(library, "HEAD", f"/api/v1/uploads/{ident}", headers=TUS).status_code == 404
    with pytest.raises(errors.NotFoundError):
        library.receiving.uploads.standing(ident)


def test_another_version_of_the_protocol_is_refused(library: Reading) -> None:
    answer = ask(library, "POST", "/api/v1/uploads", headers={"Tus-Resumable": "0.2.2", "Upload-Length": "3"})

    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
    able = ask(library, "OPTIONS", "/api/v1/uploads")
    assert able.headers["Tus-Extension"] == "creation,checksum,termination"


def test_somebody_elses_upload_and_somebody_elses_office_are_out_of_reach(library: Reading) -> None:
    address = begin(library, 10).headers["Location"]
    operator = [Grant(Role.OPERATOR, "sagar")]

    assert ask(library, "HEAD", address, operator, headers=TUS).status_code == 404
    assert patch(library, address, 0, b"x", operator).status_code == 404
    assert begin(library, 10, operator, office="rewa").status_code == 403
    own = begin(library, 10, operator)
    assert own.status_code == 201
    assert [one["office"] for one in ask(library, "GET", "/api/v1/uploads", operator).json()] == ["sagar"]
    library.receiving.uploads.remove(own.headers["Location"].rpartition("/")[2])


def test_a_file_number_that_is_none_is_refused_before_anything_is_sent(library: Reading) -> None:
    answer = begin(library, 10, file_no="भवन")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_a_number")


def test_a_form_without_a_script_sends_several_files(library: Reading, house: House) -> None:
    third = SCANS / "letters" / "letter-03-office.jpg"
    files = [("file", (path.name, path.read_bytes(), "image/jpeg")) for path in (OTHER, third)]

    answer = ask(library, "POST", "/watch/upload", data={"office": "rewa", "file_no": "12/2019"}, files=files)

    assert (answer.status_code, answer.headers["location"]) == (303, "/watch/upload")
    found = [outcome(library, f"/api/v1/uploads/{one.upload.id}") for one in library.receiving.of("anybody")]
    assert sorted((one["name"], one["status"], one["office"]) for one in found) == [
        (OTHER.name, "received", "rewa"),
        (third.name, "received", "rewa"),
    ]
    assert "प्राप्त हुई" in ask(library, "GET", "/watch/upload", headers={"accept-language": "hi"}).text


def test_a_form_that_is_cut_short_or_too_large_leaves_nothing(library: Reading) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    headers = {"content-type": "multipart/form-data; boundary=b"}

    torn = ask(library, "POST", "/watch/upload", content=head + b"half of", headers=headers)
    large = ask(library, "POST", "/watch/upload", content=head + b"x" * (3 * 2**20) + b"\r\n--b--\r\n", headers=headers)

    assert (torn.status_code, large.status_code) == (400, 413)
    assert library.receiving.of("anybody") == []


def test_whole_files_are_taken_in_by_whoever_starts_next_and_told_as_received(library: Reading, house: House) -> None:
    data = (SCANS / "letters" / "letter-04-office.jpg").read_bytes()
    receiving = library.receiving
    ident = begin(library, len(data)).headers["Location"].rpartition("/")[2]
    with receiving.uploads.writing(ident, 0) as piece:
        piece.write(data)
    upload = receiving.uploads.standing(ident).upload
    # Killed between the commit of the batch and the word of it.
    told = {**upload.told, "operator": upload.by, "upload": upload.id}
    house.intake().take_all([receiving.uploads.file(upload)], name=upload.name, told=told, profile="generic")

    next_one = house.library()
    next_one.receiving.start()
    try:
        found = outcome(next_one, f"/api/v1/uploads/{ident}")
    finally:
        next_one.receiving.stop()

    assert found["status"] == "received"
    wait_for(lambda: not receiving.uploads.file(upload).exists(), "the file to be cleared", seconds=10)


def test_abandoned_uploads_are_cleared_and_whole_ones_are_not(tmp_path: Path) -> None:
    from pipeline.ingest.uploads import Upload

    uploads = Uploads(tmp_path, Limits(max_mb=1, in_flight=9, keep_hours=1, min_free_mb=0))
    half, whole, fresh = (uploads.begin(Upload("", f"{name}.jpg", "a", 5, "")) for name in ("half", "whole", "fresh"))
    with uploads.writing(whole.id, 0) as piece:
        piece.write(b"12345")
    long_ago = time.time() - 7200
    for upload in (half, whole):
        for path in (tmp_path / upload.id).rglob("*"):
            os.utime(path, (long_ago, long_ago))

    assert uploads.sweep() == ["half.jpg"]
    assert {one.upload.name for one in uploads.all()} == {"whole.jpg", "fresh.jpg"}
    uploads.conclude(whole, {"outcome": "received", "batch": "b"})
    os.utime(tmp_path / whole.id / "result.json", (long_ago, long_ago))
    assert uploads.sweep() == []
    assert [one.upload.name for one in uploads.all()] == ["fresh.jpg"]
    assert fresh.name == "fresh.jpg"
