"""Who wrote a letter, to whom, and who signed it, from where their names stand on the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from pipeline.extract import landmarks as marks
from pipeline.extract.dates import find_all
from pipeline.extract.file_number import DATE_LABEL, LABEL
from pipeline.extract.lines import TextLine, field_of_lines
from pipeline.model.document import Field

_LETTERHEAD_LINES = 7
_ADDRESS_LINES = 7
_HEADING = re.compile(
    r"^\W*(?:(?:\S+\s*)?आवरण|नोट\S{0,3}\s*-?\s*शीट|नोटश\S*|टीप(?:\s*पत्र)?|टिप्पणी|(?:कार्यालय\s*)?(?:आदेश(?:\s*पत्र(?:क|िका)?)?|ज्ञाप|ज्ञापन|परिपत्र)|"
    r"अधिसूचना|अर्द्?ध\s*शासकीय\s*पत्र|अ[.०]?\s*शा[.०]?\s*पत्र|गोपनीय|अति\s*गोपनीय|(?:अति\s*)?आवश्यक|तत्काल|स्पीड\s*पोस्ट|"
    r"पंजीकृत(?:\s*डाक)?|शीर्ष\s*प्राथमिकता|समय\s*सीमा|note\s*-?\s*sheet|noting|file\s*cover|(?:office\s+)?(?:order|"
    r"memorandum|memo)|circular|secret|confidential|immediate|most\s+urgent|urgent|by\s+(?:speed|regd|registered).*)\W*$",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"^\W*(?:दूरभाष|फोन|फ\u093cोन|फैक्स|ई-?\s?मेल|वेबसाइट|phone|tel|fax|e-?mail|website|www)", re.IGNORECASE
)
_LETTERS = re.compile(r"[A-Za-z\u0904-\u0939]")
_NAME = r"[^()\[\]{}0-9०-९]{3,60}?"
_STRAY = (
    r"(?:[^\u0900-\u097f0-9]{0,8}|\W*[\u0900-\u0963]{1,3}\s)"  # what the stroke of a signature beside a name is read as
)
_SIGNATORY = re.compile(rf"^{_STRAY}[(\[{{]\s*(?P<name>{_NAME})\s*[)\]}}][\W_]{{0,3}}$")
_HALF_BRACKETED = re.compile(
    r"^\W{0,2}(?:[(\[{]\s*(?P<opened>[^()\[\]{}0-9०-९:,।]{5,40})|(?P<closed>[^()\[\]{}0-9०-९:,।]{5,40}?)\s*[)\]}])\W{0,2}$"
)
_INITIAL = re.compile(r"(?<![^\s.])(?<=[\u0904-\u0939]),|(?<=[\u0904-\u0939][\u0900-\u0963]),(?=\s)")  # बी, एल, मीणा
_SIGNED = re.compile(r"^\W*(?:sd|s/d|हस्ता(?:क्षरित|क्षर)?|हस्ता|ह[०0.])\s*[/.\-–—०0]*\W*$", re.IGNORECASE)
_NO_NAME = re.compile(
    r"^(?:राजस्व|पुलिस|वित्त|स्थापना|प्रशासन|लेखा|सामान्य|भवन|पथ|शिक्षा|स्वास्थ्य|ग्रामीण|म[.०]?\s*प्र[.०]?|उ[.०]?\s*प्र[.०]?|मध्य\s*प्रदेश|"
    r"उत्तर\s*प्रदेश|राजस्थान|छत्तीसगढ़|हिन्दी|हिंदी|अनुवाद|मूल|सील|मुहर|seal|copy|revenue|police|admn?)\W*$",
    re.IGNORECASE,
)
_OFFICIAL = re.compile(
    r"अधिकारी|सचिव|कले?क्टर|समाहर्ता|नगराधीश|जिलाधीश|तहसीलदार|अधीक्षक|संचालक|निदेशक|आयुक्त|यंत्री|यन्त्री|अभियंता|अभियन्ता|प्राचार्य|प्रबंधक|न्यायाधीश|"
    r"मजिस्ट्रेट|निरीक्षक|अध्यक्ष|पंजीयक|रजिस्ट्रार|लिपिक|secretary|officer|collector|director|commissioner|engineer|"
    r"superintendent|registrar|magistrate|manager|principal",
    re.IGNORECASE,
)
_OFFICE_LINES = 3  # under the designation


def find_sender(lines: Sequence[TextLine], numbered: Callable[[TextLine], bool]) -> Field | None:
    """What follows प्रेषक; else the letterhead: what stands above the number, the date and the recipient, or right under a
    number at the top. Headings that name the kind of paper, telephones, and what the receiving office stamped on are no
    part of it. `numbered` tells of a line whether a number stands on it without a label."""
    for index, line in enumerate(lines[: 2 * _LETTERHEAD_LINES]):
        if label := marks.FROM.match(line.text):
            return _address(lines, index, label.end())
    head: list[TextLine] = []
    for line in lines[:_LETTERHEAD_LINES]:
        if line is lines[0] and LABEL.match(line.text):
            continue
        if _HEADING.match(line.text) or _CONTACT.match(line.text) or not _LETTERS.search(line.text[line.begins :]):
            continue
        if LABEL.search(line.text) and marks.INWARD.search(line.text):
            continue
        if find_all(line.text, today=date.max):
            if head:
                break  # New Delhi, the 7th November, 2019
            continue
        if _is_numbered(line) or numbered(line) or marks.ends_part(line) or marks.is_prose(line) or marks.is_item(line):
            break
        head.append(line)
    return field_of_lines(head) if head else None


def _is_numbered(line: TextLine) -> bool:
    """Whether number or date stand here; the label of a number inside an office's name (संभाग क्रमांक 1) is none."""
    label = LABEL.search(line.text)
    inside = (
        label is not None
        and _LETTERS.search(line.text[: label.start()])
        and not re.search("[/-]", line.text[label.end() :])
    )
    return bool(DATE_LABEL.search(line.text) or (label and not inside))


