"""Lines of read pages, and fields cut out of them with their box and confidence. What lines mean is decided elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from pipeline.model.document import Field
from pipeline.model.page import Box, ReadPage, Word

_EDGES = " \t,।|"
_STRAY = 0.6  # confidence below which letters of the other script are no word, but the strokes of a pen or a seal
# What ends a line in the middle of a sentence, behind some other words: with fewer it may be a heading
# (अर्द्ध शासकीय पत्र). And what begins one so, before another word: से, alone is the label of a sender.
_RUNS_INTO = re.compile(
    r"(?:(?<!\S)(?:\S+\s+){2}(?:ने|के|की|का|को|से|में|पर|एवं|तथा|और|कि|जो|द्वारा|अपने|उक्त|the|of|by|its|his|to|and|in|with|from)|"
    r"(?<!\S)(?:\S+\s+){4}(?:परिपत्र|पत्र|आदेश|अधिसूचना|अधिनियम|letter|order))\s*$",
    re.IGNORECASE,
)
_RUNS_ON = re.compile(r"^\s*(?:को|से|तक|के|की|का|में|पर|द्वारा|ने|and|which|that|was|of)\s+(?=[^\W\d])", re.IGNORECASE)
_HINDI = re.compile(r"[\u0904-\u0939]")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a page: its text, its words, where its text starts on the page, and whether a sentence runs over its
    beginning or its end."""

    page: ReadPage
    text: str
    words: tuple[Word, ...]
    start: int
    in_sentence: bool = False

    def field(self, value: str, start: int, end: int) -> Field:
        """A field read from `text[start:end]` of this line."""
        return field_of(value, self.words_in(start, end), self.page)

    @property
    def begins(self) -> int:
        """Where its text begins behind what the strokes of a pen or a seal beside it were read as; its end where it is
        nothing else."""
        if self.page.language == "en":
            return 0
        first = next((word for word in self.words if _HINDI.search(word.text) or word.confidence >= _STRAY), None)
        return len(self.text) if first is None else first.start - self.start

    def words_in(self, start: int, end: int) -> list[Word]:
        return [w for w in self.words if w.start - self.start < end and w.end - self.start > start]


def lines_of(page: ReadPage) -> list[TextLine]:
    found: list[TextLine] = []
    for _, group in groupby(page.words, key=lambda word: word.line):
        words = tuple(group)
        start, end = words[0].start, words[-1].end
        found.append(TextLine(page, page.text[start:end], words, start))
    texts = ["", *(line.text for line in found), ""]
    return [
        replace(line, in_sentence=True) if _RUNS_INTO.search(above) or _RUNS_ON.match(below) else line
        for above, line, below in zip(texts, found, texts[2:], strict=False)
    ]


def field_of(value: str, words: Sequence[Word], page: ReadPage) -> Field:
    """A field read from these words: as sure as the least sure of them, in the box around those on `page`."""
    confidence = min((word.confidence for word in words), default=0.0)
    box: Box | None = None
    for word in words:
        box = word.box if box is None else box.union(word.box)
    return Field(value, round(confidence, 3), page.source_page, box)


def field_of_lines(lines: Sequence[TextLine], first: int = 0) -> Field | None:
    """A field read from whole lines, one after the other with commas, the first from `first` on; a page's end ends it."""
    lines = [line for line in lines if line.page is lines[0].page]
    starts = [max(first, line.begins) if line is lines[0] else line.begins for line in lines]
    texts = [line.text[start:].strip(_EDGES) for line, start in zip(lines, starts, strict=True)]
    words = [w for line, start in zip(lines, starts, strict=True) for w in line.words_in(start, len(line.text))]
    value = ", ".join(text for text in texts if text)
    return field_of(value, words, lines[0].page) if value else None
