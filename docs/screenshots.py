"""Take the pictures of the README: the search page, a page with its marks, the status page.

Everything runs in a home of its own that is removed at the end. The program itself is `pipeline`; what the pictures show
are the invented scans of `samples/`.
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
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from samples.press import launch
from samples.signing import as_browser, sign_in

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SCANS = ROOT / "samples" / "scans"
COMMAND = [sys.executable, "-m", "pipeline.cli"]
WIDTH, HEIGHT, TALLEST = 1280, 800, 1100
MOST_BYTES = 300_000
START_SECONDS = 60.0
MANY, ONE = "ग्राम स्वीकृति", "सोनपुरा"  # words of several samples, and the village that only the first letter names


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="abhilekh-"))  # short: Unix sockets have room for about a hundred characters
    try:
        with running(home) as address, sync_playwright() as tools:
            chromium = launch(tools)
            take_all(chromium, address, sign_in(address, home))
            chromium.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running(home: Path) -> Iterator[str]:
    """`abhilekh up` on `home` with every sample taken in; gives the address of the search page."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ABHILEKH_")}
    # Defaults only: neither the settings file of this checkout nor the environment may show in the pictures.
    env = {**clean, "ABHILEKH_HOME": str(home), "ABHILEKH_WEB__PORT": "0", "ABHILEKH_CONFIG_FILE": os.devnull}
    with (home / "up.log").open("wb") as log:
        up = subprocess.Popen([*COMMAND, "up"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        subprocess.run([*COMMAND, "ingest", SCANS / "letters", SCANS / "files"], cwd=ROOT, env=env, check=True)
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


def take_all(chromium: Browser, address: str, cookies: dict[str, str]) -> None:
    signed_in = as_browser(cookies, address)
    page = new_page(chromium, "hi-IN", signed_in)
    page.goto(f"{address}/?q={quote(MANY)}")
    take(page, "search.png")

    page.goto(f"{address}/?q={quote(ONE)}")
    page.locator(".results h3 a").first.click()
    page.wait_for_url("**/pages/*")
    take(page, "page.png")

    page = new_page(chromium, "en-IN", signed_in)
    page.goto(f"{address}/status")
    take(page, "status.png")


def new_page(chromium: Browser, locale: str, cookies: list[dict[str, str]]) -> Page:
    context = chromium.new_context(locale=locale, viewport={"width": WIDTH, "height": HEIGHT})
    context.add_cookies(cookies)  # type: ignore[arg-type] - its own names for a dict
    return context.new_page()


def take(page: Page, name: str) -> None:
    """The page from its top, as tall as it is but no taller than `TALLEST`, in few enough colours to stay small."""
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.evaluate("() => Promise.all([...document.images].map(image => image.decode()))")
    page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
    path = IMAGES / name
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.load()
    for colours in (256, 128, 64, 32):
        picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            break
    sys.stdout.write(f"{path.relative_to(ROOT)}  {picture.width} × {picture.height}  {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
