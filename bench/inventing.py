"""Invents letters and whole files for `fields`: wording by chance from `data/records.toml`, with what is true of each.

The same seed and number give the same paper. How a paper looks is in `laying`; nothing is drawn or measured here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bench.wording import Chance, date_text, filled_in, placed, some_day, words
from pipeline.model.digits import TO_DEVANAGARI

LEVELS = ("clean", "office", "office", "office", "aged", "aged", "aged", "poor")
_RECIPIENTS = (
    ("कलेक्टर,", "{district}"),
    ("मुख्य कार्यपालन अधिकारी,", "जिला पंचायत {district}।"),
    ("संचालक,", "लोक शिक्षण,", "{district}"),
    ("तहसीलदार {district}",),
)

Truth = dict[str, str]


@dataclass(frozen=True, slots=True)
class Paper:
    """One sheet: what kind it is, what stands on it part by part, and what is true of it, by the names of the fields."""

    kind: str  # letter, second, enclosure, cover, noting
    parts: dict[str, Any]
    truth: Truth = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A whole file: its number, its sheets in order, and whether both sides of each were scanned."""

    file_no: str
    papers: tuple[Paper, ...]
    duplex: bool


def letter(chance: Chance) -> Paper:
    """A letter with a number of its own government's form."""
    state = chance.one(words()["state"])
    day = some_day(chance)
    label, pattern = chance.one(state["numbers"])
    return _letter(chance, state, day, label, filled_in(chance, pattern, day), hindi=chance.some(0.4))


def bundle(chance: Chance) -> Bundle:
    """A file with cover, noting and letters, all under one number. Some letters have a second page or an enclosure."""
    state = chance.one(words()["state"])
    day = some_day(chance)
    number = filled_in(chance, chance.one(state["numbers"])[1], day)
    hindi = chance.some(0.4)
    number = number.translate(TO_DEVANAGARI) if hindi else number
    papers = [_cover(chance, state, number, day)]
    title = chance.one(["नोटशीट", "टिप्पणी", "टीप", "नोट शीट", "टिप्पणी एवं आदेश", "कार्यालयीन टीप"])
    papers += [_noting(chance, title, number, sheet, day) for sheet in range(1, chance.of(1, 2) + 1)]
    for _ in range(3):
        other = chance.one(words()["state"])
        label = chance.one(["क्रमांक", "संख्या", "पत्र संख्या", "पत्रांक", "पत्र सं०", "फा. सं.", "क्र.", "मिसिल संख्या"])
        one = _letter(chance, other, some_day(chance), label, number, hindi=hindi)
        papers.append(one)
        if chance.some(0.2):
            papers.append(_second(chance))
        if chance.some(0.15):
            papers.append(_enclosure(chance))
    return Bundle(number, tuple(papers), duplex=chance.some(0.4))


