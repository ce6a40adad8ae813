"""The command `script/bench`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench import blank, intake, pdf


def main() -> None:
    _run(_parser().parse_args())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    reading = kinds.add_parser("ocr", help="accuracy, speed, memory and size, beside OCRmyPDF and plain Tesseract")
    reading.add_argument("--every", type=int, default=1, help="only every so manieth page")
    reading.add_argument("--write", action="store_true", help="tables into docs/benchmarks.md, plots into docs/images")
    reading.add_argument("--json", type=Path, help="the figures of every page, for machines")
    reading.add_argument("--trial", action="store_true", help="OCRmyPDF's options against each other instead")
    kinds.add_parser("pictures", help="pages before and after, into docs/images")
    taking = kinds.add_parser("intake", help="a burst of small files against a plain upload; memory of a long PDF")
    taking.add_argument("--files", type=int, default=5000, help="in the burst; 0 leaves it out")
    taking.add_argument("--pages", type=int, default=1000, help="of the long PDF; 0 leaves it out")
    writing = kinds.add_parser("pdf", help="memory of writing a long PDF/A; size of a page of black and white")
    writing.add_argument("--pages", type=int, default=1000)
    leaning = kinds.add_parser(
        "skew", help="errors of the measured lean on drawn pages, beside three others; quarter turns"
    )
    leaning.add_argument("--pages", type=int, default=500)
    leaning.add_argument("--dpi", type=int, default=200, help="of the drawn pages")
    leaning.add_argument("--processes", type=int, default=2, help="that draw and measure, each on one thread")
    leaning.add_argument(
        "--deskew-every", type=int, default=1, help="deskew, which is slow, on one page in so many only"
    )
    leaning.add_argument("--alone", action="store_true", help="without the others")
    empty = kinds.add_parser("blank", help="drawn backs and sheets with little on them: what is called blank")
    empty.add_argument("--pages", type=int, default=200, help="half of them backs")
    empty.add_argument("--dpi", type=int, default=200, help="of the drawn pages")
    empty.add_argument(
        "--seed", type=int, default=blank.TUNED_ON, help="of the drawing; any other has sheets never seen"
    )
    separating = kinds.add_parser("sheets", help="separator sheets printed, damaged and read; the cost on other pages")
    separating.add_argument("--sheets", type=int, default=120)
    finding = kinds.add_parser("search", help="how well and fast search finds in misread text, beside others")
    finding.add_argument("--pages", type=int, default=10_000)
    finding.add_argument("--misread", type=float, nargs="*", default=[0, 0.05, 0.1, 0.2], help="shares of letters")
    finding.add_argument("--write", action="store_true", help="tables into docs/benchmarks.md")
    finding.add_argument("--alone", action="store_true", help="without the others")
    finding.add_argument("--folder", type=Path, help="where the databases are made while measuring")
    finding.add_argument("--filled", type=Path, help="a database of so many pages made before, to be measured as it is")
    finding.add_argument("--scans", type=int, help="instead, so many aged and poor pages as they are really read")
    telling = kinds.add_parser(
        "fields", help="fields of invented letters, their confidence, whole files cut, all beside truth"
    )
    telling.add_argument("--letters", type=int, default=200)
    telling.add_argument("--files", type=int, default=20)
    telling.add_argument("--seed", type=int, default=1, help="1 was tuned on; any other has letters never seen")
    telling.add_argument("--fonts", type=Path, help="a folder of npm's @fontsource packages instead of installed fonts")
    telling.add_argument("--folder", type=Path, help="keeps scans and what was read of them for the next time")
    telling.add_argument("--processes", type=int, default=2)
    telling.add_argument("--mistakes", action="store_true", help="name everything that is wrong")
    telling.add_argument(
        "--write", action="store_true", help="tables into docs/benchmarks.md, the plot into docs/images"
    )
    visiting = kinds.add_parser("web", help="users that search and look at once while workers read scans")
    visiting.add_argument("--users", type=int, default=50)
    visiting.add_argument("--seconds", type=float, default=120)
    visiting.add_argument("--pages", type=int, default=20_000, help="in the full text")
    visiting.add_argument("--write", action="store_true", help="figures into docs/benchmarks.md")
    return parser


def _run(arguments: argparse.Namespace) -> None:
    if arguments.kind == "ocr":
        from bench import ocr  # noqa: PLC0415 - loads what is needed to run OCRmyPDF

        if arguments.trial:
            sys.stdout.write(ocr.trial(every=arguments.every))
        else:
            sys.stdout.write(ocr.run(every=arguments.every, write=arguments.write, details=arguments.json))
    elif arguments.kind == "pictures":
        from bench import pictures  # noqa: PLC0415 - loads the browser that draws the pages

        sys.stdout.write(pictures.run())
    elif arguments.kind == "pdf":
        sys.stdout.write(pdf.run(arguments.pages))
    elif arguments.kind == "skew":
        from bench import skew  # noqa: PLC0415 - loads the others, which the other measurements can do without

        peers = not arguments.alone
        told = skew.run(
            pages=arguments.pages,
            dpi=arguments.dpi,
            processes=arguments.processes,
            peers=peers,
            deskew_every=arguments.deskew_every,
        )
        sys.stdout.write(told)
    elif arguments.kind == "search":
        sys.stdout.write(_search(arguments))
    elif arguments.kind == "fields":
        sys.stdout.write(_fields(arguments))
    elif arguments.kind == "web":
        from bench import web  # noqa: PLC0415 - loads the web's libraries

        sys.stdout.write(web.run(arguments.users, arguments.seconds, arguments.pages, write=arguments.write))
    elif arguments.kind == "blank":
        sys.stdout.write(blank.run(pages=arguments.pages, dpi=arguments.dpi, seed=arguments.seed))
    elif arguments.kind == "sheets":
        from bench import codes  # noqa: PLC0415 - loads what prints

        sys.stdout.write(codes.run(sheets=arguments.sheets))
    else:
        _take_in(arguments)


def _take_in(arguments: argparse.Namespace) -> None:
    if arguments.files:
        sys.stdout.write(intake.burst(arguments.files))
    if arguments.pages:
        sys.stdout.write(intake.long_pdf(arguments.pages))


def _search(told: argparse.Namespace) -> str:
    if told.scans:
        from bench import search_scans  # noqa: PLC0415 - loads the browser that draws the pages

        return search_scans.run(told.scans, write=told.write, alone=told.alone, keep=told.folder)
    from bench import search  # noqa: PLC0415 - loads the database's library

    return search.run(
        told.pages, told.misread, write=told.write, alone=told.alone, keep=told.folder, filled=told.filled
    )


def _fields(arguments: argparse.Namespace) -> str:
    from bench import fields  # noqa: PLC0415 - loads the browser that draws the letters

    told = arguments
    wish = fields.Wish(told.letters, told.files, told.seed, told.fonts, told.folder, told.processes)
    return fields.run(wish, write=told.write, mistakes=told.mistakes)


if __name__ == "__main__":
    main()
