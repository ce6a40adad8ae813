"""Parts of a page that are handwriting: runs of lines that were read unsurely, and not as words.

What Tesseract gives for handwriting is no text, and would be found by mistake. Type that was read badly still has words in
it, and is kept, marked as doubtful. A whole page of handwriting is found in `read`, by its confidence alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.ocr.text import Cells, weighted_confidence
from pipeline.ocr.vocabulary import known_share

# Set by hand.
_UNSURE = 0.6  # confidence of each line below which it may be handwriting
LEAST_READABLE = (
    0.45  # confidence below which all lines together, or a page, are not Tesseract's to read: handwriting, a picture
)
_LEAST_KNOWN = 0.33  # share of letters in known words from which it is type; of handwriting it was 0.1 to 0.3
_LEAST_LINES = 2  # one line alone is a stamp, or a signature, and is left as doubtful text
_LEAST_PIECES = 6  # of words; fewer tell nothing


def without_handwriting(lines: Sequence[Cells]) -> list[Cells]:
    """The lines without those of parts that are handwriting."""
    kept: list[Cells] = []
    part: list[Cells] = []
    for line in [*lines, None]:
        if line is not None and _confidence([line]) < _UNSURE:
            part.append(line)
            continue
        if not _is_handwriting(part):
            kept += part
        part = []
        if line is not None:
            kept.append(line)
    return kept


def _is_handwriting(part: Sequence[Cells]) -> bool:
    if len(part) < _LEAST_LINES or _confidence(part) >= LEAST_READABLE:
        return False
    share, pieces = known_share(word.text for line in part for cell in line for word in cell)
    return pieces >= _LEAST_PIECES and share < _LEAST_KNOWN


def _confidence(lines: Sequence[Cells]) -> float:
    return weighted_confidence([word for line in lines for cell in line for word in cell])
