"""Clients that hold connections and give nothing: they lose them, and everybody else is answered meanwhile."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import resource
import select
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import Response

from pipeline import settings
from pipeline.app import Container
from pipeline.web.scanning import events
from pipeline.web.security import connections
from pipeline.web.server import configured
from tests.conftest import short_folder, wait_for
from tests.security.test_bombs import many_cells
from tests.signing import open_app

MANY = 300
TUS = {"Tus-Resumable": "1.0.0"}
BIG = 64 << 20


@dataclass
class Served:
    """The application on a real socket, and the headers of somebody who is signed in."""

    port: int
    headers: dict[str, str]
    app: FastAPI

    def get(self, path: str, **more: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers={**self.headers, **more}, timeout=60)

    def connect(self, sent: bytes = b"") -> socket.socket:
        found = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        found.sendall(sent)
        return found

    def lines(self) -> bytes:
        return "".join(f"{name}: {value}\r\n" for name, value in self.headers.items()).encode()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    home = short_folder()
    container = Container(settings.load(home))
    services = container.services()
    app, headers = open_app(services)

    async def big(request: Request) -> Response:
        return Response(b"x" * BIG, media_type="application/octet-stream")

    app.add_route("/big", big)
    connections.allow_descriptors()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(configured(app, behind_proxy=False))
    running = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    running.start()
    wait_for(lambda: server.started, "the server", seconds=60)
    yield Served(listener.getsockname()[1], headers, app)
    server.should_exit = True
    running.join(timeout=30)
    services.receiving.stop()
    container.close()
    shutil.rmtree(home, ignore_errors=True)


def ended(some: list[socket.socket]) -> list[bytes]:
    """What those connections were sent that have been ended by the other side; they are taken out of the list."""
    found = []
    for one in select.select(some, [], [], 0)[0]:
        with contextlib.suppress(OSError):
            found.append(one.recv(65536))
        one.close()
        some.remove(one)
    return found


HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nname="


@pytest.mark.parametrize("half", [b"", HEAD, BODY], ids=["nothing", "half a head", "half a body"])
def test_hundreds_of_half_requests_are_ended_and_hold_nobody_up(
    half: bytes, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 6.0)
    monkeypatch.setattr(connections, "BODY_SECONDS", 6.0)
    waiting = [served.connect(half) for _ in range(MANY)]

    assert served.get("/healthz").status_code == 200 and served.get("/").status_code == 200
    answers: list[bytes] = []
    wait_for(lambda: answers.extend(ended(waiting)) or not waiting, "every one of them to be ended", seconds=60)

    assert len(answers) == MANY and all(b" 408 " in one and "फिर भेजें".encode() in one for one in answers)


def test_a_head_that_trickles_in_is_no_head(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 3.0)
    slow = [served.connect(HEAD)]
    began = time.monotonic()
    with contextlib.suppress(OSError):
        while slow and time.monotonic() - began < 60:
            slow[0].sendall(b"x")
            time.sleep(0.3)
            ended(slow)

    assert not slow and time.monotonic() - began < 60


def test_where_all_places_are_taken_the_silent_ones_make_room(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 40)
    waiting = [served.connect(HEAD) for _ in range(120)]
    try:
        for _ in range(5):
            assert served.get("/healthz").status_code == 200
        wait_for(lambda: ended(waiting) is not None and len(waiting) <= 40, "the oldest to be ended", seconds=30)
    finally:
        for one in waiting:
            one.close()


def begin(served: Served, size: int) -> str:
    told = f"filename {base64.b64encode(b'letter.jpg').decode()}"
    headers = {**served.headers, **TUS, "Upload-Length": str(size), "Upload-Metadata": told}
    answer = httpx.post(f"http://127.0.0.1:{served.port}/api/v1/uploads", headers=headers, timeout=60)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def patch(served: Served, place: str, size: int) -> socket.socket:
    head = f"PATCH {place} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
    kind = f"Content-Type: application/offset+octet-stream\r\nContent-Length: {size}\r\n"
    return served.connect((head + kind).encode() + served.lines() + b"\r\n")


def offset(served: Served, place: str) -> int:
    answer = httpx.head(f"http://127.0.0.1:{served.port}{place}", headers={**served.headers, **TUS}, timeout=60)
    return int(answer.headers["Upload-Offset"])


def test_an_upload_over_a_slow_link_takes_as_long_as_it_takes(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 2.0)
    monkeypatch.setattr(connections, "BODY_SECONDS", 4.0)
    place = begin(served, 40)
    with patch(served, place, 20) as slow:
        began = time.monotonic()
        for _ in range(20):
            slow.sendall(b"x")
            time.sleep(0.4)
        assert time.monotonic() - began > 2 * connections.HEAD_SECONDS + 1
        assert b" 204 " in slow.recv(65536)

    assert offset(served, place) == 20


def test_an_upload_whose_link_is_gone_keeps_what_has_come(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_SECONDS", 2.0)
    place = begin(served, 20_000)
    gone = [patch(served, place, 20_000)]
    gone[0].sendall(b"x" * 5_000)
    wait_for(lambda: ended(gone) or not gone, "the connection to be ended", seconds=60)

    wait_for(lambda: offset(served, place) == 5_000, "what came to count", seconds=30)


def test_who_reads_nothing_of_an_answer_loses_it(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "READ_SECONDS", 2.0)
    with served.connect(b"GET /big HTTP/1.1\r\nHost: 127.0.0.1\r\n" + served.lines() + b"\r\n") as deaf:
        time.sleep(6)
        got = 0
        with contextlib.suppress(OSError):
            while piece := deaf.recv(1 << 20):
                got += len(piece)

    assert got < BIG


def streams(served: Served, count: int) -> list[socket.socket]:
    head = b"GET /scanning/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + served.lines() + b"\r\n"
    return [served.connect(head) for _ in range(count)]


def is_over(stream: socket.socket) -> bool:
    """Whether the stream has ended; what has come is read."""
    stream.setblocking(False)
    try:
        while stream.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def test_one_person_keeps_the_newest_streams_alone(served: Served) -> None:
    some = streams(served, 4 * events.MOST_OF_ONE)
    newest: socket.socket | None = None
    try:
        wait_for(lambda: still_open(some) <= events.MOST_OF_ONE, "the older ones to end", seconds=60)
        newest = streams(served, 1)[0]
        wait_for(lambda: still_open(some) < events.MOST_OF_ONE, "one to end for the newest", seconds=60)
        assert not is_over(newest), "a new page hears"
        assert served.get("/healthz").status_code == 200
    finally:
        for one in [*some, *([newest] if newest else [])]:
            one.close()


def still_open(some: list[socket.socket]) -> int:
    return sum(not is_over(one) for one in some)


def test_more_streams_than_are_served_are_refused_in_words(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_STREAMS", 3)

    with contextlib.ExitStack() as held:
        wait_for(lambda: _open(served) == 0, "earlier streams to end", seconds=60)
        for one in streams(served, 3):
            held.enter_context(one)
        wait_for(lambda: _open(served) == 3, "three streams", seconds=60)
        answer = served.get("/scanning/events", **{"accept-language": "hi"})

        assert answer.status_code == 429 and "3" in answer.text and "पृष्ठ" in answer.text
    wait_for(lambda: _open(served) == 0, "them to be forgotten", seconds=60)


def _open(served: Served) -> int:
    """How many streams are open; the application is in this process."""
    return len(served.app.state.streams._open)


JSON_BODIES = {
    "nested lists": b"[" * 900_000,
    "nested objects": b'{"a":' * 150_000,
    "a number of a million digits": b'{"saying": ' + b"9" * 900_000 + b"}",
    "half a text": b'{"saying": "' + b"x" * 900_000,
    "NULs": b"\0" * 900_000,
    "no UTF-8": b"\xff\xfe" * 400_000,
}


@pytest.mark.parametrize("body", JSON_BODIES)
def test_json_that_is_made_to_harm_is_refused(body: str, served: Served) -> None:
    headers = {**served.headers, "content-type": "application/json"}
    address = f"http://127.0.0.1:{served.port}/api/v1/batches/b1/pages/1/said"

    answer = httpx.post(address, content=JSON_BODIES[body], headers=headers, timeout=60)

    assert 400 <= answer.status_code < 500, answer.text
    assert served.get("/healthz").status_code == 200


@pytest.mark.parametrize("fields", [b"&" * 900_000, b"a=b&" * 200_000, b"csrf=" + b"x" * 900_000])
def test_forms_of_more_fields_than_any_has_are_refused(fields: bytes, served: Served) -> None:
    headers = {"cookie": served.headers["cookie"], "content-type": "application/x-www-form-urlencoded"}
    began = time.process_time()

    answer = httpx.post(f"http://127.0.0.1:{served.port}/searches", content=fields, headers=headers, timeout=60)

    assert 400 <= answer.status_code < 500 and time.process_time() - began < 5


def test_a_form_with_files_of_more_fields_than_it_has_is_refused(served: Served) -> None:
    parts = (f'--b\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n\r\n' for n in range(100_000))
    headers = {**served.headers, "content-type": "multipart/form-data; boundary=b"}
    address = f"http://127.0.0.1:{served.port}/scanning/upload"

    answer = httpx.post(address, content=("".join(parts) + "--b--\r\n").encode(), headers=headers, timeout=60)

    assert answer.status_code == 400 and "more than it may" in answer.text


def test_a_workbook_that_unpacks_without_end_is_refused_by_the_api(served: Served) -> None:
    address = f"http://127.0.0.1:{served.port}/api/v1/register/files/import"
    began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    answer = httpx.post(
        address, content=many_cells(), headers={**served.headers, "content-type": "text/csv"}, timeout=120
    )

    assert answer.status_code == 422 and answer.json()["error"]["code"] == "list_too_large"
    assert "abhilekh-list" not in answer.text
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began) / 1024 < 200
    assert served.get("/healthz").status_code == 200
