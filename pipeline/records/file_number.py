"""File numbers, for everybody else: how a written number is understood, found in a line, weighed and mended.

`F.No.11013/4/2018` and `फा.नं. ११०१३/४/२०१८` have one key, `12/34` and `1/234` never do. The work is done in the modules of
`records.numbers`.
"""

from __future__ import annotations

from pipeline.records.numbers.find import Found, find
from pipeline.records.numbers.grammar import Form, Grammar, Part
from pipeline.records.numbers.grammar_file import load_grammar
from pipeline.records.numbers.keys import NO_FORMS, FileNumber, fit, has_odd_year, looks_like_one, parse, refusal
from pipeline.records.numbers.labels import DATE_LABEL, LABEL, Paper, near_label
from pipeline.records.numbers.letters import DIGITS, fold_digits, roman
from pipeline.records.numbers.refusals import NO_DIGIT, Refusal
from pipeline.records.numbers.repairs import repairs

__all__ = [
    "DATE_LABEL", "DIGITS", "LABEL", "NO_DIGIT", "NO_FORMS", "FileNumber", "Form", "Found", "Grammar", "Paper", "Part",
    "Refusal", "find", "fit", "fold_digits", "has_odd_year", "load_grammar", "looks_like_one", "near_label", "parse",
    "refusal", "repairs", "roman",
]  # fmt: skip
