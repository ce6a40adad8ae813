"""What the page of results shows of an answer: hits grouped by file and document, filters with counts, other readings.

Values in, values out: searching is done by `web.services`, HTML is in `templates/search`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.locale import N_
from pipeline.model.document import DocumentKind, DocumentState
from pipeline.model.search import Answer, Hit, Order
from pipeline.web.labels import KINDS, STATES
from pipeline.web.search.params import SearchParams, Translate

ORDERS = {Order.BEST: N_("best first"), Order.NEWEST: N_("newest first"), Order.OLDEST: N_("oldest first")}
_TITLES = {
    "year": N_("Year"),
    "kind": N_("Kind"),
    "file": N_("File"),
    "office": N_("Office"),
    "status": N_("Reviewed or not"),
}

OfficeNames = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """One document with those of its pages that were found, in their order."""

    hits: tuple[Hit, ...]

    @property
    def first(self) -> Hit:
        return self.hits[0]


@dataclass(frozen=True, slots=True)
class Group:
    """Documents of one file; `key` is None for one that belongs to none."""

    key: str | None
    office: str | None
    number: str | None
    documents: tuple[FoundDocument, ...]


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """One value of a filter; `trail` is the question with it or, where it is on, without it."""

    label: str
    count: int
    trail: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    title: str
    choices: tuple[FilterChoice, ...]


@dataclass(frozen=True, slots=True)
class QueryReading:
    """How one typed word was read, or what was looked for besides; each word with the question that has it instead."""

    typed: str
    words: tuple[tuple[str, str], ...]


def groups(hits: Sequence[Hit], order: Order) -> list[Group]:
    """The hits by document and, as long as they follow each other by how well they fit, by file.

    A file stands where its best document stands."""
    documents = [FoundDocument(tuple(same)) for same in _by_document(hits)]
    if order is not Order.BEST:
        return [_group(None, [document]) for document in documents]
    files: dict[tuple[str | None, str], list[FoundDocument]] = {}
    found: list[tuple[tuple[str | None, str] | None, list[FoundDocument]]] = []
    for document in documents:
        file = (document.first.office, document.first.file_key) if document.first.file_key else None
        if file is None or file[1] is None:
            found.append((None, [document]))
            continue
        key = (file[0], file[1])
        if key not in files:
            files[key] = []
            found.append((key, files[key]))
        files[key].append(document)
    return [_group(key, some) for key, some in found]


def _group(file: tuple[str | None, str] | None, documents: Sequence[FoundDocument]) -> Group:
    first = documents[0].first
    return Group(file[1] if file else None, first.office, first.file_no, tuple(documents))


def _by_document(hits: Sequence[Hit]) -> Iterator[list[Hit]]:
    same: list[Hit] = []
    for hit in hits:
        if same and same[0].document != hit.document:
            yield same
            same = []
        same.append(hit)
    if same:
        yield same


def filters(asked: SearchParams, answer: Answer, offices: OfficeNames, _: Translate) -> list[Filter]:
    """The filters that would leave something, each value with how many documents it has."""
    found = []
    for name, title in _TITLES.items():
        counts = answer.facets.get(name, {})
        values = sorted(counts, reverse=True) if name == "year" else list(counts)
        choices = tuple(_choice(asked, name, value, counts[value], offices, _) for value in values)
        if len(choices) > 1 or any(choice.is_on for choice in choices):
            found.append(Filter(name, _(title), choices))
    return found


def _choice(asked: SearchParams, name: str, value: str, count: int, offices: OfficeNames, _: Translate) -> FilterChoice:
    if name == "year":
        is_on = asked.typed.get("from") == value == asked.typed.get("to")
        wanted = None if is_on else value
        return FilterChoice(value, count, asked.instead(from_=wanted, to=wanted), is_on)
    parameter = "file_no" if name == "file" else name
    is_on = asked.typed.get(parameter, "").casefold() == value.casefold()
    labels = {"kind": _kind_name, "status": _state_name}
    label = _(labels[name](value)) if name in labels else offices.get(value, value) if name == "office" else value
    return FilterChoice(label, count, asked.instead(**{parameter: None if is_on else value}), is_on)


def _kind_name(value: str) -> str:
    return KINDS[DocumentKind(value)]


def _state_name(value: str) -> str:
    return STATES[DocumentState(value)]


def readings(asked: SearchParams, answer: Answer, kind: str) -> list[QueryReading]:
    """`readings` or `also` of how the question was understood, each with the question that it would be."""
    understood = answer.understood.get(kind)
    if not isinstance(understood, dict):
        return []
    return [
        QueryReading(typed, tuple((word, asked.instead(q=_with(asked.query.text, typed, word))) for word in words))
        for typed, words in understood.items()
    ]


def exactly(asked: SearchParams, answer: Answer) -> str | None:
    """The question for just the words that were typed, where others were looked for as well."""
    if '"' in asked.query.text or not (answer.understood.get("readings") or answer.understood.get("also")):
        return None
    return asked.instead(q=f'"{asked.query.text}"')


def as_number(asked: SearchParams, answer: Answer) -> str | None:
    """The file number that the question was taken for; None where it was not."""
    tiers, key = answer.understood.get("tiers"), answer.understood.get("file_key")
    taken = isinstance(tiers, list) and any(str(tier).startswith("file") for tier in tiers)
    return str(key) if key and taken else None


def _with(question: str, typed: str, word: str) -> str:
    """The question with another word for one of those typed; the word alone where that does not stand in it as it is."""
    changed, times = re.subn(rf"(?<!\w){re.escape(typed)}(?!\w)", lambda _: word, question, flags=re.IGNORECASE)
    return changed if times else word
