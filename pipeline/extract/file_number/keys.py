"""A written number as a `FileNumber`: its keys, its parts, its form. Lines of text are looked through in `find`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.extract.file_number.folding import (
    EDGES,
    clean,
    fold_digits,
    forgive,
    roman,
    spell,
    split,
    without_laghava,
)
from pipeline.extract.file_number.grammar import Grammar, NumberPart, NumberReading, is_plausible
from pipeline.extract.file_number.labels import LABEL, without_labels
from pipeline.extract.file_number.refusals import Refusal, refusal_of
from pipeline.extract.file_number.volumes import Volume, split_volume

NO_FORMS = Grammar()
_STROKE = re.compile(r"\s*[|।](?=[0-9०-९])")  # a rule beside the number, or its first digit: nobody can tell

# How well a number fits the grammar: what the field reader weighs several readings of one spot by.
# Set by hand; how often what is read with them is right is in docs/benchmarks.md ("Fields").
_KNOWN, _SHORT_YEAR, _NO_YEAR, _ODD_YEAR = 1.0, 0.95, 0.9, 0.6
GOOD_FIT = _NO_YEAR  # from which a number is of a form that the grammar knows
_SOME_YEAR = "1984"
_UNKNOWN, LONE, _ONE_STRANGE_SIGN = 0.5, 0.3, 0.1
_STRANGE = re.compile(r"[^A-Z0-9\u0900-\u0902\u0904-\u0963 ./()\-]|(?<![\u0904-\u0963])\u0903|\u0903(?=[0-9])")


@dataclass(frozen=True, slots=True)
class FileNumber:
    """A number as written and as understood.

    `key` is strict; `core` keeps digits only; `ocr` forgives look-alikes; `group` is the strict key without `volume` and
    `part`, one for all volumes of a file. `form` is the grammar's name of how it is written, None where it only looks
    like a number; then `named` is empty.
    """

    written: str
    key: str
    core: str
    ocr: str
    parts: tuple[str, ...]
    group: str = ""
    volume: str | None = None
    part: str | None = None
    form: str | None = None
    named: tuple[NumberPart, ...] = ()


def parse(text: str, grammar: Grammar = NO_FORMS) -> FileNumber | None:
    """The number written in `text`, or None where there is none; `refusal` tells why. Keys do not depend on `grammar`."""
    bare = _bare(text)
    if refusal_of(text, bare):
        return None
    body, volume = split_volume(bare)
    inside = split(body)
    if not any(part.isdigit() for part in inside):
        return None
    parts = (*inside, *volume.key)
    reading = grammar.read(spell(body))
    return FileNumber(
        written=clean(roman(text)),
        key="/".join(parts),
        core="/".join(part for part in parts if part.isdigit()),
        ocr="/".join((forgive(body), *volume.key)),
        parts=parts,
        group="/".join(inside),
        volume=volume.volume,
        part=volume.part,
        form=reading.form.name if reading else None,
        named=(*(reading.parts if reading else ()), *_named_volume(volume)) if reading else (),
    )


def refusal(text: str) -> Refusal | None:
    """Why `text` is no file number; None where it is one."""
    return refusal_of(text, _bare(text))


def fit(text: str, grammar: Grammar) -> float:
    """How well `text` fits the grammar, 0 to 1.

    1 is a known form with a plausible year in full; somewhat less without one or with two digits of it; about 0.5 is a
    number of no known form, less with each sign that no number has; 0 is no number.
    """
    bare = _bare(text)
    if refusal_of(text, bare):
        return 0.0
    written = spell(split_volume(bare)[0])
    reading = grammar.read(written)
    if reading is not None:
        return min(_known(reading, grammar.last_year), _UNKNOWN if begins_with_stroke(text) else _KNOWN)
    best = _UNKNOWN if re.search("[/()-]", written) else LONE
    return round(max(best - _ONE_STRANGE_SIGN * len(_STRANGE.findall(written)), _ONE_STRANGE_SIGN), 3)


def begins_with_stroke(text: str) -> bool:
    """Whether a stroke touches the first digit, so that a 1 may be lost."""
    label = LABEL.match(text)
    return _STROKE.match(text, label.end() if label else 0) is not None


def _known(reading: NumberReading, last_year: int) -> float:
    if not all(is_plausible(year, last_year) for year in reading.years):
        return _ODD_YEAR
    if not reading.years:
        return _NO_YEAR
    return _KNOWN if any(len(year.partition("-")[0]) == len("2018") for year in reading.years) else _SHORT_YEAR


def has_odd_year(text: str, grammar: Grammar) -> bool:
    """Whether the number would be of a known form if its year could be one: on such a page digits are taken for others."""
    fits = fit(text, grammar)
    if fits >= _NO_YEAR or fits == _ODD_YEAR:
        return fits == _ODD_YEAR
    folded = fold_digits(text)
    runs = re.finditer(r"(?<![0-9])[0-9]{4}(?![0-9])", folded)
    years = [run for run in runs if not is_plausible(run[0], grammar.last_year)]
    return any(fit(folded[: run.start()] + _SOME_YEAR + folded[run.end() :], grammar) >= _NO_YEAR for run in years)


def looks_like_one(text: str) -> bool:
    """Whether somebody who types this probably means a file number: digits with a separator between parts."""
    return bool(re.search(r"[0-9][/\-(_]|[/\-)_][0-9]", fold_digits(text))) and parse(text) is not None


def spelled(text: str) -> str:
    """The number in `text` as the patterns of a grammar see it: without label and volume, see `letters.spell`."""
    return spell(split_volume(_bare(text))[0])


def _bare(text: str) -> str:
    """The number without labels and lāghava signs, digits folded."""
    return fold_digits(without_laghava(without_labels(clean(roman(text))))).strip(EDGES)


def _named_volume(volume: Volume) -> tuple[NumberPart, ...]:
    named = (("volume", volume.volume), ("part", volume.part))
    return tuple(NumberPart(role, text) for role, text in named if text)
