"""A QR code as an SVG path that a page holds itself: nothing is fetched, and no script is needed."""

from __future__ import annotations

from dataclasses import dataclass

_QUIET = 4  # modules of white around the code, ISO/IEC 18004


@dataclass(frozen=True, slots=True)
class Drawing:
    """A square of `side` modules, and the path that fills the dark ones."""

    side: int
    path: str


def draw(text: str) -> Drawing:
    """Draw the code of a text; a run of dark modules in a row is one rectangle."""
    from pipeline.preprocess.codes import modules  # noqa: PLC0415 - few visits need it, and it loads slowly

    dark = modules(text)
    pieces = []
    for y, row in enumerate(dark):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                pieces.append(f"M{start + _QUIET} {y + _QUIET}h{x - start}v1h{start - x}z")
            x += 1
    return Drawing(len(dark) + 2 * _QUIET, "".join(pieces))
