"""Words from the characters of a PDF page: where a word ends, and where a line does.

PDFium guesses blanks that the PDF does not have; its guesses are checked by the gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.formats.frames import Frame
from pipeline.formats.pdf_characters import Char

# Times the letters' height. Set by hand: where PDFium had to guess, 6 of some 1,500 words come out wrong (decision 13).
_LEAST_GAP = 0.15  # where PDFium guesses a blank and less is free, there is none
_LEAST_GAP_BEFORE_STOP, _STOPS = 0.5, "।॥),."  # which stand off by themselves
_NEW_LINE = 0.6  # by which the next word lies lower or higher


def in_words(chars: Iterable[Char], free: Sequence[Frame]) -> Iterator[tuple[list[Char], int]]:
    """The letters of each word, and the line it stands in, from 0. `free` are pieces of text that gave no letter, since
    another one tells theirs: the gap that they fill is no blank."""
    word, line = list[Char](), 0
    guessed = is_blank = is_end = False
    for char in chars:
        if char.text.isspace():
            is_end |= char.text == "\n"
            guessed |= not char.font
            is_blank |= bool(char.font)
            continue
        if word:
            last = word[-1]
            lower = not char.is_mark and abs(char.base - last.base) > _NEW_LINE * max(char.height, last.height)
            is_end |= lower
            apart = guessed and not char.is_mark
            least = _LEAST_GAP_BEFORE_STOP if char.text in _STOPS else _LEAST_GAP
            apart = apart and (
                _has_blank(last, char, free) or char.frame[0] - frame_of(word, free)[2] >= least * last.height
            )
            if is_end or is_blank or apart:
                yield word, line
                word = []
                line += is_end
        word.append(char)
        guessed = is_blank = is_end = False
    if word:
        yield word, line


def _has_blank(last: Char, char: Char, free: Sequence[Frame]) -> bool:
    """Whether a piece of text without extent, a blank that is drawn, lies between two letters of one line."""
    return any(
        left == right
        and last.frame[0] < left < (char.frame[0] + char.frame[2]) / 2
        and abs(bottom - char.base) < char.height / 2
        for left, bottom, right, _ in free
    )


def frame_of(chars: Sequence[Char], free: Sequence[Frame]) -> Frame:
    """The frame of a word, with the free pieces of it: those that touch it as they are drawn, one after the other."""
    left, bottom = min(char.frame[0] for char in chars), min(char.frame[1] for char in chars)
    right, top = max(char.frame[2] for char in chars), max(char.frame[3] for char in chars)
    near = _LEAST_GAP * chars[-1].height
    for x1, y1, x2, y2 in free:
        if left - near <= x1 <= right + near and y1 < top + near and y2 > bottom - near:
            bottom, right, top = min(bottom, y1), max(right, x2), max(top, y2)
    return left, bottom, right, top
