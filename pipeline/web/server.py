"""Serves the application with uvicorn and says where. Until there is a login it listens on loopback only."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import structlog
import uvicorn

from pipeline.errors import AbhilekhError, MissingPartError, SettingsError
from pipeline.settings import config_file
from pipeline.web.app import create_app
from pipeline.wiring import House

log = structlog.get_logger()

_PORTS_TRIED = 20
_BEAT_SECONDS = 5.0


def serve(parts: House, stop: threading.Event, *, port: int, announce: Callable[[str], None]) -> None:
    """Serve until `stop`. Where the port is taken, the next free one is used and told."""
    host = parts.settings.web.host
    _require_loopback(host, config_file(parts.settings.home))
    listener = _listen(host, port)
    address = f"http://{host}:{listener.getsockname()[1]}"
    library = parts.library()
    library.receiving.start()  # uploads that were whole when the last one ended
    app = create_app(library)
    app.state.stop = stop  # endless answers end with it
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=5))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    file = parts.settings.address_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(address + "\n", encoding="utf-8")
    threading.Thread(target=_beat, args=(parts, stop, server), name="beat", daemon=True).start()
    announce(f"search page: {address}/")
    server.run(sockets=[listener])
    library.receiving.stop()


def _require_loopback(host: str, origin: Path) -> None:
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise SettingsError(
            setting="web.host", origin=origin, cause="only an address of this machine is served without login"
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


def _beat(parts: House, stop: threading.Event, server: uvicorn.Server) -> None:
    """Signs of life, and the end when `stop` is set."""
    while True:
        try:
            parts.beat("web")
        except AbhilekhError as error:
            log.warning("no sign of life written", reason=error.text("en"))
        if stop.wait(_BEAT_SECONDS):
            server.should_exit = True
            return
