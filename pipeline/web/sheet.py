"""What a page of a document shows besides its image: the text with its marks, the fields, the remarks.

Values in, values out; the routes are in `pages`, the HTML in `templates/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model import Document, DocumentKind, ReadPage, Word
from pipeline.web.language import N_

SURE_FROM = 0.6  # below this a word or a field is shown as doubtful; the same as the default of `ocr.low_confidence`
KINDS = {
    DocumentKind.COVER: N_("Cover"),
    DocumentKind.NOTING: N_("Note sheet"),
    DocumentKind.LETTER: N_("Letter"),
    DocumentKind.ORDER: N_("Order"),
    DocumentKind.OTHER: N_("Other"),
}
FIELDS = {
    "file_no": N_("File number"),
    "letter_no": N_("Letter number"),
    "date": N_("Date"),
    "subject": N_("Subject"),
    "sender": N_("Sender"),
    "recipient": N_("Recipient"),
}
FLAGS = {
    "unread": N_("This page could not be read. Only its image can be shown."),
    "unreadable": N_("This page could not be drawn from its scan; an empty sheet keeps its place. Scan it again."),
    "orientation_doubtful": N_("It is not certain that this page stands upright."),
    "skew_doubtful": N_("It is not certain how far this page leans; it was left as scanned."),
    "spread": N_("Two facing pages seem to lie in this one scan. They are kept together."),
    "javascript": N_("The original PDF holds scripts. They are never run, and are not in the PDF/A."),
    "launch_action": N_("The original PDF wants to start a program. It is never started, and is not in the PDF/A."),
    "attachments": N_("The original PDF holds attachments. They are kept in it and are not shown here."),
    "low_confidence": N_("Much of this page was read with doubt."),
    "not_machine_read": N_("This page is handwriting or a picture. It was not read by the machine."),
    "separator": N_("This is a separator sheet. It is kept with the pages it opens and is no page of the file."),
    "sheets_disagree": N_("Two different separator sheets lie in this one scan; neither was used."),
    "signed": N_("There is a signature or other handwriting on this page; it was not read."),
    "text_layer": N_("The words of this page are those of the PDF itself; they were judged right and not read anew."),
    "text_layer_converted": N_("The words of this page are the PDF's own, put from an old Hindi font into Unicode."),
}


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
