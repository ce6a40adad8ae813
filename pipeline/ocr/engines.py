"""Which engine reads on this machine: the library where it can be used, else the program."""

from __future__ import annotations

import importlib.util
from functools import cache

from pipeline.errors import MissingPartError
from pipeline.ocr import program
from pipeline.ocr.engine import OcrEngine


@cache
def chosen(name: str) -> OcrEngine:
    """The engine of this name (`tesserocr`, `pytesseract`), or with `auto` the quicker one that can be used here.

    Raises `MissingPartError`.
    """
    data = program.data_folder()
    if name == "pytesseract" or (name == "auto" and (data is None or not importlib.util.find_spec("tesserocr"))):
        return program.Program()
    from pipeline.ocr.in_process import InProcess  # noqa: PLC0415 - loads a library that `pytesseract` does without

    if data is None:
        raise MissingPartError(
            part="Tesseract's folder of language data",
            cause="`tesseract --list-langs` does not name it",
            fix='Set engine = "pytesseract" in [ocr].',
        )
    return InProcess(data)
