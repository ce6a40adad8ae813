"""The pages that are read, with what is known of them: our samples, and the sets beside the checkout where they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from samples import truth

_BESIDE = Path(__file__).resolve().parent.parent.parent / "shared"
REAL = _BESIDE / "real"
_IMAGES = (".jpg", ".png")
_UNTOLD_DPI = 300


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with its text, empty where nobody typed it. `turn` are the quarter turns in the scan, counter-clockwise,
    `skew` the degrees it leans once upright; None where nobody measured."""

    path: Path
    level: str
    text: str
    dpi: int
    turn: int | None = None
    skew: float | None = None


def sets() -> dict[str, list[Sheet]]:
    """Every set of pages whose text is known and that is there, by name."""
    found = {
        "samples": _drawn(truth.SCANS, truth.SCANS / "truth.json", "letters"),
        "../shared/letters": _drawn(_BESIDE / "letters" / "pages", _BESIDE / "letters" / "pages.json"),
        "../shared/real": [sheet for sheet in real() if sheet.text],
    }
    return {name: pages for name, pages in found.items() if pages}


def _drawn(folder: Path, known: Path, part: str | None = None) -> list[Sheet]:
    if not known.exists():
        return []
    rows = json.loads(known.read_text(encoding="utf-8"))
    return [
        Sheet(folder / row["file"], row["level"], row["text"], row["dpi"], row["rotated_ccw"], row["skew_ccw"])
        for row in (rows[part] if part else rows)
    ]


def real(folder: Path = REAL) -> list[Sheet]:
    """The real pages of a folder in the order of their names, each with the text of `<name>.gt.txt` where that is there."""
    pages = []
    for path in sorted(path for path in folder.glob("*") if path.suffix in _IMAGES):
        with Image.open(path) as image:
            dpi = round(image.info.get("dpi", (_UNTOLD_DPI,))[0])
        typed = path.with_suffix(".gt.txt")
        pages.append(Sheet(path, "real", typed.read_text(encoding="utf-8") if typed.exists() else "", dpi))
    return pages
