"""The bundled object store: one SeaweedFS for each folder, started by whoever needs it first and joined by the rest.

Here is when it starts, who owns it, and when it stops. How it is called is in `weed`, how objects are put in `s3`.

The lock on `<folder>/lock` is handed to the server itself, so it is held exactly as long as the server lives. Whoever
gets it may start a server; whoever does not reads `endpoint.json` and waits for that server to answer.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import AbhilekhError, DiskFullError, MissingPartError, StoreFullError, StoreUnavailableError, disk
from pipeline.files import try_lock
from pipeline.locale import Message
from pipeline.storage import Endpoint, durable, weed
from pipeline.storage.child import Child
from pipeline.storage.s3 import S3Store

WAIT_SECONDS = 30.0
GRACE_SECONDS = 1.0
MIN_FREE_BYTES = 512 << 20
REGION = "us-east-1"
_PAUSE = 0.1
_STARTS = 3  # a port can be taken between choosing it and the server's using it


class EmbeddedServer:
    """The server of one folder. Make it in a process that lives long: the server ends with its starter."""

    def __init__(self, folder: Path, bucket: str = "abhilekh", *, wait_seconds: float = WAIT_SECONDS) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "weed.log"
        self._bucket = bucket
        self._wait_seconds = wait_seconds
        self._mutex = threading.Lock()
        self._child: Child | None = None
        self._ports_file = self.folder / "ports.json"
        self._endpoint_file = self.folder / "endpoint.json"

    def ensure(self) -> Endpoint:
        """Start the server, or join the one that runs, and return its endpoint when it can be written to.

        Raises `StoreFullError` or `DiskReadOnlyError` when the disk takes nothing, `MissingPartError` when the server
        cannot be started and `StoreUnavailableError` when one runs that does not answer in time.
        """
        with self._mutex:
            with self._disk_errors():
                self._prepare()
            deadline = time.monotonic() + self._wait_seconds
            while time.monotonic() < deadline:
                with self._disk_errors():
                    if (lock := self._try_lock()) is not None:
                        return self._start(lock)
                if (endpoint := self._join()) is not None:
                    return endpoint
                time.sleep(_PAUSE)
        raise StoreUnavailableError(endpoint=self.folder, cause=self._why_no_answer())

    def stop(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Stop the server if this process started it; else do nothing. Nothing acknowledged is lost."""
        with self._mutex:
            if self._child is None or not self._child.is_ours:
                return
            if self._child.is_alive:
                self._endpoint_file.unlink(missing_ok=True)
                self._child.stop(grace_seconds)
                weed.remove_sockets(self.folder, _read_ports(self._ports_file) or {})
            self._child = None

    def is_running(self) -> bool:
        """Whether a server of this folder answers now, whoever started it. Starts nothing."""
        return self._join() is not None

    def disk_state(self) -> AbhilekhError | None:
        """What keeps the server from storing anything on its disk, or None. Starts nothing."""
        state = disk.disk_state(self.folder, least_bytes=MIN_FREE_BYTES)
        return self._store_full() if isinstance(state, DiskFullError) else state

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        """Raise `DiskFullError` or `DiskReadOnlyError` where the system says so."""
        try:
            yield
        except OSError as error:
            if known := disk.disk_error(error, self.folder):
                raise known from error
            raise

    def _store_full(self) -> StoreFullError:
        free = disk.free_mb(self.folder)
        needed = MIN_FREE_BYTES >> 20
        return StoreFullError(
            cause=Message(
                "{free} MB free in {folder}, {needed} MB needed", free=free, folder=self.folder, needed=needed
            ),
        )

    def _why_no_answer(self) -> str:
        with suppress(FileNotFoundError, ValueError):
            if "certificate" not in json.loads(self._endpoint_file.read_text()):
                return (
                    f"an earlier version started the server that holds {self.folder}: stop Abhilekh and start it again"
                )
        return f"the server that holds {self.folder} did not answer within {self._wait_seconds:.0f} s"

    def _prepare(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, exist_ok=True)
        if (state := self.disk_state()) is not None:
            raise state

    def _try_lock(self) -> int | None:
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not try_lock(handle):
            os.close(handle)
            return None
        return handle

    def _join(self) -> Endpoint | None:
        """The endpoint in `endpoint.json` if a server answers there to our keys; the file alone proves nothing."""
        try:
            address = json.loads(self._endpoint_file.read_text())["address"]
            endpoint = self._endpoint(address, json.loads((self.folder / "keys.json").read_text()))
        except (FileNotFoundError, ValueError, KeyError):
            return None
        store = S3Store(endpoint, self._bucket)
        try:
            store.ping()
        except (StoreUnavailableError, MissingPartError):
            return None
        finally:
            store.close()
        return endpoint

    def _endpoint(self, address: str, made: dict[str, str]) -> Endpoint:
        certificate = self.folder / weed.CERTIFICATE
        return Endpoint(address, made["access"], made["secret"], secure=True, region=REGION, certificate=certificate)

    def _start(self, lock: int) -> Endpoint:
        """Start the server with the lock in hand. Our copy of the lock goes in any case: the server has its own."""
        try:
            program = weed.binary()
            self._endpoint_file.unlink(missing_ok=True)
            self._make_private()
            if self.log.exists():
                self.log.replace(self.log.with_suffix(".log.1"))
            self.log.touch(mode=0o600)
            for index in durable.volumes_to_mend(self.data):
                weed.mend(program, self.data, index, self._note)
            made = weed.keys(self.folder)
            env = weed.environment(self.folder, made)
            for _ in range(_STARTS):
                ports = self._choose_ports()
                self._child = Child(
                    weed.command(program, ports), folder=self.folder, env=env, log=self.log, keep_open=lock
                )
                endpoint = self._endpoint(f"{weed.HOST}:{ports['s3']}", made)
                if self._becomes_ready(endpoint):
                    break
            else:
                raise self._ended()
        except OSError as error:
            if known := disk.disk_error(error, self.folder):
                raise known from error
            raise MissingPartError(part="The bundled object store", cause=error, fix=weed.REINSTALL) from error
        finally:
            os.close(lock)
        self._make_durable(program, ports, env)
        self._publish(endpoint, ports)
        return endpoint

    def _make_private(self) -> None:
        """What an earlier version, or a careless copy, left open to others. The server makes some of its files so."""
        for path in (self.folder, *self.folder.iterdir()):
            with suppress(FileNotFoundError):  # another process's temporary file
                path.chmod(0o700 if path.is_dir() else 0o600)

    def _choose_ports(self) -> weed.Ports:
        """The ports of last time where they are free: the server's names for itself carry them."""
        last = _read_ports(self._ports_file)
        if last:
            weed.remove_sockets(self.folder, last)
        ports = weed.free_ports(last)
        if last and ports != last:
            for old in self.data.glob("m[0-9]*"):  # the master's notes under its old port; the volumes tell it again
                shutil.rmtree(old, ignore_errors=True)
        weed.write_private(self._ports_file, json.dumps(ports).encode())
        return ports

    def _becomes_ready(self, endpoint: Endpoint) -> bool:
        """Wait until an object can be put. False when the server ended instead."""
        assert self._child is not None  # noqa: S101 - for the type checker
        store = S3Store(endpoint, self._bucket)
        deadline = time.monotonic() + self._wait_seconds
        try:
            while self._child.is_alive:
                try:
                    store.probe()
                except (StoreUnavailableError, MissingPartError) as error:
                    if time.monotonic() > deadline:
                        self._child.stop(GRACE_SECONDS)
                        raise StoreUnavailableError(endpoint=endpoint.address, cause=error) from error
                    time.sleep(_PAUSE)
                else:
                    return True
            return False
        finally:
            store.close()

    def _make_durable(self, program: Path, ports: weed.Ports, env: dict[str, str]) -> None:
        done = self.data / "fsync-configured"
        if not done.exists():
            try:
                weed.sync_each_object(program, ports, env, self.folder)
            except MissingPartError:
                if self._child:
                    self._child.stop(GRACE_SECONDS)
                raise
            done.touch()

    def _publish(self, endpoint: Endpoint, ports: weed.Ports) -> None:
        pid = self._child.pid if self._child else None
        content = {"address": endpoint.address, "ports": ports, "pid": pid, "started": datetime.now(UTC).isoformat()}
        content["certificate"] = weed.CERTIFICATE
        weed.write_private(self._endpoint_file, json.dumps(content).encode())

    def _note(self, text: str) -> None:
        with self.log.open("a") as file:
            file.write(text)

    def _ended(self) -> AbhilekhError:
        """Why the server did not stay, by what it wrote last."""
        last = self._last_words()
        cause = disk.disk_words(last, self.folder)
        return cause or MissingPartError(part="The bundled object store", cause=last, fix=f"See {self.log}")

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it ended at once without a word"


def _read_ports(path: Path) -> weed.Ports | None:
    with suppress(FileNotFoundError, ValueError):
        ports = json.loads(path.read_text())
        if isinstance(ports, dict) and set(ports) == set(weed.PORT_NAMES):
            return ports
    return None
