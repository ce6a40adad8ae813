"""The layout object of a page: ALTO 4 XML, gzipped, that other archive software can read.

Words carry their box in pixels of the page image and their confidence; lines keep the reading order. A row of a table is
a composed block of type `row`, with a text block for each cell that holds words.
Schema: ALTO 4.4, Library of Congress, https://www.loc.gov/standards/alto/
"""

from __future__ import annotations

import gzip
from itertools import groupby
from xml.etree import ElementTree

from pipeline.model.page import Box, ReadPage, Word

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
        lines = [(number, list(group)) for number, group in groupby(page.words, key=lambda word: word.line)]
        for is_row, some in groupby(lines, key=lambda line: _column(page.text, line[1][-1]) > 0):
            if is_row:
                for number, words in some:
                    _add_row(space, number, words, page.text)
            else:
                _add_block(space, list(some))
    return gzip.compress(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True), mtime=0)


def _column(text: str, word: Word) -> int:
    """The column of a table that a word stands in, from 0: the tabs before it in its line."""
    return text.count("\t", text.rfind("\n", 0, word.start) + 1, word.start)


def _add_block(space: ElementTree.Element, lines: list[tuple[int, list[Word]]]) -> None:
    words = [word for _, line in lines for word in line]
    block = ElementTree.SubElement(space, "TextBlock", {"ID": f"block_{lines[0][0] + 1}", **_place(_around(words))})
    for number, line in lines:
        _add_line(block, f"line_{number + 1}", line)


def _add_row(space: ElementTree.Element, number: int, words: list[Word], text: str) -> None:
    name = {"ID": f"row_{number + 1}", "TYPE": "row"}
    row = ElementTree.SubElement(space, "ComposedBlock", {**name, **_place(_around(words))})
    for column, group in groupby(words, key=lambda word: _column(text, word)):
        cell = list(group)
        ident = f"{number + 1}_{column + 1}"
        block = ElementTree.SubElement(row, "TextBlock", {"ID": f"cell_{ident}", **_place(_around(cell))})
        _add_line(block, f"line_{ident}", cell)


def _add_line(block: ElementTree.Element, ident: str, words: list[Word]) -> None:
    line = ElementTree.SubElement(block, "TextLine", {"ID": ident, **_place(_around(words))})
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
    text = ""
    for line in root.iter(f"{{{_NAMESPACE}}}TextLine"):
        number, column = _number(line.attrib["ID"])
        while len(lines) < number:  # lines that hold no word are not written
            lines.append(text)
            place += len(text) + 1
            text = ""
        text += "\t" * (column - text.count("\t"))
        for string in line.iter(f"{{{_NAMESPACE}}}String"):
            content = string.attrib["CONTENT"]
            text += " " if text and not text.endswith("\t") else ""
            box = Box(*(int(string.attrib[name]) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")))
            start = place + len(text)
            text += content
            words.append(Word(content, box, float(string.attrib["WC"]), number, start, start + len(content)))
    lines.append(text)
    return "\n".join(lines), tuple(words)


def _number(ident: str) -> tuple[int, int]:
    """Line and column, both from 0, of a text line by its ID: `line_7`, or `line_7_2` in a row of a table."""
    line, _, column = ident.removeprefix("line_").partition("_")
    return int(line) - 1, int(column or 1) - 1
