"""Take pictures of the pages: those that the docs show, or with a folder, every page in both languages, wide and narrow.

Everything runs in a home of its own that is removed at the end. The program itself is `pipeline`; what the pictures show
are the invented scans of `samples/`, invented people and an invented office.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from samples.press import launch
from samples.signing import as_browser, sign_in

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SCANS = ROOT / "samples" / "scans"
COMMAND = [sys.executable, "-m", "pipeline.cli"]
SIZES = {"wide": (1280, 800), "narrow": (390, 844)}
TALLEST = 1100
MOST_BYTES = 300_000
START_SECONDS = 60.0
OFFICE = "sonpura-tehsil"
MANY, ONE = "ग्राम स्वीकृति", "सोनपुरा"  # words of several samples, and the village that only the first letter names
SHOWN = {
    "search": ("results", "hi"),
    "page": ("document", "hi"),
    "review": ("review", "hi"),
    "status": ("status", "en"),
}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    home = Path(tempfile.mkdtemp(prefix="abhilekh-"))  # short: Unix sockets have room for about a hundred characters
    try:
        with running(home) as address, sync_playwright() as tools:
            chromium = launch(tools)
            cookies = sign_in(address, home)
            pages = addresses(address, cookies)
            if folder is None:
                for name, (page, code) in SHOWN.items():
                    take(chromium, address, cookies, pages[page], code, "wide", IMAGES / f"{name}.png")
            else:
                take_every(chromium, address, cookies, pages, folder)
            chromium.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def take_every(chromium: Browser, address: str, cookies: dict[str, str], pages: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in pages.items():
        for code in ("hi", "en"):
            for size in SIZES:
                signed_in = {} if name == "login" else cookies
                take(chromium, address, signed_in, path, code, size, folder / f"{name}-{code}-{size}.png")


@contextmanager
def running(home: Path) -> Iterator[str]:
    """`abhilekh up` on `home` with every sample taken in; gives the address of the search page."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ABHILEKH_")}
    # Defaults only: neither the settings file of this checkout nor the environment may show in the pictures.
    own = {"ABHILEKH_HOME": str(home), "ABHILEKH_OFFICE": OFFICE, "ABHILEKH_WEB__PORT": "0"}
    env = {**clean, **own, "ABHILEKH_CONFIG_FILE": os.devnull}
    with (home / "up.log").open("wb") as log:
        up = subprocess.Popen([*COMMAND, "up"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        subprocess.run([*COMMAND, "ingest", SCANS / "letters", SCANS / "files"], cwd=ROOT, env=env, check=True)
        for name, role in (("s.verma", "record_keeper"), ("r.patel", "operator"), ("k.meena", "auditor")):
            person = [*COMMAND, "user", "add", name, "--role", role]
            subprocess.run(person, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
        yield address_of(home)
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait(timeout=60)


def address_of(home: Path) -> str:
    file, deadline = home / "run" / "web", time.monotonic() + START_SECONDS
    while not file.exists():
        if time.monotonic() > deadline:
            raise SystemExit(f"The search page did not start:\n{(home / 'up.log').read_text(errors='replace')}")
        time.sleep(0.2)
    return file.read_text(encoding="utf-8").strip()


def addresses(address: str, cookies: dict[str, str]) -> dict[str, str]:
    """Every page by its name, as this installation addresses it."""
    with httpx.Client(base_url=address, cookies=cookies, timeout=30) as client:

        def asked(path: str, **more: str) -> Any:
            return client.get(path, params=more).raise_for_status().json()

        letter, file = (asked("/api/v1/search", q=words)["hits"][0] for words in (ONE, "अमलीखार"))
        queue = asked("/api/v1/review")["documents"] or asked("/api/v1/review", state="filed")["documents"]
        waiting = queue[0]["document"]
    page = f"/documents/{letter['document']}/pages/1?q={quote(ONE)}"
    return {
        "search": "/",
        "results": f"/?q={quote(MANY)}",
        "results-roman": "/?q=gram+sweekriti",
        "nothing": "/?q=zzzqqq",
        "document": page,
        "beside": f"{page}&side=original",
        "file": f"/files/{quote(file['office'])}/{quote(file['file_key'])}",
        "watch": "/scanning",
        "upload": "/scanning/upload",
        "status": "/status",
        "queue": "/review",
        "review": f"/review/{waiting}",
        "board": "/progress",
        "audit": "/audit",
        "people": "/users",
        "samples": "/samples",
        "api": "/api",
        "account": "/account",
        "missing": "/documents/nothing",
        "login": "/login",
    }


def take(chromium: Browser, address: str, cookies: dict[str, str], path: str, code: str, size: str, into: Path) -> None:
    """The page from its top, as tall as it is but no taller than `TALLEST`, in few enough colours to stay small."""
    width, height = SIZES[size]
    context = chromium.new_context(locale=f"{code}-IN", viewport={"width": width, "height": TALLEST})
    context.add_cookies(as_browser(cookies, address))  # type: ignore[arg-type] - its own names for a dict
    page = context.new_page()
    page.goto(f"{address}{path}")
    settle(page)
    tall = min(max(int(page.evaluate("document.body.scrollHeight")), height), TALLEST)
    page.screenshot(path=into, clip={"x": 0, "y": 0, "width": width, "height": tall})
    context.close()
    with Image.open(into) as picture:
        picture.load()
    for colours in (256, 128, 64, 32):
        picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(into, optimize=True)
        if into.stat().st_size <= MOST_BYTES:
            break
    sys.stdout.write(f"{into.name}  {picture.width} × {picture.height}  {into.stat().st_size} bytes\n")


def settle(page: Page) -> None:
    """Wait until the images that can be seen are drawn and the glass over a sheet has come to rest."""
    page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
    if page.locator("[data-levels]").count():
        page.locator(".glass canvas").first.wait_for()
        page.evaluate("() => document.querySelectorAll('.strip img').forEach(image => { image.loading = 'eager'; })")
    page.wait_for_load_state("load")
    seen = "image => image.getBoundingClientRect().top < innerHeight"
    page.evaluate(
        f"() => Promise.all([...document.images].filter({seen}).map(image => image.decode().catch(() => null)))"
    )
    before = b""
    for _ in range(30):
        now = page.screenshot()
        if now == before:
            return
        before = now


if __name__ == "__main__":
    main()
