"""Lays the papers of `inventing` out as HTML, in many ways: where number and date stand, how the head is set, in which font.

A paper is A4 at 75 CSS pixels an inch, as `samples.press` draws it. What stands on it is decided in `inventing`.
"""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from bench.inventing import Paper
from bench.wording import Chance

_FILE = re.compile(r"(?P<name>.+?)-devanagari-400-normal\.woff2$")
_OTHER_SCRIPTS = {"Kalimati"}  # a font for Nepali, with shapes of its own
_STYLE = """* {{ margin: 0; padding: 0; box-sizing: border-box; }}
body {{ width: 620px; height: 877px; background: #fff; color: #111; padding: {top}px {right}px 30px {left}px;
  font-family: {family}, 'Noto Sans Devanagari', sans-serif; font-size: {size}px; line-height: {leading}; }}
.head {{ text-align: {head}; font-weight: {weight}; margin-bottom: 12px; }} .head > :first-child {{ font-size: 1.2em; }}
.row {{ display: flex; justify-content: space-between; gap: 18px; margin: 5px 0; }} .r {{ text-align: right; }}
.c {{ text-align: center; }} .title {{ text-align: center; font-weight: 700; margin: 8px; }}
.who {{ margin-left: {indent}px; }} .subject {{ margin: 12px 10px 4px 34px; font-weight: {weight}; }}
.reference {{ margin: 2px 10px 4px 34px; }} p {{ text-align: justify; text-indent: 38px; margin: 6px 0; }}
.sign {{ width: 230px; margin: 40px 0 0 auto; text-align: center; }} .copies {{ margin-top: 14px; font-size: .95em; }}
table {{ border-collapse: collapse; margin: 10px auto; }} td {{ border: 1px solid #222; padding: 2px 12px; }}
.cover {{ border: 2px solid #222; padding: 60px 30px; text-align: center; height: 760px; }} .cover div {{ margin: 22px 0; }}
.notes {{ border-left: 1.5px solid #555; padding-left: 14px; min-height: 600px; margin-top: 10px; }}
.by {{ margin-left: 200px; text-align: center; }}
.two {{ columns: 2; column-gap: 24px; }} .running {{ border-bottom: 2px solid #222; margin-bottom: 10px; }}
.inward {{ border: 1.5px solid #333; width: 190px; padding: 4px; font-size: .85em; }}
"""


@dataclass(frozen=True, slots=True)
class Font:
    """A font by its name; `faces` is the CSS that loads it where it is not installed."""

    name: str
    faces: str = ""

    @property
    def family(self) -> str:
        return f"'{self.name}'"


def installed() -> list[Font]:
    """The Devanagari fonts of this machine."""
    listed = subprocess.run(["fc-list", ":lang=hi", "family"], capture_output=True, text=True, check=True)
    names = sorted({line.split(",")[0] for line in listed.stdout.splitlines()} - _OTHER_SCRIPTS)
    return [Font(name) for name in names]


def of_folder(folder: Path) -> list[Font]:
    """The web fonts in a folder, as npm's @fontsource packages name their files."""
    found = ((path, _FILE.match(path.name)) for path in sorted(folder.rglob("*.woff2")))
    return [_web(path, named["name"]) for path, named in found if named]


def _web(path: Path, name: str) -> Font:
    rules = []
    for part in ("devanagari", "latin"):
        for weight in (400, 700):
            file = path.with_name(f"{name}-{part}-{weight}-normal.woff2")
            if file.exists():
                data = base64.b64encode(file.read_bytes()).decode()
                span = "U+0900-097F, U+1CD0-1CF9, U+200C-200D, U+20A8, U+20B9, U+25CC, U+A830-A839, U+A8E0-A8FF"
                limit = (
                    f"unicode-range: {span};" if part == "devanagari" else "unicode-range: U+0000-00FF, U+2010-2027;"
                )
                url = f"url(data:font/woff2;base64,{data}) format('woff2')"
                rules.append(f"@font-face {{ font-family: 'W {name}'; font-weight: {weight}; src: {url}; {limit} }}")
    return Font(f"W {name}", "\n".join(rules))


def html(paper: Paper, font: Font, chance: Chance) -> str:
    """The sheet; `chance` decides its layout."""
    body = _BODIES[paper.kind](paper.parts, chance)
    style = _STYLE.format(
        family=font.family,
        size=chance.one([11.5, 12, 12.5, 13, 14]) if paper.kind != "cover" else 15,
        leading=chance.one([1.45, 1.55, 1.65]),
        head=chance.one(["center", "center", "left", "right"]),
        weight=chance.one([400, 600, 700]),
        top=chance.one([36, 50, 64]),
        left=chance.one([60, 80, 95]),
        right=chance.one([40, 56]),
        indent=chance.one([0, 0, 40]),
    )
    return f"<!doctype html><html lang='hi'><meta charset='utf-8'><style>{font.faces}{style}</style><body>{body}</body>"


