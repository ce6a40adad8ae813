"""Commands that run until they are stopped: up, and its parts watch, work and serve."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import structlog
import typer

from pipeline.app import Container
from pipeline.cli.output import container, out
from pipeline.errors import AbhilekhError
from pipeline.logs import write_log_to

_REFRESH_PAUSE = 0.2  # seconds between two hundred pages put in anew, for others to write
END_SECONDS = 18.0  # from SIGTERM to the end of a part; the supervisor kills it after 20
_HANGING = 1  # exit code of a part that had to be ended
_SEND_PAUSE = 30.0  # seconds after which pages that OpenSearch did not get are sent again


def add_commands(app: typer.Typer) -> None:
    app.command("up")(up)
    app.command("watch")(watch)
    app.command("work")(work)
    app.command("serve")(serve)


def up(
    context: typer.Context,
    log: Annotated[
        Path | None, typer.Option("--log", help="Write the log there; at 20 MB it is rotated to FILE.1.")
    ] = None,
) -> None:
    """Run everything on this machine: object store, watcher, workers, web. Ctrl-C stops it cleanly.

    Example:  abhilekh up --log /var/log/abhilekh.log
    """
    from pipeline.supervisor import supervisor

    keep_log = write_log_to(log.absolute()) if log else lambda: None
    with container(context, verbose=True) as parts, _until_stopped() as stop:
        supervisor.run(parts.settings, parts.prepare, stop, announce=out, keep_log=keep_log)


def watch(context: typer.Context) -> None:
    """Watch the inbox and take settled files in.

    Example:  abhilekh watch --home /srv/abhilekh
    """
    with container(context, verbose=True) as parts, _until_stopped(END_SECONDS) as stop:
        parts.watcher().run(stop)
        _farewell(parts, "watcher")


def work(context: typer.Context) -> None:
    """Digitise batches as they come, on all cores.

    Example:  abhilekh work
    """
    with container(context, verbose=True) as parts, _until_stopped(END_SECONDS) as stop, parts.page_pool() as pool:
        threading.Thread(target=_keep_index, args=(parts, stop), daemon=True, name="index").start()
        parts.worker(pool).run(stop)
        _farewell(parts, "workers")


def serve(
    context: typer.Context,
    port: Annotated[int | None, typer.Option("--port", help="Instead of web.port; 0 picks a free one.")] = None,
) -> None:
    """Serve the web application.

    Example:  abhilekh serve --port 8420
    """
    from pipeline.web import server

    with container(context, verbose=True) as parts, _until_stopped(END_SECONDS) as stop:
        server.serve(parts, stop, port=parts.settings.web.port if port is None else port, announce=out)
        _farewell(parts, "web")


def _keep_index(parts: Container, stop: threading.Event) -> None:
    """After an upgrade, put older pages into the full text by the new rules while everything else goes on."""
    from pipeline.index import consistency

    with suppress(AbhilekhError):  # what is left is done at the next start
        done = 0
        for some in consistency.refresh_all(parts.database, parts.text_index, stop=stop.is_set):
            if not done:
                structlog.get_logger().info("older pages are put into the full text anew, in the background")
            done += some
            stop.wait(_REFRESH_PAUSE)
        if done:
            structlog.get_logger().info("older pages were put into the full text anew", pages=done)
    while parts.open_search is not None and not stop.wait(_SEND_PAUSE):
        with suppress(AbhilekhError):  # it is away; what waits is tried again
            parts.open_search.send()


def _farewell(parts: Container, part: str) -> None:
    with suppress(AbhilekhError):
        parts.heartbeats.farewell(part, parts.owner)


@contextmanager
def _until_stopped(end_within: float | None = None) -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set. A process that has not ended `end_within` seconds later is ended where it
    stands: whatever it hangs in, somebody waits to start it anew, and work that is cut off is done again."""
    stop = threading.Event()

    def ask(number: int, frame: object) -> None:
        if end_within is not None and not stop.is_set():
            end = threading.Timer(end_within, _end_now)
            end.daemon = True
            end.start()
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_now() -> None:
    structlog.get_logger().error("it does not end, and is ended")
    os._exit(_HANGING)
