"""Draw the sample scans: `script/samples`. Reads the texts, draws, ages, and writes images with their truth."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline import settings
from pipeline.app import Container
from pipeline.extract.sheets import PURPOSE, Sign
from samples import separated, truth
from samples.age import WEAR, Pixels, Scan, age, bilevel
from samples.invent import invent_letter
from samples.letters import File, Letter, load_files, load_letters
from samples.marks import Spot, marks_html
from samples.press import Drawn, Press, start_press
from samples.sheet import cover_html, letter_html, noting_html
from samples.truth import FiledLetter, FileTruth, LetterTruth, Truth

SEED = 7
JPEG_QUALITY = {"clean": 62, "office": 60, "aged": 56, "poor": 52}
BACK_THROUGH = (0.06, 0.11)  # a blank back lets its front be seen, but not read
SHEET = 1000  # keeps the chance of sheets inside files apart from that of the letters
EXAMPLE = """examples:
  script/samples                                  redraw samples/scans
  script/samples --out /tmp/more --count 60       60 letters: the fourteen, then invented ones
  script/samples --out /tmp/other --seed 11 --only letters
  script/samples --out /tmp/more --only separated one scan of five files, 60 pages, with separator sheets between
  script/samples --out /tmp/more --only separated --signed-by HOME   signed, as that installation prints them"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="script/samples",
        description="Draw invented office letters and files as scans, with the truth beside them.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=truth.SCANS, help="folder to write to (default: samples/scans)")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed, another ageing (default: %(default)s)")
    parser.add_argument("--only", choices=["letters", "files", "separated"], help="draw only these")
    parser.add_argument("--signed-by", type=Path, help="home whose key signs the separator sheets (default: unsigned)")
    parser.add_argument("--count", type=int, default=14, help="how many letters (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    if chosen.only == "separated":
        with _signing(chosen.signed_by) as sign:
            separated.draw_separated(chosen.out, seed=chosen.seed, sign=sign)
        return 0
    draw(chosen.out, seed=chosen.seed, count=chosen.count, only=chosen.only)
    return 0


@contextmanager
def _signing(home: Path | None) -> Iterator[Sign | None]:
    """How the installation at `home` signs separator sheets."""
    if home is None:
        yield None
        return
    container = Container(settings.load(home))
    try:
        yield partial(container.signer().sign, PURPOSE)
    finally:
        container.close()


def draw(out: Path, *, seed: int = SEED, count: int | None = None, only: str | None = None) -> Truth:
    """Draw letters and files into `out` and write `truth.json` there; what `only` leaves out keeps the truth it has."""
    out.mkdir(parents=True, exist_ok=True)
    drawn: Truth = truth.load(out) if (out / "truth.json").exists() else {"letters": [], "files": []}
    with start_press() as press:
        if only != "files":
            drawn["letters"] = draw_letters(press, out, seed=seed, count=count)
        if only != "letters":
            drawn["files"] = draw_files(press, out, seed=seed)
    truth.save(drawn, out)
    return drawn


def draw_letters(press: Press, out: Path, *, seed: int, count: int | None = None) -> list[LetterTruth]:
    """Draw the first `count` letters into `out/letters`; those beyond the fourteen are invented."""
    written = load_letters()
    wanted = len(written) if count is None else count
    letters = written[:wanted] + [invent_letter(index, seed) for index in range(wanted - len(written))]
    (out / "letters").mkdir(exist_ok=True)
    rows: list[LetterTruth] = []
    for number, letter in enumerate(letters, start=1):
        other = written[number % len(written)]
        chance = np.random.default_rng([seed, number])
        drawn, scan = scan_letter(press, letter, chance, behind=other if WEAR[letter.level].through[1] else None)
        name = f"letters/letter-{number:02}-{letter.level}.jpg"
        quality = JPEG_QUALITY[letter.level]
        Image.fromarray(scan.pixels).save(out / name, quality=quality, optimize=True, dpi=(letter.dpi, letter.dpi))
        rows.append(_letter_truth(name, letter, drawn, scan))
        sys.stderr.write(f"{name}\n")
    return rows


def scan_letter(
    press: Press, letter: Letter, chance: np.random.Generator, *, behind: Letter | None = None
) -> tuple[Drawn, Scan]:
    """Draw and age one letter; `behind` is the letter that shows through from the other side."""
    drawn = press.draw(letter_html(letter), letter.dpi)
    back = press.draw(letter_html(behind), letter.dpi).pixels if behind else None
    scan = age(
        drawn.pixels,
        WEAR[letter.level],
        chance,
        dpi=letter.dpi,
        colour=letter.colour,
        turn=letter.turn,
        marks=_marks(press, drawn, letter, chance),
        back=back,
    )
    return drawn, scan


def draw_files(press: Press, out: Path, *, seed: int) -> list[FileTruth]:
    """Draw the two whole files into `out/files`."""
    (out / "files").mkdir(exist_ok=True)
    rows = []
    for number, file in enumerate(load_files(), start=1):
        rows.append(_draw_file(press, out, file, [seed, SHEET * number]))
        sys.stderr.write(f"{rows[-1]['file']}\n")
    return rows


def _draw_file(press: Press, out: Path, file: File, seeds: list[int]) -> FileTruth:
    wear = WEAR[file.level]
    sheets = [press.draw(cover_html(file), file.dpi)]
    sheets += [press.draw(noting_html(file, noting), file.dpi) for noting in file.notings]
    first_letter = len(sheets)
    sheets += [press.draw(letter_html(letter), file.dpi) for letter in file.letters]
    kinds, skews, pages = [], list[float | None](), list[Pixels]()
    for place, sheet in enumerate(sheets):
        chance = np.random.default_rng([*seeds, place])
        letter = file.letters[place - first_letter] if place >= first_letter else None
        marks = _marks(press, sheet, letter, chance) if letter else None
        scan = age(sheet.pixels, wear, chance, dpi=file.dpi, marks=marks)
        pages.append(scan.pixels)
        skews.append(scan.skew_ccw)
        kinds.append("letter" if letter else "noting" if place else "cover")
        if file.duplex:
            pages.append(_blank_back(sheet, file, chance))
            skews.append(None)
            kinds.append("blank")
    name = f"files/{file.name}"
    _bind(pages, out / name, file)
    return {
        "file": name,
        "level": file.level,
        "dpi": file.dpi,
        "file_no": file.file_no,
        "subject": file.subject,
        "village": file.letters[0].village,
        "pages": len(pages),
        "written_pages": len(sheets),
        "duplex": file.duplex,
        "kinds": kinds,
        "skew_ccw": skews,
        "texts": [sheet.text for sheet in sheets],
        "letters": _filed_letters(file, first_letter),
    }


def _filed_letters(file: File, first: int) -> list[FiledLetter]:
    """The letters of a file; `first` is the place of the first one among its sheets, from 0."""
    step = 2 if file.duplex else 1
    return [
        {
            "page": (first + place) * step + 1,
            "file_no": file.file_no,
            "date": letter.date.isoformat(),
            "subject": _subject(letter),
        }
        for place, letter in enumerate(file.letters)
    ]


def _blank_back(front: Drawn, file: File, chance: np.random.Generator) -> Pixels:
    """The empty back of a sheet, with its front showing through."""
    blank, wear = np.full_like(front.pixels, 255), replace(WEAR[file.level], through=BACK_THROUGH)
    return age(blank, wear, chance, dpi=file.dpi, back=front.pixels).pixels


def _bind(pages: list[Pixels], path: Path, file: File) -> None:
    """Save the pages as one PDF of JPEGs, or as one bilevel TIFF (CCITT group 4)."""
    if file.bilevel:
        images = [Image.fromarray(bilevel(page)).convert("1", dither=Image.Dither.NONE) for page in pages]
        images[0].save(path, save_all=True, append_images=images[1:], compression="group4", dpi=(file.dpi, file.dpi))
        return
    images = [Image.fromarray(page) for page in pages]
    images[0].save(
        path,
        save_all=True,
        append_images=images[1:],
        resolution=file.dpi,
        quality=JPEG_QUALITY[file.level],
        creationDate=None,
        modDate=None,
        producer="",
    )


def _marks(press: Press, drawn: Drawn, letter: Letter, chance: np.random.Generator) -> Pixels | None:
    if drawn.sign is None:
        return None
    return press.draw_colour(marks_html(chance, Spot(*drawn.sign), letter.stamp, letter.font), letter.dpi)


def _subject(letter: Letter) -> str:
    return letter.subject.rstrip("।.")


def _letter_truth(name: str, letter: Letter, drawn: Drawn, scan: Scan) -> LetterTruth:
    return {
        "file": name,
        "level": letter.level,
        "dpi": letter.dpi,
        "font": letter.font,
        "rotated_ccw": scan.turn_ccw,
        "skew_ccw": scan.skew_ccw,
        "text": drawn.text,
        "file_no": letter.file_no,
        "label": letter.label,
        "date": letter.date.isoformat(),
        "date_text": letter.date_text,
        "subject": _subject(letter),
        "office": letter.office,
        "district": letter.district,
        "to": list(letter.to),
        "signed_by": letter.signed_by,
        "signatory": letter.signatory,
        "village": letter.village,
        "words": [{"text": word.text, "box": scan.box(word.box)} for word in drawn.words],
    }


if __name__ == "__main__":
    raise SystemExit(main())
