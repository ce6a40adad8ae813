"""The command `script/bench`."""

from __future__ import annotations

import argparse
import sys

from bench import ocr


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    reading = kinds.add_parser("ocr", help="accuracy by level and pages a minute, against plain Tesseract")
    reading.add_argument("--every", type=int, default=1, help="only every so manieth page")
    arguments = parser.parse_args()
    sys.stdout.write(ocr.run(every=arguments.every))


if __name__ == "__main__":
    main()
