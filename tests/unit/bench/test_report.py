"""How the benchmark's figures are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.charts import STAGE_COLOURS
from bench.programs import OCRMYPDF, OURS, PLAIN, TUNED
from bench.report import OTHER, STAGES, Cost, Score, SetResult, put, tables


def score(cer: float) -> Score:
    return Score(2, cer, cer, cer, cer, None, 1.0, 0.01, 0.02)


def result() -> SetResult:
    ours = Cost(20.0, 2.0, 2**20, 2048.0, {"read": 1.5, "raster": 0.1})
    theirs = Cost(5.0, 8.0, 2**20, 4096.0, {})
    plain = Cost(10.0, 2.5, 2**20, None, {})
    scores = {"clean": {OURS: score(0.01), OCRMYPDF: score(0.04), TUNED: score(0.02), PLAIN: score(0.0)}}
    return SetResult("samples", 2, scores, {OURS: ours, OCRMYPDF: theirs, TUNED: theirs, PLAIN: plain})


def test_ratios_are_ours_to_theirs_and_missing_where_theirs_is_nothing() -> None:
    told = tables([result()], every=1)

    assert "| CER, clean | 0.25 | 0.50 | – |" in told
    assert "| pages a minute | 4.00 | 4.00 | 2.00 |" in told
    assert "| PDF bytes | 0.50 | 0.50 | – |" in told


def test_what_no_stage_accounts_for_is_other() -> None:
    cost = result().costs[OURS]

    assert list(cost.by_stage) == ["raster", "read", "other"]
    assert cost.by_stage["other"] == pytest.approx(0.4)
    assert cost.beside_reading == 0.25


def test_every_stage_has_a_colour_of_its_own() -> None:
    assert set(STAGE_COLOURS) == {*STAGES, OTHER}
    assert len(set(STAGE_COLOURS.values())) == len(STAGE_COLOURS)


def test_without_stages_none_are_told() -> None:
    cost = result().costs[PLAIN]

    assert cost.by_stage == {}
    assert cost.beside_reading is None


def test_only_what_stands_between_the_marks_is_replaced(tmp_path: Path) -> None:
    document = tmp_path / "figures.md"
    document.write_text("before\n<!-- bench ocr: begin -->\nold\n<!-- bench ocr: end -->\nafter\n", encoding="utf-8")

    put(document, "ocr", "new")
    put(document, "ocr", "newer")

    told = document.read_text(encoding="utf-8")
    assert told == "before\n<!-- bench ocr: begin -->\n\nnewer\n<!-- bench ocr: end -->\nafter\n"


def test_a_document_without_the_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "figures.md"
    document.write_text("text\n", encoding="utf-8")

    with pytest.raises(ValueError, match="no place"):
        put(document, "ocr", "new")
