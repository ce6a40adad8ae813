"""Nobody without a key reads, writes or deletes through any port that the bundled object store opens.

The ports are taken from the kernel, not from a list of ours. The attack itself is in `stranger`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from pipeline.settings import StoreSettings
from pipeline.storage import certificate, weed
from pipeline.storage.opening import OpenStore, open_store
from tests.conftest import short_folder
from tests.security import stranger

OBJECTS = {"pages/secret": b"nobody else may read this", "pages/more": os.urandom(300_000), "manifests/a.json": b"{}"}
_LISTENS = "0A"  # as the kernel writes the state of a TCP socket


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home that other users may enter, as one of an earlier version may be."""
    folder = short_folder()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def opened(home: Path) -> Iterator[OpenStore]:
    before = os.umask(0)  # the least careful start there is
    try:
        opened = open_store(StoreSettings(), home)
    finally:
        os.umask(before)
    for key, data in OBJECTS.items():
        opened.store.put_bytes(key, data, "application/octet-stream")
    yield opened
    opened.close()


def process_tree(root: int) -> set[int]:
    """The process and all that descend from it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def listening(pids: set[int]) -> tuple[set[tuple[str, int]], set[Path]]:
    """Address (hex, as the kernel writes it) and port of every TCP and UDP socket that listens, and every Unix socket."""
    addresses, paths = set(), set()
    for pid in pids:
        inodes = set(
            re.findall(r"socket:\[(\d+)\]", " ".join(str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()))
        )
        for table in ("tcp", "tcp6", "udp", "udp6"):
            for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[9] in inodes and (fields[3] == _LISTENS or table.startswith("udp")):
                    address, _, port = fields[1].partition(":")
                    addresses.add((address, int(port, 16)))
        for line in Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]:
            fields = line.split(maxsplit=7)
            if len(fields) == 8 and fields[6] in inodes and not fields[7].startswith("@"):
                paths.add(Path(f"/proc/{pid}/cwd").resolve() / fields[7])
    return addresses, paths


def details(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "store" / "endpoint.json").read_text())
    return found


def server_tree(home: Path) -> set[int]:
    return process_tree(details(home)["pid"])


def grpc_address(ports: dict[str, int], part: str) -> str:
    return f"127.0.0.1:{ports[part]}.{ports[part + '.grpc']}"


def shell(home: Path, commands: str) -> str:
    """`weed shell` with our keys."""
    folder, ports = home / "store", details(home)["ports"]
    ran = subprocess.run(
        [weed.binary(), "shell", f"-master={grpc_address(ports, 'master')}", f"-filer={grpc_address(ports, 'filer')}"],
        input=f"{commands}\nexit\n",
        env=weed.environment(folder, weed.keys(folder)),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return ran.stdout + ran.stderr


def place_of_the_secret(home: Path) -> tuple[str, str]:
    """The secret's path in the filer, which keeps versions, and its number in the volume with its random cookie."""
    folder = "/buckets/abhilekh/pages/secret.versions"
    (name,) = re.findall(r"v_[0-9a-f]+", shell(home, f"fs.ls {folder}"))
    (fid,) = re.findall(r'"fileId":\s*"([^"]+)"', shell(home, f"fs.meta.cat {folder}/{name}"))
    return f"{folder}/{name}", fid


def test_another_user_without_a_key_gets_nothing_and_destroys_nothing(
    opened: OpenStore, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tree = server_tree(home)
    addresses, sockets = listening(tree)
    ports = details(home)["ports"]
    path, fid = place_of_the_secret(home)
    foreign = home / "foreign.pem"
    foreign.write_bytes(own_certificate(tmp_path_factory.mktemp("openssl")))
    foreign.chmod(0o644)
    there = {
        "ports": sorted(port for _, port in addresses),
        "sockets": sorted(map(str, sockets)),
        "files": [*map(str, (home / "store").rglob("*")), *(f"/proc/{pid}/environ" for pid in tree)],
        "fid": fid,
        "path": path,
        "certificate": str(foreign),
        "weed": str(weed.binary()),
        "master": grpc_address(ports, "master"),
        "filer": grpc_address(ports, "filer"),
        "volume": grpc_address(ports, "volume"),
    }

    attack = subprocess.run(
        [sys.executable, stranger.__file__],
        input=json.dumps(there),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert attack.returncode == 0, attack.stderr
    told = json.loads(attack.stdout)
    assert told["http"] == []
    assert told["grpc"] == []
    assert told["asked"] > 1000 * len(addresses) and told["called"] > 50 * len(addresses)
    for output in told["shell"].values():
        assert not re.search(r"abhilekh|volume id|deleted|fileId|accessKey", output)
    if os.geteuid() == 0:
        assert told["user"] != 0
        assert told["opened"] == []
    assert {found.key: opened.store.get(found.key) for found in opened.store.list()} == OBJECTS
    opened.store.put_bytes("pages/after", b"the server still takes objects", "text/plain")
    opened.store.remove("pages/after")


def own_certificate(folder: Path) -> bytes:
    """A key and a certificate for 127.0.0.1 that anybody can make."""
    made = [folder / "key.pem", folder / "certificate.pem"]
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
            made[0],
            "-out",
            made[1],
        ],
        capture_output=True,
        check=True,
    )
    return b"".join(path.read_bytes() for path in made)


