"""Words that are marks alone, and no writing: specks, the remains of a seal, what is left of a rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipeline.ocr.engine import Recognised
from pipeline.ocr.text import Cells

_MARK = re.compile(r"[^\w\u0900-\u097f]+")  # a word without letters or digits
_PLAIN_MARK = re.compile(r"[-–—=।,.()]+")  # as letters have, and rules made of signs
_SURE_OF_MARK = 0.75  # confidence below which a lone mark is taken for a speck; set by hand
_SURE_OF_PLAIN_MARK = _SURE_OF_MARK / 2


def without_specks(lines: Iterable[Cells]) -> list[Cells]:
    """Without unsure words that are marks alone, as specks and the remains of a seal are read, and lines of nothing else."""
    kept = [[[word for word in cell if not _is_speck(word)] for cell in line] for line in lines]
    return [line for line in kept if any(line)]


def _is_speck(word: Recognised) -> bool:
    if not _MARK.fullmatch(word.text):
        return False
    return word.confidence < (_SURE_OF_PLAIN_MARK if _PLAIN_MARK.fullmatch(word.text) else _SURE_OF_MARK)


def within_rules(cell: Sequence[Recognised]) -> list[Recognised]:
    """The words of a cell without marks that stand alone at its ends, as what is left of rules does; or the marks alone."""
    lettered = [place for place, word in enumerate(cell) if not _MARK.fullmatch(word.text)]
    return list(cell[lettered[0] : lettered[-1] + 1] if lettered else cell)
