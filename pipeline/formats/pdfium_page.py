"""A PDF page as pixels by PDFium: the second renderer, for pages that poppler cannot draw or not in time.

The file is opened in a process of its own (`isolation`), bound in memory and processor time. The text that a page carries is
read in `pdf_text`.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pypdfium2

from pipeline.errors import SlowPageError, UnreadablePageError
from pipeline.formats import pdf
from pipeline.formats.isolation import Bounds, DiedError
from pipeline.formats.pdf_text import PDFIUM

_MEMORY_MB = 512  # beside the pixels
_BYTES_A_PIXEL = 12  # PDFium's own four, those of the answer, and their copy on the way
_CLOCK = 60  # times the processor time, on the clock: only a process that hangs comes there

Pixels = npt.NDArray[np.uint8]


def draw(path: Path, number: int, sheet: pdf.PdfSheet, longest: int, *, cpu_seconds: float) -> Pixels:
    """Page `number` (from 1) as BGR pixels, its longer side `longest` pixels.

    Raises `UnreadablePageError` when PDFium cannot draw it, `SlowPageError` when it takes more than `cpu_seconds` of
    processor time, `TimeoutError` when the process hangs.
    """
    pixels = longest * longest * min(sheet.width, sheet.height) / max(sheet.width, sheet.height)
    memory = _MEMORY_MB + pixels * _BYTES_A_PIXEL / 2**20
    bounds = Bounds(memory_mb=round(memory), cpu_seconds=max(math.ceil(cpu_seconds), 1), seconds=cpu_seconds * _CLOCK)
    try:
        return PDFIUM.call(_render, path, number, sheet.frame, longest, bounds=bounds)
    except DiedError as error:
        if error.out_of_time:
            raise SlowPageError(page=number, seconds=round(cpu_seconds), drawing=True) from error
        raise UnreadablePageError(page=number, cause=error) from error
    except TimeoutError:
        raise
    except (OSError, MemoryError, ValueError, RuntimeError) as error:
        raise UnreadablePageError(page=number, cause=error) from error


def _render(path: Path, number: int, frame: tuple[float, float, float, float] | None, longest: int) -> Pixels:
    document = pypdfium2.PdfDocument(path)
    page = document[number - 1]
    if frame is not None:
        page.set_cropbox(*frame)
    side = max(page.get_size())
    if side <= 0:
        raise ValueError("the page has no size")
    bitmap = page.render(scale=longest / side, prefer_bgrx=False)
    pixels = np.asarray(bitmap.to_numpy(), np.uint8)
    if pixels.ndim == 3 and pixels.shape[2] == 1:  # noqa: PLR2004
        pixels = pixels[..., 0]
    return np.ascontiguousarray(pixels if pixels.ndim == 2 else pixels[..., :3])  # noqa: PLR2004
