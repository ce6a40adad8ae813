"""How large a list of the register or of separator sheets may be, and a count of what has been read of one.

A list that a person made stays far below every limit: a register of 100,000 files has 1.8 million cells and some twenty
million characters. Memory and processor time are bound by whoever starts the reading (`register.list_reader`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipeline.errors import ListTooLargeError
from pipeline.locale import Message

MOST_FILE_BYTES = 128 << 20  # as it lies on the disk
MOST_MEMBERS = 1_000  # files inside a workbook; a plain one has a dozen
MOST_UNPACKED_BYTES = 512 << 20  # of all members of a workbook; 100,000 files take some 80 MB
MOST_TIMES_PACKED = 100  # unpacked against packed; honest workbooks reach 10 to 20
LEAST_UNPACKED_BYTES = 32 << 20  # so much any workbook may unpack to
MOST_LINES = 250_000  # with something in them
MOST_SHEET_LINES = 20_000  # of a list of separator sheets: each is a page to print
MOST_SHEET_BYTES = 16 << 20  # of such a list
LAST_LINE = 1_048_576  # of a sheet, as Excel numbers them
MOST_COLUMNS = 256
MOST_CELLS = 5_000_000  # with something in them: every line with twenty
MOST_CELL_CHARACTERS = 32_767  # as in Excel
MOST_CHARACTERS = 64 << 20  # of all cells together, a repeated text counting each time
MOST_LINE_CHARACTERS = 1 << 20  # of one line of CSV, line breaks between quotation marks included

_MB = 1 << 20


class ListMeter:
    """Counts what has been read of one list. Every method raises `ListTooLargeError`, naming the list and the limit."""

    def __init__(self, name: str, *, most_lines: int = MOST_LINES) -> None:
        self.name = name
        self.most_lines = most_lines
        self.lines = self.cells = self.characters = 0

    def check_file(self, size: int, most: int = MOST_FILE_BYTES) -> None:
        """Both in bytes."""
        if size > most:
            found, limit = size // _MB, most // _MB
            self._refuse(Message("it has {found} MB, the limit is {limit} MB", found=found, limit=limit))

    def check_archive(self, members: int, packed: int, unpacked: int) -> None:
        """The parts of a workbook, its bytes as it lies on the disk, and those it unpacks to, as its directory says."""
        if members > MOST_MEMBERS:
            self._refuse(Message("it holds {members} parts, the limit is {limit}", members=members, limit=MOST_MEMBERS))
        most = min(max(packed * MOST_TIMES_PACKED, LEAST_UNPACKED_BYTES), MOST_UNPACKED_BYTES)
        if unpacked > most:
            found, limit = -(-unpacked // _MB), most // _MB
            self._refuse(
                Message("it unpacks to {found} MB, the limit for its size is {limit} MB", found=found, limit=limit),
            )

    def count(self, line: int, cells: Sequence[str | date | None]) -> None:
        """Count the cells of line `line` that hold something."""
        filled = [cell for cell in cells if cell is not None and cell != ""]
        longest = max((len(cell) for cell in filled if isinstance(cell, str)), default=0)
        self.lines += bool(filled)
        self.cells += len(filled)
        self.characters += sum(len(cell) for cell in filled if isinstance(cell, str))
        if longest > MOST_CELL_CHARACTERS:
            limit = MOST_CELL_CHARACTERS
            self._refuse(
                Message(
                    "a cell in line {line} has {longest} characters, the limit is {limit}",
                    line=line,
                    longest=longest,
                    limit=limit,
                ),
            )
        if any(cell is not None and cell != "" for cell in cells[MOST_COLUMNS:]):
            self._refuse(Message("line {line} has more than {limit} columns", line=line, limit=MOST_COLUMNS))
        self._check_sums()

    def check_line_number(self, line: int) -> None:
        if line > LAST_LINE:
            self._refuse(Message("it goes on after line {line}", line=LAST_LINE))

    def _check_sums(self) -> None:
        for found, limit, counted in (
            (self.lines, self.most_lines, Message("lines")),
            (self.cells, MOST_CELLS, Message("filled cells")),
            (self.characters, MOST_CHARACTERS, Message("characters")),
        ):
            if found > limit:
                self._refuse(Message("it has more than {limit} {counted}", limit=limit, counted=counted))

    def check_record(self, line: int, characters: int) -> None:
        """A record of CSV, as far as it has been read: quotation marks join any number of lines to one."""
        if characters > MOST_LINE_CHARACTERS:
            limit = MOST_LINE_CHARACTERS
            self._refuse(
                Message(
                    "line {line} has more than {limit} characters, perhaps for a quotation mark that is not closed",
                    line=line,
                    limit=limit,
                ),
            )

    def _refuse(self, cause: Message) -> None:
        raise ListTooLargeError(name=self.name, cause=cause)
