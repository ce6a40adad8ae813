"""The command `script/bench`: one measurement a kind. Each loads what it needs only when it is asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import blank, intake, pdf

Options = argparse.Namespace


def main() -> None:
    options = _parser().parse_args()
    measured: str = options.measure(options)
    sys.stdout.write(measured)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for add in (
        _real,
        _ocr,
        _order,
        _show_through,
        _typewriter,
        _pictures,
        _intake,
        _pdf,
        _skew,
        _blank,
        _sheets,
        _search,
        _fields,
        _web,
    ):
        add(kinds)
    return parser


def _kind(kinds: Any, name: str, measure: Callable[[Options], str], says: str) -> argparse.ArgumentParser:
    kind: argparse.ArgumentParser = kinds.add_parser(name, help=says)
    kind.set_defaults(measure=measure)
    return kind


def _real(kinds: Any) -> None:
    def measure(options: Options) -> str:
        from bench import real, sheets  # noqa: PLC0415 - loads what is needed to run OCRmyPDF

        folder = options.folder or sheets.REAL
        wish = real.Wish(folder, options.pages, not options.alone, options.steps, options.write, options.json)
        return real.run(wish)

    kind = _kind(kinds, "real", measure, "real pages, each step on and off, beside plain Tesseract and OCRmyPDF")
    kind.add_argument("--pages", nargs="*", default=[], metavar="NAME", help="only these, as g14 or g14.png")
    kind.add_argument("--alone", action="store_true", help="without the other programs")
    kind.add_argument("--steps", action=argparse.BooleanOptionalAction, default=True, help="each step left out")
    kind.add_argument("--folder", type=Path, help="of the pages and their texts; ../shared/real unless told")
    kind.add_argument("--json", type=Path, help="the figures and the text of every page, for machines")
    kind.add_argument("--write", action="store_true", help="tables into docs/benchmarks.md")


def _ocr(kinds: Any) -> None:
    def measure(options: Options) -> str:
        from bench import ocr  # noqa: PLC0415 - loads what is needed to run OCRmyPDF

        if options.trial:
            return ocr.trial(every=options.every)
        return ocr.run(every=options.every, write=options.write, details=options.json)

    kind = _kind(kinds, "ocr", measure, "accuracy, speed, memory and size, beside OCRmyPDF and plain Tesseract")
    kind.add_argument("--every", type=int, default=1, help="only every so manieth page")
    kind.add_argument("--write", action="store_true", help="tables into docs/benchmarks.md, plots into docs/images")
    kind.add_argument("--json", type=Path, help="the figures of every page, for machines")
    kind.add_argument("--trial", action="store_true", help="OCRmyPDF's options against each other instead")


def _order(kinds: Any) -> None:
    def measure(options: Options) -> str:
        from bench import order  # noqa: PLC0415 - loads recognition

        return order.run(pages=options.pages, orders=options.orders)

    says = "the same pages in several orders, quiet and busy: whether each is read the same, byte for byte"
    kind = _kind(kinds, "order", measure, says)
    kind.add_argument("--pages", type=int, default=60)
    kind.add_argument("--orders", type=int, default=5, help="each of them quiet, and then with every core busy")


def _show_through(kinds: Any) -> None:
    def measure(options: Options) -> str:
        from bench import show_through  # noqa: PLC0415 - loads the browser that draws the pages

        return show_through.run(pages=options.pages, seed=options.seed, write=options.write)

    says = "drawn pages with the writing of the back showing through: errors, and pages flagged"
    kind = _kind(kinds, "show-through", measure, says)
    kind.add_argument("--pages", type=int, default=9, help="drawn at each of five strengths")
    kind.add_argument("--seed", type=int, default=5, help="5 was tuned on; any other has pages never seen")
    kind.add_argument("--write", action="store_true", help="the table into docs/benchmarks.md")


def _typewriter(kinds: Any) -> None:
    def measure(options: Options) -> str:
        from bench import typewritten  # noqa: PLC0415 - loads what reads

        return typewritten.run(pages=options.pages, seed=options.seed, write=options.write)

    says = "drawn typewritten letters, ribbon and carbon copies, beside plain Tesseract"
    kind = _kind(kinds, "typewriter", measure, says)
    kind.add_argument("--pages", type=int, default=12, help="in each kind of copy")
    kind.add_argument("--seed", type=int, default=1)
    kind.add_argument("--write", action="store_true", help="the table into docs/benchmarks.md")


def _pictures(kinds: Any) -> None:
    def measure(options: Options) -> str:
        from bench import pictures  # noqa: PLC0415 - loads the browser that draws the pages

        return pictures.run()

    _kind(kinds, "pictures", measure, "pages before and after, into docs/images")


def _intake(kinds: Any) -> None:
    def measure(options: Options) -> str:
        burst = intake.burst(options.files) if options.files else ""
        return burst + (intake.long_pdf(options.pages) if options.pages else "")

    kind = _kind(kinds, "intake", measure, "a burst of small files against a plain upload; memory of a long PDF")
    kind.add_argument("--files", type=int, default=5000, help="in the burst; 0 leaves it out")
    kind.add_argument("--pages", type=int, default=1000, help="of the long PDF; 0 leaves it out")


def _pdf(kinds: Any) -> None:
    kind = _kind(
        kinds,
        "pdf",
        lambda options: pdf.run(options.pages),
        "memory of writing a long PDF/A; size of a page of black and white",
    )
    kind.add_argument("--pages", type=int, default=1000)


def _skew(kinds: Any) -> None:
    def measure(options: Options) -> str:
        from bench import skew  # noqa: PLC0415 - loads the others, which the other measurements can do without

        return skew.run(
            pages=options.pages,
            dpi=options.dpi,
            processes=options.processes,
            peers=not options.alone,
            deskew_every=options.deskew_every,
        )

    says = "errors of the measured skew on drawn pages, beside three others; quarter turns"
    kind = _kind(kinds, "skew", measure, says)
    kind.add_argument("--pages", type=int, default=500)
    kind.add_argument("--dpi", type=int, default=200, help="of the drawn pages")
    kind.add_argument("--processes", type=int, default=2, help="that draw and measure, each on one thread")
    kind.add_argument("--deskew-every", type=int, default=1, help="deskew, which is slow, on one page in so many only")
    kind.add_argument("--alone", action="store_true", help="without the others")


def _blank(kinds: Any) -> None:
    def measure(options: Options) -> str:
        return blank.run(pages=options.pages, dpi=options.dpi, seed=options.seed)

    kind = _kind(kinds, "blank", measure, "drawn backs and sheets with little on them: what is called blank")
    kind.add_argument("--pages", type=int, default=200, help="half of them backs")
    kind.add_argument("--dpi", type=int, default=200, help="of the drawn pages")
    seeds = "of the drawing; any other has sheets never seen"
    kind.add_argument("--seed", type=int, default=blank.TUNED_ON, help=seeds)


def _sheets(kinds: Any) -> None:
    def measure(options: Options) -> str:
        from bench import codes  # noqa: PLC0415 - loads what prints

        return codes.run(sheets=options.sheets)

    kind = _kind(kinds, "sheets", measure, "separator sheets printed, damaged and read; the cost on other pages")
    kind.add_argument("--sheets", type=int, default=120)


def _search(kinds: Any) -> None:
    def measure(options: Options) -> str:
        how = {"write": options.write, "alone": options.alone, "keep": options.folder}
        if options.scans:
            from bench import search_scans  # noqa: PLC0415 - loads the browser that draws the pages

            return search_scans.run(options.scans, **how)
        from bench import search  # noqa: PLC0415 - loads the database's library

        return search.run(options.pages, options.misread, filled=options.filled, **how)

    kind = _kind(kinds, "search", measure, "how well and fast search finds in misread text, beside others")
    kind.add_argument("--pages", type=int, default=10_000)
    kind.add_argument("--misread", type=float, nargs="*", default=[0, 0.05, 0.1, 0.2], help="shares of letters")
    kind.add_argument("--write", action="store_true", help="tables into docs/benchmarks.md")
    kind.add_argument("--alone", action="store_true", help="without the others")
    kind.add_argument("--folder", type=Path, help="where the databases are made while measuring")
    kind.add_argument("--filled", type=Path, help="a database of so many pages made before, to be measured as it is")
    kind.add_argument("--scans", type=int, help="instead, so many aged and poor pages as they are really read")


def _fields(kinds: Any) -> None:
    def measure(options: Options) -> str:
        from bench import fields  # noqa: PLC0415 - loads the browser that draws the letters

        wish = fields.Wish(
            options.letters,
            options.files,
            options.seed,
            options.fonts,
            options.folder,
            options.processes,
            options.others,
        )
        return fields.run(wish, write=options.write, mistakes=options.mistakes)

    says = "fields of invented letters, their confidence, whole files cut, all beside truth"
    kind = _kind(kinds, "fields", measure, says)
    kind.add_argument("--letters", type=int, default=200)
    kind.add_argument("--files", type=int, default=20)
    kind.add_argument("--others", type=int, default=20, help="pages that are no letters")
    kind.add_argument("--seed", type=int, default=1, help="1 was tuned on; any other has letters never seen")
    kind.add_argument("--fonts", type=Path, help="a folder of npm's @fontsource packages instead of installed fonts")
    kind.add_argument("--folder", type=Path, help="keeps scans and what was read of them for the next time")
    kind.add_argument("--processes", type=int, default=2)
    kind.add_argument("--mistakes", action="store_true", help="name everything that is wrong")
    kind.add_argument("--write", action="store_true", help="tables into docs/benchmarks.md, the plot into docs/images")


def _web(kinds: Any) -> None:
    def measure(options: Options) -> str:
        from bench import web  # noqa: PLC0415 - loads the web's libraries

        return web.run(options.users, options.seconds, options.pages, write=options.write)

    kind = _kind(kinds, "web", measure, "users that search and look at once while workers read scans")
    kind.add_argument("--users", type=int, default=50)
    kind.add_argument("--seconds", type=float, default=120)
    kind.add_argument("--pages", type=int, default=20_000, help="in the full text")
    kind.add_argument("--write", action="store_true", help="figures into docs/benchmarks.md")


if __name__ == "__main__":
    main()
