"""A store that the version before certificates made: it opens, closes its ports, and has every object."""

from __future__ import annotations

import json
import os
import random
import socket
import ssl
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import StoreUnavailableError
from pipeline.settings import StoreSettings
from pipeline.storage import embedded, weed
from pipeline.storage.opening import open_store

MADE_BEFORE = Path(__file__).with_name("store-before-certificates.tar.gz")
_RANDOM = random.Random(5)
OBJECTS = {f"pages/{n}": _RANDOM.randbytes(300 * (n + 1)) for n in range(6)} | {"manifests/नस्ती.json": b"{}"}


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The home as the earlier version left it, everything readable by all."""
    with tarfile.open(MADE_BEFORE) as packed:
        packed.extractall(tmp_path, filter="data")
    for path in (tmp_path / "store").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tmp_path


def is_closed(port: int) -> bool:
    """Whether nothing is answered to who has no certificate, by any method."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        plain = socket.create_connection(("127.0.0.1", port), 5)
        with plain, context.wrap_socket(plain) as tls:
            tls.sendall(b"GET /dir/status HTTP/1.0\r\n\r\n")
            return not tls.recv(100)
    except OSError:
        return True


def test_it_starts_closed_with_all_its_objects_and_keeps_its_keys(before: Path) -> None:
    keys = (before / "store" / "keys.json").read_text()
    certificates = []
    for start in range(2):
        opened = open_store(StoreSettings(), before)
        try:
            assert {
                found.key: opened.store.get(found.key) for found in opened.store.list() if found.key in OBJECTS
            } == OBJECTS
            opened.store.put_bytes(f"pages/new/{start}", b"new", "text/plain")
            ports = json.loads((before / "store" / "endpoint.json").read_text())["ports"]
            assert all(is_closed(port) for port in ports.values())
        finally:
            opened.close()
        certificates.append((before / "store" / "tls.pem").read_bytes())

    assert (before / "store" / "keys.json").read_text() == keys
    assert certificates[0] == certificates[1]  # made once
    inside = list((before / "store").iterdir())
    assert not [path for path in inside if path.stat().st_mode & 0o077]
    assert not [path for path in inside if path.name.startswith("grpc.")]


@pytest.mark.parametrize("damage", ["missing", "empty", "half"])
def test_a_damaged_certificate_is_made_anew(before: Path, damage: str) -> None:
    folder = before / "store"
    weed.keys(folder)
    path = folder / "tls.pem"
    whole = path.read_bytes()
    path.unlink() if damage == "missing" else path.write_bytes(whole[: {"empty": 0, "half": len(whole) // 2}[damage]])

    opened = open_store(StoreSettings(), before)
    try:
        assert all(opened.store.get(key) == data for key, data in OBJECTS.items())
    finally:
        opened.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_server_of_the_earlier_version_that_still_runs_is_named(before: Path) -> None:
    server = embedded.EmbeddedServer(before / "store", wait_seconds=1)
    lock = server._try_lock()
    assert lock is not None
    (before / "store" / "endpoint.json").write_text(json.dumps({"address": "127.0.0.1:9", "ports": {}, "pid": 1}))

    with pytest.raises(StoreUnavailableError, match="earlier version"):
        server.ensure()
    os.close(lock)


@pytest.fixture
def squatted(before: Path) -> Iterator[Path]:
    """The files in /tmp that the server would make, made and held by another user (by us where we are not root)."""
    ports = json.loads((before / "store" / "ports.json").read_text())
    held = []
    for part in ("master", "volume", "filer", "s3"):
        path = Path(f"/tmp/seaweedfs-{part}-grpc-{ports[part + '.grpc']}.sock")  # noqa: S108 - its own names
        path.mkdir()  # cannot be removed as a file can, whoever asks
        (path / "held").touch()
        held.append(path)
    yield before
    for path in held:
        (path / "held").unlink()
        path.rmdir()


def test_who_takes_its_names_in_tmp_does_not_keep_it_from_starting(squatted: Path) -> None:
    opened = open_store(StoreSettings(), squatted)
    try:
        assert all(opened.store.get(key) == data for key, data in OBJECTS.items())
    finally:
        opened.close()


def test_who_takes_its_port_while_it_is_down_is_sent_nothing(before: Path) -> None:
    """A server of another user's making, with a certificate of its own, on the port where ours was."""
    opened = open_store(StoreSettings(), before)
    store, server = opened.store, opened.server
    assert server is not None
    port = json.loads((before / "store" / "endpoint.json").read_text())["ports"]["s3"]
    server.stop()
    impostor = before / "impostor.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=abhilekh",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            impostor,
            "-out",
            before / "crt",
        ],
        capture_output=True,
        check=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(before / "crt", impostor)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.settimeout(3)

        def answer() -> None:
            with pytest.raises(OSError):
                while True:
                    client, _ = listener.accept()
                    with client, context.wrap_socket(client, server_side=True) as tls:
                        heard.append(tls.recv(1000))

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            store.put_bytes("pages/secret", b"not for others", "text/plain")
            where = json.loads((before / "store" / "endpoint.json").read_text())["ports"]["s3"]
        finally:
            opened.close()
            thread.join(20)

    assert where != port
    assert not any(heard)
