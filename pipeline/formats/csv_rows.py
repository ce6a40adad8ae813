"""Text of a CSV list as rows of cells, within the limits of a list. What the cells mean is read elsewhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

from pipeline.formats.list_limits import MOST_LINE_CHARACTERS, ListMeter

csv.field_size_limit(MOST_LINE_CHARACTERS + 1)  # beyond it our own limits speak, which say what to do

Cell = str | date | None
Row = tuple[int, Sequence[Cell]]  # the number of the line, from 1, and its cells

DELIMITERS = ",;\t"  # what spreadsheets write between two cells


class CsvLineError(ValueError):
    """A text that cannot be taken apart, from line `line` on."""

    def __init__(self, line: int, cause: str) -> None:
        super().__init__(cause)
        self.line = line


def csv_rows(text: str, delimiter: str, meter: ListMeter, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Every record with the number of the line it begins in, from 1.

    Raises `ListTooLargeError` and `CsvLineError`.
    """
    lines = _RecordLines(text, meter)
    reader = csv.reader(lines, delimiter=delimiter, strict=strict)
    while True:
        line, lines.characters = reader.line_num + 1, 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise CsvLineError(line, str(error)) from error
        meter.count(line, cells)
        yield line, cells


class _RecordLines:
    """The lines of a text one by one; `characters` is the length of those given since it was last set to 0."""

    def __init__(self, text: str, meter: ListMeter) -> None:
        self.characters = 0
        self._number = 0
        self._lines = io.StringIO(text, newline="")
        self._meter = meter

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._number += 1
        self.characters += len(line)
        self._meter.check_record(self._number, self.characters)
        return line
