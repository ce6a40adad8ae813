"""Invents letters and whole files for `fields`: wording by chance from `data/records.toml`, with what is true of each.

The same seed and number give the same paper. How a paper looks is in `laying`; nothing is drawn or measured here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.model.digits import TO_DEVANAGARI

LEVELS = ("clean", "office", "office", "office", "aged", "aged", "aged", "poor")
_WORDS = Path(__file__).parent / "data" / "records.toml"
_ORIGIN_YEARS = (1962, 2025)

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


class Chance:
    """What chance decides, from one seed."""

    def __init__(self, *seeds: int) -> None:
        self.numbers = np.random.default_rng(seeds)

    def one(self, options: Sequence[Any]) -> Any:
        return options[int(self.numbers.integers(len(options)))]

    def of(self, low: int, high: int) -> int:
        """From low to high, both of them possible."""
        return int(self.numbers.integers(low, high + 1))

    def some(self, share: float) -> bool:
        return bool(self.numbers.random() < share)


@cache
def words() -> dict[str, Any]:
    return tomllib.loads(_WORDS.read_text(encoding="utf-8"))


def letter(chance: Chance) -> Paper:
    """A letter with a number of its own government's form."""
    state = chance.one(words()["state"])
    day = _day(chance)
    label, pattern = chance.one(state["numbers"])
    return _letter(chance, state, day, label, _filled(chance, pattern, day), hindi=chance.some(0.4))


def bundle(chance: Chance) -> Bundle:
    """A file with cover, noting and letters, all under one number. Some letters have a second page or an enclosure."""
    state = chance.one(words()["state"])
    day = _day(chance)
    number = _filled(chance, chance.one(state["numbers"])[1], day)
    hindi = chance.some(0.4)
    number = number.translate(TO_DEVANAGARI) if hindi else number
    papers = [_cover(chance, state, number, day)]
    title = chance.one(["नोटशीट", "टिप्पणी", "टीप", "नोट शीट", "टिप्पणी एवं आदेश", "कार्यालयीन टीप"])
    papers += [_noting(chance, title, number, sheet, day) for sheet in range(1, chance.of(1, 2) + 1)]
    for _ in range(3):
        other = chance.one(words()["state"])
        label = chance.one(["क्रमांक", "संख्या", "पत्र संख्या", "पत्रांक", "पत्र सं०", "फा. सं.", "क्र.", "मिसिल संख्या"])
        one = _letter(chance, other, _day(chance), label, number, hindi=hindi)
        papers.append(one)
        if chance.some(0.2):
            papers.append(_second(chance))
        if chance.some(0.15):
            papers.append(_enclosure(chance))
    return Bundle(number, tuple(papers), duplex=chance.some(0.4))


def _letter(chance: Chance, state: dict[str, Any], day: date, label: str, number: str, *, hindi: bool) -> Paper:
    known, district = words(), chance.one(state["districts"])
    topic, village, person = chance.one(known["topic"]), chance.one(known["villages"]), chance.one(known["people"])

    def told(text: str) -> str:
        filled = _filled(chance, text, day, village=village, district=district, person=person)
        return filled.translate(TO_DEVANAGARI) if hindi else filled

    number = number.translate(TO_DEVANAGARI) if hindi else number
    head = [told(row) for row in chance.one(state["heads"])]
    to = [
        told(row)
        for row in chance.one(
            [
                ["कलेक्टर,", "{district}"],
                ["मुख्य कार्यपालन अधिकारी,", "जिला पंचायत {district}।"],
                ["संचालक,", "लोक शिक्षण,", "{district}"],
                ["तहसीलदार {district}"],
            ]
        )
    ]
    subject = told(topic["subject"])
    quoted = day.replace(year=day.year - chance.of(0, 1))
    quoted_no = told(chance.one(["{c}", "{c}/{s}/{y}", "{a}/{b}/{y}"])) if chance.some(0.6) else ""
    quoted_date = _date_text(chance, quoted, hindi=hindi) if quoted_no else ""
    reference = chance.one(
        [f"आपका पत्र क्रमांक {quoted_no} दिनांक {quoted_date}", f"आपके कार्यालय का पत्र क्र. {quoted_no} दिनांक {quoted_date}।"]
    )
    signer, post = chance.one(known["people"]), chance.one(state["posts"])
    endorsed = told(f"{{c}}/{chance.one(known['sections'])}/{day.year}") if chance.some(0.25) else ""
    rows = [[told("{a}"), chance.one(known["people"]), chance.one(known["villages"]), told("{c}")] for _ in range(4)]
    body = [told(part) for part in topic["body"]] + [chance.one(known["ends"])]
    date_text = _date_text(chance, day, hindi=hindi)
    copies = [told(row) for row in known["copies"][: chance.of(1, 3)]] if endorsed or chance.some(0.4) else []
    truth = {
        "file_no": number,
        "date": day.isoformat(),
        "subject": subject,
        "sender": ", ".join(head),
        "recipient": ", ".join(row.strip(",।") for row in to),
        "signatory": signer,
        "designation": post.split(",")[0],
    }
    if quoted_no:
        truth |= {"reference": reference, "reference_no": quoted_no, "reference_date": quoted.isoformat()}
    if endorsed:
        truth |= {"endorsement_no": endorsed, "endorsement_date": day.isoformat()}
    if any(word in label for word in ("पत्र", "ज्ञाप", "याद")):
        truth["letter_no"] = number
    parts = {
        "head": head,
        "priority": chance.one(known["priorities"]),
        "contact": chance.one(known["contacts"]),
        "label": label,
        "number": number,
        "date_label": _placed(chance, district),
        "date": date_text,
        "to_label": chance.one(state["to_labels"]),
        "to": to,
        "subject_label": chance.one(known["subject_labels"]),
        "subject": subject + chance.one(["।", "।", ""]),
        "reference": f"{chance.one(known['reference_labels'])} {reference}" if quoted_no else "",
        "salutation": chance.one(known["salutations"]),
        "body": body,
        "rows": rows if chance.some(0.2) else [],
        "closing": chance.one(known["closings"]),
        "signer": signer,
        "post": post,
        "place": told(chance.one(["{district}", "जिला {district}", ""])),
        "endorsed": f"{chance.one(['पृ. क्रमांक', 'पृष्ठांकन क्रमांक', 'पृ.क्र.'])} {endorsed}" if endorsed else "",
        "endorsed_date": f"दिनांक {date_text}" if endorsed else "",
        "copies": copies,
        "copies_label": chance.one(known["copies_labels"]),
        "inward": told("आवक क्रमांक {c} दिनांक ") + _date_text(chance, day, hindi=hindi) if chance.some(0.1) else "",
    }
    return Paper("letter", parts, truth)


