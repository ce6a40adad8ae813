"""What the code on a separator sheet says, as a value and as the text inside the code.

The text is `ABH2:`, the Base45 (RFC 9285) of a CRC-32 and the fields in UTF-8, and a signature of the installation that
printed it: only signs of QR's alphanumeric mode, so that Hindi takes no more room than in bytes. Any other text, such as
that of a payment code, is no sheet. The check is against damage and against codes that are not ours. Earlier versions wrote
`ABH1:` and no signature; such a text is still a sheet, and what it may settle is for `sheet_trust` to say. Drawing and
finding codes is in `preprocess.codes`.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pipeline.extract import file_number

MARK = "ABH1:"  # of a sheet without a signature
SIGNED_MARK = "ABH2:"
SIGNATURE_SIGNS = 16  # as `signing` makes them
PURPOSE = "separator-sheet"  # for which they are signed
LONGEST = 250  # signs: a code of 69 modules a side at level H, three of which fit on A4 at a millimetre a module
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE = len(_SIGNS)
_BETWEEN = "\x1f"
_FIELDS = 4
_CHECK = 4  # bytes
_JOINERS = "\u200c\u200d"

Sign = Callable[[str], str]  # from a payload to its signature


class SheetPart(StrEnum):
    """The two halves of a file (नस्ती)."""

    NOTING = "noting"
    CORRESPONDENCE = "correspondence"


_LETTER_OF = {SheetPart.NOTING: "N", SheetPart.CORRESPONDENCE: "C", None: ""}
_PART_OF = {letter: part for part, letter in _LETTER_OF.items()}


@dataclass(frozen=True, slots=True)
class SheetCode:
    """What a separator sheet settles for the pages after it. Only the file number is never empty."""

    file_no: str
    office: str = ""
    volume: str = ""
    part: SheetPart | None = None

    def is_same_file(self, other: SheetCode) -> bool:
        """Whether both speak of one part of one volume, however the number is spelt."""
        ours, theirs = file_number.parse(self.file_no), file_number.parse(other.file_no)
        same = ours.key == theirs.key if ours and theirs else self.file_no == other.file_no
        return same and (self.office, self.volume, self.part) == (other.office, other.volume, other.part)


def encode(code: SheetCode, sign: Sign | None = None) -> str:
    """The text of the code, of `_SIGNS` alone; `sign` makes the signature of all that stands before it.

    Raises `ValueError` for a field that cannot stand in it.
    """
    if not _is_sound(code):
        raise ValueError("there is no file number, or a field holds control signs or needless blanks")
    body = _BETWEEN.join((code.office, code.file_no, code.volume, _LETTER_OF[code.part])).encode("utf-8")
    text = (SIGNED_MARK if sign else MARK) + _base45(_check(body) + body)
    text += sign(text) if sign else ""
    if len(text) > LONGEST:
        raise ValueError(f"{len(text)} signs are more than the {LONGEST} that a sheet has room for")
    return text


def require_room(code: SheetCode) -> None:
    """Raise `ValueError` unless the code, signed, can stand on a sheet."""
    encode(code, lambda text: "A" * SIGNATURE_SIGNS)


def signature_of(text: str) -> tuple[str, str] | None:
    """What was signed and its signature; None where the text carries none."""
    if not text.startswith(SIGNED_MARK) or len(text) <= len(SIGNED_MARK) + SIGNATURE_SIGNS:
        return None
    return text[:-SIGNATURE_SIGNS], text[-SIGNATURE_SIGNS:]


def decode(text: str) -> SheetCode | None:
    """The inverse of `encode`; None for every text that it did not make. Whether a signature holds is not looked at."""
    signed = signature_of(text)
    mark, payload = (SIGNED_MARK, signed[0]) if signed else (MARK, text)
    if not payload.startswith(mark) or len(text) > LONGEST:
        return None
    try:
        data = _unbase45(payload.removeprefix(mark))
        check, body = data[:_CHECK], data[_CHECK:]
        fields = body.decode("utf-8").split(_BETWEEN)
    except ValueError:
        return None
    if check != _check(body) or len(fields) != _FIELDS or fields[3] not in _PART_OF:
        return None
    office, number, volume, letter = fields
    code = SheetCode(number, office, volume, _PART_OF[letter])
    ours = _is_sound(code) and encode(code, (lambda _: signed[1]) if signed else None) == text
    return code if ours else None


def _is_sound(code: SheetCode) -> bool:
    return bool(code.file_no) and all(field == plain(field) for field in (code.office, code.file_no, code.volume))


def plain(text: str) -> str:
    """The text in NFC with single blanks, and without signs that nobody sees, but for the joiners that shape letters."""
    seen = (c for c in text if c.isspace() or c in _JOINERS or unicodedata.category(c)[0] != "C")
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))


def _check(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(_CHECK, "big")


def _base45(data: bytes) -> str:
    """Two bytes as three signs, a last single byte as two, the lowest first."""
    signs: list[str] = []
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, rest = divmod(value, _BASE)
            signs.append(_SIGNS[rest])
    return "".join(signs)


def _unbase45(text: str) -> bytes:
    """The inverse of `_base45`. Raises `ValueError` for what is none."""
    data = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        value = sum(_SIGNS.index(sign) * _BASE**place for place, sign in enumerate(group))
        try:
            data += value.to_bytes(len(group) - 1, "big")
        except OverflowError as error:
            raise ValueError("more than the bytes can hold") from error
    return bytes(data)
