"""How the figures of real pages are told: beside the best peer, what is asked, and what each step does."""

from __future__ import annotations

from bench.programs import OCRMYPDF, OURS
from bench.real_report import PageFigures, ProgramFigures, tables

PLAIN = "`hin`"


def page(name: str, cer: float | None, *, colour: bool = False, right: int = 4) -> PageFigures:
    return PageFigures(name, colour, cer, right, 5, 0, 0, ())


def program(*pages: PageFigures, speed: float = 10.0, cpu: float = 2.0) -> ProgramFigures:
    return ProgramFigures(pages, speed, cpu)


OURS_READ = program(page("a", 0.02), page("b", 0.05), page("c", 0.10, colour=True), page("d", None), speed=20.0)
PEERS = {
    PLAIN: program(page("a", 0.04), page("b", 0.04), page("c", 0.12, colour=True), page("d", None), cpu=1.0),
    OCRMYPDF: program(page("a", 0.03), page("b", 0.06), page("c", 0.08, colour=True, right=5), page("d", None)),
}


def test_each_page_is_told_beside_its_own_best_peer() -> None:
    told = tables({OURS: OURS_READ, **PEERS}, {})

    assert "| a | 0.0200 | 0.0400 | 0.0300 | -0.0100 |" in told
    assert "| b | 0.0500 | 0.0400 | 0.0600 | +0.0100 |" in told
    assert "| c, colour | 0.1000 | 0.1200 | 0.0800 | +0.0200 |" in told
    assert "| d | – | – | – | – |" in told


def test_means_of_grey_and_of_colour_are_those_of_pages_with_a_text() -> None:
    told = tables({OURS: OURS_READ, **PEERS}, {})

    assert "| mean, grey | 0.0350 | 0.0400 | 0.0450 | -0.0050 |" in told
    assert "| mean, colour | 0.1000 | 0.1200 | 0.0800 | +0.0200 |" in told


def test_what_is_asked_is_met_or_not() -> None:
    told = tables({OURS: OURS_READ, **PEERS}, {})

    assert "| mean CER, grey: at most 0.85 of the best peer's | 0.88 | **no** |" in told
    assert "| no page more than 0.005 worse than its best peer | b +0.0100, c +0.0200 | **no** |" in told
    assert "| at least as many numbers right as any peer | 16 to 17 | **no** |" in told
    assert "| at least 2 times OCRmyPDF's pages a minute | 2.00 | yes |" in told


def test_a_step_that_harms_a_page_is_named() -> None:
    without = program(page("a", 0.02), page("b", 0.04), page("c", 0.15, colour=True), page("d", None))

    told = tables({OURS: OURS_READ}, {"seals": without})

    assert "| b | 0.0500 | **-0.0100** |" in told
    assert "| c, colour | 0.1000 | +0.0500 |" in told
    assert "| a | 0.0200 |  |" in told
    assert "worse by more than 0.003: seals on b (0.0100)." in told


def test_alone_nothing_is_compared() -> None:
    told = tables({OURS: OURS_READ}, {})

    assert "best peer" not in told
    assert "asked" not in told
