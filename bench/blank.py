"""Which drawn sheets are called blank: half of them backs with all that a back shows, half with little written on them."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw

from bench import drawing
from bench.drawing import Chance, Light, Pixels
from pipeline.preprocess import imaging
from pipeline.preprocess.blank import is_blank
from pipeline.preprocess.ink import ink

TUNED_ON = 41
_BACKS = ("plain", "show-through", "strong show-through", "holes", "stain", "fold", "border", "staple", "dust", "worn")
_WRITTEN = (
    "signature",
    "stamp",
    "page number",
    "one digit",
    "pencil line",
    "short line at the edge",
    "faint stamp",
    "initials",
    "one word",
    "line beside show-through",
)


def run(*, pages: int, dpi: int, seed: int) -> str:
    """Draw and judge; returns the table as Markdown. Thresholds were set on the sheets of seed 41."""
    imaging.one_thread()
    blank: Counter[str] = Counter()
    drawn: Counter[str] = Counter()
    for number in range(pages):
        kind, _, pixels = case(number, dpi=dpi, seed=seed)
        drawn[kind] += 1
        small = imaging.shrink(pixels, imaging.MEASURE_HEIGHT)
        blank[kind] += is_blank(small, ink(small))
    rows = [
        f"### {pages} drawn sheets at {dpi} dpi, seed {seed}\n",
        "| sheet | drawn | called blank |",
        "|---|---|---|",
    ]
    for name, kinds in (("backs", _BACKS), ("written", _WRITTEN)):
        rows += [f"| {kind} | {drawn[kind]} | {blank[kind]} |" for kind in kinds]
        rows.append(f"| **all {name}** | {sum(drawn[k] for k in kinds)} | {sum(blank[k] for k in kinds)} |")
    return "\n".join(rows) + "\n"


def case(number: int, *, dpi: int, seed: int = TUNED_ON) -> tuple[str, bool, Pixels]:
    """The sheet of this number: its kind, whether it is written, and its pixels."""
    chance = np.random.default_rng([seed, number])
    written = number % 2 == 1
    kinds = _WRITTEN if written else _BACKS
    kind = kinds[number // 2 % len(kinds)]
    size = round(drawing.A4[1] * dpi), round(drawing.A4[0] * dpi)
    light = _writing(kind, chance, dpi) if written else np.ones(size, np.float32)
    light *= _traces(kind, chance, light.shape, dpi)
    lid = float(chance.uniform(0.03, 0.12)) if kind in ("border", "worn") else 1.0
    scan = drawing.laid(light, float(chance.uniform(-3, 3)), lid)
    if kind in ("border", "worn") or chance.random() < 0.2:
        drawing.strips(scan, chance, dpi, float(chance.uniform(0.03, 0.12)))
    return kind, written, drawing.sensed(scan, chance, float(chance.uniform(1.0, 5.0)))


def _writing(kind: str, chance: Chance, dpi: int) -> Light:
    sheet = Picture.new("L", (round(drawing.A4[0] * dpi), round(drawing.A4[1] * dpi)), 255)
    draw, face = ImageDraw.Draw(sheet), drawing.face(chance, dpi, "hindi" if chance.random() < 0.6 else "latin")
    script = "hindi" if face.hindi else "latin"
    x, y = (round(side * float(chance.uniform(0.15, 0.7))) for side in sheet.size)
    strength = 0.9
    if kind == "signature":
        drawing.signature(sheet, chance, dpi)
    elif kind in ("stamp", "faint stamp"):
        drawing.stamp(sheet, chance, dpi)
        strength = 0.55 if kind == "faint stamp" else 0.9
    elif kind in ("page number", "one digit"):
        number = int(chance.integers(1, 10) if kind == "one digit" else chance.integers(10, 300))
        draw.text((x, round(sheet.height * float(chance.choice([0.04, 0.93])))), str(number), fill=0, font=face)
    elif kind == "pencil line":
        drawing.fill(draw, face, chance, script, (round(dpi * 1.2), y, sheet.width - dpi))
        strength = float(chance.uniform(0.4, 0.55))
    elif kind == "short line at the edge":
        edge = round(dpi * float(chance.uniform(0.08, 0.25)))
        draw.text((edge, y), drawing.line(chance, script, 2), fill=0, font=face)
    elif kind == "initials":
        points = np.array([(x + 9 * t, y + 40 * np.sin(t * 1.9)) for t in range(9)], np.float64) * (dpi / 200)
        pixels = np.asarray(sheet).copy()
        cv2.polylines(pixels, [points.round().astype(np.int32)], False, 40, max(2, dpi // 90), cv2.LINE_AA)
        sheet = Picture.fromarray(pixels)
    elif kind == "one word":
        draw.text((x, y), drawing.line(chance, script, 1), fill=0, font=face)
    else:
        drawing.fill(draw, face, chance, script, (round(dpi * 1.2), y, sheet.width - dpi))
    return np.asarray(1 - (1 - np.asarray(sheet, np.float32) / 255) * strength, np.float32)


def _traces(kind: str, chance: Chance, size: tuple[int, ...], dpi: int) -> Light:
    """What is on a sheet without being written."""
    light = np.ones(size, np.float32)
    if kind in ("show-through", "worn", "line beside show-through"):
        light *= drawing.through(chance, dpi, float(chance.uniform(0.05, 0.2)))
    if kind == "strong show-through":
        light *= drawing.through(chance, dpi, float(chance.uniform(0.2, 0.32)))
    if kind in ("stain", "fold", "worn"):
        light *= drawing.paper(chance, size, dpi)
    if kind in ("holes", "worn"):
        light = drawing.holed(light, chance, dpi)
    if kind == "staple" or (kind == "worn" and chance.random() < 0.5):
        _staple(light, chance, dpi)
    if kind in ("dust", "worn"):
        for _ in range(int(chance.integers(20, 150))):
            at = int(chance.integers(size[1])), int(chance.integers(size[0]))
            cv2.circle(
                light,
                at,
                max(1, round(dpi * float(chance.uniform(0.002, 0.006)))),
                (float(chance.uniform(0.2, 0.7)),),
                -1,
            )
    return light


def _staple(light: Light, chance: Chance, dpi: int) -> None:
    """The shadow of a staple at the upper left: a soft grey bar and two darker ends."""
    shadow = np.zeros_like(light)
    x, y = round(dpi * float(chance.uniform(0.3, 0.6))), round(dpi * float(chance.uniform(0.3, 0.6)))
    end = x + round(dpi * 0.4), y + round(dpi * float(chance.uniform(-0.2, 0.2)))
    cv2.line(shadow, (x, y), end, (1.0,), max(1, dpi // 60), cv2.LINE_AA)
    light *= 1 - cv2.GaussianBlur(shadow, (0, 0), dpi / 70) * float(chance.uniform(0.2, 0.5))
    for at in ((x, y), end):
        cv2.circle(light, at, max(1, dpi // 130), (float(chance.uniform(0.3, 0.6)),), -1, cv2.LINE_AA)
