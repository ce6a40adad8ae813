"""Rows as CSV that a spreadsheet opens as it is: UTF-8 with a mark, and no cell that it would take for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know UTF-8
_GUARDED = tuple("=+-@＝＋－＠\t\r")  # what may begin a formula


def lines(rows: Iterable[Sequence[object]], *, mark: bool = True) -> Iterator[str]:
    """One line of text for each row; None is an empty cell. Numbers stay numbers."""
    held = StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    held.write(BYTE_ORDER_MARK if mark else "")
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        yield held.getvalue()
        held.seek(0)
        held.truncate()


def _cell(value: object) -> object:
    if value is None:
        return ""
    return "'" + value if isinstance(value, str) and value.startswith(_GUARDED) else value
