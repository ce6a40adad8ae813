"""Words that belong together: type whose points and strokes stand far apart makes Tesseract cut numbers in pieces.

`13. 04. 1980`, `6688/ 25`, `है ।` and `( विजय` are one word each, or two without the blank, where the gap on the page is no
wider than such type leaves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.ocr.engine import Recognised

_GAP = 0.7  # of the line's height: words of a line stand further apart
_DIGIT = "0-9०-९"
_POINT_WITHIN = re.compile(f"[{_DIGIT})][./\\-–]$")  # …before a digit
_COMMA_WITHIN = re.compile(f"[{_DIGIT}],$")  # …before two or three digits: `8, 18, 100` is a sum, `1, 2, 3` is a list
_GROUP = re.compile(f"[{_DIGIT}]{{2,3}}(?![{_DIGIT}])")
_STROKE_WITHIN = re.compile(f"(?:[{_DIGIT})][/\\-–]|[:/]-)$")  # …before anything
_SUM = re.compile(f"[{_DIGIT}]/-$")  # rupees, and no paise
_STARTS, _ENDS = re.compile(f"[{_DIGIT}]"), re.compile(f"[{_DIGIT}]$")
_STROKE = re.compile("[/\\-–]")
_CLOSING = re.compile("[।,]{1,2}$")


def joined(line: Sequence[Recognised]) -> list[Recognised]:
    """The words of one line, with those that were cut apart put together again."""
    whole: list[Recognised] = []
    for word in line:
        if whole and _belongs(whole[-1], word):
            whole[-1] = _together(whole[-1], word)
        else:
            whole.append(word)
    return whole


def _belongs(before: Recognised, word: Recognised) -> bool:
    gap = word.box.x - before.box.x - before.box.w
    if gap > _GAP * max(before.box.h, word.box.h):
        return False
    starts_with_digit = _STARTS.match(word.text) is not None
    return bool(
        _CLOSING.fullmatch(word.text)
        or before.text == "("
        or (_STROKE_WITHIN.search(before.text) and not _SUM.search(before.text))
        or (starts_with_digit and _POINT_WITHIN.search(before.text))
        or (_GROUP.match(word.text) and _COMMA_WITHIN.search(before.text))
        or (_ENDS.search(before.text) and _STROKE.match(word.text))
    )


def _together(before: Recognised, word: Recognised) -> Recognised:
    first, second = len(before.text), len(word.text)
    confidence = (before.confidence * first + word.confidence * second) / (first + second)
    return Recognised(before.text + word.text, before.box.union(word.box), confidence, before.line)