@dataclass(frozen=True, slots=True)
class _Wording:
    """What one letter is filled with: its government, day and digits, and the place and the person it is about."""

    chance: Chance
    state: dict[str, Any]
    day: date
    hindi: bool
    district: str
    village: str
    person: str

    def filled(self, text: str) -> str:
        names = {"village": self.village, "district": self.district, "person": self.person}
        filled = filled_in(self.chance, text, self.day, **names)
        return filled.translate(TO_DEVANAGARI) if self.hindi else filled

    def date_text(self, day: date) -> str:
        return date_text(self.chance, day, hindi=self.hindi)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a letter says, before it is put on paper; what it has not is empty."""

    head: list[str]
    to: list[str]
    subject: str
    quoted: date
    quoted_no: str
    reference: str
    signer: str
    post: str
    endorsed: str
    rows: list[list[str]]
    body: list[str]
    date_text: str
    copies: list[str]


def _letter(chance: Chance, state: dict[str, Any], day: date, label: str, number: str, *, hindi: bool) -> Paper:
    known, district = words(), chance.one(state["districts"])
    topic, village, person = chance.one(known["topic"]), chance.one(known["villages"]), chance.one(known["people"])
    wording = _Wording(chance, state, day, hindi, district, village, person)
    number = number.translate(TO_DEVANAGARI) if hindi else number
    draft = _drafted(wording, topic)
    return Paper("letter", _parts(wording, draft, label, number), _true_of(draft, day, label, number))


def _drafted(wording: _Wording, topic: dict[str, Any]) -> _Draft:
    known, chance, day, filled = words(), wording.chance, wording.day, wording.filled
    head = [filled(row) for row in chance.one(wording.state["heads"])]
    to = [filled(row) for row in chance.one(_RECIPIENTS)]
    subject = filled(topic["subject"])
    quoted = day.replace(year=day.year - chance.of(0, 1))
    quoted_no = filled(chance.one(["{c}", "{c}/{s}/{y}", "{a}/{b}/{y}"])) if chance.some(0.6) else ""
    quoted_date = wording.date_text(quoted) if quoted_no else ""
    reference = chance.one(
        [f"आपका पत्र क्रमांक {quoted_no} दिनांक {quoted_date}", f"आपके कार्यालय का पत्र क्र. {quoted_no} दिनांक {quoted_date}।"]
    )
    signer, post = chance.one(known["people"]), chance.one(wording.state["posts"])
    endorsed = filled(f"{{c}}/{chance.one(known['sections'])}/{day.year}") if chance.some(0.25) else ""
    rows = [
        [filled("{a}"), chance.one(known["people"]), chance.one(known["villages"]), filled("{c}")] for _ in range(4)
    ]
    body = [filled(part) for part in topic["body"]] + [chance.one(known["ends"])]
    date_text = wording.date_text(day)
    copies = [filled(row) for row in known["copies"][: chance.of(1, 3)]] if endorsed or chance.some(0.4) else []
    return _Draft(
        head, to, subject, quoted, quoted_no, reference, signer, post, endorsed, rows, body, date_text, copies
    )


def _true_of(draft: _Draft, day: date, label: str, number: str) -> Truth:
    """What is true of the letter, by the names of the fields."""
    truth = {
        "file_no": number,
        "date": day.isoformat(),
        "subject": draft.subject,
        "sender": ", ".join(draft.head),
        "recipient": ", ".join(row.strip(",।") for row in draft.to),
        "signatory": draft.signer,
        "designation": draft.post.split(",")[0],
    }
    if draft.quoted_no:
        truth |= {"reference": draft.reference, "reference_no": draft.quoted_no}
        truth |= {"reference_date": draft.quoted.isoformat()}
    if draft.endorsed:
        truth |= {"endorsement_no": draft.endorsed, "endorsement_date": day.isoformat()}
    if any(word in label for word in ("पत्र", "ज्ञाप", "याद")):
        truth["letter_no"] = number
    return truth


def _parts(wording: _Wording, draft: _Draft, label: str, number: str) -> dict[str, Any]:
    """What stands on the paper, part by part; the labels by chance."""
    known, chance, state, endorsed = words(), wording.chance, wording.state, draft.endorsed
    return {
        "head": draft.head,
        "priority": chance.one(known["priorities"]),
        "contact": chance.one(known["contacts"]),
        "label": label,
        "number": number,
        "date_label": placed(chance, wording.district),
        "date": draft.date_text,
        "to_label": chance.one(state["to_labels"]),
        "to": draft.to,
        "subject_label": chance.one(known["subject_labels"]),
        "subject": draft.subject + chance.one(["।", "।", ""]),
        "reference": f"{chance.one(known['reference_labels'])} {draft.reference}" if draft.quoted_no else "",
        "salutation": chance.one(known["salutations"]),
        "body": draft.body,
        "rows": draft.rows if chance.some(0.2) else [],
        "closing": chance.one(known["closings"]),
        "signer": draft.signer,
        "post": draft.post,
        "place": wording.filled(chance.one(["{district}", "जिला {district}", ""])),
        "endorsed": f"{chance.one(['पृ. क्रमांक', 'पृष्ठांकन क्रमांक', 'पृ.क्र.'])} {endorsed}" if endorsed else "",
        "endorsed_date": f"दिनांक {draft.date_text}" if endorsed else "",
        "copies": draft.copies,
        "copies_label": chance.one(known["copies_labels"]),
        "inward": _inward(wording) if chance.some(0.1) else "",
    }


def _inward(wording: _Wording) -> str:
    return wording.filled("आवक क्रमांक {c} दिनांक ") + wording.date_text(wording.day)


def _cover(chance: Chance, state: dict[str, Any], number: str, day: date) -> Paper:
    head = [filled_in(chance, row, day, district=state["districts"][0]) for row in chance.one(state["heads"])]
    label = chance.one(["नस्ती क्रमांक", "फाइल संख्या", "पत्रावली संख्या", "मिसिल संख्या", "फा. सं.", "क्रमांक"])
    subject = filled_in(chance, chance.one(words()["topic"])["subject"], day)
    parts = {
        "head": head,
        "title": chance.one(["नस्ती आवरण", "फाइल आवरण", "पत्रावली", "नस्ती", "FILE COVER", "मिसिल आवरण"]),
        "number": f"{label} {number}",
        "subject": f"विषय: {subject}",
        "year": f"वर्ष {day.year}",
    }
    return Paper("cover", parts, {"file_no": number, "subject": subject})


def _noting(chance: Chance, title: str, number: str, sheet: int, day: date) -> Paper:
    known = words()
    notes = []
    for place in range(1, chance.of(2, 3) + 1):
        text = filled_in(chance, chance.one(chance.one(known["topic"])["body"]), day)
        post = chance.one(["सहायक ग्रेड-2", "कार्यालय अधीक्षक", "अनुभाग अधिकारी", "अवर सचिव"])
        notes.append((f"{place}. {text}", post, date_text(chance, some_day(chance), hindi=False)))
    label = chance.one(["नस्ती क्रमांक", "फाइल संख्या", "पत्रावली संख्या", "फा. सं."])
    page = chance.one(["", f"पृष्ठ {sheet}", f"-{sheet}-"])
    return Paper(
        "noting", {"title": title, "number": f"{label} {number}", "page": page, "notes": notes}, {"file_no": number}
    )


def _second(chance: Chance) -> Paper:
    """The second page of a letter: a page number, text, signature."""
    known = words()
    body = [filled_in(chance, part, date(2001, 5, 5)) for part in chance.one(known["topic"])["body"]] + known["ends"][
        :1
    ]
    mark = chance.one(["-2-", "(2)", "// 2 //", "2", "निरंतर.. 2"])
    return Paper("second", {"mark": mark, "body": body, "signer": chance.one(known["people"]), "post": "अनुभाग अधिकारी"})


def _enclosure(chance: Chance) -> Paper:
    known = words()
    rows = [
        [str(n), chance.one(known["people"]), chance.one(known["villages"]), filled_in(chance, "{c}", date(2001, 5, 5))]
        for n in range(1, chance.of(6, 14))
    ]
    title = chance.one(["संलग्नक-1", "परिशिष्ट-अ", "हितग्राहियों की सूची", "पंचनामा"])
    return Paper(
        "enclosure",
        {"title": title, "rows": [["क्र.", *known["rows"][:1], *known["rows"][1:2], known["rows"][3]], *rows]},
    )
