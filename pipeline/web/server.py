"""Serves the application with uvicorn and says where; on other addresses than this machine's own only behind TLS."""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI

from pipeline.app import Container
from pipeline.errors import AbhilekhError, MissingPartError, SettingsError
from pipeline.settings import config_file
from pipeline.supervisor import address_file
from pipeline.web.accounts.oidc import Provider
from pipeline.web.app import LOOPBACK_HOSTS, create_app
from pipeline.web.security import connections

log = structlog.get_logger()

_PORTS_TRIED = 20
_BEAT_SECONDS = 5.0
_SEGMENT_SECONDS = 60.0  # between two segments of the audit log: an object each, for ever
_LAST_SEAL_SECONDS = 5.0
_ANSWER_PAUSE = 0.1  # seconds between two looks whether the server answers yet
_KEPT_OPEN = 75  # seconds that a connection waits for the next request: longer than somebody looks at a list


def serve(parts: Container, stop: threading.Event, *, port: int, announce: Callable[[str], None]) -> None:
    """Serve until `stop`. Where the port is taken, the next free one is used and announced."""
    host = parts.settings.web.host
    if not parts.settings.web.behind_tls:
        _require_loopback(host, config_file(parts.settings.home))
    connections.allow_descriptors()
    listener = _listen(host, port)
    address = f"http://{host}:{listener.getsockname()[1]}"
    app = application(parts)
    app.state.stop = stop  # endless answers end with it
    server = uvicorn.Server(configured(app, behind_proxy=parts.settings.web.behind_tls))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    threading.Thread(target=_beat, args=(parts, stop, server), name="beat", daemon=True).start()
    checkpoints = threading.Thread(target=_seal, args=(parts, stop), name="seal", daemon=True)
    checkpoints.start()
    with ThreadPoolExecutor(1, thread_name_prefix="announce") as threads:
        announced = threads.submit(_announce, parts, stop, address, announce)
        try:
            server.run(sockets=[listener])
        finally:
            stop.set()
            wait([announced])  # it ends with `stop`, and must not write the address after it was withdrawn
            address_file.withdraw(parts.settings.address_file, address)
    app.state.events.flush()
    parts.audit_log.close()  # writes what waits; what is still recorded after it is kept at once
    checkpoints.join(_LAST_SEAL_SECONDS)
    _seal_once(parts, whole=True)
    app.state.services.receiving.stop()
    announced.result()


def _announce(parts: Container, stop: threading.Event, address: str, announce: Callable[[str], None]) -> None:
    """Write the address into its file, and announce it, once it answers. Where that fails, serving ends."""
    try:
        while not address_file.answers(address):
            if stop.wait(_ANSWER_PAUSE):
                return
        _publish_address(parts, address, announce)
    except BaseException:
        stop.set()
        raise


def _publish_address(parts: Container, address: str, announce: Callable[[str], None]) -> None:
    if link := _welcome(parts, address):  # before the address: who waits for that reads this
        shown = link if sys.stdout.isatty() else f"the link is in {_welcome_file(parts)}"  # others read a log, too
        announce(f"first sign-in, once: {shown}")
    address_file.publish(parts.settings.address_file, address)
    announce(f"search page: {address}/")


def application(parts: Container) -> FastAPI:
    """The application on the real parts."""
    web, services = parts.settings.web, parts.services()
    services.receiving.start()  # uploads that were whole when the last one ended
    return create_app(
        services,
        (*LOOPBACK_HOSTS, *web.allowed_hosts),
        among=parts.people,
        audit_log=parts.audit_log,
        secure_cookies=web.behind_tls,
        provider=Provider(parts.settings.oidc) if parts.settings.oidc.issuer else None,
        viewer_origins=web.viewer_origins,
        secrets=parts.secret_box,
        home=parts.settings.home,
        terms=web.terms,
    )


def configured(app: FastAPI, *, behind_proxy: bool) -> uvicorn.Config:
    """How uvicorn serves the application. Whom a request comes from is taken from `X-Forwarded-For` only where a proxy is to
    say so: anybody could write it otherwise, and guess passwords from a new address each time."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=_KEPT_OPEN,
        proxy_headers=behind_proxy,
        http=connections.BoundedProtocol,
        ws="none",
    )


def _welcome(parts: Container, address: str) -> str:
    """Where the first administrator sets a password; empty once somebody can sign in. Kept in a file of the home too."""
    if not parts.people.waits_for_first():
        _welcome_file(parts).unlink(missing_ok=True)
        return ""
    link = f"{address}/welcome/{parts.people.first_link()}"
    _welcome_file(parts).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _welcome_file(parts).unlink(missing_ok=True)
    _welcome_file(parts).touch(mode=0o600)
    _welcome_file(parts).write_text(link + "\n", encoding="utf-8")
    return link


def _welcome_file(parts: Container) -> Path:
    return parts.settings.home / "run" / "welcome"


def _require_loopback(host: str, origin: Path) -> None:
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise SettingsError(
            setting="web.host",
            origin=origin,
            cause="passwords would cross the network in the clear; a proxy with https in front and web.behind_tls allow it",
        )


def _listen(host: str, port: int) -> socket.socket:
    for candidate in range(port, port + _PORTS_TRIED) if port else [0]:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError:
            listener.close()
            continue
        if candidate != port:
            log.warning("port taken", port=port, instead=candidate)
        return listener
    raise MissingPartError(
        part="The web part",
        cause=f"ports {port} to {port + _PORTS_TRIED - 1} are taken",
        fix="Set web.port to a free one.",
    )


def _seal(parts: Container, stop: threading.Event) -> None:
    """Put new entries of the audit log into the store within `web.seal_seconds`, and once a minute together."""
    seen, whole_at = -1, time.monotonic() + _SEGMENT_SECONDS
    while not stop.wait(parts.settings.web.seal_seconds):
        is_due = time.monotonic() >= whole_at
        try:
            newest = parts.audit_log.last_number()
        except AbhilekhError:
            continue  # the database is away: there is nothing new
        if (newest != seen or is_due) and _seal_once(parts, whole=is_due):
            seen = newest
        whole_at = time.monotonic() + _SEGMENT_SECONDS if is_due else whole_at


def _seal_once(parts: Container, *, whole: bool) -> bool:
    """Whether the store took what is new."""
    from pipeline.audit import checkpoints  # noqa: PLC0415 - it opens the store

    try:
        (checkpoints.write_checkpoint if whole else checkpoints.seal_tail)(parts.store, parts.records, parts.audit_log)
    except (AbhilekhError, ValueError) as error:
        log.warning("audit log not sealed", reason=str(error))
        return False
    return True


def _beat(parts: Container, stop: threading.Event, server: uvicorn.Server) -> None:
    """Signs of life, and the end when `stop` is set."""
    while True:
        try:
            parts.beat("web")
            if _welcome_file(parts).exists() and not parts.people.waits_for_first():
                _welcome_file(parts).unlink(missing_ok=True)
        except AbhilekhError as error:
            log.warning("no sign of life written", reason=error.text("en"))
        if stop.wait(_BEAT_SECONDS):
            server.should_exit = True
            return
