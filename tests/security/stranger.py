"""Another user of the machine, without a key, who knows everything else: asks every port and socket for everything.

Run as a program of its own: what is there comes as JSON on stdin, and what was answered goes as JSON to stdout. Started
by root it becomes `nobody` first; otherwise it stays who it is and merely has no key.
"""

from __future__ import annotations

import encodings.idna  # noqa: F401 - a name lookup would load it, when `nobody` may not be able to read Python's folder
import json
import os
import pwd
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor  # its own module is loaded here, not at its first use
from pathlib import Path
from typing import Any

import grpc

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "COPY", "MKCOL", "PROPFIND")
BEHIND_TLS = ("GET", "POST", "DELETE")
MASTER = (
    "/",
    "/dir/assign",
    "/dir/assign?count=5&collection=abhilekh",
    "/dir/lookup?volumeId=1",
    "/dir/lookup?fileId={fid}",
    "/dir/status",
    "/dir/leave?volumeId=1",
    "/dir/join",
    "/col/delete?collection=abhilekh",
    "/collection/info?collection=abhilekh",
    "/submit",
    "/{fid}",
    "/vol/grow?count=1&collection=abhilekh",
    "/vol/status",
    "/vol/list",
    "/vol/vacuum?garbageThreshold=0.0001",
    "/vol/vacuum/disable",
    "/vol/vacuum/enable",
    "/vol/lookup?volumeId=1",
    "/vol/lock",
    "/vol/unlock",
    "/cluster/status",
    "/cluster/healthz",
    "/cluster/lock",
    "/cluster/unlock",
    "/cluster/raft/add",
    "/cluster/raft/remove",
    "/raft/stats",
    "/raft/join",
    "/topology",
)
VOLUME = (
    "/{fid}",
    "/{fid}.jpg",
    "/{fid}/name.jpg",
    "/delete?fid={fid}",
    "/status",
    "/healthz",
    "/ui/index.html",
    "/admin/assign_volume?volume=99&collection=abhilekh",
    "/admin/delete_collection?collection=abhilekh",
    "/admin/vacuum/check?volume=1",
    "/admin/vacuum/compact?volume=1",
    "/admin/vacuum/commit?volume=1",
    "/admin/volume/delete?volume=1",
    "/admin/volume/mount?volume=1",
    "/admin/volume/unmount?volume=1",
    "/admin/sync/status?volume=1",
    "/admin/sync/index?volume=1",
    "/admin/sync/data?volume=1",
    "/admin/leave",
    "/stats/counter",
    "/stats/memory",
    "/stats/disk",
    "/stats/health",
    "/metrics",
    "/favicon.ico",
    "/seaweedfsstatic/",
)
FILER = (
    "/buckets/",
    "/buckets/abhilekh/",
    "/buckets/abhilekh?recursive=true&ignoreRecursiveError=true",
    "{path}",
    "{path}?metadata=true",
    "{path}?op=append",
    "/buckets/abhilekh/moved?mv.from={path}",
    "/?proxyChunkId={fid}",
    "/buckets/abhilekh/copied?cp.from={path}",
    "/buckets/abhilekh/new",
    "/etc/",
    "/topics/",
    "/.tus/",
    "/etc/seaweedfs/filer.conf",
)
S3 = (
    "/abhilekh",
    "/abhilekh?list-type=2",
    "/abhilekh?versions",
    "/abhilekh?delete",
    "/abhilekh?policy",
    "/abhilekh?acl",
    "/abhilekh?lifecycle",
    "/abhilekh?uploads",
    "/abhilekh/pages/secret",
    "/abhilekh/pages/secret?versionId=null",
    "/abhilekh/pages/secret?uploads",
    "/abhilekh/pages/secret?acl",
    "/abhilekh/pages/secret?select&select-type=2",
    "/?Action=ListUsers",
    "/?Action=CreateUser&UserName=x",
    "/?Action=AssumeRole",
    "/?Action=AssumeRoleWithWebIdentity",
    "/v1/config",
    "/strangers-bucket",
)
DEBUG = (
    "/debug/pprof/",
    "/debug/pprof/heap",
    "/debug/pprof/goroutine?debug=2",
    "/debug/pprof/cmdline",
    "/debug/vars",
    "/debug/requests",
)
PATHS = MASTER + VOLUME + FILER + S3 + DEBUG
_SAYS_TLS = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
_NAME = b"\n\x08abhilekh"  # protobuf: field 1, the collection
_FILE = b"\n\x11/buckets/abhilekh\x12\x05pages"  # fields 1 and 2: folder and name
_VOLUME = b"\x08\x01"  # field 1: volume 1
CALLS = {
    "/master_pb.Seaweed/CollectionDelete": _NAME,
    "/master_pb.Seaweed/CollectionList": b"\x08\x01",
    "/master_pb.Seaweed/Assign": b"\x08\x01",
    "/master_pb.Seaweed/LookupVolume": b"\n\x011",
    "/master_pb.Seaweed/VolumeList": b"",
    "/master_pb.Seaweed/VacuumVolume": b"",
    "/master_pb.Seaweed/VolumeGrow": b"",
    "/master_pb.Seaweed/LeaseAdminToken": b"",
    "/master_pb.Seaweed/RaftListClusterServers": b"",
    "/master_pb.Seaweed/GetMasterConfiguration": b"",
    "/volume_server_pb.VolumeServer/DeleteCollection": _NAME,
    "/volume_server_pb.VolumeServer/BatchDelete": b"\n\x01x",
    "/volume_server_pb.VolumeServer/VolumeDelete": _VOLUME,
    "/volume_server_pb.VolumeServer/VolumeUnmount": _VOLUME,
    "/volume_server_pb.VolumeServer/VolumeMarkReadonly": _VOLUME,
    "/volume_server_pb.VolumeServer/VacuumVolumeCompact": _VOLUME,
    "/volume_server_pb.VolumeServer/VolumeServerStatus": b"",
    "/volume_server_pb.VolumeServer/VolumeServerLeave": b"",
    "/filer_pb.SeaweedFiler/LookupDirectoryEntry": _FILE,
    "/filer_pb.SeaweedFiler/DeleteEntry": _FILE + b"\x20\x01",
    "/filer_pb.SeaweedFiler/CreateEntry": _FILE,
    "/filer_pb.SeaweedFiler/DeleteCollection": _NAME,
    "/filer_pb.SeaweedFiler/GetFilerConfiguration": b"",
    "/filer_pb.SeaweedFiler/KvGet": b"",
    "/filer_pb.SeaweedFiler/Statistics": b"",
    "/s3_pb.SeaweedS3/Configure": b"",
    "/iam_pb.SeaweedIdentityAccessManagement/ListUsers": b"",
    "/protobuf.Raft/OnSendSnapshot": b"",
    "/grpc.health.v1.Health/Check": b"",
}
SHELL = b"""lock
volume.list
fs.ls /buckets/abhilekh/pages
fs.rm -r /buckets/abhilekh
s3.configure -user stranger -access_key stranger -secret_key stranger -actions Admin -apply
volume.delete -volumeId 1 -node %s
collection.delete -collection abhilekh -force
unlock
exit
"""
_SECONDS = 5.0
_SHELL_SECONDS = 6.0
_AT_ONCE = 4


