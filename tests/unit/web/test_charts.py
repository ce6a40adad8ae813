"""Bars of an SVG: their places, their labels, and a scale that ends on a round number."""

from __future__ import annotations

import pytest

from pipeline.web.charts import HEIGHT, WIDTH, bars, round_above


@pytest.mark.parametrize(
    ("value", "above"), [(0, 2), (2, 2), (3, 4), (5, 10), (10, 10), (11, 20), (399, 400), (401, 1000)]
)
def test_the_scale_ends_on_a_round_number(value: float, above: float) -> None:
    assert round_above(value) == above


def test_bars_stand_side_by_side_on_one_line_and_are_as_high_as_their_values() -> None:
    chart = bars([("a", 10), ("b", 5), ("c", 0)])

    assert [bar.height for bar in chart.bars] == [HEIGHT, HEIGHT / 2, 0]
    assert all(bar.y + bar.height == HEIGHT for bar in chart.bars)
    assert all(left.x + left.width < right.x for left, right in zip(chart.bars, chart.bars[1:], strict=False))
    assert chart.bars[-1].x + chart.bars[-1].width <= WIDTH


def test_many_bars_have_few_labels_and_the_last_one_has_its_own() -> None:
    labels = [bar.label for bar in bars([(str(day), 1) for day in range(31)]).bars]

    assert labels[-1] == "30"
    assert 5 <= sum(1 for label in labels if label) <= 12
