"""Parts of addresses that several features write: the mark of no office, the widths of page images."""

from __future__ import annotations

NO_OFFICE = "-"  # for documents whose office is not known
THUMB, SMALL, MIDDLE = 160, 480, 1200
WIDTHS = (THUMB, SMALL, MIDDLE)  # pixels