def test_it_listens_on_loopback_only_and_its_sockets_are_for_our_user(opened: OpenStore, home: Path) -> None:
    addresses, sockets = listening(server_tree(home))

    assert {address for address, _ in addresses} == {"0100007F"}
    assert len(addresses) == len(weed.PORT_NAMES)
    assert sockets
    for path in sockets:
        assert path.stat().st_mode & 0o077 == 0 or (home / "store").stat().st_mode & 0o077 == 0, path
        assert path.stat().st_mode & 0o022 == 0, path  # who may not write to a socket cannot connect to it


def test_no_key_stands_in_a_command_line_and_the_files_are_ours_alone(opened: OpenStore, home: Path) -> None:
    made = json.loads((home / "store" / "keys.json").read_text())
    lines = b" ".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in server_tree(home)).decode()

    assert "weed" in lines
    assert not [name for name, key in made.items() if key in lines]
    inside = list((home / "store").iterdir())
    assert {"keys.json", "s3.json", "tls.pem", "endpoint.json", "weed.log", "data"} <= {path.name for path in inside}
    assert not [path for path in (home / "store", *inside) if path.stat().st_mode & 0o077]


def test_the_attack_is_real_with_our_certificate_it_would_work(opened: OpenStore, home: Path) -> None:
    """The calls of `stranger` reach the server once the certificate is shown: what refuses them is the lack of it."""
    ports, mine = details(home)["ports"], (home / "store" / "tls.pem").read_bytes()
    credentials = grpc.ssl_channel_credentials(mine, mine, mine)
    answers = {}
    for part, call in (
        ("master", "/master_pb.Seaweed/CollectionList"),
        ("volume", "/volume_server_pb.VolumeServer/VolumeServerStatus"),
        ("filer", "/filer_pb.SeaweedFiler/LookupDirectoryEntry"),
    ):
        with grpc.secure_channel(f"127.0.0.1:{ports[part + '.grpc']}", credentials) as channel:
            answers[part] = channel.unary_unary(call)(stranger.CALLS[call], timeout=10)

    assert b"abhilekh" in answers["master"]
    assert b"/store/data" in answers["volume"]
    assert b"pages" in answers["filer"]
    assert "abhilekh" in shell(home, "collection.list")


@pytest.mark.parametrize("part", ["master", "volume", "filer", "s3"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_with_the_certificate_alone_http_still_asks_for_a_signature(
    opened: OpenStore, home: Path, part: str, method: str
) -> None:
    path, fid = place_of_the_secret(home)
    paths = {
        "master": ["/col/delete?collection=abhilekh", "/dir/assign", "/vol/grow?count=1", "/submit"],
        "volume": [f"/{fid}", f"/{fid}.jpg"],
        "filer": [path, "/buckets/abhilekh?recursive=true"],
        "s3": ["/abhilekh/pages/secret", "/abhilekh?delete", "/abhilekh"],
    }[part]
    context = certificate.client_context(home / "store" / "tls.pem")

    for address in paths:
        request = urllib.request.Request(
            f"https://127.0.0.1:{details(home)['ports'][part]}{address}",
            b"x" if method in {"POST", "PUT"} else None,
            method=method,
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10, context=context)
        refused.value.close()
        assert refused.value.code in {400, 401, 403, 404, 405}, address
    assert opened.store.get("pages/secret") == OBJECTS["pages/secret"]


def test_our_client_sends_nothing_to_a_server_that_is_not_ours(opened: OpenStore, home: Path, tmp_path: Path) -> None:
    """Who takes the port while the server is down gets no scan."""
    mine = certificate.client_context(home / "store" / "tls.pem")
    impostor = tmp_path / "impostor.pem"
    impostor.write_bytes(own_certificate(tmp_path))
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(impostor)
    client_in, client_out, server_in, server_out = (ssl.MemoryBIO() for _ in range(4))
    client = mine.wrap_bio(client_in, client_out, server_hostname="127.0.0.1")
    server = theirs.wrap_bio(server_in, server_out, server_side=True)

    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    server_in.write(client_out.read())
    with pytest.raises(ssl.SSLWantReadError):
        server.do_handshake()
    client_in.write(server_out.read())

    with pytest.raises(ssl.SSLCertVerificationError):
        client.do_handshake()
