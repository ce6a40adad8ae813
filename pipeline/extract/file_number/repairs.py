"""Ways to mend a number that the reading of a scan damaged, each with its cost. Which one to take is decided elsewhere.

Only signs are changed that Tesseract is known to take for each other on Devanagari print. A digit is never altered, left
out or doubled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import NamedTuple

from pipeline.extract.file_number.grammar import Grammar
from pipeline.extract.file_number.keys import GOOD_FIT, fit
from pipeline.extract.file_number.labels import LABEL
from pipeline.model.digits import TO_DEVANAGARI

# Signs of a text; places in it, ways that are tried, and repairs that are given. Set by hand.
_LONGEST, _MOST_SITES, _MOST_TRIED, _MOST_REPAIRS = 80, 10, 200, 5
_INVENTED = 3.0  # a separator that is not on the paper costs more than any two confusions

_ALNUM = r"[0-9०-९A-Za-z\u0900-\u0963)(.०॰]"
# What stands there, and what may have stood on the paper with how unlikely that is.
_CONFUSIONS: tuple[tuple[re.Pattern[str], tuple[tuple[str, float], ...]], ...] = (
    (re.compile(rf"(?<={_ALNUM})\s*[ः:]\s*(?={_ALNUM})"), (("-", 1.0),)),
    (re.compile(rf"(?<={_ALNUM})[|।](?={_ALNUM})"), (("/", 1.0), ("1", 1.5))),
    (re.compile(r"(?<=[0-9०-९])[|।]|(?<=[/ –-])[|।](?=[0-9०-९])"), (("1", 1.5),)),
    (re.compile(r"(?<=^एफ),|(?<=^फा),|(?<=^प),|(?<=^F),", re.IGNORECASE), ((".", 0.5),)),
    (re.compile(r"^\s*[|।](?=[0-9०-९])"), (("1", 1.0), ("", 1.2))),
    (re.compile(r"(?<=[0-9०-९/(-])[Oo]|[Oo](?=[0-9०-९])"), (("0", 1.0),)),
    (re.compile(r"(?<=[0-9०-९/(-])[lI]|[lI](?=[0-9०-९])"), (("1", 1.0),)),
    (re.compile(r"(?<=[\u0904-\u0963])[oO°](?![A-Za-z])"), (("०", 0.5),)),
    (re.compile(r"(?<=[0-9०-९])\s+(?=[0-9०-९])"), (("", 1.5),)),
    (re.compile(r"(?<=[^\s])\s+(?=[A-Za-z\u0904-\u0963])|(?<=[A-Za-z\u0904-\u0963])\s+(?=[^\s])"), (("", 0.8),)),
)
_SEAM = re.compile(r"(?<=[0-9०-९])(?=[A-Za-z\u0904-\u0963])|(?<=[A-Za-z\u0904-\u0963.])(?=[0-9०-९])")


class _Site(NamedTuple):
    start: int
    end: int
    choices: tuple[tuple[str, float], ...]


def repairs(text: str, grammar: Grammar) -> list[tuple[str, float]]:
    """Candidates that the grammar knows, the cheapest first; only `text` at no cost where it is known as it stands.

    A separator is put in only where nothing else helps and where one place alone makes a known number.
    """
    if len(text) > _LONGEST:
        return []
    label = LABEL.match(text)
    head = text[: label.end()] if label else ""
    body = text[len(head) :]
    if fit(body, grammar) >= GOOD_FIT:
        return [(text, 0.0)]
    found: list[tuple[str, float]] = []
    for candidate, cost in _mended(body, _sites(body)):
        if fit(candidate, grammar) >= GOOD_FIT:
            found.append((head + candidate, cost))
            if len(found) == _MOST_REPAIRS:
                break
    return found or [(head + candidate, cost) for candidate, cost in _separated(body, grammar)]


def _sites(body: str) -> list[_Site]:
    """Where the text may be damaged, in order; of overlapping sites the first kind counts, with all its choices."""
    found: list[_Site] = []
    for pattern, choices in _CONFUSIONS:
        for match in pattern.finditer(body):
            if all(match.end() <= site.start or match.start() >= site.end for site in found):
                found.append(_Site(match.start(), match.end(), choices))
    return sorted(found)


def _mended(body: str, sites: list[_Site]) -> Iterator[tuple[str, float]]:
    """The text with one or more sites mended, the cheapest first."""
    if not sites or len(sites) > _MOST_SITES:
        return
    queue: list[tuple[float, int, tuple[tuple[int, str], ...]]] = [(0.0, 0, ())]
    for _ in range(_MOST_TRIED):
        if not queue:
            return
        cost, following, chosen = heappop(queue)
        if chosen:
            yield _apply(body, sites, chosen), round(cost, 3)
        for index in range(following, len(sites)):
            for choice, more in sites[index].choices:
                heappush(queue, (cost + more, index + 1, (*chosen, (index, choice))))


def _apply(body: str, sites: list[_Site], chosen: tuple[tuple[int, str], ...]) -> str:
    pieces, at = [], 0
    for index, choice in chosen:
        pieces += [body[at : sites[index].start], _in_script_of(body, choice)]
        at = sites[index].end
    return "".join([*pieces, body[at:]])


def _in_script_of(body: str, choice: str) -> str:
    """The digit in the script of the other digits."""
    return choice.translate(TO_DEVANAGARI) if re.search("[०-९]", body) else choice


def _separated(body: str, grammar: Grammar) -> list[tuple[str, float]]:
    """The text with one slash between a digit and a letter, if exactly one place makes a known number of it."""
    candidates = [f"{body[: seam.start()]}/{body[seam.start() :]}" for seam in _SEAM.finditer(body)]
    known = [candidate for candidate in candidates if fit(candidate, grammar) >= GOOD_FIT]
    return [(known[0], _INVENTED)] if len(known) == 1 else []
