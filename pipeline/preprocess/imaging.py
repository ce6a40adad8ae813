"""Basics on page images: grey, size, turns, encoding. Measures live in the modules beside, decisions in `upright`.

Images are `uint8` arrays, height × width (grey) or height × width × 3 (BGR). Angles are degrees, counter-clockwise
positive; confidences run from 0 (a guess) to 1. OpenCV stays inside this folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

MEASURE_HEIGHT = 1400  # longer side, in pixels, of the copy that is measured
NEAR_ZERO = 1e-9  # in place of 0 under a fraction
_SHIFT = 0.21  # of a pixel, by which the grid of a linear interpolation is best shifted (Blu, Thévenaz and Unser 2004)
# Whether a scan has colour. Set by hand: yellowed paper alone has none.
_COLOUR_LONGEST = 600  # longer side, in pixels, of the copy that is looked at
_COLOURED_SHARE = 0.0007  # of its pixels
_COLOURED_CHROMA = 20.0  # distance from the paper's own tone in the plane a*b* of CIELAB
_A4 = (8.27, 11.69)  # inches
_BLANK_QUALITY = 60  # of the JPEG of an empty sheet, in which there is nothing to see


def _prefilter(taps: int) -> npt.NDArray[np.float32]:
    """What makes values at the pixels of values between them; the filter goes back for ever, but fades at once."""
    values = (-_SHIFT / (1 - _SHIFT)) ** np.arange(taps)[::-1]
    return np.asarray(values / values.sum(), np.float32)


_PREFILTER = _prefilter(4)


@dataclass(frozen=True, slots=True)
class Measure:
    """A value and how far it can be believed (0…1)."""

    value: float
    confidence: float


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, straight between."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


def one_thread() -> None:
    """Keep OpenCV to the calling thread: as many pages are worked on at once as there are cores."""
    cv2.setNumThreads(1)


def grey(image: Image) -> Image:
    """The image as one channel."""
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)  # noqa: PLR2004


def has_colour(image: Image) -> bool:
    """Whether the page has clearly coloured pixels (paper yellowing alone is not)."""
    if image.ndim == 2:  # noqa: PLR2004
        return False
    small = shrink(parted(image, 4), _COLOUR_LONGEST)
    beside = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)[..., 1:].astype(np.int32)
    beside -= np.median(beside[::4, ::4], axis=(0, 1)).astype(np.int32)  # of the paper
    chroma = np.square(beside[..., 0]) + np.square(beside[..., 1])
    return bool(np.count_nonzero(chroma > _COLOURED_CHROMA**2) > _COLOURED_SHARE * chroma.size)


def shrink(image: Image, longest: int) -> Image:
    """A copy no longer than `longest` on its longer side.

    First by halves, which OpenCV takes many times faster than any other part, and which keep every pixel's share; then the
    rest, of less than a half, between neighbours.
    """
    scale = longest / max(image.shape[:2])
    if scale >= 1:
        return image
    height, width = (max(round(side * scale), 1) for side in image.shape[:2])
    whole = parted(image, 1 << (max(image.shape[:2]) // longest).bit_length() - 1)
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def parted(image: Image, factor: int) -> Image:
    """The image at a `factor`-th of its size, each pixel the mean of its square; an odd row or column at the end is lost.

    Halves are taken one after the other: OpenCV takes them many times faster than any other part.
    """
    height, width = (side // factor for side in image.shape[:2])
    if factor == 1 or not height or not width:
        return image
    whole = image[: height * factor, : width * factor]
    while factor % 2 == 0:
        factor //= 2
        whole = np.asarray(cv2.resize(whole, (width * factor, height * factor), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def resized(image: Image, scale: float, blur: float) -> Image:
    """The image at `scale` times its size, then blurred by a Gaussian of `blur` pixels, if any."""
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = tuple(max(round(side * scale), 1) for side in image.shape[1::-1])
    found = cv2.resize(image, size, interpolation=how)
    return np.asarray(cv2.GaussianBlur(found, (0, 0), blur) if blur else found, np.uint8)


def boxes(mask: Image) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The connected shapes of a mask, corners touching: x, y, width and height of each, (n, 4), and one pixel on its edge,
    (n, 2), as x and y. No shape's pixels are looked at but those along its edges: a fifth of the time of `shapes`."""
    outlines, levels = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if levels is None:
        return np.zeros((0, 4), np.int32), np.zeros((0, 2), np.int32)
    outer = [outlines[at] for at in np.flatnonzero(levels[0, :, 3] < 0).tolist()]  # the others are those of holes
    found = np.array([cv2.boundingRect(outline) for outline in outer], np.int32)
    return found, np.array([outline[0, 0] for outline in outer], np.int32)


def shape_in(mask: Image, box: Sequence[int], edge: Sequence[int]) -> Image:
    """The one shape of `mask` that `boxes` found with this box and pixel, cut to the box: 1 where it is, else 0."""
    x, y, width, height = box
    _, labels = cv2.connectedComponentsWithAlgorithm(mask[y : y + height, x : x + width], 8, cv2.CV_32S, cv2.CCL_BBDT)
    return np.asarray(labels == labels[edge[1] - y, edge[0] - x], np.uint8)


def shapes(mask: Image) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The connected shapes of a mask, corners touching: labels like the mask, and statistics by label (`cv2.CC_STAT_*`);
    label 0 is what is not set.

    By blocks (C. Grana, D. Borghesani and R. Cucchiara, "Optimized block-based connected components labeling with decision
    trees", IEEE TIP 19, 2010), which takes a third of the time of OpenCV's default.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_BBDT)
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def turned(image: Image, quarter: int) -> Image:
    """The image with a quarter turn of `quarter` degrees counter-clockwise undone (no resampling)."""
    code = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}.get(quarter)
    return image if code is None else np.asarray(cv2.rotate(image, code), np.uint8)


def deskewed(image: Image, degrees: float) -> Image:
    """The image with a skew of `degrees` undone: turned about its centre, same size, the edge colour in the corners.

    By shifted linear interpolation (T. Blu, P. Thévenaz and M. Unser, "Linear interpolation revitalized", IEEE TIP 13,
    2004): nearly as true as a cubic one, in half the time.
    """
    height, width = image.shape[:2]
    matrix = np.asarray(cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0), np.float64)
    matrix[:, 2] -= _SHIFT  # it leads from here to the scan
    last = len(_PREFILTER) - 1
    filtered = cv2.sepFilter2D(image, -1, _PREFILTER, _PREFILTER, anchor=(last, last), borderType=cv2.BORDER_REPLICATE)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(filtered, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def encode_jpeg(image: Image, quality: int) -> bytes:
    ok, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    if not ok:
        raise ValueError("the page image could not be encoded as JPEG")
    return data.tobytes()


def decode_jpeg(encoded: bytes) -> Image | None:
    """The pixels of a JPEG, grey or BGR, as they are stored (a turn told beside them is not made); None where there is none.
    A file cut short is filled up, not refused."""
    found = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    return None if found is None else np.asarray(found, np.uint8)


def encode_png(image: Image) -> bytes:
    """Lossless and quickly written: for hand-over, not for keeping."""
    ok, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not ok:
        raise ValueError("the page image could not be encoded as PNG")
    return data.tobytes()


def blank_sheet(dpi: int) -> tuple[int, int, bytes]:
    """An empty white A4 sheet: width and height in pixels, and its JPEG."""
    width, height = (round(side * dpi) for side in _A4)
    return width, height, encode_jpeg(np.full((height, width), 255, np.uint8), _BLANK_QUALITY)
