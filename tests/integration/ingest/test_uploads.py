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
from pipeline.app import Container, Services
from pipeline.db.health import HealthRepository
from pipeline.ingest.uploads import Limits, Uploads
from pipeline.model.accounts import Grant
from pipeline.model.batch import BatchState
from pipeline.model.roles import Role
from tests.conftest import SCANS, short_folder, wait_for
from tests.signing import EVERYTHING, open_app

LETTER = SCANS / "letters" / "letter-01-clean.jpg"
OTHER = SCANS / "letters" / "letter-02-aged.jpg"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    home = short_folder()
    (home / "abhilekh.toml").write_text("[upload]\nmax_mb = 2\nin_flight = 3\n[intake]\nmin_free_mb = 0\n", "utf-8")
    built = Container(settings.load(home))
    yield built
    built.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def services(container: Container) -> Iterator[Services]:
    services = container.services()
    yield services
    services.receiving.stop()
    shutil.rmtree(container.settings.home / "uploads", ignore_errors=True)


def ask(
    services: Services, method: str, path: str, grants: Sequence[Grant] = EVERYTHING, **said: Any
) -> httpx.Response:
    app, signed_in = open_app(services, grants)
    wire = httpx.ASGITransport(app=app)
    said["headers"] = {**signed_in, **said.get("headers", {})}

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **said)

    return asyncio.run(call())


def begin(services: Services, size: int, grants: Sequence[Grant] = EVERYTHING, **said: str) -> httpx.Response:
    metadata = {"filename": "letter.jpg", **said}
    pairs = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": pairs}
    return ask(services, "POST", "/api/v1/uploads", grants, headers=headers)


def patch(
    services: Services, address: str, offset: int, data: Any, grants: Sequence[Grant] = EVERYTHING, **more: str
) -> httpx.Response:
    return ask(
        services, "PATCH", address, grants, headers={**BYTES, "Upload-Offset": str(offset), **more}, content=data
    )


def offset(services: Services, address: str) -> int:
    return int(ask(services, "HEAD", address, headers=TUS).headers["Upload-Offset"])


def outcome(services: Services, address: str) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        found: dict[str, Any] = ask(services, "GET", address).json()
        return found if found["status"] not in ("uploading", "checking") else None

    ended: dict[str, Any] = wait_for(done, "the upload to be taken in", seconds=30)
    return ended


def sent(services: Services, data: bytes, **said: str) -> dict[str, Any]:
    address = begin(services, len(data), **said).headers["Location"]
    assert patch(services, address, 0, data).status_code == 204
    return outcome(services, address)


def test_a_scan_is_taken_up_again_where_it_broke_off_and_taken_in_once(
    services: Services, container: Container
) -> None:
    data = LETTER.read_bytes()
    address = begin(services, len(data), file_no="1783/आ०लि०/2018-19", office="sagar", token="a|1|2").headers[
        "Location"
    ]

    async def torn() -> AsyncIterator[bytes]:
        yield data[:1000]
        yield data[1000:5000]

    assert patch(services, address, 0, torn()).headers["Upload-Offset"] == "5000"
    assert offset(services, address) == 5000
    unfinished = ask(services, "GET", "/api/v1/uploads").json()
    assert [(one["token"], one["offset"], one["status"]) for one in unfinished] == [("a|1|2", 5000, "uploading")]
    assert patch(services, address, 5000, data[5000:]).headers["Upload-Offset"] == str(len(data))

    found = outcome(services, address)

    batch = container.records.batch(found["batch"])
    assert (found["status"], batch.source.sha256) == ("received", hashlib.sha256(data).hexdigest())
    assert (batch.source.name, batch.office, batch.state) == ("letter.jpg", "sagar", BatchState.RECEIVED)
    assert (batch.metadata["file_no"], batch.metadata["operator"]) == ("1783/आ०लि०/2018-19", "anybody")
    assert [path.name for path in (container.settings.home / "done").rglob("*.jpg")] == ["letter.jpg"]

    again = sent(services, data, filename="copy.jpg", office="sagar")
    assert (again["status"], again["batch"]) == ("duplicate", found["batch"])


