"""Invents pages that are no letters for `fields`, full of numbers, dates and offices: gazettes, books, registers, lists.
None of them has a field of its own; how they look is in `laying`."""

from __future__ import annotations

from bench.inventing import Paper
from bench.wording import Chance, date_text, filled_in, some_day, words

KINDS = ("gazette", "book", "register", "list")


def other(chance: Chance) -> Paper:
    """A page of one of the kinds. What is said of its parts: `running` stands over it, then `title`, lines of `text`, `rows`
    of a table, and more `text` under them; a gazette is set in two columns."""
    kind = chance.one(KINDS)
    return Paper(kind, {"gazette": _gazette, "book": _book, "register": _register, "list": _list}[kind](chance))


def _gazette(chance: Chance) -> dict[str, object]:
    state, day = chance.one(words()["state"]), some_day(chance)
    exhibits = [
        f"Ex.W{n} {_day(chance)} {chance.one(words()['topic'])['subject'][:24]}" for n in range(1, chance.of(5, 9))
    ]
    notices = [
        f"क्र. {_number(chance)}.—{_said(chance)} दिनांक {_day(chance)} से {chance.one(words()['ends'])}" for _ in range(2)
    ]
    place = f"{chance.one(state['districts'])}, दिनांक {_day(chance)}"
    name = chance.one(["मध्यप्रदेश राजपत्र", "भारत का राजपत्र"])
    running = f"[भाग {chance.of(1, 4)} ] {name}, {date_text(chance, day, hindi=False)}"
    return {"running": f"{running} {chance.of(20, 900)}", "title": "", "text": [*exhibits, place, *notices], "rows": []}


def _book(chance: Chance) -> dict[str, object]:
    text = [
        f"सन् {some_day(chance).year} में {_office(chance)} ने अपने परिपत्र क्रमांक "
        f"{_number(chance)} दिनांक {_day(chance)} के द्वारा निर्देश दिये। {_said(chance)} {_said(chance)}"
        for _ in range(4)
    ]
    title = chance.one(["", f"अध्याय {chance.of(1, 12)}", _day(chance)])
    return {"running": f"{chance.of(10, 400)} प्रशासन का इतिहास", "title": title, "text": text, "rows": []}


def _register(chance: Chance) -> dict[str, object]:
    title = chance.one(["आवक पंजी", "जावक पंजी", "डाक पंजी", "लंबित पत्रों की सूची"])
    rows = [["क्र.", "दिनांक", "किससे", "पत्र क्रमांक"]]
    for n in range(1, chance.of(6, 14)):
        rows.append([str(n), _day(chance), chance.one(words()["people"]), _number(chance)])
    return {"running": "", "title": f"{title} वर्ष {some_day(chance).year}", "text": [], "rows": rows}


def _list(chance: Chance) -> dict[str, object]:
    title = chance.one(["आदेशों की सूची", "उपस्थिति पत्रक", "परिशिष्ट - अ", "शिविरों की तिथियाँ"])
    entries = [f"{n}. {chance.one(words()['villages'])} {_day(chance)}" for n in range(1, chance.of(5, 12))]
    bare = [entry.partition(" ")[2] for entry in entries]
    return {"running": "", "title": title, "text": entries if chance.some(0.5) else bare, "rows": []}


def _office(chance: Chance) -> str:
    state = chance.one(words()["state"])
    return filled_in(chance, chance.one(state["heads"])[0], some_day(chance), district=chance.one(state["districts"]))


def _day(chance: Chance) -> str:
    return str(date_text(chance, some_day(chance), hindi=False))


def _number(chance: Chance) -> str:
    state = chance.one(words()["state"])
    return filled_in(chance, chance.one(state["numbers"])[1], some_day(chance))


def _said(chance: Chance) -> str:
    known = words()
    village, person = chance.one(known["villages"]), chance.one(known["people"])
    body = chance.one(chance.one(known["topic"])["body"])
    district = chance.one(chance.one(known["state"])["districts"])
    return filled_in(chance, body, some_day(chance), village=village, person=person, district=district)