def _letter(parts: dict[str, Any], chance: Chance) -> str:
    head = [*parts["head"], *filter(None, [parts["contact"]])]
    table = _table(parts["rows"]) if parts["rows"] else ""
    pieces = [
        _line(parts["priority"], "r"),
        _line(parts["inward"], "inward"),
        _block("head", head),
        _numbered(parts, chance),
    ]
    pieces += [_line(parts["to_label"]), *(_line(row, "who") for row in parts["to"])]
    pieces += [_line(f"{parts['subject_label']} {parts['subject']}", "subject"), _line(parts["reference"], "reference")]
    pieces += [
        _line(parts["salutation"], chance.one(["", "c"])),
        *(_line(text, tag="p") for text in parts["body"]),
        table,
    ]
    pieces += [_line(parts["closing"], "r"), _signed(parts)]
    if parts["copies"]:
        number = _row(parts["endorsed"], parts["endorsed_date"]) if parts["endorsed"] else ""
        rows = [_line(f"{place}. {row}") for place, row in enumerate(parts["copies"], start=1)]
        pieces.append(f"<div class='copies'>{number}{_line(parts['copies_label'])}{''.join(rows)}</div>")
    return "".join(pieces)


def _numbered(parts: dict[str, Any], chance: Chance) -> str:
    """Number and date: in one row, in two, the date first, or both in the middle."""
    number = f"{parts['label']}{'' if parts['label'].endswith('/') else ' '}{parts['number']}".strip()
    day = f"{parts['date_label']} {parts['date']}"
    options = chance.of(0, 5)
    if options <= 2:
        return _row(number, day)
    if options == 3:
        return _line(number) + _line(day, chance.one(["", "r"]))
    return _line(number, "c") + _line(day, "c") if options == 4 else _line(day, "r") + _line(number)


def _signed(parts: dict[str, Any]) -> str:
    place = _line(parts["place"]) if parts.get("place") else ""
    return f"<div class='sign'>{_line('(' + parts['signer'] + ')')}{_line(parts['post'])}{place}</div>"


def _second(parts: dict[str, Any], chance: Chance) -> str:
    return _line(parts["mark"], "c") + "".join(_line(text, tag="p") for text in parts["body"]) + _signed(parts)


def _enclosure(parts: dict[str, Any], chance: Chance) -> str:
    return _line(parts["title"], "title") + _table(parts["rows"])


def _cover(parts: dict[str, Any], chance: Chance) -> str:
    title, head = _line(parts["title"], "title"), _block("head", parts["head"])
    rows = [_line(parts["number"]), _line(parts["subject"]), _line(parts["year"])]
    first = [title, head] if chance.some(0.5) else [head, title]
    return f"<div class='cover'>{''.join([*first, *rows])}</div>"


def _noting(parts: dict[str, Any], chance: Chance) -> str:
    number = _row(parts["number"], parts["page"]) if parts["page"] and chance.some(0.5) else _line(parts["number"])
    notes = "".join(_line(text, tag="p") + _line(post, "by") + _line(day, "by") for text, post, day in parts["notes"])
    return _line(parts["title"], "title") + number + f"<div class='notes'>{notes}</div>"


def _other(parts: dict[str, Any], chance: Chance) -> str:
    """A page that is no letter: what runs over it, its title, a table, text."""
    tag = "div" if chance.some(0.3) else "p"
    table = _table(parts["rows"]) if parts["rows"] else ""
    text = "".join(_line(row, tag=tag) for row in parts["text"])
    return f"{_line(parts['running'], 'running')}{_line(parts['title'], 'title')}{table}{text}"


def _gazette(parts: dict[str, Any], chance: Chance) -> str:
    columns = "".join(_line(row, tag="p") for row in parts["text"])
    return f"{_line(parts['running'], 'running')}<div class='two'>{columns}</div>"


_BODIES = {
    "letter": _letter,
    "second": _second,
    "enclosure": _enclosure,
    "cover": _cover,
    "noting": _noting,
    "gazette": _gazette,
    "book": _other,
    "register": _other,
    "list": _other,
}


def _table(rows: Sequence[Sequence[str]]) -> str:
    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr data-line>{row}</tr>" for row in cells) + "</table>"


def _row(left: str, right: str) -> str:
    return f"<div class='row'>{_line(left)}{_line(right)}</div>"


def _block(name: str, rows: Sequence[str]) -> str:
    return f"<div class='{name}'>{''.join(_line(row) for row in rows)}</div>"


def _line(text: str, name: str = "", tag: str = "div") -> str:
    return f"<{tag} class='{name}' data-line>{escape(text)}</{tag}>" if text else ""
