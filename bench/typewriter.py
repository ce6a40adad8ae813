"""Typewritten Hindi letters, drawn: for none that is real was at hand. Text in, pixels out; what reading makes of them is in
`typewritten`.

A Hindi typewriter sets every sign in steps of one width. Half letters and the upright signs of vowels have steps of their
own; signs above and below are struck over the letter by keys that do not move the carriage. So each strike has a darkness,
a height and a lean of its own, and each key a fault that comes back wherever it is struck. The faces are those of print,
set to the steps, with their headlines carried across: no typewriter's face was found. Every number comes from the
generator that is passed in.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from samples.age import Layer, Pixels
from samples.age import field as smooth

FACES = ("Noto Sans Devanagari", "Lohit Devanagari", "Samanata")  # sturdy, of nearly even strokes
DPI = 300
_MM = DPI / 25.4
_STEP = 2.54 * _MM  # ten signs an inch
_FEED = 8.5 * _MM  # from line to line: two clicks
_SIZE = (round(210 * _MM), round(297 * _MM))
_LEFT, _TOP, _STEPS = 26 * _MM, 24 * _MM, 66  # the margins, and how many steps a line has
_SIGNS = r"[\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0962\u0963]*"
_CLUSTER = re.compile(rf"(?:[\u0915-\u0939\u0958-\u095f]\u093c?\u094d)*[\u0904-\u097f]{_SIGNS}|\S|\s")
_OVER = re.compile(r"[ुूृेैंँ]+$")  # struck over the letter, by keys of their own
_UPRIGHT = re.compile(r"[ािीोौ]")  # takes a step of its own
_HALF = re.compile(r"्(?=.)")  # so does a half letter
_LETTER = re.compile(r"[\u0904-\u0939\u0958-\u0961]")
_NARROWEST, _WIDEST = 0.75, 1.3  # how far a print face is pressed or drawn out to fill its steps
_SPREAD = 1  # pixels on either side of a stroke, which a type presses broader than print
_UP = 0.09  # mm: spread of a strike's height; at most `_MOST_UP`
_MOST_UP = 0.3


@dataclass(frozen=True, slots=True)
class Copy:
    """One sheet of those typed at once. `dark` is the range of strikes' darkness, `blur` in mm what the sheets above spread,
    `ribbon` how streaky the ribbon is, `smudge` what the carbon leaves on the paper; all others from 0 to 1."""

    dark: tuple[float, float]
    blur: float
    ribbon: float
    smudge: float
    filled: float  # share of keys whose counters are clogged


COPIES = {
    "new ribbon": Copy((0.8, 1.0), 0.03, 0.15, 0.0, 0.1),
    "worn ribbon": Copy((0.45, 0.9), 0.04, 0.5, 0.0, 0.3),
    "first carbon": Copy((0.4, 0.75), 0.11, 0.15, 0.05, 0.3),
    "second carbon": Copy((0.25, 0.5), 0.17, 0.2, 0.08, 0.4),
}


@dataclass
class Machine:
    """A typewriter: its face, and the fault of each key (height in mm, lean in degrees, clogged or not), found when it is
    first struck and the same ever after."""

    face: str
    copy: Copy
    chance: np.random.Generator
    keys: dict[str, tuple[float, float, bool]] = field(default_factory=dict)

    def key(self, sign: str) -> tuple[float, float, bool]:
        if sign not in self.keys:
            up, lean = self.chance.normal(0, 0.07), self.chance.normal(0, 0.7)
            self.keys[sign] = (float(up), float(lean), bool(self.chance.random() < self.copy.filled))
        return self.keys[sign]


def typed(text: str, face: str, copy: Copy, chance: np.random.Generator) -> tuple[Pixels, str]:
    """The sheet, grey, and its text: as many lines of `text`, broken between words, as the sheet takes."""
    machine = Machine(face, copy, chance)
    ink = np.zeros(_SIZE[::-1], np.float32)
    lines = _broken(text)[: int((_SIZE[1] - 2 * _TOP) / _FEED)]
    for number, row in enumerate(lines):
        across, y = _LEFT + chance.normal(0, 0.3) * _MM, _TOP + number * _FEED
        for cluster in _CLUSTER.findall(row):
            steps = _steps(cluster)
            if cluster.strip():
                _strike(ink, machine, cluster, (across, y), steps)
            across += steps * _STEP
    ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), max(copy.blur * _MM, 0.3)), np.float32)
    ink *= _ribbon(ink.shape, copy, chance)
    if copy.smudge:
        ink = np.maximum(ink, smooth(chance, ink.shape, 90, 0, copy.smudge) * smooth(chance, ink.shape, 6, 0.3, 1.0))
    return np.asarray((1 - ink) * 255, np.uint8), "\n".join(lines)


def _broken(text: str) -> list[str]:
    """The text in lines of at most `_STEPS` steps; a line of its own stays one."""
    lines = []
    for row in text.splitlines():
        line, used = list[str](), 0
        for word in row.split():
            wide = sum(map(_steps, _CLUSTER.findall(word)))
            if line and used + 1 + wide > _STEPS:
                lines.append(" ".join(line))
                line, used = [], 0
            used += wide + bool(line)
            line.append(word)
        lines.append(" ".join(line))
    return [line for line in lines if line]


def _steps(cluster: str) -> int:
    return 1 + len(_HALF.findall(cluster)) + bool(_UPRIGHT.search(cluster))


def _strike(ink: Layer, machine: Machine, cluster: str, place: tuple[float, float], steps: int) -> None:
    """The letter, and what is struck over it by keys of their own, on the sheet in place."""
    base = _OVER.sub("", cluster) or cluster
    whole = _shape(machine.face, cluster, steps)
    letter = whole if base == cluster else _shape(machine.face, base, steps)
    over = np.clip(whole - letter, 0, 1)
    _press(ink, machine, base, letter, place)
    if over.max(initial=0) > 0.5:
        _press(ink, machine, cluster[len(base) :], over, place)


def _press(ink: Layer, machine: Machine, sign: str, shape: Layer, place: tuple[float, float]) -> None:
    """One strike: pressed unevenly, up or down, leaning, by a clean or a clogged type."""
    chance, (own_up, own_lean, clogged) = machine.chance, machine.key(sign)
    if clogged:
        shape = np.asarray(cv2.morphologyEx(shape, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.float32)
    up = float(np.clip(own_up + chance.normal(0, _UP), -_MOST_UP, _MOST_UP)) * _MM
    height, width = shape.shape
    move = cv2.getRotationMatrix2D((width / 2, height / 2), own_lean + float(chance.normal(0, 0.4)), 1.0)
    left, top = int(place[0]) - width // 4, int(place[1])
    move[0, 2] += place[0] % 1
    move[1, 2] += place[1] % 1 - up
    struck = cv2.warpAffine(shape, move, (width, height)) * chance.uniform(*machine.copy.dark)
    tilt = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * float(chance.normal(0, 0.12))
    part = ink[top : top + height, left : left + width]
    struck = np.clip(struck * (1 + tilt), 0, 1)[: part.shape[0], : part.shape[1]]
    np.maximum(part, struck, out=part)


@cache
def _shape(face: str, cluster: str, steps: int) -> Layer:
    """The cluster as wide as its steps, with its headline carried across them; half as much room is left on both sides."""
    font = _font(face)
    wide, high = round(steps * _STEP), round(_FEED)
    advance = max(round(font.getlength(cluster)), 1)
    canvas = Image.new("L", (advance + 2 * wide, high))
    ImageDraw.Draw(canvas).text((wide, 0.72 * high), cluster, font=font, fill=255, anchor="ls", stroke_width=_SPREAD)
    scale = float(np.clip(wide / advance, _NARROWEST, _WIDEST))
    drawn = np.asarray(canvas, np.float32) / 255
    room = wide * 2
    move = np.array([[scale, 0, room / 2 - scale * (wide + advance / 2)], [0, 1, 0]], np.float64)
    shape = np.asarray(cv2.warpAffine(drawn, move, (room, high), flags=cv2.INTER_AREA), np.float32)
    if _LETTER.search(cluster):
        top, bottom = _headline(face)
        shape[top:bottom, room // 4 : room // 4 + wide] = 1.0
    return shape


@cache
def _headline(face: str) -> tuple[int, int]:
    """The rows of the headline, from the left end of a letter that has nothing below it there."""
    high = round(_FEED)
    canvas = Image.new("L", (round(3 * _STEP), high))
    ImageDraw.Draw(canvas).text(
        (_STEP, 0.72 * high), "क", font=_font(face), fill=255, anchor="ls", stroke_width=_SPREAD
    )
    drawn = np.asarray(canvas) > 128
    rows = np.flatnonzero(drawn[:, np.flatnonzero(drawn.any(0))[0] + 1])
    return int(rows[0]), int(rows[-1]) + 1


@cache
def _font(face: str) -> ImageFont.FreeTypeFont:
    """The installed face, so large that क fills a step. Raises `FileNotFoundError` when it is not installed."""
    told = subprocess.run(["fc-match", "-f", "%{family}\t%{file}", face], capture_output=True, text=True, check=True)
    family, path = told.stdout.split("\t")
    if face not in family:
        raise FileNotFoundError(f"The font {face} is missing. Run: script/setup --dev")
    trial = ImageFont.truetype(path, 100, layout_engine=ImageFont.Layout.RAQM)
    return ImageFont.truetype(path, round(100 * _STEP / trial.getlength("क")), layout_engine=ImageFont.Layout.RAQM)


def _ribbon(size: tuple[int, ...], copy: Copy, chance: np.random.Generator) -> NDArray[np.float32]:
    """What the ribbon gives: its weave, worn stretches, and dry streaks along the lines."""
    weave = smooth(chance, size, 500, 1 - copy.ribbon * 0.9, 1.0)
    streaks = cv2.resize(chance.uniform(1 - copy.ribbon * 0.6, 1.0, (700, 5)).astype(np.float32), size[::-1])
    return np.asarray(weave * streaks * smooth(chance, size, 7, 1 - copy.ribbon * 0.5, 1.0), np.float32)
