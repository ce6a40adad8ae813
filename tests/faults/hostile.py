"""Files that no scanner writes: bombs, absurd sizes, odd names, PDFs that want to run something. All are invented here."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

SIDE = 20_000  # pixels of an image of 400 megapixels; the limit is 120
_GIGABYTE = 1 << 30


def inflating(gigabytes: int) -> bytes:
    """Some megabytes of zlib data that unpack to as many gigabytes (and only then turn out to lack a right checksum)."""
    packer = zlib.compressobj(9)
    piece = b"q Q\n" * (1 << 18)
    first, again = (packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (gigabytes * _GIGABYTE // len(piece)) + packer.flush()


def _pdf(path: Path, change: Callable[[Pdf, pikepdf.Page], object]) -> None:
    with pikepdf.new() as document:
        change(document, document.add_blank_page(page_size=(200, 100)))
        document.save(path, compress_streams=False)


def contents_bomb(path: Path) -> None:
    """A page whose drawing instructions unpack to two gigabytes."""

    def change(document: Pdf, page: pikepdf.Page) -> None:
        page.obj.Contents = document.make_indirect(Stream(document, inflating(2), Filter=Name.FlateDecode))

    _pdf(path, change)


def medium_contents(path: Path) -> None:
    """Drawing instructions of 128 MB: they fit into memory, but no scanned page needs them."""
    data = zlib.compress(b"q Q\n" * (1 << 25))
    _pdf(
        path,
        lambda document, page: page.obj.update(
            {"/Contents": document.make_indirect(Stream(document, data, Filter=Name.FlateDecode))}
        ),
    )


def nested_bomb(path: Path) -> None:
    """Drawing instructions packed twice: kilobytes that unpack to two gigabytes."""
    data = zlib.compress(inflating(2), 9)
    filters = Array([Name.FlateDecode, Name.FlateDecode])
    _pdf(
        path,
        lambda document, page: page.obj.update(
            {"/Contents": document.make_indirect(Stream(document, data, Filter=filters))}
        ),
    )


def object_stream_bomb(path: Path) -> None:
    """A PDF whose objects lie in a stream that unpacks to two gigabytes."""
    packed = inflating(2)
    body = b"%PDF-1.5\n"
    stream = len(body)
    body += b"1 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    body += packed + b"\nendstream endobj\n"
    table = len(body)
    rows = struct.pack(">BIH", 0, 0, 0) + struct.pack(">BIH", 1, stream, 0) + struct.pack(">BIH", 2, 1, 0)
    body += b"3 0 obj<</Type/XRef/W[1 4 2]/Size 3/Root 2 0 R/Length %d>>stream\n" % len(rows)
    path.write_bytes(body + rows + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % table)


def many_pages(path: Path) -> None:
    """A page tree that names one page 30,000 times."""

    def change(document: Pdf, page: pikepdf.Page) -> None:
        document.Root.Pages.Kids = Array([page.obj] * 30_000)
        document.Root.Pages.Count = 30_000

    _pdf(path, change)


def pages_without_end(path: Path) -> None:
    """A page tree whose branches name each other: a kilobyte that promises a million pages."""
    parts = [b"%PDF-1.4\n", b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"]
    for level in range(2, 8):
        kids = b"%d 0 R " % (level + 1) * 10
        parts.append(b"%d 0 obj<</Type/Pages/Count %d/Kids[%s]>>endobj\n" % (level, 10 ** (8 - level), kids))
    parts.append(b"8 0 obj<</Type/Page/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R/Size 9>>\nstartxref\n0\n%%EOF\n")
    path.write_bytes(b"".join(parts))


# --- pages of odd size ----------------------------------------------------------------------------------------------


def sheet_of(path: Path, **entries: object) -> None:
    """A page of 200 by 100 points with a black square of 20 in its lower left corner, and the entries given."""

    def change(document: Pdf, page: pikepdf.Page) -> None:
        page.obj.Contents = document.make_stream(b"0 0 20 20 re f")
        for name, value in entries.items():
            page.obj[f"/{name}"] = Array(value) if isinstance(value, list) else value

    _pdf(path, change)


def with_large_image(path: Path) -> None:
    """A PDF page of a white image of 20,000 by 20,000 pixels, as scanned at 300 dpi."""

    def change(document: Pdf, page: pikepdf.Page) -> None:
        white = zlib.compress(b"\xff" * (SIDE // 8 * SIDE), 9)
        image = Stream(document, white, Type=Name.XObject, Subtype=Name.Image, Width=SIDE, Height=SIDE)
        image.stream_dict.update({"/ColorSpace": Name.DeviceGray, "/BitsPerComponent": 1, "/Filter": Name.FlateDecode})
        points = SIDE * 72 / 300
        page.obj.MediaBox = Array([0, 0, points, points])
        page.obj.Resources = Dictionary(XObject=Dictionary(Scan=document.make_indirect(image)))
        page.obj.Contents = document.make_stream(f"q {points} 0 0 {points} 0 0 cm /Scan Do Q".encode())

    _pdf(path, change)


def of_odd_sheets(path: Path) -> None:
    """A PDF of six pages: 14 kilometres square, of no size, a line, of five numbers, a hidden one, and a plain one."""
    large, plain = 1_000_000, [0, 0, 200, 100]
    boxes = [[0, 0, large, large], [0, 0, 0, 0], [0, 0, large, 1], [0, 0, 9, 9, 9], plain, plain]
    with pikepdf.new() as document:
        for box in boxes:
            document.add_blank_page().obj.MediaBox = Array(box)
        document.pages[4].obj.CropBox = Array([1, 1, 2, 2])
        document.save(path)


# --- PDFs that hold more than pages ---------------------------------------------------------------------------------


def lively(path: Path) -> None:
    """A PDF that wants to run a script when opened and a program when clicked, and that brings a file along."""

    def change(document: Pdf, page: pikepdf.Page) -> None:
        document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert('नमस्ते')"))
        action = Dictionary(S=Name.Launch, F=String("calc.exe"))
        page.obj.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)])
        held = Dictionary(Type=Name.Filespec, F=String("list.csv"), EF=Dictionary(F=document.make_stream(b"1,2\n")))
        names = Array([String("list.csv"), document.make_indirect(held)])
        document.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=names))

    _pdf(path, change)


# --- images ---------------------------------------------------------------------------------------------------------


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(path: Path, width: int, height: int, *chunks: bytes, pixels: bytes = b"") -> None:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rest = _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + rest)


def png_bomb(path: Path) -> None:
    """50,000 by 50,000 white pixels in some 300 kB."""
    _png(path, 50_000, 50_000, pixels=zlib.compress((b"\0" + b"\xff" * 6250) * 50_000, 9))


def png_text_bomb(path: Path) -> None:
    """A small PNG with a comment that unpacks to two gigabytes."""
    _png(path, 8, 8, _chunk(b"zTXt", b"Comment\0\0" + inflating(2)), pixels=zlib.compress(b"\0\xff" * 8))


def png_profile_bomb(path: Path) -> None:
    """A small PNG with a colour profile that unpacks to two gigabytes."""
    _png(path, 8, 8, _chunk(b"iCCP", b"icc\0\0" + inflating(2)), pixels=zlib.compress(b"\0\xff" * 8))


def jpeg_bomb(path: Path) -> None:
    """A JPEG of 16 by 16 pixels whose header says 65,500 by 65,500."""
    target = io.BytesIO()
    Image.new("L", (16, 16), 200).save(target, "JPEG")
    data = bytearray(target.getvalue())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 65_500, 65_500)
    path.write_bytes(data)


def _tiff(path: Path, entries: list[tuple[int, int, int, int]], tail: bytes = b"", *, directories: int = 1) -> None:
    """A little-endian TIFF of `directories` equal ones; an entry is tag, type, count and value (or offset)."""
    body = b"II*\0" + struct.pack("<I", 8 + len(tail)) + tail
    for number in range(directories):
        here = len(body)
        following = here + 2 + 12 * len(entries) + 4 if number + 1 < directories else 0
        body += struct.pack("<H", len(entries))
        body += b"".join(struct.pack("<HHII", *entry) for entry in entries) + struct.pack("<I", following)
    path.write_bytes(body)


def _plain(width: int, height: int, packed: bytes, *, compression: int = 8) -> list[tuple[int, int, int, int]]:
    return [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, compression),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, len(packed)),
    ]


def tiff_bomb(path: Path) -> None:
    """50,000 by 50,000 pixels in one packed strip of some 2 MB."""
    packed = zlib.compress(bytes(1 << 20), 9)
    _tiff(path, _plain(50_000, 50_000, packed), packed)


def tiff_of_many_strips(path: Path) -> None:
    """A small TIFF that announces four thousand million strips."""
    packed = zlib.compress(b"\xff" * 64)
    entries = [entry for entry in _plain(8, 8, packed) if entry[0] not in (273, 279)]
    entries += [(273, 4, 0xFFFFFFFF, 8), (279, 4, 0xFFFFFFFF, 8)]
    _tiff(path, sorted(entries), packed)


def tiff_of_many_large_frames(path: Path) -> None:
    """Four thousand frames of 25 megapixels that share one packed strip: half a megabyte, 100 thousand megapixels."""
    packed = zlib.compress(b"\xff" * 5000 * 5000, 9)
    _tiff(path, _plain(5000, 5000, packed), packed, directories=4000)


BOMBS: dict[str, tuple[Callable[[Path], None], str]] = {
    "contents.pdf": (contents_bomb, "unreasonable_scan"),
    "medium.pdf": (medium_contents, "unreasonable_scan"),
    "nested.pdf": (nested_bomb, "unreasonable_scan"),
    "object-stream.pdf": (object_stream_bomb, "unreasonable_scan"),
    "many-pages.pdf": (many_pages, "unreasonable_scan"),
    "pages-without-end.pdf": (pages_without_end, "incomplete_scan"),
    "large.png": (png_bomb, "oversized_page"),
    "comment.png": (png_text_bomb, "unreasonable_scan"),
    "profile.png": (png_profile_bomb, "unreasonable_scan"),
    "large.jpg": (jpeg_bomb, "oversized_page"),
    "large.tif": (tiff_bomb, "oversized_page"),
    "strips.tif": (tiff_of_many_strips, "incomplete_scan"),
    "frames.tif": (tiff_of_many_large_frames, "unreasonable_scan"),
}
