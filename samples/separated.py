"""One scan of five files with separator sheets between them: 60 pages, both sides of each leaf, aged and leaning.

It is drawn when it is wanted and not kept: `script/samples --only separated --signed-by HOME`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

import numpy as np
from PIL import Image

from pipeline.extract.sheets import SheetCode, SheetPart, Sign
from pipeline.workflow.printing import PrintedSheet, printed
from samples.age import WEAR, Pixels, age
from samples.invent import invent_letter
from samples.letters import File, Letter, Noting
from samples.press import Press, start_press
from samples.sheet import cover_html, letter_html, noting_html

NAME = "separated.pdf"
DPI = 150
_LEVEL = "aged"
_QUALITY = 56
_LETTERS = 3  # of each file, after its cover and a note sheet
_FIRST = 100  # the invented letters before are those of other samples
_BACK_THROUGH = (0.06, 0.11)
_CODES = (
    SheetCode("एफ 3-12/2011/7/2", "tehsil-nagri", "1", SheetPart.NOTING),
    SheetCode("पं.भ./17/2009-10", "tehsil-nagri"),
    SheetCode("1482/स्था./2021", "tehsil-nagri", "", SheetPart.CORRESPONDENCE),
    SheetCode("भू.अ./205/1998", "tehsil-nagri", "2"),
    SheetCode("F.No. 11013/4/2018-Estt", "tehsil-nagri"),
)
_HEADLONG = (2, 4)  # sheets that were fed on their heads


OFFICE = "tehsil-nagri"


class SeparatedFile(TypedDict):
    """One file of the scan: what its sheet says, and its pages, the sheet and its back first."""

    file_no: str
    office: str
    volume: str
    part: str
    pages: list[int]


class SeparatedTruth(TypedDict):
    """The scan, and of every page what it is: sheet, cover, noting, letter or blank."""

    file: str
    kinds: list[str]
    files: list[SeparatedFile]


@dataclass(frozen=True)
class _Leaf:
    kind: str
    front: Pixels
    turn: int = 0


def draw_separated(out: Path, *, seed: int, sign: Sign | None = None) -> SeparatedTruth:
    """Draw the scan into `out`, and its truth beside it.

    `sign` is that of the installation that is to read it. Without it the sheets cut the scan and settle nothing, as sheets
    that somebody else printed.
    """
    out.mkdir(parents=True, exist_ok=True)
    kinds, pages, files = list[str](), list[Pixels](), list[SeparatedFile]()
    with start_press() as press:
        for place, (code, sheet) in enumerate(zip(_CODES, _printed(sign), strict=True)):
            first = len(pages) + 1
            page_refs = [_Leaf("sheet", sheet, 180 if place in _HEADLONG else 0), *_page_refs(press, place, code, seed)]
            for number, page_ref in enumerate(page_refs):
                pages += _scanned(page_ref, np.random.default_rng([seed, place, number]))
                kinds += [page_ref.kind, "blank"]
            files.append(
                {
                    "file_no": code.file_no,
                    "office": code.office,
                    "volume": code.volume,
                    "part": code.part or "",
                    "pages": list(range(first, len(pages) + 1)),
                }
            )
            sys.stderr.write(f"{code.file_no}\n")
    images = [Image.fromarray(page) for page in pages]
    images[0].save(out / NAME, save_all=True, append_images=images[1:], resolution=DPI, quality=_QUALITY)
    truth: SeparatedTruth = {"file": NAME, "kinds": kinds, "files": files}
    (out / "separated.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return truth


def _printed(sign: Sign | None) -> list[Pixels]:
    """The separator sheets as they come from the printer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheets.pdf"
        path.write_bytes(printed((PrintedSheet(code, "सीमांकन एवं अतिक्रमण के सम्बन्ध में") for code in _CODES), sign))
        subprocess.run(["pdftoppm", "-r", str(DPI), "-gray", "-png", str(path), str(path.with_suffix(""))], check=True)
        return [np.asarray(Image.open(one).convert("L")) for one in sorted(Path(folder).glob("*.png"))]


def _page_refs(press: Press, place: int, code: SheetCode, seed: int) -> list[_Leaf]:
    """The fronts of one file's leaves, all under the sheet's number."""
    letters = tuple(_letter(_FIRST + place * _LETTERS + number, code, seed) for number in range(_LETTERS))
    file = _file(letters, code)
    drawn = [("cover", cover_html(file)), ("noting", noting_html(file, file.notings[0]))]
    drawn += [("letter", letter_html(letter)) for letter in letters]
    return [_Leaf(kind, press.draw(html, DPI).pixels) for kind, html in drawn]


def _letter(index: int, code: SheetCode, seed: int) -> Letter:
    return replace(invent_letter(index, seed), file_no=code.file_no, level=_LEVEL, dpi=DPI, turn=0, colour=False)


def _file(letters: tuple[Letter, ...], code: SheetCode) -> File:
    first = letters[0]
    note = "प्रकरण अवलोकनार्थ एवं आदेशार्थ प्रस्तुत है। प्रतिवेदन संलग्न है।"
    return File(
        name=NAME,
        level=_LEVEL,
        dpi=DPI,
        duplex=True,
        font=first.font,
        file_no=code.file_no,
        label="नस्ती क्रमांक",
        subject=first.subject,
        head=first.head,
        opened=f"नस्ती प्रारंभ करने का दिनांक: {first.date:%d/%m/%Y}",
        notings=(Noting(page="पृष्ठ 1/टीप", notes=((note, "सहायक ग्रेड-2", f"{first.date:%d/%m/%Y}"),)),),
        letters=letters,
    )


def _scanned(page_ref: _Leaf, chance: np.random.Generator) -> list[Pixels]:
    """Both sides of a leaf as scanned: the front, and the empty back with the front showing through."""
    wear = WEAR[_LEVEL] if page_ref.kind == "sheet" else replace(WEAR[_LEVEL], stains=0)  # stains take most of the time
    front = age(page_ref.front, wear, chance, dpi=DPI, turn=page_ref.turn).pixels
    through = replace(wear, through=_BACK_THROUGH)
    back = age(
        np.full_like(page_ref.front, 255), through, chance, dpi=DPI, back=page_ref.front, turn=page_ref.turn
    ).pixels
    return [front, back]