def _cover(chance: Chance, state: dict[str, Any], number: str, day: date) -> Paper:
    head = [_filled(chance, row, day, district=state["districts"][0]) for row in chance.one(state["heads"])]
    label = chance.one(["नस्ती क्रमांक", "फाइल संख्या", "पत्रावली संख्या", "मिसिल संख्या", "फा. सं.", "क्रमांक"])
    subject = _filled(chance, chance.one(words()["topic"])["subject"], day)
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
        text = _filled(chance, chance.one(chance.one(known["topic"])["body"]), day)
        post = chance.one(["सहायक ग्रेड-2", "कार्यालय अधीक्षक", "अनुभाग अधिकारी", "अवर सचिव"])
        notes.append((f"{place}. {text}", post, _date_text(chance, _day(chance), hindi=False)))
    label = chance.one(["नस्ती क्रमांक", "फाइल संख्या", "पत्रावली संख्या", "फा. सं."])
    page = chance.one(["", f"पृष्ठ {sheet}", f"-{sheet}-"])
    return Paper(
        "noting", {"title": title, "number": f"{label} {number}", "page": page, "notes": notes}, {"file_no": number}
    )


def _second(chance: Chance) -> Paper:
    """The second page of a letter: a page number, text, signature."""
    known = words()
    body = [_filled(chance, part, date(2001, 5, 5)) for part in chance.one(known["topic"])["body"]] + known["ends"][:1]
    mark = chance.one(["-2-", "(2)", "// 2 //", "2", "निरंतर.. 2"])
    return Paper("second", {"mark": mark, "body": body, "signer": chance.one(known["people"]), "post": "अनुभाग अधिकारी"})


def _enclosure(chance: Chance) -> Paper:
    known = words()
    rows = [
        [str(n), chance.one(known["people"]), chance.one(known["villages"]), _filled(chance, "{c}", date(2001, 5, 5))]
        for n in range(1, chance.of(6, 14))
    ]
    title = chance.one(["संलग्नक-1", "परिशिष्ट-अ", "हितग्राहियों की सूची", "पंचनामा"])
    return Paper(
        "enclosure",
        {"title": title, "rows": [["क्र.", *known["rows"][:1], *known["rows"][1:2], known["rows"][3]], *rows]},
    )


def _placed(chance: Chance, district: str) -> str:
    """The date's label, at times with the place before it."""
    label = chance.one(words()["date_labels"])
    return f"{district}, {label}" if chance.some(0.2) else str(label)


def _day(chance: Chance) -> date:
    return date(chance.of(*_ORIGIN_YEARS), chance.of(1, 12), chance.of(1, 28))


def _filled(chance: Chance, text: str, day: date, **more: str) -> str:
    known = words()
    filled = text.format(
        a=chance.of(1, 48),
        b=chance.of(2, 780),
        c=chance.of(20, 9999),
        c5=chance.of(11001, 45050),
        y=day.year,
        ys=f"{day.year}-{(day.year + 1) % 100:02}",
        yy=f"{day.year % 100:02}",
        s=chance.one(known["sections"]),
        s2=chance.one(known["sections"]),
        **{"village": chance.one(known["villages"]), "person": chance.one(known["people"]), "district": "सतना", **more},
    )
    return filled.strip()


def _date_text(chance: Chance, day: date, *, hindi: bool) -> str:
    known = words()
    name = chance.one([known["months"], known["more_months"]])[day.month - 1]
    text = chance.one(
        [
            f"{day:%d.%m.%Y}",
            f"{day:%d.%m.%Y}",
            f"{day.day}/{day.month}/{day:%Y}",
            f"{day:%d-%m-%Y}",
            f"{day:%d/%m/%Y}",
            f"{day.day} {name}, {day.year}",
            f"{day.day} {name} {day.year}",
            f"{day:%d} {name}, {day.year}",
            *([f"{day.day}.{day.month}.{day:%y}", f"{day.day}-{day.month}-{day:%y}"] if day.year < 2000 else []),
        ]
    )
    return str(text.translate(TO_DEVANAGARI) if hindi else text)