def become_nobody() -> None:
    grpc.insecure_channel("127.0.0.1:9").close()  # loads what it needs while Python's folder can be read
    grpc.ssl_channel_credentials()
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)


def tls(certificate: str | None) -> ssl.SSLContext:
    """Trusts every server, as who has no key must; shows a certificate of the stranger's own making, or none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate)
    return context


def ask(port: int, method: str, path: str, context: ssl.SSLContext | None) -> bytes:
    """The first bytes of the answer; nothing where the port refuses."""
    body = b"strange bytes"
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    try:
        plain = socket.create_connection(("127.0.0.1", port), _SECONDS)
        with plain, context.wrap_socket(plain) if context else plain as there:
            there.sendall(head.encode() + body)
            answer = there.recv(300)
    except OSError:
        return b""
    return b"" if answer == _SAYS_TLS else answer


def over_http(there: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What any port answered to any method and address, in plain HTTP and behind TLS."""
    shown = {"plain": None, "TLS": tls(None), "TLS, own certificate": tls(there["certificate"])}
    paths = [path.format(fid=there["fid"], path=there["path"]) for path in PATHS]
    asked = [
        (how, port, method, path)
        for how in shown
        for port in there["ports"]
        for method in (METHODS if how == "plain" else BEHIND_TLS)
        for path in paths
    ]

    def one(question: tuple[str, int, str, str]) -> dict[str, Any] | None:
        how, port, method, path = question
        answer = ask(port, method, path, shown[how])
        return (
            {"how": how, "port": port, "what": f"{method} {path}", "answer": answer.decode("latin-1")}
            if answer
            else None
        )

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(one, asked))
    there["asked"] = len(asked)
    yield from (answer for answer in answers if answer)


