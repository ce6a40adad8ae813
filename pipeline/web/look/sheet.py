"""What a page of a document shows besides its image: the text with its marks, the fields, the remarks.

Values in, values out; the routes are in `routes`, the HTML in `templates/look`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model import Document, ReadPage, Word
from pipeline.web.language import N_
from pipeline.web.names import FIELDS, FLAGS

SURE_FROM = 0.6  # below this a word or a field is shown as doubtful; the same as the default of `ocr.low_confidence`


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a page's text that looks alike."""

    text: str
    is_marked: bool = False
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as it is shown; `value` is empty when it was not found."""

    name: str
    label: str
    value: str
    is_sure: bool


def fields(document: Document) -> list[Shown]:
    """The fields of a document in their usual order, those that were not found included."""
    return [
        Shown(name, label, found.value, found.confidence >= SURE_FROM) if found else Shown(name, label, "", False)
        for name, label in FIELDS.items()
        for found in [document.fields.get(name)]
    ]


def remarks(page: ReadPage) -> list[str]:
    """What a reader should know of the page, as strings still to be translated."""
    if page.blank:
        return [N_("This page is blank.")]
    flagged = [FLAGS[flag] for flag in page.flags if flag in FLAGS]
    if not page.text.strip() and not {"unread", "unreadable", "separator"} & set(page.flags):
        flagged.append(N_("No text was found on this page."))
    return flagged


def pieces(page: ReadPage, boxes: Sequence[Sequence[float]]) -> list[Piece]:
    """The text of a page, cut so that words under a mark and doubtful words can be set apart."""
    cut: list[Piece] = []
    done = 0
    for word in sorted(page.words, key=lambda word: word.start):
        if word.start < done or word.end > len(page.text):
            continue
        piece = Piece(page.text[word.start : word.end], _is_under(word, page, boxes), word.confidence < SURE_FROM)
        cut += [Piece(page.text[done : word.start]), piece]
        done = word.end
    return _joined([*cut, Piece(page.text[done:])])


def _is_under(word: Word, page: ReadPage, boxes: Sequence[Sequence[float]]) -> bool:
    """Whether the middle of the word lies in one of the boxes (fractions of the page image)."""
    across = (word.box.x + word.box.w / 2) / page.width
    down = (word.box.y + word.box.h / 2) / page.height
    return any(x <= across <= x + w and y <= down <= y + h for x, y, w, h in boxes)


def _joined(cut: Sequence[Piece]) -> list[Piece]:
    """Neighbouring plain pieces as one, so that a page is not a thousand elements."""
    joined: list[Piece] = []
    for piece in cut:
        if joined and not (piece.is_marked or piece.is_doubtful or joined[-1].is_marked or joined[-1].is_doubtful):
            joined[-1] = Piece(joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    return joined