def find_recipient(lines: Sequence[TextLine]) -> Field | None:
    """The address after प्रति or सेवा में, on its line or under it; else an official's between number and subject."""
    for index, line in enumerate(lines):
        if label := marks.TO.match(line.text):
            found = _address(lines, index, label.end())
            if found:
                return found
    return _unlabelled_address(lines)


def _unlabelled_address(lines: Sequence[TextLine]) -> Field | None:
    at = next((index for index, line in enumerate(lines) if marks.SUBJECT.match(line.text)), 0)
    numbered = next((index for index in reversed(range(at)) if _is_numbered(lines[index])), None)
    if numbered is None or at - numbered > _ADDRESS_LINES or marks.FROM.match(lines[numbered + 1].text):
        return None
    taken = [line for line in lines[numbered + 1 : at] if not _HEADING.match(line.text)]
    if any(marks.ends_part(line) for line in taken) or not any(_OFFICIAL.search(line.text) for line in taken):
        return None
    return field_of_lines(taken)


def _address(lines: Sequence[TextLine], index: int, after: int) -> Field | None:
    taken = [lines[index]] if _LETTERS.search(lines[index].text[after:]) else []
    first = after if taken else 0
    for line in lines[index + 1 : index + 1 + _ADDRESS_LINES]:
        if marks.ends_part(line) or marks.is_prose(line) or _is_numbered(line):
            break
        taken.append(line)
    return field_of_lines(taken, first) if taken else None


def find_signatory(lines: Sequence[TextLine]) -> dict[str, Field]:
    """`signatory`, the last name that stands alone in brackets above the copies, or after हस्ता/-; `designation` and
    `signatory_office`, the lines under it."""
    top = next((at for at, line in enumerate(lines) if marks.SUBJECT.match(line.text)), 0)
    index, span = _name_in(_above_copies(lines), top) or _name_in(lines, top) or (None, (0, 0))
    if index is None:
        return {}
    name = lines[index]
    fields = {"signatory": name.field(_INITIAL.sub(".", name.text[slice(*span)].strip()), *span)}
    under = [line for line in _under(lines[index + 1 :]) if line.page is name.page]
    if not under:
        return fields
    comma = re.search(r",\s*(?=\S)", under[0].text)
    end = comma.start() if comma else len(under[0].text)
    post = under[0].text[under[0].begins : end].strip(" ,।|.[]")
    if post:
        fields["designation"] = under[0].field(post, under[0].begins, end)
    office = field_of_lines(under, comma.end()) if comma else field_of_lines(under[1:]) if under[1:] else None
    if office:
        fields["signatory_office"] = office
    return fields


def _above_copies(lines: Sequence[TextLine]) -> Sequence[TextLine]:
    for index, line in enumerate(lines):
        if marks.COPIES.match(line.text):
            return lines[:index]
    return lines


def _name_in(lines: Sequence[TextLine], top: int) -> tuple[int, tuple[int, int]] | None:
    """The line and place of the last name below `top`; one with half its brackets lost counts where a designation stands
    under it."""
    for index in reversed(range(top, len(lines))):
        text = lines[index].text
        match = _SIGNATORY.match(text)
        if match and not _NO_NAME.match(match["name"]) and _LETTERS.search(match["name"]):
            return index, match.span("name")
        under = lines[index + 1].text if index + 1 < len(lines) else ""
        half = _HALF_BRACKETED.match(text)
        if half and _OFFICIAL.search(under) and not _OFFICIAL.search(text) and not marks.SUBJECT.match(text):
            return index, half.span("opened" if half["opened"] else "closed")
        if (
            _SIGNED.match(text)
            and under
            and not _SIGNATORY.match(under)
            and _LETTERS.search(under)
            and not _OFFICIAL.search(under)
        ):
            return index + 1, (0, len(under))
    return None


def _under(lines: Sequence[TextLine]) -> list[TextLine]:
    """Designation and office: the lines under a name, up to the next part of the page."""
    taken: list[TextLine] = []
    for line in lines[: 2 * _OFFICE_LINES]:
        text, is_table = line.text, "\t" in line.text
        if marks.ends_part(line) or marks.is_prose(line) or marks.is_item(line) or is_table:
            break
        if LABEL.match(text) or DATE_LABEL.search(text) or _SIGNATORY.match(text) or not _LETTERS.search(text):
            break
        taken.append(line)
    return taken[: 1 + _OFFICE_LINES]
