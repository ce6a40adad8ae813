"""Let Chromium draw a sheet, so that Devanagari is shaped as in print. The only place here that knows playwright."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Playwright, sync_playwright

from samples.sheet import PAGE

_NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
]
CSS_DPI = 75
A4_INCHES = (8.2677, 11.6929)
INK = 150  # darker than this is ink when a word's box is drawn tight


def launch(playwright: Playwright) -> Browser:
    """The system's own Chromium, without calls to anywhere. Raises `FileNotFoundError` when there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise FileNotFoundError("Chromium is missing. Run: script/setup --dev")
    return playwright.chromium.launch(executable_path=found, args=QUIET)


Box = tuple[float, float, float, float]

# Wraps each word in a span that cannot break, then tells each word's line, text and box, and where the signature goes.
_MEASURE = """() => {
  const words = [];
  document.querySelectorAll('[data-line]').forEach((line, at) => {
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT), nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    for (const node of nodes) {
      const pieces = document.createDocumentFragment();
      for (const piece of node.textContent.split(/(\\s+)/)) {
        if (!piece.trim()) { pieces.append(piece); continue; }
        const span = document.createElement('span');
        span.style.whiteSpace = 'nowrap'; span.textContent = piece; span.dataset.word = at; pieces.append(span);
      }
      node.replaceWith(pieces);
    }
  });
  for (const span of document.querySelectorAll('[data-word]')) {
    const range = document.createRange(); range.selectNodeContents(span);
    const r = range.getClientRects()[0];
    const height = Math.min(r.height, parseFloat(getComputedStyle(span).lineHeight));  // no ink of the next line
    words.push([Number(span.dataset.word), span.textContent, r.x, r.y + (r.height - height) / 2, r.width, height]);
  }
  const sign = document.querySelector('.sign'), s = sign && sign.getBoundingClientRect();
  return {words, sign: s && [s.x + s.width / 2, s.y], deepest: Math.max(...words.map(w => w[3] + w[5]))};
}"""


@dataclass(frozen=True)
class Word:
    """A word and its box (x, y, width, height) in pixels of the drawn sheet."""

    text: str
    box: Box


@dataclass(frozen=True)
class Drawn:
    """A sheet as drawn: grey pixels (height, width), words in reading order, text, signature spot in CSS pixels."""

    pixels: NDArray[np.uint8]
    words: tuple[Word, ...]
    text: str
    sign: tuple[float, float] | None


class SheetOverflowError(ValueError):
    """The text runs off the sheet. Shorten it or choose a smaller font size."""


class Press:
    """A running Chromium that turns HTML into pixels."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def draw(self, html: str, dpi: int) -> Drawn:
        """Draw one sheet at `dpi` and measure its words."""
        pixels, found = self._shot(html, dpi, measure=True)
        if found["deepest"] > PAGE[1] - 12:
            raise SheetOverflowError(f"The text ends {found['deepest']:.0f} px down a sheet of {PAGE[1]} px.")
        grey = np.asarray(Image.fromarray(pixels).convert("L"))
        scale = dpi / CSS_DPI
        words = tuple(
            Word(text, _tight(grey, (x * scale, y * scale, width * scale, height * scale)))
            for _, text, x, y, width, height in found["words"]
        )
        return Drawn(grey, words, _text(found["words"]), tuple(found["sign"]) if found["sign"] else None)

    def draw_colour(self, html: str, dpi: int) -> NDArray[np.uint8]:
        """Draw a sheet without text, such as stamp and signature: RGB (height, width, 3)."""
        return self._shot(html, dpi, measure=False)[0]

    def _shot(self, html: str, dpi: int, *, measure: bool) -> tuple[NDArray[np.uint8], Any]:
        page = self._browser.new_page(
            viewport={"width": PAGE[0], "height": PAGE[1]}, device_scale_factor=dpi / CSS_DPI, java_script_enabled=True
        )
        try:
            page.set_content(html)
            page.evaluate("document.fonts.ready.then(() => true)")
            found = page.evaluate(_MEASURE) if measure else None
            shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        finally:
            page.close()
        return _a4(np.asarray(shot), dpi), found


@contextmanager
def start_press() -> Iterator[Press]:
    """A press for as long as the `with` block runs."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            yield Press(browser)
        finally:
            browser.close()


def a4_size(dpi: int) -> tuple[int, int]:
    """Width and height of A4 in pixels: (2480, 3508) at 300 dpi, (1654, 2339) at 200."""
    return round(A4_INCHES[0] * dpi), round(A4_INCHES[1] * dpi)


def _a4(pixels: NDArray[np.uint8], dpi: int) -> NDArray[np.uint8]:
    """Cut or fill by the odd pixel that rounding leaves, so that every sheet of one resolution has one size."""
    width, height = a4_size(dpi)
    sheet = np.full((height, width, 3), 255, np.uint8)
    cut = pixels[:height, :width]
    sheet[: cut.shape[0], : cut.shape[1]] = cut
    return sheet


def _text(found: list[list[Any]]) -> str:
    lines: dict[int, list[str]] = {}
    for line, word, *_ in found:
        lines.setdefault(line, []).append(word)
    return "\n".join(" ".join(words) for words in lines.values())


def _tight(grey: NDArray[np.uint8], box: Box) -> Box:
    """The box drawn in to the ink it holds; the font's own box when it holds none."""
    x, y, width, height = box
    left, top = max(0, round(x)), max(0, round(y))
    ink = grey[top : round(y + height), left : round(x + width)] < INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return box
    return (
        float(left + columns[0]),
        float(top + rows[0]),
        float(columns[-1] - columns[0] + 1),
        float(rows[-1] - rows[0] + 1),
    )
