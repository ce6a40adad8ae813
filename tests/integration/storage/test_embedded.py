"""The bundled server as a process: who can reach it, who owns it, and what its death costs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import MissingPartError, StoreFullError, StoreUnavailableError
from pipeline.settings import StoreSettings
from pipeline.storage import durable, embedded, weed
from pipeline.storage.opening import OpenStore, open_store

SECRET = b"nobody else may read this"
STARTER = """
import sys, time
from pathlib import Path
from pipeline.storage.embedded import EmbeddedServer
print(EmbeddedServer(Path(sys.argv[1])).ensure().address, flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def opened(home: Path) -> Iterator[OpenStore]:
    opened = open_store(StoreSettings(), home)
    opened.store.put_bytes("pages/secret", SECRET, "text/plain")
    yield opened
    opened.close()


def details(home: Path) -> dict[str, object]:
    found = json.loads((home / "store" / "endpoint.json").read_text())
    assert isinstance(found, dict)
    return found


def pid(home: Path) -> int:
    found = details(home)["pid"]
    assert isinstance(found, int)
    return found


def ports(home: Path) -> weed.Ports:
    return {str(name): int(number) for name, number in dict(details(home)["ports"]).items()}  # type: ignore[call-overload]


def is_gone(process: int, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        status = Path(f"/proc/{process}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def listening(process: int) -> set[tuple[str, int]]:
    """Addresses (hex, as the kernel writes them) and ports on which the process listens."""
    inodes = {str(fd.readlink()) for fd in Path(f"/proc/{process}/fd").iterdir() if fd.is_symlink()}
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in inodes and (fields[3] == "0A" or table.startswith("udp")):
                address, port = fields[1].split(":")
                found.add((address, int(port, 16)))
    return found


def start_elsewhere(home: Path, seconds: float) -> tuple[subprocess.Popen[str], str]:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(home / "store"), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    return starter, starter.stdout.readline().strip()


def test_it_listens_on_its_eight_loopback_ports_only(opened: OpenStore, home: Path) -> None:
    assert listening(pid(home)) == {("0100007F", number) for number in ports(home).values()}


def test_keys_and_folder_are_ours_alone(opened: OpenStore, home: Path) -> None:
    folder = home / "store"

    assert folder.stat().st_mode & 0o777 == 0o700
    for name in ("keys.json", "s3.json", "tls.pem"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600


def test_each_object_is_synced(opened: OpenStore, home: Path, tmp_path: Path) -> None:
    folder = home / "store"
    assert (folder / "data" / "fsync-configured").exists()

    weed.sync_each_object(weed.binary(), ports(home), weed.environment(folder, weed.keys(folder)), tmp_path)


def test_indexes_are_synced_after_a_put(opened: OpenStore, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    settler = durable.Settler(home / "store" / "data")
    monkeypatch.setattr(durable, "sync", synced.append)

    opened.store.put_bytes("pages/synced", b"1", "text/plain")
    synced.clear()
    settler()

    assert {path.suffix for path in synced} >= {".idx", ".log"}
    synced.clear()
    settler()
    assert synced == []


def test_a_second_process_joins_and_leaves_it_running(opened: OpenStore, home: Path) -> None:
    joiner, address = start_elsewhere(home, 0)
    assert joiner.wait(10) == 0
    assert joiner.stdout is not None
    joiner.stdout.close()

    assert address == details(home)["address"]
    assert not is_gone(pid(home), 0.3)
    opened.store.ping()


def test_is_running_tells_without_starting(opened: OpenStore, tmp_path: Path) -> None:
    assert opened.server is not None
    assert opened.server.is_running()
    assert not embedded.EmbeddedServer(tmp_path / "other").is_running()
    assert not (tmp_path / "other").exists()


def test_a_killed_server_comes_back_with_everything_acknowledged(opened: OpenStore, home: Path) -> None:
    acknowledged = {}
    for round_ in range(2):
        for number in range(20):
            stored = opened.store.put_bytes(f"pages/kill/{round_}/{number}", os.urandom(30_000), "image/jpeg")
            acknowledged[stored.key] = stored.sha256
        os.kill(pid(home), signal.SIGKILL)

    assert {key: opened.store.digest(key) for key in acknowledged} == acknowledged
    opened.store.put_bytes("pages/kill/after", b"works", "text/plain")


def test_stop_is_quick_leaves_nothing_behind_and_loses_nothing(opened: OpenStore, home: Path) -> None:
    assert opened.server is not None
    process, number = pid(home), ports(home)
    opened.store.put_bytes("pages/stop", b"kept", "text/plain")
    began = time.monotonic()

    opened.server.stop()

    assert time.monotonic() - began < 4
    assert is_gone(process, 0.1)
    own = [f"seaweedfs-{name[:-5]}-grpc-{port}.sock" for name, port in number.items() if name.endswith(".grpc")]
    assert not [name for name in own if (Path("/tmp") / name).exists()]  # noqa: S108
    assert not list((home / "store").glob("*.sock"))
    assert not opened.server.is_running()
    assert opened.store.get("pages/stop") == b"kept"  # the next call starts it again


def test_an_index_behind_its_data_is_mended(opened: OpenStore, home: Path) -> None:
    assert opened.server is not None
    data = home / "store" / "data"
    opened.server.stop()
    index = max(data.glob("abhilekh_*.idx"), key=lambda path: path.stat().st_size)
    changed = index.with_suffix(".dat").stat().st_mtime_ns
    os.truncate(index, index.stat().st_size - 17)
    os.utime(index, ns=(changed, changed))
    assert durable.volumes_to_mend(data) == [index]

    assert all(opened.store.get(found.key) for found in opened.store.list())
    assert durable.volumes_to_mend(data) == []


def test_a_killed_starter_takes_the_server_with_it(tmp_path: Path) -> None:
    starter, _ = start_elsewhere(tmp_path, 60)
    process = pid(tmp_path)

    starter.kill()
    starter.wait()
    assert starter.stdout is not None
    starter.stdout.close()

    assert is_gone(process)
    weed.remove_sockets(tmp_path / "store", ports(tmp_path))


def test_a_held_lock_without_an_answer_is_unavailable(tmp_path: Path) -> None:
    server = embedded.EmbeddedServer(tmp_path, wait_seconds=0.5)
    lock = server._try_lock()
    assert lock is not None

    with pytest.raises(StoreUnavailableError):
        server.ensure()
    os.close(lock)


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MissingPartError, match="setpriv"):
        embedded.EmbeddedServer(tmp_path).ensure()


def test_a_server_that_ends_at_once_leaves_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weed, "command", lambda *_: [sys.executable, "-c", "raise SystemExit('disk on fire')"])

    with pytest.raises(MissingPartError, match="disk on fire"):
        embedded.EmbeddedServer(tmp_path).ensure()


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "MIN_FREE_BYTES", 1 << 60)

    with pytest.raises(StoreFullError):
        embedded.EmbeddedServer(tmp_path).ensure()


def test_taken_ports_are_replaced() -> None:
    wanted = weed.free_ports(None)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", wanted["filer"]))
        taken.listen()
        chosen = weed.free_ports(wanted)

    assert chosen["filer"] != wanted["filer"]
    assert weed.free_ports(wanted) == wanted
