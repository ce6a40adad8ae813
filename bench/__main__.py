"""The command `script/bench`."""

from __future__ import annotations

import argparse
import sys

from bench import blank, intake, ocr, pdf


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    reading = kinds.add_parser("ocr", help="accuracy by level and pages a minute, against plain Tesseract")
    reading.add_argument("--every", type=int, default=1, help="only every so manieth page")
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
    leaning.add_argument("--alone", action="store_true", help="without the others")
    empty = kinds.add_parser("blank", help="drawn backs and sheets with little on them: what is called blank")
    empty.add_argument("--pages", type=int, default=200, help="half of them backs")
    empty.add_argument("--dpi", type=int, default=200, help="of the drawn pages")
    arguments = parser.parse_args()
    if arguments.kind == "ocr":
        sys.stdout.write(ocr.run(every=arguments.every))
    elif arguments.kind == "pdf":
        sys.stdout.write(pdf.run(arguments.pages))
    elif arguments.kind == "skew":
        from bench import skew  # noqa: PLC0415 - loads the others, which the other measurements can do without

        peers = not arguments.alone
        told = skew.run(pages=arguments.pages, dpi=arguments.dpi, processes=arguments.processes, peers=peers)
        sys.stdout.write(told)
    elif arguments.kind == "blank":
        sys.stdout.write(blank.run(pages=arguments.pages, dpi=arguments.dpi))
    else:
        if arguments.files:
            sys.stdout.write(intake.burst(arguments.files))
        if arguments.pages:
            sys.stdout.write(intake.long_pdf(arguments.pages))


if __name__ == "__main__":
    main()