def test_a_connection_that_breaks_keeps_what_had_come(services: Services) -> None:
    data = LETTER.read_bytes()
    address = begin(services, len(data)).headers["Location"]
    app, signed_in = open_app(services)
    messages = [{"type": "http.request", "body": data[:3000], "more_body": True}, {"type": "http.disconnect"}]
    scope = {
        "type": "http",
        "method": "PATCH",
        "path": address,
        "raw_path": address.encode(),
        "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1"),
            (b"upload-offset", b"0"),
            (b"tus-resumable", b"1.0.0"),
            (b"content-type", b"application/offset+octet-stream"),
            *((name.encode(), value.encode()) for name, value in signed_in.items()),
        ],
        "http_version": "1.1",
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    asyncio.run(app(scope, receive, send))

    assert offset(services, address) == 3000
    assert patch(services, address, 3000, data[3000:]).status_code == 204


def test_bytes_for_another_place_are_refused_and_change_nothing(services: Services) -> None:
    address = begin(services, 100).headers["Location"]
    assert patch(services, address, 0, b"x" * 10).status_code == 204

    for wrong in (0, 9, 11, 100):
        answer = patch(services, address, wrong, b"y" * 5)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "upload_offset")
    assert offset(services, address) == 10
    assert patch(services, address, 10, b"y" * 91).status_code == 413
    assert patch(services, address, 10, b"y", **{"Content-Type": "text/plain"}).status_code == 415


def test_a_piece_counts_whole_or_not_at_all_where_its_checksum_is_told(services: Services) -> None:
    address = begin(services, 20).headers["Location"]
    good = base64.b64encode(hashlib.sha256(b"0123456789").digest()).decode()

    answer = patch(services, address, 0, b"0123456780", **{"Upload-Checksum": f"sha256 {good}"})
    assert (answer.status_code, answer.headers["Tus-Resumable"], offset(services, address)) == (460, "1.0.0", 0)
    assert patch(services, address, 0, b"0123456789", **{"Upload-Checksum": f"sha256 {good}"}).status_code == 204
    assert patch(services, address, 10, b"x", **{"Upload-Checksum": "md5 eA=="}).status_code == 400


def test_a_file_that_is_not_what_its_sender_says_is_refused(services: Services, container: Container) -> None:
    before = HealthRepository(container.database).counts()["received"]

    found = sent(services, OTHER.read_bytes(), sha256="0" * 64)

    assert (found["status"], found["error"]["code"], found["batch"]) == ("rejected", "upload_changed", None)
    assert HealthRepository(container.database).counts()["received"] == before


def test_what_is_no_scan_is_rejected_with_the_reason_and_kept(services: Services, container: Container) -> None:
    found = sent(services, b"this is no scan", filename="letter.pdf")

    assert (found["status"], found["error"]["code"]) == ("rejected", "unknown_media")
    assert "स्कैनर में" in found["error"]["hi"]
    assert container.records.batch(found["batch"]).state is BatchState.REJECTED
    note = next((container.settings.home / "rejected").rglob("letter.pdf.txt")).read_text(encoding="utf-8")
    assert "Set the scanner" in note and "स्कैनर में" in note


def test_limits_of_size_number_and_room_hold(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    assert begin(services, 2 * 2**20 + 1).status_code == 413
    assert {begin(services, 10).status_code for _ in range(3)} == {201}
    refused = begin(services, 10)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_uploads")
    first = ask(services, "GET", "/api/v1/uploads").json()[0]["id"]
    assert ask(services, "DELETE", f"/api/v1/uploads/{first}", headers=TUS).status_code == 204
    assert ask(services, "HEAD", f"/api/v1/uploads/{first}", headers=TUS).status_code == 404

    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 95, 5))  # type: ignore[attr-defined]
    full = begin(services, 10)
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
def test_a_name_leads_nowhere_and_fits(services: Services, container: Container, name: str, kept: str) -> None:
    ident = begin(services, 10, filename=name).headers["Location"].rpartition("/")[2]
    found = next(one for one in services.receiving.of("anybody") if one.upload.id == ident)

    assert found.upload.name == kept
    place = services.receiving.uploads.file(found.upload)
    assert place.parent == container.settings.home / "uploads" / ident / "data" and place.exists()
    shown = ask(services, "GET", "/scanning/upload").text
    assert "<script>alert" not in shown
    services.receiving.uploads.remove(ident)


