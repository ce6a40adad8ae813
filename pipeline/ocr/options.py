"""What a page is read from, and how: the values that reading needs beside the page itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.model.page import Box, Table
from pipeline.ocr.engine import OcrEngine, Pixels
from pipeline.ocr.reread import SecondLook

# Pieces of one page that may be read again. Each takes some hundredths of a second; a closely set gazette has 60, and ten
# times that is allowed. By count, and not by time: the same page is read the same on a busy machine.
_MOST_AGAIN = 600


class LiftedStamp(Protocol):
    """Coloured ink that lay over writing: where, and its own ink alone, grey on white."""

    @property
    def box(self) -> Box: ...

    @property
    def pixels(self) -> Pixels: ...


class PreparedPage(Protocol):
    """What is read: grey pixels, (height, width), with the tables and the coloured stamps that were found on them."""

    @property
    def pixels(self) -> Pixels: ...

    @property
    def tables(self) -> Sequence[Table]: ...

    @property
    def stamps(self) -> Sequence[LiftedStamp]: ...

    @property
    def strokes(self) -> int: ...

    def unread_lines(self, words: Iterable[Box]) -> Sequence[Box]:
        """The boxes of the lines of ink that lie under none of these words and in no table."""


@dataclass(frozen=True, slots=True)
class OcrOptions:
    """How a page is read: the engine and its language data (names as installed), those for unsure lines (or none), the
    page mode, the confidences below which a line is read again and a page is flagged, how the lines of the head that
    carry numbers and dates are looked at again (or not), the data with which Latin codes are (or none), and how many
    pieces of one page may be read again."""

    engine: OcrEngine
    languages: str
    doubtful_languages: str | None
    page_mode: int
    doubtful_below: float
    low_confidence: float
    second_look: SecondLook | None = None
    latin_languages: str | None = None
    most_again: int = _MOST_AGAIN
