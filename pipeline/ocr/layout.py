"""The layout object of a page: ALTO 4 XML, gzipped, that other archive software can read.

Words carry their box in pixels of the page image and their confidence; lines keep the reading order.
Schema: ALTO 4.4, Library of Congress, https://www.loc.gov/standards/alto/
"""

from __future__ import annotations

import gzip
from itertools import groupby
from xml.etree import ElementTree

from pipeline.model import Box, ReadPage, Word

_NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"


def to_alto(page: ReadPage) -> bytes:
    """The page as gzipped ALTO; the same page always gives the same bytes."""
    root = ElementTree.Element("alto", {"xmlns": _NAMESPACE, "SCHEMAVERSION": "4.4"})
    description = ElementTree.SubElement(root, "Description")
    ElementTree.SubElement(description, "MeasurementUnit").text = "pixel"
    layout = ElementTree.SubElement(root, "Layout")
    sheet = ElementTree.SubElement(
        layout,
        "Page",
        {
            "ID": f"page_{page.source_page}",
            "PHYSICAL_IMG_NR": str(page.source_page),
            "WIDTH": str(page.width),
            "HEIGHT": str(page.height),
            "PC": f"{page.confidence:.3f}",
        },
    )
    space = ElementTree.SubElement(sheet, "PrintSpace", _place(Box(0, 0, page.width, page.height)))
    if page.words:
        block = ElementTree.SubElement(space, "TextBlock", {"ID": "block_1", **_place(_around(page.words))})
        for number, group in groupby(page.words, key=lambda word: word.line):
            _add_line(block, number, list(group))
    return gzip.compress(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True), mtime=0)


def _add_line(block: ElementTree.Element, number: int, words: list[Word]) -> None:
    line = ElementTree.SubElement(block, "TextLine", {"ID": f"line_{number + 1}", **_place(_around(words))})
    for index, word in enumerate(words):
        if index:
            ElementTree.SubElement(line, "SP")
        ElementTree.SubElement(
            line, "String", {"CONTENT": word.text, "WC": f"{word.confidence:.3f}", **_place(word.box)}
        )


def _place(box: Box) -> dict[str, str]:
    return {"HPOS": str(box.x), "VPOS": str(box.y), "WIDTH": str(box.w), "HEIGHT": str(box.h)}


def _around(words: list[Word] | tuple[Word, ...]) -> Box:
    box = words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    return box


def from_alto(data: bytes) -> tuple[str, tuple[Word, ...]]:
    """The text and words of a layout object; the inverse of `to_alto`."""
    root = ElementTree.fromstring(gzip.decompress(data))  # noqa: S314 - our own object, checked by its SHA-256
    words: list[Word] = []
    lines: list[str] = []
    place = 0
    for line in root.iter(f"{{{_NAMESPACE}}}TextLine"):
        number, text = int(line.attrib["ID"].removeprefix("line_")) - 1, ""
        while len(lines) < number:  # lines that hold no word are not written
            lines.append("")
            place += 1
        for string in line.iter(f"{{{_NAMESPACE}}}String"):
            content = string.attrib["CONTENT"]
            text += " " if text else ""
            box = Box(*(int(string.attrib[name]) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")))
            start = place + len(text)
            text += content
            words.append(Word(content, box, float(string.attrib["WC"]), number, start, start + len(content)))
        lines.append(text)
        place += len(text) + 1
    return "\n".join(lines), tuple(words)