@pytest.mark.parametrize("ident", ["..", "../../etc", "a" * 31, "A" * 32, "0" * 32])
def test_an_id_leads_nowhere(services: Services, ident: str) -> None:
    assert ask(services, "HEAD", f"/api/v1/uploads/{ident}", headers=TUS).status_code == 404
    with pytest.raises(errors.NotFoundError):
        services.receiving.uploads.standing(ident)


def test_another_version_of_the_protocol_is_refused(services: Services) -> None:
    answer = ask(services, "POST", "/api/v1/uploads", headers={"Tus-Resumable": "0.2.2", "Upload-Length": "3"})

    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
    able = ask(services, "OPTIONS", "/api/v1/uploads")
    assert able.headers["Tus-Extension"] == "creation,checksum,termination"


def test_somebody_elses_upload_and_somebody_elses_office_are_out_of_reach(services: Services) -> None:
    address = begin(services, 10).headers["Location"]
    operator = [Grant(Role.OPERATOR, "sagar")]

    assert ask(services, "HEAD", address, operator, headers=TUS).status_code == 404
    assert patch(services, address, 0, b"x", operator).status_code == 404
    assert begin(services, 10, operator, office="rewa").status_code == 403
    own = begin(services, 10, operator)
    assert own.status_code == 201
    assert [one["office"] for one in ask(services, "GET", "/api/v1/uploads", operator).json()] == ["sagar"]
    services.receiving.uploads.remove(own.headers["Location"].rpartition("/")[2])


def test_a_file_number_that_is_none_is_refused_before_anything_is_sent(services: Services) -> None:
    answer = begin(services, 10, file_no="भवन")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_a_number")


def test_a_form_without_a_script_sends_several_files(services: Services, container: Container) -> None:
    third = SCANS / "letters" / "letter-03-office.jpg"
    files = [("file", (path.name, path.read_bytes(), "image/jpeg")) for path in (OTHER, third)]

    answer = ask(services, "POST", "/scanning/upload", data={"office": "rewa", "file_no": "12/2019"}, files=files)

    assert (answer.status_code, answer.headers["location"]) == (303, "/scanning/upload")
    found = [outcome(services, f"/api/v1/uploads/{one.upload.id}") for one in services.receiving.of("anybody")]
    assert sorted((one["name"], one["status"], one["office"]) for one in found) == [
        (OTHER.name, "received", "rewa"),
        (third.name, "received", "rewa"),
    ]
    assert "प्राप्त हुई" in ask(services, "GET", "/scanning/upload", headers={"accept-language": "hi"}).text


def test_a_form_that_is_cut_short_or_too_large_leaves_nothing(services: Services) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    headers = {"content-type": "multipart/form-data; boundary=b"}

    torn = ask(services, "POST", "/scanning/upload", content=head + b"half of", headers=headers)
    large = ask(
        services, "POST", "/scanning/upload", content=head + b"x" * (3 * 2**20) + b"\r\n--b--\r\n", headers=headers
    )

    assert (torn.status_code, large.status_code) == (400, 413)
    assert services.receiving.of("anybody") == []


def test_whole_files_are_taken_in_by_whoever_starts_next_and_told_as_received(
    services: Services, container: Container
) -> None:
    data = (SCANS / "letters" / "letter-04-office.jpg").read_bytes()
    receiving = services.receiving
    ident = begin(services, len(data)).headers["Location"].rpartition("/")[2]
    with receiving.uploads.writing(ident, 0) as piece:
        piece.write(data)
    upload = receiving.uploads.standing(ident).upload
    # Killed between the commit of the batch and the word of it.
    metadata = {**upload.metadata, "operator": upload.by, "upload": upload.id}
    container.intake().take_all(
        [receiving.uploads.file(upload)], name=upload.name, metadata=metadata, profile="generic"
    )

    next_one = container.services()
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
