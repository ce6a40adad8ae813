"""Is the text that a PDF page carries fit to be used? Pure: words and pixels in, a judgement out.

Four questions: is it text at all, is it Hindi or English as it is written (after conversion, where its font is a legacy
one), does it lie where the ink lies, and does it cover the ink. The figures behind the limits stand in
docs/decisions/0013-text-layers.md. Whether it says what is seen is found in `text_layer`, by reading some lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from pipeline.model.page import INK_LEVEL, Box, Layer, LayerWord
from pipeline.ocr.engine import Pixels
from pipeline.ocr.legacy import Encoding, encoding_of, tells_kruti_dev, to_unicode
from pipeline.ocr.vocabulary import known_share, known_words, parts

_LEAST_LETTERS = 12  # a stamp or a page number has fewer
_LEAST_PIECES = 8  # words below which their being known or not says little
_MOST_LOST = 0.02  # share of letters that the PDF cannot tell
_MOST_STRAYS = 0.1  # share of letters beside the sheet, in another direction, or where no ink is
_LEAST_KNOWN = 0.7  # share of letters in known words; right letters have 0.83 and more
_LEAST_KNOWN_SCAN = 0.9  # where a program has read them; with three wrong letters in a hundred 0.68 to 0.84 are left
_LEAST_SOUND = 0.97  # share of Devanagari words that can be written so
_LEAST_COVERED, _LEAST_COVERED_SCAN = 0.85, 0.97  # share of the ink under words
_LEAST_INK = 0.01  # share of a word's box
_STEP = 2  # every second pixel of every second row is enough

_LETTER = "[\u0904-\u0914\u0960\u0961\u0950\u0972]|[\u0915-\u0939\u0958-\u095f]\u093c?"
_SOUND = re.compile(
    f"(?:(?:{_LETTER})(?:\u094d[\u0915-\u0939\u0958-\u095f]\u093c?)*(?:\u094d|[\u093e-\u094c\u0962\u0963]?[\u0901-\u0903]*))+"
)
_DEVANAGARI = re.compile("[\u0900-\u0963\u0970-\u097f]+")
_JOINERS = re.compile("[\u200c\u200d\u093d]")
_LOST = re.compile("[\ufffd\ue000-\uf8ff\x00-\x1f\x80-\x9f]")
_VISARGA, _COLON = "\u0903", ":"


class TextLayerVerdict(StrEnum):
    """What a page's text is."""

    RIGHT = "right"
    CONVERTED = "converted"  # right, once put from a legacy font into Unicode
    EMPTY = "empty"
    SCRAP = "scrap"  # some of the page only
    GARBAGE = "garbage"  # no words of a language
    LEGACY = "legacy"  # of a legacy font, and does not come out as Hindi
    DOUBTFUL = "doubtful"  # what a program read, and not well


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict with its figures (shares, 0…1), and the words to be used where it is right or converted."""

    verdict: TextLayerVerdict
    words: tuple[LayerWord, ...] = ()
    known: float = 0.0
    sound: float = 0.0
    covered: float = 0.0

    @property
    def is_fit(self) -> bool:
        return self.verdict in (TextLayerVerdict.RIGHT, TextLayerVerdict.CONVERTED)

    def __str__(self) -> str:
        return f"{self.verdict} (known {self.known:.2f}, sound {self.sound:.2f}, covered {self.covered:.2f})"


def judge(layer: Layer, pixels: Pixels) -> Judgement:
    """The layer against the upright page made fit for reading: grey pixels on white, (height, width)."""
    words = tuple(word for word in layer.words if layer.is_scan or not word.hidden)
    letters = _letters(words)
    if letters < _LEAST_LETTERS:
        return Judgement(TextLayerVerdict.SCRAP if letters else TextLayerVerdict.EMPTY)
    inked = tuple(word for word in words if _ink(pixels, word.box) >= _LEAST_INK)
    if layer.strays > _MOST_STRAYS or _letters(inked) < (1 - _MOST_STRAYS) * letters:
        return Judgement(TextLayerVerdict.GARBAGE)
    words, is_converted = converted(inked)
    known, pieces = known_share(word.text for word in words)
    covered = covered_share(pixels, words, layer.pictures)
    found = Judgement(TextLayerVerdict.RIGHT, words, known, sound_share(words), covered)
    return replace(found, verdict=_verdict(found, pieces, is_scan=layer.is_scan, is_converted=is_converted))


def _verdict(found: Judgement, pieces: int, *, is_scan: bool, is_converted: bool) -> TextLayerVerdict:
    lost = sum(len(_LOST.findall(word.text)) for word in found.words)
    is_known = found.known >= (_LEAST_KNOWN_SCAN if is_scan else _LEAST_KNOWN)
    if pieces < _LEAST_PIECES:
        is_known = not (is_scan or is_converted)
    if lost > _MOST_LOST * _letters(found.words) or not is_known or found.sound < _LEAST_SOUND:
        return (
            TextLayerVerdict.LEGACY
            if is_converted
            else TextLayerVerdict.DOUBTFUL
            if is_scan
            else TextLayerVerdict.GARBAGE
        )
    if found.covered < (_LEAST_COVERED_SCAN if is_scan else _LEAST_COVERED):
        return TextLayerVerdict.SCRAP
    return TextLayerVerdict.CONVERTED if is_converted else TextLayerVerdict.RIGHT


def converted(words: Sequence[LayerWord]) -> tuple[tuple[LayerWord, ...], bool]:
    """The words with those in legacy fonts as Unicode, and whether there are any. A font's name tells; where no name does,
    the words of a font that are those of Kruti Dev and of no language."""
    encodings: dict[str, Encoding] = {}
    for font in dict.fromkeys(word.font for word in words):
        encoding = _encoding(font, [word.text for word in words if word.font == font])
        if encoding is not None:
            encodings[font] = encoding
    if not encodings:
        return tuple(words), False
    return tuple(
        replace(word, text=_spelt(to_unicode(word.text, encodings[word.font]))) if word.font in encodings else word
        for word in words
    ), True


def _encoding(font: str, texts: list[str]) -> Encoding | None:
    named = encoding_of(font)
    if named is not None:  # a name may mislead: the encoding that gives more known words is right
        others = [encoding for encoding in Encoding if encoding is not named]
        return max([named, *others], key=lambda encoding: _share(texts, encoding))
    if tells_kruti_dev(texts) and known_share(texts)[0] < _share(texts, Encoding.KRUTI_DEV):
        return Encoding.KRUTI_DEV
    return None


def _share(texts: Sequence[str], encoding: Encoding) -> float:
    return known_share(to_unicode(text, encoding) for text in texts)[0]


def _spelt(word: str) -> str:
    """A colon where the visarga was typed for one, as in विषयः for विषय:."""
    body = word.removesuffix(_VISARGA)
    is_colon = body != word and not (set(parts(word)) & known_words()) and bool(set(parts(body)) & known_words())
    return body + _COLON if is_colon else word


def sound_share(words: Sequence[LayerWord]) -> float:
    """The share of the Devanagari words in which every sign has a letter to stand on; 1 where there are none."""
    found = Counter(
        _SOUND.fullmatch(piece) is not None
        for word in words
        for piece in _DEVANAGARI.findall(_JOINERS.sub("", word.text))
    )
    return found[True] / found.total() if found else 1.0


def covered_share(pixels: Pixels, words: Sequence[LayerWord], pictures: Sequence[Box] = ()) -> float:
    """The share of the page's ink that lies under the words, each with a quarter of its height about it; 1 without ink. What
    lies in a picture does not count, for it is read by itself (`layer_pictures`)."""
    dark = pixels[::_STEP, ::_STEP] < INK_LEVEL
    for picture in pictures:
        dark[_part(picture)] = False
    under = np.zeros_like(dark)
    for word in words:
        more = word.box.h // 4 + 2
        box = Box(word.box.x - more, word.box.y - more, word.box.w + 2 * more, word.box.h + 2 * more)
        under[_part(box)] = True
    total = int(dark.sum())
    return float((dark & under).sum()) / total if total else 1.0


def _ink(pixels: Pixels, box: Box) -> float:
    held = pixels[::_STEP, ::_STEP][_part(box)]
    return float((held < INK_LEVEL).mean()) if held.size else 0.0


def _part(box: Box) -> tuple[slice, slice]:
    top, left = max(box.y, 0) // _STEP, max(box.x, 0) // _STEP
    return slice(top, max(box.y + box.h, 0) // _STEP + 1), slice(left, max(box.x + box.w, 0) // _STEP + 1)


def _letters(words: Sequence[LayerWord]) -> int:
    return sum(len(word.text) for word in words)
