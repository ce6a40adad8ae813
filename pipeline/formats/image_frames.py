"""Frames of TIFF, JPEG and PNG as pixels, by Pillow, and what they state of their resolution."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, TiffImagePlugin

from pipeline.errors import OversizedPageError
from pipeline.formats.pdf_scan import Decode, is_cut_short
from pipeline.formats.raster import Pixels, one_channel
from pipeline.formats.resolution import Resolution
from pipeline.model.scan import MediaType

Image.MAX_IMAGE_PIXELS = None  # sizes are checked against our own limit

_ORIENTATION = 0x0112  # Exif tag
_ON_ITS_SIDE = (5, 6, 7, 8)  # values of it
_COMPRESSION, _PHOTOMETRIC, _SAMPLES = 259, 262, 277  # TIFF tags
_JPEG_START, _JPEG_LENGTH = 513, 514
_OLD_JPEG, _WHITE_IS_ZERO = 6, 0  # values of them
_WHITE_16 = 65535.0

# Pillow knows 16 bits with white at zero in files of Intel's order of bytes only.
TiffImagePlugin.OPEN_INFO.setdefault((b"MM", _WHITE_IS_ZERO, (1,), 1, (16,), ()), ("I;16B", "I;16B"))


def frame_pixels(
    path: Path, media_type: MediaType, number: int, max_pixels: int, decode: Decode | None
) -> tuple[Pixels, Resolution]:
    """Frame `number` (from 1) as grey or BGR pixels, as it is to be seen, and the resolution it states.

    `decode` takes a plain JPEG in a fraction of Pillow's time. Raises `OversizedPageError`, and what Pillow raises.
    """
    with Image.open(path, formats=[media_type.name]) as image:
        image.seek(number - 1)
        if image.width * image.height > max_pixels:
            raise OversizedPageError(name=path.name, page=number, pixels=image.width * image.height, limit=max_pixels)
        stated = _stated(image)
        plain = _decoded(path, image, decode) if decode and media_type is MediaType.JPEG else None
        if plain is not None:
            return plain, stated
        whole = loaded(image, path)
        upright = _upright(whole)
        is_turned = image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE
        return to_array(upright), stated.turned(1 if is_turned else 0)


def loaded(image: Image.Image, path: Path) -> Image.Image:
    """The frame, decoded. A grey JPEG in a TIFF of the old kind (TIFF 6.0, section 22) is taken out of it, for Pillow takes
    every one for colours; where it is not whole there, Pillow has its say."""
    jpeg = _old_grey_jpeg(image, path)
    if jpeg is not None:
        return jpeg
    image.load()
    return image


def _old_grey_jpeg(image: Image.Image, path: Path) -> Image.Image | None:
    tags = getattr(image, "tag_v2", None)
    if tags is None or tags.get(_COMPRESSION) != _OLD_JPEG or tags.get(_SAMPLES, 1) != 1 or _JPEG_START not in tags:
        return None
    with path.open("rb") as stream:
        stream.seek(tags[_JPEG_START])
        encoded = stream.read(tags[_JPEG_LENGTH]) if _JPEG_LENGTH in tags else stream.read()
    try:
        jpeg = Image.open(io.BytesIO(encoded), formats=["JPEG"])
        if jpeg.size != image.size or is_cut_short(encoded):
            return None
        jpeg.load()
    except (OSError, SyntaxError):
        return None
    return jpeg


def _decoded(path: Path, image: Image.Image, decode: Decode) -> Pixels | None:
    """The JPEG's pixels by `decode`; None where Pillow must do it: a picture of other colours, to be turned, or cut short,
    which it tells and `decode` does not."""
    if image.mode not in ("L", "RGB") or image.getexif().get(_ORIENTATION, 1) != 1:
        return None
    encoded = path.read_bytes()
    if is_cut_short(encoded):
        return None
    pixels = decode(encoded)
    if pixels is None or pixels.shape[:2] != (image.height, image.width):
        return None
    return one_channel(pixels)


def _upright(image: Image.Image) -> Image.Image:
    """The image as its Exif data say it is to be seen; without a copy where that is how it lies."""
    return image if image.getexif().get(_ORIENTATION, 1) == 1 else ImageOps.exif_transpose(image)


def _stated(image: Image.Image) -> Resolution:
    """Dots per inch as the file has them; without a unit at least the shape of its pixels."""
    for name in ("dpi", "resolution", "jfif_density"):
        found = image.info.get(name)
        if isinstance(found, tuple) and len(found) == 2 and min(found) > 0:  # noqa: PLR2004
            return Resolution(float(found[0]), float(found[1]))
    return Resolution()


def to_array(image: Image.Image) -> Pixels:
    """Grey stays grey; everything else becomes BGR on white paper."""
    if image.mode in ("1", "L"):
        return np.asarray(image if image.mode == "L" else image.convert("L"), np.uint8)
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image.convert("RGBA"))
    colour = image if image.mode == "RGB" else image.convert("RGB")
    pixels = np.frombuffer(colour.tobytes("raw", "BGR"), np.uint8).reshape(colour.height, colour.width, 3)
    return one_channel(pixels)


def _eight_bits(image: Image.Image) -> Pixels:
    values = np.asarray(image, dtype=np.float64)
    white = next((top for top in (255.0, _WHITE_16) if values.max() <= top), float(values.max()))
    is_wide = image.mode.startswith("I;16")
    white = _WHITE_16 if is_wide else white
    if is_wide and getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _WHITE_IS_ZERO:  # Pillow turns 8 bits, not 16
        values = white - values
    return np.clip(values / white * 255, 0, 255).round().astype(np.uint8)
