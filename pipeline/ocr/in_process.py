"""The border to Tesseract as a library, through tesserocr: the models stay loaded and no image goes through a file.

On the same pages it takes half the processor time of the program. A crash in it ends the worker process, as a crash of
any decoder does; the page pool isolates that.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import tesserocr

from pipeline.errors import MissingPartError, UnreadablePageError
from pipeline.model.page import Box
from pipeline.ocr.engine import Pixels, Recognised


class InProcess:
    """`Engine` by the library. `data` is the folder of the language data. To be used by one thread at a time."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def prepare(self, languages: Sequence[str]) -> None:
        for names in languages:
            _loaded(self.data, names)

    def read(self, pixels: Pixels, number: int, *, languages: str, page_mode: int, dpi: int) -> list[Recognised]:
        return self.read_pieces([pixels], number, languages=languages, page_mode=page_mode, dpi=dpi)[0]

    def read_pieces(
        self, pieces: Sequence[Pixels], number: int, *, languages: str, page_mode: int, dpi: int
    ) -> list[list[Recognised]]:
        api = _loaded(self.data, languages)
        api.SetPageSegMode(page_mode)
        found = []
        try:
            for piece in pieces:
                # What the classifier of the older models, and the words of the document, have learnt goes: the same piece
                # reads the same whatever was read before.
                api.ClearAdaptiveClassifier()
                height, width = piece.shape
                data = piece.tobytes()  # held until it is read: the library does not copy it
                api.SetImageBytes(data, width, height, 1, width)
                api.SetSourceResolution(dpi)
                if not api.Recognize():  # without its own time limit, which goes by the clock
                    raise UnreadablePageError(page=number, cause="recognition failed")
                found.append(_words(api))
        finally:
            api.Clear()
        return found


@cache
def _loaded(data: Path, languages: str) -> tesserocr.PyTessBaseAPI:
    """Tesseract with these language data; a process keeps what it has loaded."""
    tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)  # what it says of a page helps nobody
    try:
        api = tesserocr.PyTessBaseAPI(path=f"{data}/", lang=languages)
    except RuntimeError as error:
        raise MissingPartError(
            part=f"Tesseract language data {languages}", cause=str(error)[:200], fix="Run: abhilekh doctor"
        ) from error
    api.SetVariable("tessedit_char_blacklist", "")  # else the digit 1 is never read (see `program`)
    api.SetVariable("debug_file", "/dev/null")
    return api


def _words(api: tesserocr.PyTessBaseAPI) -> list[Recognised]:
    level, words, line = tesserocr.RIL, [], -1
    iterator = api.GetIterator()
    if iterator is None:  # nothing on it
        return []
    for place in tesserocr.iterate_level(iterator, level.WORD):
        if place.IsAtBeginningOf(level.TEXTLINE):
            line += 1
        if place.Empty(level.WORD):
            continue
        text = (place.GetUTF8Text(level.WORD) or "").strip()
        bounds = place.BoundingBox(level.WORD)
        if not text or bounds is None:
            continue
        left, top, right, bottom = bounds
        confidence = min(max(place.Confidence(level.WORD) / 100, 0.0), 1.0)
        words.append(Recognised(text, Box(left, top, right - left, bottom - top), confidence, line))
    return words
