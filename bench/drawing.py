"""Draws the pages whose geometry is measured: level sheets of many kinds, worn, then turned by known angles.

Nothing is taken from `samples.age`: what was tuned on those pages is to be measured on others. Grey pages only.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from samples import truth

Pixels = npt.NDArray[np.uint8]
Light = npt.NDArray[np.float32]  # 1 is paper, 0 is black
Chance = np.random.Generator

KINDS = ("hindi", "english", "table", "sparse", "stamped", "bordered", "show-through", "worn")
A4 = (8.27, 11.69)  # inches
_LATIN = ("Liberation Serif", "Liberation Sans", "DejaVu Serif", "Noto Serif", "Liberation Mono")
_ENGLISH_LETTER = 13


@dataclass(frozen=True, slots=True)
class Page:
    """A drawn scan: it was turned by `degrees` counter-clockwise, then by `turn` (0, 90, 180 or 270) as well."""

    kind: str
    pixels: Pixels
    degrees: float
    turn: int


def page(number: int, *, dpi: int, most_degrees: float = 10.0) -> Page:
    """The page of this number; the same number gives the same page."""
    chance = np.random.default_rng([40, number])
    kind = KINDS[number % len(KINDS)]
    degrees = round(float(chance.uniform(-most_degrees, most_degrees)), 3)
    turn = int(chance.integers(4)) * 90
    light = _written(kind, chance, dpi)
    if kind == "show-through":
        light *= through(chance, dpi, float(chance.uniform(0.12, 0.35)))
    if kind in ("worn", "bordered") or chance.random() < 0.25:
        light *= paper(chance, light.shape, dpi)
        light = holed(light, chance, dpi)
    lid = float(chance.uniform(0.03, 0.15)) if kind == "bordered" else float(chance.choice([1.0, 0.97, 0.9]))
    scan = laid(light, degrees, lid)
    if kind == "bordered":
        strips(scan, chance, dpi, lid)
    pixels = sensed(scan, chance, 7.0 if kind == "worn" else 2.0)
    return Page(kind, np.ascontiguousarray(np.rot90(pixels, turn // 90)), degrees, turn)


# --- what is written ---------------------------------------------------------------------------------------------


def _written(kind: str, chance: Chance, dpi: int) -> Light:
    sheet = Picture.new("L", (round(A4[0] * dpi), round(A4[1] * dpi)), 255)
    if kind == "table":
        table(sheet, chance, dpi)
    elif kind == "sparse":
        sparse(sheet, chance, dpi)
    else:
        script = "latin" if kind == "english" or (kind in ("worn", "stamped") and chance.random() < 0.2) else "hindi"
        text(sheet, chance, dpi, script)
    if kind == "stamped" or (kind in ("bordered", "worn") and chance.random() < 0.4):
        stamp(sheet, chance, dpi)
        signature(sheet, chance, dpi)
    level = float(chance.uniform(0.75, 0.97))
    return np.asarray(1 - (1 - np.asarray(sheet, np.float32) / 255) * level, np.float32)


def text(sheet: Picture.Image, chance: Chance, dpi: int, script: str) -> None:
    """A letter: a centred head, paragraphs of uneven length with indents, a block at the right."""
    draw, letters = ImageDraw.Draw(sheet), face(chance, dpi, script)
    step = round(letters.size * float(chance.uniform(1.35, 2.0)))
    left, right = round(dpi * float(chance.uniform(0.8, 1.3))), sheet.width - round(dpi * 0.8)
    y = round(dpi * float(chance.uniform(0.6, 1.2)))
    for _ in range(int(chance.integers(1, 4))):
        words = line(chance, script, 4)
        draw.text(((sheet.width - draw.textlength(words, letters)) / 2, y), words, fill=0, font=letters)
        y += step
    end = sheet.height - round(dpi * float(chance.uniform(0.9, 4.5)))
    while y < end:
        y += step // 2
        for at in range(int(chance.integers(2, 8))):
            start = left + (round(dpi * 0.5) if at == 0 else 0)
            fill(draw, letters, chance, script, (start, y, right))
            y += step
    draw.text((right - round(dpi * 2.4), y + step), line(chance, script, 3), fill=0, font=letters)


def sparse(sheet: Picture.Image, chance: Chance, dpi: int) -> None:
    """Three lines, or a signature over one line."""
    script = "latin" if chance.random() < 0.3 else "hindi"
    draw, letters = ImageDraw.Draw(sheet), face(chance, dpi, script)
    y = round(sheet.height * float(chance.uniform(0.15, 0.7)))
    left, right = round(dpi * 1.2), sheet.width - round(dpi * float(chance.uniform(0.9, 2.5)))
    count = 3 if chance.random() < 0.6 else 1
    for _ in range(count):
        fill(draw, letters, chance, script, (left, y, right), whole=True)
        y += round(letters.size * 1.8)
    if count == 1:
        signature(sheet, chance, dpi)


def table(sheet: Picture.Image, chance: Chance, dpi: int) -> None:
    """A heading and a ruled table with text in its cells."""
    draw, letters = ImageDraw.Draw(sheet), face(chance, dpi, "hindi" if chance.random() < 0.75 else "latin")
    script = "hindi" if letters.hindi else "latin"
    left, right, y = round(dpi * 0.9), sheet.width - round(dpi * 0.7), round(dpi * 1.0)
    for _ in range(int(chance.integers(1, 4))):
        fill(draw, letters, chance, script, (left, y, right))
        y += round(letters.size * 1.8)
    columns, rows = int(chance.integers(2, 7)), int(chance.integers(4, 16))
    tall = min(round(letters.size * float(chance.uniform(1.8, 3.0))), (sheet.height - y - dpi) // rows)
    across = np.linspace(left, right, columns + 1).round().astype(int)
    rule = max(1, round(dpi / float(chance.uniform(90, 200))))
    for row in range(rows + 1):
        draw.line((left, y + row * tall, right, y + row * tall), fill=30, width=rule)
    for x in across:
        draw.line((int(x), y, int(x), y + rows * tall), fill=30, width=rule)
    for row in range(rows):
        for start, stop in pairwise(across):
            if chance.random() < 0.85:
                fill(draw, letters, chance, script, (int(start) + 12, y + row * tall + tall // 6, int(stop) - 12))


def stamp(sheet: Picture.Image, chance: Chance, dpi: int) -> None:
    """A round or a square stamp with lines of letters, tilted."""
    side = round(dpi * float(chance.uniform(1.2, 1.9)))
    seal = Picture.new("L", (side, side), 255)
    draw, letters = ImageDraw.Draw(seal), face(chance, dpi, "latin")
    tone, wide = int(chance.integers(30, 120)), max(2, dpi // 60)
    outline = draw.ellipse if chance.random() < 0.6 else draw.rectangle
    for inset in (2, 10):
        outline((inset, inset, side - inset, side - inset), outline=tone, width=wide)
    for row in range(3):
        draw.text((side * 0.22, side * (0.28 + 0.17 * row)), line(chance, "latin", 1)[:9], fill=tone, font=letters)
    turned = seal.rotate(float(chance.uniform(-40, 40)), Picture.Resampling.BICUBIC, expand=True, fillcolor=255)
    _press(sheet, turned, chance)


def signature(sheet: Picture.Image, chance: Chance, dpi: int) -> None:
    """A pen's running loops, leaning."""
    count = int(chance.integers(30, 60))
    along = np.linspace(0, 1, count * 6)
    x = along * dpi * float(chance.uniform(0.9, 1.8)) + dpi * 0.06 * np.sin(along * count)
    y = dpi * 0.12 * np.sin(along * count * 0.7) * (1.3 - along) - along * dpi * float(chance.uniform(-0.1, 0.5))
    x, y = x - x.min() + 9, y - y.min() + 9
    mark = np.full((int(y.max()) + 9, int(x.max()) + 9), 255, np.uint8)
    points = np.stack([x, y], 1).round().astype(np.int32)
    cv2.polylines(mark, [points], False, int(chance.integers(10, 110)), max(2, dpi // 80), cv2.LINE_AA)
    _press(sheet, Picture.fromarray(mark), chance)


def _press(sheet: Picture.Image, mark: Picture.Image, chance: Chance) -> None:
    """Put a mark somewhere in the lower two thirds; what is darker stays."""
    x = int(chance.integers(0, max(sheet.width - mark.width, 1)))
    y = int(chance.integers(sheet.height // 3, max(sheet.height - mark.height, sheet.height // 3 + 1)))
    under = np.asarray(sheet.crop((x, y, x + mark.width, y + mark.height)))
    sheet.paste(Picture.fromarray(np.minimum(under, np.asarray(mark))), (x, y))


# --- letters -----------------------------------------------------------------------------------------------------


class Face(ImageFont.FreeTypeFont):
    hindi: bool


@cache
def _files(language: str) -> tuple[tuple[str, str], ...]:
    listed = subprocess.run(
        ["fc-list", f":lang={language}", "file", "family"], capture_output=True, text=True, check=True
    )
    rows = (line.split(": ", 1) for line in sorted(listed.stdout.splitlines()))
    return tuple((path, family.split(",")[0]) for path, family in rows)


def face(chance: Chance, dpi: int, script: str) -> Face:
    files = [
        path for path, family in _files("hi" if script == "hindi" else "en") if script == "hindi" or family in _LATIN
    ]
    letters = Face(files[int(chance.integers(len(files)))], round(float(chance.uniform(10.5, 15)) / 72 * dpi))
    letters.hindi = script == "hindi"
    return letters


@cache
def _words(script: str) -> tuple[str, ...]:
    letters = truth.load()["letters"]
    english = next(k["text"] for k in letters if f"-{_ENGLISH_LETTER}-" in k["file"])
    hindi = " ".join(k["text"] for k in letters if f"-{_ENGLISH_LETTER}-" not in k["file"])
    return tuple((english if script == "latin" else hindi).split())


def line(chance: Chance, script: str, count: int) -> str:
    words = _words(script)
    start = int(chance.integers(len(words) - count))
    return " ".join(words[start : start + count])


def fill(
    draw: ImageDraw.ImageDraw,
    letters: Face,
    chance: Chance,
    script: str,
    span: tuple[int, int, int],
    *,
    whole: bool = False,
) -> None:
    """Words from left to right for as long as they fit: `span` is left, top, right. One line in five is shorter, unless
    `whole`."""
    left, top, right = span
    words = line(chance, script, 24).split()
    if chance.random() < 0.2 and not whole:
        words = words[: int(chance.integers(3, 8))]
    while words and draw.textlength(" ".join(words), letters) > right - left:
        words.pop()
    draw.text((left, top), " ".join(words), fill=0, font=letters)


# --- wear --------------------------------------------------------------------------------------------------------


def through(chance: Chance, dpi: int, strength: float) -> Light:
    """The other side, mirrored, soft, and set a little askew to this one."""
    back = _written("hindi", chance, dpi)[:, ::-1]
    turn = cv2.getRotationMatrix2D((back.shape[1] / 2, back.shape[0] / 2), float(chance.uniform(-1.5, 1.5)), 1.0)
    back = cv2.warpAffine(back, turn, back.shape[::-1], borderValue=(1.0,))  # type: ignore[assignment]
    soft = cv2.GaussianBlur(back, (0, 0), dpi / 130)
    return np.asarray(1 - (1 - soft) * strength, np.float32)


def paper(chance: Chance, size: tuple[int, ...], dpi: int) -> Light:
    """Yellowed unevenly, with a fold or two and a stain."""
    seeds = chance.uniform(0.72, 0.97, (5, 4)).astype(np.float32)
    sheet: Light = np.asarray(cv2.resize(seeds, size[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
    for _ in range(int(chance.integers(0, 3))):
        crease = np.zeros(size, np.float32)
        y = size[0] * float(chance.choice([1 / 3, 1 / 2, 2 / 3]))
        ends = (0, round(y + chance.normal(0, dpi / 12))), (size[1], round(y + chance.normal(0, dpi / 12)))
        cv2.line(crease, *ends, (1.0,), max(1, dpi // 100), cv2.LINE_AA)
        sheet *= 1 - (cv2.GaussianBlur(crease, (0, 0), dpi / 120) * 2).clip(0, 1) * float(chance.uniform(0.05, 0.22))
    stain = np.zeros(size, np.float32)
    middle = int(chance.integers(size[1])), int(chance.integers(size[0]))
    cv2.ellipse(stain, middle, (dpi, round(dpi * 0.7)), 20, 0, 360, (1.0,), -1)
    sheet *= 1 - cv2.GaussianBlur(stain, (0, 0), dpi / 40) * float(chance.uniform(0, 0.15))
    return np.asarray(sheet, np.float32)


def holed(light: Light, chance: Chance, dpi: int) -> Light:
    """Two punch holes at the left with the dark lid behind."""
    middle, mm = light.shape[0] / 2, dpi / 25.4
    for side in (-40, 40):
        cv2.circle(
            light, (round(11 * mm), round(middle + side * mm)), round(2.8 * mm), (float(chance.uniform(0.05, 0.3)),), -1
        )
    return light


def laid(light: Light, degrees: float, lid: float) -> Light:
    """The sheet on the glass, turned about its middle, with room so that nothing of it is cut off."""
    height, width = light.shape
    cos, sin = abs(np.cos(np.radians(degrees))), abs(np.sin(np.radians(degrees)))
    wide, tall = round(width * cos + height * sin), round(height * cos + width * sin)
    place = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    place[:, 2] += ((wide - width) / 2, (tall - height) / 2)
    return np.asarray(
        cv2.warpAffine(light, place, (wide, tall), flags=cv2.INTER_LINEAR, borderValue=(lid,)), np.float32
    )


def strips(scan: Light, chance: Chance, dpi: int, lid: float) -> None:
    """Dark strips along the edges of the glass."""
    for side in range(4):
        if chance.random() < 0.6:
            np.rot90(scan, side)[: int(chance.integers(1, max(dpi // 4, 2)))] = lid


def sensed(scan: Light, chance: Chance, noise: float) -> Pixels:
    grain = chance.standard_normal(scan.shape, np.float32) * np.float32(noise)
    return np.asarray((scan * 255 + grain).clip(0, 255).round(), np.uint8)
