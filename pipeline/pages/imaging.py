"""Measures and corrections on page images: pure functions over arrays, the home of OpenCV.

Images are `uint8` arrays, height × width (grey) or height × width × 3 (BGR). Angles are degrees, counter-clockwise
positive; confidences run from 0 (a guess) to 1. What to do with a measure is decided in `tidy`, not here.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Ink = npt.NDArray[np.float32]

MEASURE_HEIGHT = 1400  # longer side, in pixels, of the copy that is measured
_STRIP = 16  # width, in pixels, of the strips whose profiles are shifted against each other
_COARSE_DEGREES = 12.0
# Between these the confidence of a quarter turn grows from 0 to 1. Measured: Devanagari in twelve fonts 0.50 to 0.97 and
# 2.0 to 3.0; Latin small letters in two dozen fonts -0.58 to 0.67 and 1.2 to 1.9.
_ONE_SIDED = (0.2, 0.5)
_HEADLINE = (1.75, 2.05)
_INK_FLOOR = 0.28  # darkness against the paper below which ink is taken for show-through or stain


@dataclass(frozen=True, slots=True)
class Measure:
    """A value and how far it can be believed (0…1)."""

    value: float
    confidence: float


def grey(image: Image) -> Image:
    """The image as one channel."""
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)  # noqa: PLR2004


def has_colour(image: Image, *, share: float = 0.0007, saturation: int = 60) -> bool:
    """Whether more than `share` of the pixels are clearly coloured (paper yellowing alone is not)."""
    if image.ndim == 2:  # noqa: PLR2004
        return False
    small = shrink(image, 600)
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).astype(np.int16)
    chroma = np.hypot(lab[..., 1] - np.median(lab[..., 1]), lab[..., 2] - np.median(lab[..., 2]))
    return bool((chroma > saturation / 3).mean() > share)


def shrink(image: Image, longest: int) -> Image:
    """A copy no longer than `longest` on its longer side."""
    scale = longest / max(image.shape[:2])
    if scale >= 1:
        return image
    height, width = (max(round(side * scale), 1) for side in image.shape[:2])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def paper_mask(page: Image) -> npt.NDArray[np.bool_]:
    """True where the sheet lies: the scanner's black surround, and dark strips that touch the edge, are False."""
    blurred = cv2.medianBlur(page, 5)
    bright = float(np.percentile(blurred, 80))
    dark = (blurred < 0.45 * bright).astype(np.uint8)
    framed = cv2.copyMakeBorder(
        dark, 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=1
    )  # so that thin strips survive the opening
    framed = cv2.morphologyEx(framed, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    _, labels = cv2.connectedComponents(framed, connectivity=4)
    surround = (labels == labels[0, 0])[8:-8, 8:-8]
    grown = cv2.dilate(surround.astype(np.uint8), np.ones((15, 15), np.uint8))
    return np.asarray(grown == 0)


def background(page: Image) -> Image:
    """The paper under the writing, estimated by closing the dark strokes on a reduced copy and smoothing."""
    height, width = page.shape[:2]
    small = cv2.resize(page, (max(width // 8, 1), max(height // 8, 1)), interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13)))
    smooth = cv2.medianBlur(closed, 15)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def flatten(page: Image) -> Image:
    """The page with uneven light and yellowing removed: divided by its estimated background, paper at 255."""
    return np.asarray(cv2.divide(page, np.maximum(background(page), 1), scale=255), np.uint8)


def ink(page: Image) -> Ink:
    """How dark each pixel is against its paper, 0…1, with faint marks, show-through and the black surround at 0."""
    mask = paper_mask(page)
    filled = page.copy()
    filled[~mask] = np.uint8(np.percentile(page[mask], 70)) if mask.any() else 255
    depth = 1.0 - flatten(filled).astype(np.float32) / 255.0
    strong = float(np.percentile(depth, 99.5))
    depth[depth < max(_INK_FLOOR, 0.5 * strong)] = 0.0
    depth[~mask] = 0.0
    return _without_blots(depth)


def _without_blots(depth: Ink) -> Ink:
    """Drop what is no writing: specks, blots and punch holes (filled shapes larger than letters), remnants of the edge."""
    binary = (depth > 0).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=8)
    if count <= 1:
        return depth
    longest = max(depth.shape)
    area, width, height = stats[:, cv2.CC_STAT_AREA], stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    filled = area / np.maximum(width * height, 1)
    blot = (filled > 0.6) & (width > longest * 0.008) & (height > longest * 0.008)  # noqa: PLR2004
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    edge = (left <= 1) | (top <= 1) | (left + width >= depth.shape[1] - 1) | (top + height >= depth.shape[0] - 1)
    keep = (area >= 4) & ~blot & ~edge & (height < longest * 0.2)  # noqa: PLR2004
    keep[0] = False
    return np.asarray(np.where(keep[labels], depth, np.float32(0.0)), np.float32)


def _strips(depth: Ink) -> npt.NDArray[np.float32]:
    """Row profiles of vertical strips, one row a strip: shape (strips, height)."""
    height, width = depth.shape
    whole = width // _STRIP * _STRIP
    strips: npt.NDArray[np.float32] = depth[:, :whole].reshape(height, -1, _STRIP).sum(2).T.copy()
    return strips


def _profile(strips: npt.NDArray[np.float32], degrees: float) -> npt.NDArray[np.float32]:
    """The page's row profile were it turned by -`degrees`: strips shifted by their share of the slope, and summed."""
    count, height = strips.shape
    slope = np.tan(np.radians(degrees)) * _STRIP
    shifts = (np.arange(count) - (count - 1) / 2) * -slope  # content leaning counter-clockwise rises to the right
    whole = np.floor(shifts).astype(int)
    part = (shifts - whole).astype(np.float32)[:, None]
    pad = int(np.abs(whole).max()) + 2
    padded = np.pad(strips, ((0, 0), (pad, pad)))
    rows = np.arange(height)[None, :] + pad + whole[:, None]
    index = np.arange(count)[:, None]
    profile: npt.NDArray[np.float32] = ((1 - part) * padded[index, rows] + part * padded[index, rows + 1]).sum(0)
    return profile


def _sharpness(strips: npt.NDArray[np.float32], degrees: float) -> float:
    """How distinctly lines and gaps stand apart at this angle (Postl's criterion: energy of the profile's slope)."""
    profile = _profile(strips, degrees)
    return float(np.square(np.diff(profile)).sum())


def skew(depth: Ink) -> Measure:
    """How far the writing leans, by sheared projection from coarse to fine; zero confidence where there are no lines.

    `depth` comes from `ink`. After W. Postl, "Detection of linear oblique structures and skew scan in digitized
    documents", ICPR 1986; shearing in strips instead of turning the image.
    """
    if float(depth.sum()) < 50 or min(depth.shape) < _STRIP:  # noqa: PLR2004
        return Measure(0.0, 0.0)
    strips = _strips(depth)
    half = strips[:, : strips.shape[1] // 2 * 2].reshape(strips.shape[0], -1, 2).sum(2)
    coarse = np.arange(-_COARSE_DEGREES, _COARSE_DEGREES + 0.01, 0.5)
    # On the half-height copy the same slope is half as steep.
    energy = np.array([_sharpness(half, float(np.degrees(np.arctan(np.tan(np.radians(a)) / 2)))) for a in coarse])
    best = float(coarse[int(energy.argmax())])
    if abs(best) >= _COARSE_DEGREES:  # no peak within the range: nothing here has a direction
        return Measure(0.0, 0.0)
    for reach, step in ((0.5, 0.1), (0.1, 0.02)):
        fine = np.arange(best - reach, best + reach + step / 2, step)
        values = np.array([_sharpness(strips, float(a)) for a in fine])
        best = _peak(fine, values)
    floor = float(np.median(energy))
    contrast = (float(energy.max()) - floor) / max(float(energy.max()), 1e-9)
    return Measure(round(best, 3), round(min(max(contrast, 0.0), 1.0), 3))


def _peak(at: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> float:
    """The place of the maximum, refined by a parabola through it and its neighbours."""
    i = int(values.argmax())
    if i in (0, len(values) - 1):
        return float(at[i])
    left, middle, right = values[i - 1 : i + 2]
    bend = left - 2 * middle + right
    return float(at[i]) if bend == 0 else float(at[i] + 0.5 * (left - right) / bend * (at[1] - at[0]))


def quarter_turn(depth: Ink) -> tuple[Measure, Measure]:
    """The quarter turn found in the scan (0, 90, 180, 270 counter-clockwise) and the skew once it is undone.

    Which way the lines run is told by the sharper of the two projections; up from down by the headline (शिरोरेखा):
    in upright Devanagari the densest row of a line has more ink just below it than above. The confidence is the weakest
    of these: how far the projections differ, how one-sided the ink is, and whether there is a headline at all. Latin
    letters have none, and lean either way with the typeface: they come out in doubt.
    """
    level, steep = _lines(depth), _lines(np.ascontiguousarray(np.rot90(depth)))
    best, upright = max(level, steep, key=lambda found: found.energy), level.energy >= steep.energy
    other = steep if upright else level
    axis = 1.0 - other.energy / max(best.energy, 1e-9)
    lean = best.balance
    # Turned by 90° counter-clockwise, a page whose lines run upwards reads along them or upside down.
    turn = (0 if lean >= 0 else 180) if upright else (270 if lean >= 0 else 90)
    one_sided, has_headline = _ramp(abs(lean), *_ONE_SIDED), _ramp(best.headline, *_HEADLINE)
    return Measure(turn, round(min(axis * 2, one_sided, has_headline, 1.0), 3)), best.tilt


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, straight between."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class _Lines:
    """What one direction of the page shows: line energy for its ink, on which side of the densest rows the ink lies
    (+1: all below, -1: all above), how many times denser those rows are than the lines' others, and the skew."""

    energy: float
    balance: float
    headline: float
    tilt: Measure


def _lines(depth: Ink) -> _Lines:
    tilt = skew(depth)
    if tilt.confidence == 0:
        return _Lines(0.0, 0.0, 0.0, tilt)
    profile = _profile(_strips(depth), tilt.value)
    energy = float(np.square(np.diff(profile)).sum()) / float(np.square(profile).sum())
    return _Lines(energy, *_headline(profile), tilt)


def _headline(profile: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Balance and headline as in `_Lines`, weighted by the lines' ink; zeros where no line is as high as writing."""
    inked = profile > 0.04 * profile.max()
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inked.astype(np.int8), [0]))))
    balance, headline, weight = 0.0, 0.0, 0.0
    for top, bottom in zip(edges[::2], edges[1::2], strict=True):
        if not 6 <= bottom - top <= 0.1 * len(profile):  # noqa: PLR2004 - no line of writing
            continue
        line = profile[top:bottom].astype(np.float64)
        total, peak = float(line.sum()), int(line.argmax())
        above, below = float(line[: max(peak - 1, 0)].sum()), float(line[peak + 2 :].sum())
        if above + below > 0:
            body = float(np.median(line[line > 0.15 * line.max()]))
            balance += (below - above) / (above + below) * total
            headline += float(line.max()) / body * total
            weight += total
    return (balance / weight, headline / weight) if weight else (0.0, 0.0)


def turned(image: Image, quarter: int) -> Image:
    """The image with a quarter turn of `quarter` degrees counter-clockwise undone (no resampling)."""
    code = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}.get(quarter)
    return image if code is None else np.asarray(cv2.rotate(image, code), np.uint8)


def levelled(image: Image, degrees: float) -> Image:
    """The image with a lean of `degrees` undone: turned about its centre, same size, the edge colour in the corners."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    turned_image = cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(turned_image, np.uint8)


def for_reading(page: Image) -> Image:
    """The grey page as Tesseract likes it: surround painted over, paper even and white."""
    mask = paper_mask(shrink(page, MEASURE_HEIGHT))
    full = cv2.resize(mask.astype(np.uint8), (page.shape[1], page.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    filled = page.copy()
    if full.any() and not full.all():
        filled[~full] = np.uint8(np.percentile(page[full], 70))
    flat = flatten(filled)
    flat[~full] = 255
    return flat


def written_share(depth: Ink) -> float:
    """Ink of writing, as a share of the page: strokes that stand together; lone specks do not count."""
    binary = (depth > 0).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=8)
    if count <= 1:
        return 0.0
    longest = max(depth.shape)
    size = np.maximum(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT])
    area = stats[1:, cv2.CC_STAT_AREA]
    return float(area[size >= longest * 0.006].sum()) / binary.size


def encode_jpeg(image: Image, quality: int) -> bytes:
    ok, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    if not ok:
        raise ValueError("the page image could not be encoded as JPEG")
    return data.tobytes()


def encode_png(image: Image) -> bytes:
    """Lossless and quickly written: for hand-over, not for keeping."""
    ok, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not ok:
        raise ValueError("the page image could not be encoded as PNG")
    return data.tobytes()


def blank_sheet(dpi: int) -> tuple[int, int, bytes]:
    """An empty white A4 sheet: width and height in pixels, and its JPEG."""
    width, height = round(8.27 * dpi), round(11.69 * dpi)
    return width, height, encode_jpeg(np.full((height, width), 255, np.uint8), 60)