def channels(address: str, port: int | None, certificate: str) -> Iterable[tuple[str, grpc.Channel]]:
    """Unencrypted, trusting the server's own certificate without one of ours, and with one of the stranger's making."""
    yield "plain", grpc.insecure_channel(address)
    try:
        theirs = ssl.get_server_certificate(("127.0.0.1", port), timeout=_SECONDS).encode() if port else None
    except (OSError, ValueError):
        return
    if theirs:
        mine = Path(certificate).read_bytes()
        yield "TLS", grpc.secure_channel(address, grpc.ssl_channel_credentials(theirs))
        yield "TLS, own certificate", grpc.secure_channel(address, grpc.ssl_channel_credentials(theirs, mine, mine))


def over_grpc(there: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every call that did more than fail to connect."""
    places = [(f"127.0.0.1:{port}", port) for port in there["ports"]] + [
        (f"unix:{path}", None) for path in there["sockets"]
    ]
    there["called"] = 0
    for address, port in places:
        for how, channel in channels(address, port, there["certificate"]):
            with channel:
                for call, message in CALLS.items():
                    there["called"] += 1
                    try:
                        answer = channel.unary_unary(call)(message, timeout=_SECONDS)
                    except grpc.RpcError as error:
                        if error.code() is grpc.StatusCode.UNAVAILABLE:
                            continue
                        answer = str(error.code()).encode()
                    yield {"how": how, "port": address, "what": call, "answer": answer.decode("latin-1")}


def with_their_own_tool(there: dict[str, Any], program: int) -> dict[str, str]:
    """What `weed shell` prints, without a certificate and with the stranger's."""
    own = {
        f"WEED_GRPC_{part}": there["certificate"]
        for part in ("CA", "CLIENT_CERT", "CLIENT_KEY", "MASTER_CERT", "MASTER_KEY")
    }
    started = {
        how: subprocess.Popen(
            [f"/proc/self/fd/{program}", "shell", f"-master={there['master']}", f"-filer={there['filer']}"],
            env={"HOME": "/nonexistent", **extra},
            pass_fds=[program],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for how, extra in (("none", {}), ("own", own))
    }
    said = {}
    for how, shell in started.items():
        try:
            output, _ = shell.communicate(SHELL % there["volume"].encode(), timeout=_SHELL_SECONDS)
        except subprocess.TimeoutExpired:
            shell.kill()
            output, _ = shell.communicate()
        said[how] = output.decode("latin-1")
    return said


def opened(there: dict[str, Any]) -> list[str]:
    """Which of the files, folders and sockets the stranger can open or connect to."""
    found = []
    for path in there["files"]:
        try:
            os.close(os.open(path, os.O_RDONLY))
        except OSError:
            continue
        found.append(path)
    for path in there["sockets"]:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(path)
            except OSError:
                continue
        found.append(path)
    return found


def main() -> None:
    there = json.load(sys.stdin)
    program = os.open(there["weed"], os.O_RDONLY)
    become_nobody()
    told = {
        "user": os.geteuid(),
        "opened": opened(there),
        "http": list(over_http(there)),
        "grpc": list(over_grpc(there)),
        "shell": with_their_own_tool(there, program),
    }
    json.dump(told | {"asked": there["asked"], "called": there["called"]}, sys.stdout)


if __name__ == "__main__":
    main()
