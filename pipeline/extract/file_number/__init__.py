"""File numbers, for everybody else: how a written number is understood, found in a line, weighed and mended.

`F.No.11013/4/2018` and `फा.नं. ११०१३/४/२०१८` have one key, `12/34` and `1/234` never do. The work is done in the modules of
`extract.file_number`.
"""

from __future__ import annotations

from pipeline.extract.file_number.date_behind import date_behind
from pipeline.extract.file_number.find import FoundNumber, find
from pipeline.extract.file_number.folding import fold_digits, roman
from pipeline.extract.file_number.grammar import Grammar, NumberForm, NumberPart
from pipeline.extract.file_number.grammar_file import load_grammar
from pipeline.extract.file_number.keys import (
    GOOD_FIT,
    NO_FORMS,
    FileNumber,
    fit,
    has_odd_year,
    looks_like_one,
    parse,
    refusal,
)
from pipeline.extract.file_number.labels import DATE_LABEL, LABEL, Paper, near_label
from pipeline.extract.file_number.refusals import NO_DIGIT, Refusal
from pipeline.extract.file_number.repairs import repairs

__all__ = [
    "DATE_LABEL",
    "GOOD_FIT",
    "LABEL",
    "NO_DIGIT",
    "NO_FORMS",
    "FileNumber",
    "FoundNumber",
    "Grammar",
    "NumberForm",
    "NumberPart",
    "Paper",
    "Refusal",
    "date_behind",
    "find",
    "fit",
    "fold_digits",
    "has_odd_year",
    "load_grammar",
    "looks_like_one",
    "near_label",
    "parse",
    "refusal",
    "repairs",
    "roman",
]
