"""Basics on page images: grey, size, turns, encoding. Measures live in the modules beside, decisions in `tidy`.

Images are `uint8` arrays, height × width (grey) or height × width × 3 (BGR). Angles are degrees, counter-clockwise
positive; confidences run from 0 (a guess) to 1. OpenCV stays inside this folder.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

MEASURE_HEIGHT = 1400  # longer side, in pixels, of the copy that is measured


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
