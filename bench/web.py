"""The web application under load: so many users search and look at once for a while, beside workers that read scans.

Everything is real and runs on loopback: `abhilekh up` with two workers and an inbox that does not run empty, invented pages
in its full text, each with the image of a sample. Every user is somebody else and signed in.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from sqlalchemy import update
from sqlmodel import col, select

from bench import office_text
from bench.report import put
from bench.search_questions import ask
from bench.search_rows import write_rows
from pipeline import settings
from pipeline.app import Container
from pipeline.db.health import HealthRepository
from pipeline.db.tables import PageRow
from pipeline.extract import file_number
from pipeline.index import refill
from pipeline.index.textindex import TextIndex
from pipeline.model.accounts import Grant
from pipeline.model.roles import Role
from pipeline.web.security.cookies import COOKIE

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
LETTERS = DOCUMENT.parent.parent / "samples" / "scans" / "letters"
COMMAND = [sys.executable, "-m", "pipeline.cli"]
SEARCH, PAGE, IMAGE = "search", "page of a document", "image of a page"
THINK_AFTER_SEARCH = (2.0, 6.0)  # seconds, evenly spread: reading a list of results
THINK_AFTER_PAGE = (3.0, 9.0)  # reading a page
LOOKS = (0, 1, 1, 2)  # pages opened after a search
WARM_UP = 10.0  # seconds that are not counted
SCANS_WAITING = 150  # in the inbox when it begins: more than two workers read in two minutes
WORKERS = 2
GOAL_MS = 500


@dataclass(slots=True)
class Load:
    """What was measured: milliseconds by what was asked for, and what went wrong."""

    seconds: float
    users: int
    ms: dict[str, list[float]] = field(default_factory=lambda: {SEARCH: [], PAGE: [], IMAGE: []})
    errors: Counter[str] = field(default_factory=Counter)
    read: int = 0  # pages that the workers read meanwhile
    cpu: float = 0.0  # seconds of the web process
    machine: tuple[float, float] = (0.0, 0.0)  # the load of the machine before and after


def run(users: int, seconds: float, pages: int, *, write: bool) -> str:
    """Measure and tell, as Markdown; `write` puts it into docs/benchmarks.md."""
    with _home() as home:
        words = _fill(home, pages)
        with _up(home) as address:
            cookies = _people(home, users)
            _scans(home / "inbox")
            load = asyncio.run(_measure(address, home, cookies, words, seconds))
    text = _markdown(load, pages)
    if write:
        put(DOCUMENT, "web", text)
    return text + "\n"


@contextmanager
def _home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="abhilekh-"))  # short: Unix sockets have room for about a hundred characters
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _environment(home: Path) -> dict[str, str]:
    own = {"ABHILEKH_HOME": str(home), "ABHILEKH_WEB__PORT": "0", "ABHILEKH_WORK__WORKERS": str(WORKERS)}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ABHILEKH_")}
    return clean | {"ABHILEKH_CONFIG_FILE": os.devnull} | own


def _fill(home: Path, pages: int) -> list[str]:
    """Put invented pages into the full text, take three samples in, and let all share their images. What to ask for."""
    container = Container(settings.load(home))
    write_rows(container.database, pages, 0.02)
    refill.fill(container.database, TextIndex(container.engine, file_number.parse))
    some = sorted(LETTERS.iterdir())[:3]
    subprocess.run([*COMMAND, "ingest", *map(str, some)], env=_environment(home), check=True, stdout=subprocess.DEVNULL)
    real = select(PageRow.image_key, PageRow.width, PageRow.height).where(PageRow.batch_id != "b")
    with container.database.write() as session:
        images = session.exec(real).all()
        for at, (key, width, height) in enumerate(images):
            ours = update(PageRow).where(col(PageRow.batch_id) == "b", col(PageRow.id) % len(images) == at)
            session.execute(ours.values(image_key=key, width=width, height=height))
    container.close()
    return _questions(pages)


def _questions(pages: int) -> list[str]:
    """Words and pairs of words that stand there, misspelt ones, Roman letters, file numbers."""
    asked = [question.typed for question in ask(min(pages, 5000), 0.02)]
    numbers = [f"{number % 900 + 11}-{number % 89 + 10}" for number in range(60)]
    return [*asked, *(roman for roman, _ in office_text.roman_pairs()), *numbers]


@contextmanager
def _up(home: Path) -> Iterator[str]:
    with (home / "up.log").open("wb") as log:
        process = subprocess.Popen([*COMMAND, "up"], env=_environment(home), stdout=log, stderr=log)
    try:
        file = home / "run" / "web"
        while not file.exists():
            if process.poll() is not None:
                raise SystemExit((home / "up.log").read_text(errors="replace"))
            time.sleep(0.2)
        yield file.read_text(encoding="utf-8").strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=120)


def _people(home: Path, users: int) -> list[str]:
    """So many signed-in officers, every fifth of one office only; their sessions."""
    container = Container(settings.load(home))
    sessions = []
    for number in range(users):
        grant = Grant(Role.OFFICER, f"off{number % 40}") if number % 5 == 0 else Grant(Role.OFFICER)
        container.people.add(f"user{number}", "", [grant])
        sessions.append(container.people.sign_in(f"user{number}"))
    container.close()
    return sessions


def _scans(inbox: Path) -> None:
    """Letters in the inbox, no two of the same bytes: each gets a comment of its own behind its first two bytes."""
    inbox.mkdir(parents=True, exist_ok=True)
    letters = sorted(LETTERS.glob("*.jpg"))
    for number in range(SCANS_WAITING):
        data = letters[number % len(letters)].read_bytes()
        note = f"copy {number}".encode()
        comment = b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note
        (inbox / f"scan-{number:03d}.jpg").write_bytes(data[:2] + comment + data[2:])


async def _measure(address: str, home: Path, sessions: Sequence[str], words: Sequence[str], seconds: float) -> Load:
    load = Load(seconds, len(sessions))
    before = os.getloadavg()[0]
    web, read = _web_process(home), await asyncio.to_thread(_pages_read, home)
    began = time.monotonic()
    cpu = _cpu(web)
    users = [
        _user(address, session, random.Random(number), words, load, (began + WARM_UP, began + WARM_UP + seconds))
        for number, session in enumerate(sessions)
    ]
    await asyncio.gather(*users)
    load.cpu, load.machine = _cpu(web) - cpu, (before, os.getloadavg()[0])
    load.read = await asyncio.to_thread(_pages_read, home) - read
    return load


async def _user(
    address: str, session: str, chance: random.Random, words: Sequence[str], load: Load, counted: tuple[float, float]
) -> None:
    """Searches, reads, opens what was found, reads, and so on until the time is over."""
    await asyncio.sleep(chance.uniform(0, WARM_UP))
    jar = {COOKIE: session, "abhilekh_language": "hi"}
    async with httpx.AsyncClient(base_url=address, cookies=jar, timeout=30) as client:

        async def get(kind: str, path: str) -> str:
            began = time.monotonic()
            try:
                answer = await client.get(path)
                problem = "" if answer.status_code == httpx.codes.OK else f"status {answer.status_code}"
            except httpx.HTTPError as error:
                answer, problem = None, type(error).__name__
            if counted[0] <= began < counted[1]:
                load.ms[kind].append((time.monotonic() - began) * 1000)
                if problem:
                    load.errors[f"{kind}: {problem}"] += 1
            return answer.text if answer is not None and kind != IMAGE else ""

        while time.monotonic() < counted[1]:
            results = await get(SEARCH, f"/?q={quote(chance.choice(words))}")
            await asyncio.sleep(chance.uniform(*THINK_AFTER_SEARCH))
            found = re.findall(r'<h3><a href="(/documents/[^"]+)"', results)
            for path in chance.sample(found, min(len(found), chance.choice(LOOKS))):
                page = await get(PAGE, path.replace("&amp;", "&"))
                images = re.findall(r'src="(/documents/[^"]+/image[^"]*)"', page)
                await asyncio.gather(*(get(IMAGE, image.replace("&amp;", "&")) for image in images[:2]))
                await asyncio.sleep(chance.uniform(*THINK_AFTER_PAGE))


def _pages_read(home: Path) -> int:
    container = Container(settings.load(home))
    try:
        return HealthRepository(container.database).counts()["pages"]
    finally:
        container.close()


def _web_process(home: Path) -> list[int]:
    """The processes that run the web part of this home."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = path.read_bytes().decode(errors="replace").split("\0")
            environment = (path.parent / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "serve" in arguments and f"ABHILEKH_HOME={home}\0" in environment:
            found.append(int(path.parent.name))
    return found


def _cpu(pids: Sequence[int]) -> float:
    """CPU seconds of these processes so far."""
    ticks = 0
    for pid in pids:
        fields: list[Any] = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _markdown(load: Load, pages: int) -> str:
    lines = [
        f"{load.users} users, each somebody else, for {load.seconds:.0f} s after {WARM_UP:.0f} s of warming up; "
        f"{pages:,} invented pages in the full text. A user searches, thinks {_spread(THINK_AFTER_SEARCH)} s, opens "
        f"{min(LOOKS)} to {max(LOOKS)} of the results with their images, thinks {_spread(THINK_AFTER_PAGE)} s at each.",
        "",
        "| asked for | answers | p50 ms | p95 ms | p99 ms | slowest |",
        "|---|---|---|---|---|---|",
    ]
    for kind, ms in load.ms.items():
        if len(ms) > 1:
            cuts = statistics.quantiles(ms, n=100, method="inclusive")
            lines.append(f"| {kind} | {len(ms)} | {cuts[49]:.0f} | {cuts[94]:.0f} | {cuts[98]:.0f} | {max(ms):.0f} |")
    answers = sum(map(len, load.ms.values()))
    wrong = ", ".join(f"{what} ({count})" for what, count in load.errors.items()) or "none"
    lines += [
        "",
        f"{answers / load.seconds:.1f} answers a second; errors: {wrong}. Meanwhile {WORKERS} workers read "
        f"{load.read} pages; the web part used {load.cpu:.0f} s of CPU; load of the machine "
        f"{load.machine[0]:.1f} before and {load.machine[1]:.1f} after.",
    ]
    return "\n".join(lines)


def _spread(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:.0f} to {bounds[1]:.0f}"
