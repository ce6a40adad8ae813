"""Invented letters and files: the same seed gives the same, what is laid out says what is true, and how it is counted."""

from __future__ import annotations

import html
import re
from datetime import date
from pathlib import Path

import pytest

from bench.field_report import FileScore, Reported, tables
from bench.fields import is_right
from bench.inventing import Paper, bundle, letter
from bench.laying import Font
from bench.laying import html as laid
from bench.other_papers import other
from bench.wording import Chance
from pipeline.extract.file_number import load_grammar
from pipeline.extract.separate import separate
from pipeline.model.document import SURE_FROM
from tests.unit.paper import page_of

GRAMMAR = load_grammar(Path(__file__).parents[3] / "config" / "file_numbers.toml")


def written(paper: Paper, chance: Chance) -> str:
    """The lines of the laid out sheet, the two of a row in one."""
    body = laid(paper, Font("Noto Sans Devanagari"), chance).split("<body>", 1)[1]
    rows = re.sub(r"(<div class='row'><div[^>]*>[^<]*)</div>", r"\1    ", body)
    lines = re.sub(r"<[^>]*>", "", re.sub(r"</td>", "    ", re.sub(r"</(?:div|p|tr)>", "\n", rows)))
    return "\n".join(line.strip() for line in html.unescape(lines).split("\n") if line.strip())


@pytest.mark.parametrize("number", range(12))
def test_the_fields_of_an_invented_letter_are_those_that_are_true_of_it(number: int) -> None:
    chance = Chance(31, number)
    paper = letter(chance)
    (document,) = separate("b", [page_of(written(paper, chance))], office=None, today=date(2026, 1, 1), grammar=GRAMMAR)

    assert {
        name for name, value in paper.truth.items() if not is_right(name, value, document.value(name) or "")
    } == set()


@pytest.mark.parametrize("number", range(6))
def test_an_invented_file_is_cut_at_its_letters_and_has_one_number(number: int) -> None:
    chance = Chance(32, number)
    file = bundle(chance)
    pages = [page_of(written(paper, chance), at) for at, paper in enumerate(file.papers, start=1)]
    documents = separate("b", pages, office=None, today=date(2026, 1, 1), grammar=GRAMMAR)

    starts = [at for at, paper in enumerate(file.papers, start=1) if paper.kind == "letter"]
    assert [d.pages[0].source_page for d in documents if d.kind not in ("cover", "noting")] == starts
    assert all(is_right("file_no", file.file_no, d.value("file_no") or "") for d in documents)


@pytest.mark.parametrize("number", range(24))
def test_nothing_is_sure_on_an_invented_page_that_is_no_letter(number: int) -> None:
    chance = Chance(33, number)
    page = page_of(re.sub(" {4}", "\t", written(other(chance), chance)))
    documents = separate("b", [page], office=None, today=date(2026, 1, 1), grammar=GRAMMAR)

    assert [
        (name, field) for one in documents for name, field in one.fields.items() if field.confidence >= SURE_FROM
    ] == []


def test_the_same_seed_gives_the_same_letter() -> None:
    assert letter(Chance(5, 3)) == letter(Chance(5, 3)) != letter(Chance(5, 4))


@pytest.mark.parametrize(
    ("name", "expected", "value", "right"),
    [
        ("file_no", "एफ १२-३/२०१९", "एफ12-3/2019", True),
        ("file_no", "12-3/2019", "12-8/2019", False),
        ("date", "2019-01-02", "2019-01-03", False),
        ("subject", "भूमि आवंटन के संबंध में", "भूमि आवटन के संबंध में।", True),
        ("subject", "भूमि आवंटन", "भूमि", False),
    ],
)
def test_numbers_and_dates_must_be_exact_and_texts_nearly(name: str, expected: str, value: str, right: bool) -> None:
    assert is_right(name, expected, value) is right


def test_the_tables_count_what_is_right_by_level_and_by_confidence() -> None:
    found = [
        Reported("date", "clean", "A", 0.97, True, "2019-01-02", "2019-01-02", "one"),
        Reported("date", "aged", "B", 0.96, False, "2019-01-02", "2019-01-03", "two"),
        Reported("date", "aged", "B", None, False, "2019-01-02", None, "three"),
        Reported("date", "poor", "B", 0.3, False, None, "2019-01-02", "four"),
    ]
    told = tables(found, [FileScore("aged", True, 3, 3, 0, 3)], 7, own_fonts=True)

    assert "4 letters in 2 fonts and 1 files, seed 7" in told
    assert "| date | 1.000 | – | 0.000 | – | 0.333 | 1 |" in told
    assert "| date | 0.000 of 1 | – | – | – | – | – | 0.500 of 2 | 0.500 of 2 |" in told
    assert "| aged | 1 | 1.000 | 1.000 | 0 | 1.000 |" in told
