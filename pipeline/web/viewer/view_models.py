"""What a page of a document shows besides its image: the text with its marks, the fields and where they stand, the hits.

Values in, values out; the routes are in `routes`, the HTML in `templates/viewer`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.locale import N_
from pipeline.locale.labels import FLAGS
from pipeline.model.document import SURE_FROM
from pipeline.model.page import Box, ReadPage, Word
from pipeline.model.viewer import Boxes, OpenDocument, PageRef
from pipeline.web.labels import FIELDS, MORE_FIELDS

_MARGIN = 0.35  # of a cut-out, in heights of its box


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a page's text that looks alike; a word has the box in which it was read."""

    text: str
    is_marked: bool = False
    is_doubtful: bool = False
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something was read: a page of the document, the box in its pixels, and a box with a margin for a cut-out."""

    page_ref: PageRef
    box: Box
    cut: Box

    @property
    def fractions(self) -> list[float]:
        return self.box.fractions(max(self.page_ref.width, 1), max(self.page_ref.height, 1))


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field as it is shown; `value` is empty when it was not found."""

    name: str
    label: str
    value: str
    is_sure: bool
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """The places found in a document: how many there are, how many stand before this page, and the pages beside it that
    hold any."""

    here: Boxes
    total: int
    before: int
    previous: int | None
    following: int | None


def hits(places: Mapping[int, Boxes], number: int) -> Hits:
    """What was found, seen from page `number`."""
    earlier, later = [page for page in places if page < number], [page for page in places if page > number]
    return Hits(
        places.get(number, []),
        sum(map(len, places.values())),
        sum(len(places[page]) for page in earlier),
        max(earlier, default=None),
        min(later, default=None),
    )


def fields(opened: OpenDocument) -> list[FieldView]:
    """The fields of a document in their usual order; the chief ones also where they were not found."""
    found = opened.document.fields
    return [
        FieldView(name, label, found[name].value, found[name].confidence >= SURE_FROM, spot(opened, name))
        if name in found
        else FieldView(name, label, "", False)
        for name, label in (FIELDS | MORE_FIELDS).items()
        if name in FIELDS or name in found
    ]


def spot(opened: OpenDocument, name: str) -> Spot | None:
    """Where a field was read; None where that is not known."""
    field = opened.document.fields.get(name)
    page_ref = opened.numbered(field.source_page) if field else None
    if field is None or field.box is None or page_ref is None:
        return None
    box, margin = field.box, round(field.box.h * _MARGIN)
    left, top = max(box.x - margin, 0), max(box.y - margin, 0)
    cut = Box(left, top, box.x + box.w + margin - left, box.y + box.h + margin - top)
    return Spot(page_ref, box, cut)


def remarks(page: ReadPage) -> list[str]:
    """What a reader should know of the page, as strings still to be translated."""
    if page.blank:
        return [N_("This page is blank.")]
    flagged = [FLAGS[flag] for flag in page.flags if flag in FLAGS]
    if not page.text.strip() and not {"unread", "unreadable", "separator"} & set(page.flags):
        flagged.append(N_("No text was found on this page."))
    return flagged


def pieces(page: ReadPage, boxes: Sequence[Sequence[float]]) -> list[Piece]:
    """The text of a page, cut into its words and what stands between them."""
    cut: list[Piece] = []
    done = 0
    for word in sorted(page.words, key=lambda word: word.start):
        if word.start < done or word.end > len(page.text):
            continue
        if word.start > done:
            cut.append(Piece(page.text[done : word.start]))
        text = page.text[word.start : word.end]
        cut.append(Piece(text, _is_under(word, page, boxes), word.confidence < SURE_FROM, word.box))
        done = word.end
    return [piece for piece in [*cut, Piece(page.text[done:])] if piece.text]


def _is_under(word: Word, page: ReadPage, boxes: Sequence[Sequence[float]]) -> bool:
    """Whether the middle of the word lies in one of the boxes (fractions of the page image)."""
    across = (word.box.x + word.box.w / 2) / max(page.width, 1)
    down = (word.box.y + word.box.h / 2) / max(page.height, 1)
    return any(x <= across <= x + w and y <= down <= y + h for x, y, w, h in boxes)
