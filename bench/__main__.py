"""The command `script/bench`."""

from __future__ import annotations

import argparse
import sys

from bench import intake, ocr


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    reading = kinds.add_parser("ocr", help="accuracy by level and pages a minute, against plain Tesseract")
    reading.add_argument("--every", type=int, default=1, help="only every so manieth page")
    taking = kinds.add_parser("intake", help="a burst of small files against a plain upload; memory of a long PDF")
    taking.add_argument("--files", type=int, default=5000, help="in the burst; 0 leaves it out")
    taking.add_argument("--pages", type=int, default=1000, help="of the long PDF; 0 leaves it out")
    arguments = parser.parse_args()
    if arguments.kind == "ocr":
        sys.stdout.write(ocr.run(every=arguments.every))
    else:
        if arguments.files:
            sys.stdout.write(intake.burst(arguments.files))
        if arguments.pages:
            sys.stdout.write(intake.long_pdf(arguments.pages))


if __name__ == "__main__":
    main()
