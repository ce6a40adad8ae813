"""Lay a sheet out as HTML on A4 at 75 CSS pixels an inch. Every element with `data-line` is one line of the truth."""

from __future__ import annotations

from html import escape

from samples.letters import File, Letter, Noting

PAGE = (620, 877)  # CSS pixels: A4 at 75 an inch

_STYLE = """
* {{ margin: 0; padding: 0; box-sizing: border-box; }}
body {{ width: 620px; height: 877px; padding: 56px 58px 40px 82px; background: #fff; color: #111;
       font-family: '{font}', 'Noto Sans Devanagari', sans-serif; font-size: {size}px; line-height: 1.62; }}
.head {{ text-align: {head_align}; font-weight: 600; margin-bottom: 14px; line-height: 1.55; }}
.head > :first-child {{ font-size: 1.28em; }}
.title {{ text-align: center; font-weight: 700; text-decoration: underline; text-underline-offset: 4px; margin: 10px; }}
.number {{ display: flex; justify-content: space-between; gap: 20px; margin: 10px 0 12px; }}
.to {{ margin-left: 0; }} .to .who {{ margin-left: 44px; }}
.subject {{ margin: 14px 20px 4px 40px; display: flex; gap: 10px; font-weight: 700; }}
.reference {{ margin: 2px 20px 4px 40px; display: flex; gap: 10px; }}
.rule {{ text-align: center; letter-spacing: 3px; margin: 4px; }}
.body p {{ text-align: justify; text-indent: 44px; margin: 7px 0; }}
.sign {{ width: 250px; margin: {sign_gap}px 0 0 auto; text-align: center; }}
.closing {{ margin: 8px 0 0 0; text-align: {closing_align}; padding-right: 60px; }}
.copies {{ margin-top: 20px; font-size: .94em; }} .copies li {{ margin-left: 26px; list-style: none; }}
table {{ border-collapse: collapse; margin: 12px auto; }} td {{ border: 1px solid #222; padding: 3px 13px; }}
.cover {{ border: 2px solid #222; height: 100%; padding: 60px 34px; text-align: center; }}
.cover p {{ margin: 26px 0; font-size: 1.2em; }} .cover .head {{ margin-bottom: 70px; }}
.noting {{ border-left: 1.5px solid #555; padding-left: 16px; min-height: 640px; margin-top: 12px; }}
.noting p {{ margin: 16px 0 26px; }} .noting .by {{ margin-left: 200px; text-align: center; }}
"""


def letter_html(letter: Letter) -> str:
    """The page of one letter."""
    left = letter.layout == "left"
    parts = (_head, _number, _to, _subject, _body, _sign, _copies)
    return _page("".join(part(letter) for part in parts), letter.font, letter.size, left=left, lang=letter.lang)


def cover_html(file: File) -> str:
    """The cover of a file: office, number, subject, date of opening."""
    lines = [("p", f"{file.label} {file.file_no}"), ("p", f"विषय: {file.subject}"), ("p", file.opened)]
    content = _block("head", file.head) + _line("नस्ती आवरण", "div", "title")
    content += "".join(_line(text, tag) for tag, text in lines)
    return _page(f"<div class='cover'>{content}</div>", file.font, 14, left=False)


def noting_html(file: File, noting: Noting) -> str:
    """One note sheet: heading, number, and the notes with post and date under each."""
    content = _line("नोटशीट", "div", "title") + _row(f"{file.label} {file.file_no}", noting.page)
    notes = []
    for place, (text, post, day) in enumerate(noting.notes, start=1):
        notes.append(_line(f"{place}. {text}", "p") + _line(post, "div", "by") + _line(day, "div", "by"))
    return _page(content + f"<div class='noting'>{''.join(notes)}</div>", file.font, 13, left=False)


def _head(letter: Letter) -> str:
    number, office = (letter.head[:1], letter.head[1:]) if letter.number_in_head else ((), letter.head)
    title = _line(letter.title, "div", "title") if letter.title else ""
    return "".join(_line(row) for row in number) + _block("head", office) + title


def _number(letter: Letter) -> str:
    day = f"{letter.date_label} {letter.date_text}"
    number = "" if letter.number_in_head else letter.label + letter.label_join + letter.file_no
    return _row(number, day)


def _to(letter: Letter) -> str:
    if not letter.to:
        return ""
    who = "".join(_line(row, "div", "who") for row in letter.to)
    return f"<div class='to'>{_line(letter.to_label)}{who}</div>"


def _subject(letter: Letter) -> str:
    html = _line(f"{letter.subject_label} {letter.subject}", "div", "subject", hang=True)
    if letter.reference:
        html += _line(f"{letter.reference_label} {letter.reference}", "div", "reference", hang=True)
    return html + "<div class='rule' aria-hidden='true'>———</div>"


def _body(letter: Letter) -> str:
    parts = [_line(letter.salutation)] if letter.salutation else []
    for place, paragraph in enumerate(letter.body, start=1):
        parts.append(_line(paragraph, "p"))
        if letter.table and place == letter.table_after:
            parts.append(_table(letter.table))
    return "<div class='body'>" + "".join(parts) + "</div>"


def _table(rows: tuple[tuple[str, ...], ...]) -> str:
    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr data-line>{row}</tr>" for row in cells) + "</table>"


def _sign(letter: Letter) -> str:
    html = _line(letter.closing, "div", "closing") if letter.closing else ""
    return html + "<div class='sign'>" + _line(f"({letter.signed_by})") + _line(letter.signatory) + "</div>"


def _copies(letter: Letter) -> str:
    if not letter.copies:
        return ""
    number = _row(letter.copies_number, letter.copies_date) if letter.copies_number else ""
    rows = "".join(_line(f"{place}. {row}", "li") for place, row in enumerate(letter.copies, start=1))
    return f"<div class='copies'>{number}{_line(letter.copies_label)}<ul>{rows}</ul></div>"


def _row(left: str, right: str) -> str:
    return f"<div class='number'>{_line(left)}{_line(right)}</div>"


def _block(name: str, rows: tuple[str, ...]) -> str:
    return f"<div class='{name}'>" + "".join(_line(row) for row in rows) + "</div>"


def _line(text: str, tag: str = "div", name: str = "", *, hang: bool = False) -> str:
    """One line of the truth; `hang` sets the first word apart so that the rest hangs beside it."""
    inside = escape(text)
    if hang:
        label, rest = inside.split(" ", 1)
        inside = f"<span>{label} </span><span>{rest}</span>"
    return f"<{tag} class='{name}' data-line>{inside}</{tag}>"


def _page(content: str, font: str, size: float, *, left: bool, lang: str = "hi") -> str:
    style = _STYLE.format(
        font=font,
        size=size,
        head_align="left" if left else "center",
        sign_gap=44,
        closing_align="left" if left else "right",
    )
    return f"<!doctype html><html lang='{lang}'><meta charset='utf-8'><style>{style}</style><body>{content}</body>"
