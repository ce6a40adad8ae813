"""Rectangles on a PDF page: left, bottom, right, top, in points from the left bottom corner."""

from __future__ import annotations

POINTS = 72.0  # to an inch

Frame = tuple[float, float, float, float]


def common(one: Frame, other: Frame) -> Frame:
    """What both cover; its area is 0 where they do not meet."""
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def area(frame: Frame) -> float:
    return max(frame[2] - frame[0], 0.0) * max(frame[3] - frame[1], 0.0)
