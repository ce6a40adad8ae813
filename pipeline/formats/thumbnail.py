"""A page image made small, for lists. Page images themselves are made in `preprocess.upright`."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

_QUALITY = 60


def thumbnail(image: bytes, *, width: int, height: int) -> bytes:
    """The image as a JPEG that fits into `width` by `height` pixels. A JPEG is decoded no larger than it needs be."""
    with Image.open(BytesIO(image)) as opened:
        opened.draft(opened.mode, (width, height))
        small = opened.convert("RGB" if opened.mode in ("RGB", "P", "RGBA") else "L")
        small.thumbnail((width, height), Image.Resampling.BOX if opened.mode == "1" else Image.Resampling.LANCZOS)
        made = BytesIO()
        small.save(made, "JPEG", quality=_QUALITY, optimize=True)
        return made.getvalue()
