"""A PDF of nothing but streams, written one by one to a file without a name, so that none has to wait in memory.

What the streams mean, and the pages made of them, do not live here: `searchable` builds those on the opened draft.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Pdf

Put = Callable[[Dictionary, bytes], int]

_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"  # four bytes above 127 tell mail gateways that this is no text
_CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
_NO_PAGES = b"<< /Type /Pages /Kids [] /Count 0 >>"


@contextmanager
def drafted(folder: Path, fill: Callable[[Put], None]) -> Iterator[Pdf]:
    """The draft that `fill` has written, as an open document without pages; the file lies in `folder` and leaves no trace.

    `fill` gets a function that takes a stream's dictionary and its bytes, and gives the number of its object (generation
    0). Streams are read from the file only when the document is saved. Raises `OSError` when the disk is full.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        places = []

        def put_object(*parts: bytes) -> int:
            places.append(file.tell())
            file.writelines((b"%d 0 obj\n" % len(places), *parts, b"\nendobj\n"))
            return len(places)

        def put(dictionary: Dictionary, data: bytes) -> int:
            dictionary.Length = len(data)
            return put_object(dictionary.unparse(), b"\nstream\n", data, b"\nendstream")

        file.write(_HEAD)
        put_object(_CATALOG)
        put_object(_NO_PAGES)
        fill(put)
        start = file.tell()
        file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
        file.writelines(b"%010d 00000 n \n" % place for place in places)
        file.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start))
        file.seek(0)
        with pikepdf.open(file, attempt_recovery=False) as document:
            yield document
