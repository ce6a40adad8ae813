"""Samples for acceptance: how they are drawn and counted, and that a signed one is as it was signed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from pipeline.model.sampling import Sample, Scope, Verdict, draw, sample_from, sample_json, wilson

NAMES = [f"{number:020x}-0001" for number in range(1000)]
AT = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)


def sample(documents: int = 50, percent: float = 4.0) -> Sample:
    population, over, drawn = draw(NAMES[:documents], percent, "seven")
    scope = Scope("sagar", date(2026, 1, 1), date(2026, 1, 31))
    return Sample("s1", scope, percent, 2.0, "seven", population, over, drawn, "sita", AT)


def judged(one: Sample, *, wrong: int) -> Sample:
    for place, document in enumerate(one.documents):
        one = one.with_verdict(document, Verdict(place >= wrong, "" if place >= wrong else "subject", "sita", AT))
    return one


def test_the_same_seed_draws_the_same_documents_whatever_their_order() -> None:
    assert draw(NAMES, 5, "seven") == draw(reversed(NAMES), 5, "seven")
    assert draw(NAMES, 5, "seven")[2] != draw(NAMES, 5, "eight")[2]
    assert draw(NAMES, 5, "seven")[1] != draw(NAMES[1:], 5, "seven")[1]


@pytest.mark.parametrize(
    ("documents", "percent", "drawn"), [(1000, 5, 50), (7, 5, 1), (3, 100, 3), (0, 5, 0), (201, 1, 3)]
)
def test_so_many_are_drawn(documents: int, percent: float, drawn: int) -> None:
    population, _, found = draw(NAMES[:documents], percent, "x")

    assert (population, len(found), len(set(found))) == (documents, drawn, drawn)


def test_every_document_is_drawn_as_often_as_others() -> None:
    times = dict.fromkeys(NAMES[:50], 0)
    for seed in range(2000):
        for name in draw(NAMES[:50], 10, str(seed))[2]:
            times[name] += 1

    assert all(140 < count < 265 for count in times.values())  # 200 expected, 13.4 is one standard deviation


@pytest.mark.parametrize(
    ("wrong", "of", "most"), [(0, 0, 1.0), (0, 50, 0.0714), (1, 50, 0.1050), (10, 100, 0.1744), (5, 5, 1.0)]
)
def test_the_interval_is_wilsons(wrong: int, of: int, most: float) -> None:
    assert wilson(wrong, of) == pytest.approx(most, abs=5e-4)


def test_it_is_accepted_when_no_more_are_wrong_than_may_be_and_none_waits() -> None:
    hundred = sample(1000, 10.0)

    assert judged(hundred, wrong=2).is_accepted and not judged(hundred, wrong=3).is_accepted
    assert not hundred.is_accepted and len(hundred.waiting) == 100
    assert not replace(
        judged(hundred, wrong=0), verdicts=dict(list(judged(hundred, wrong=0).verdicts.items())[1:])
    ).is_accepted


def test_what_was_signed_is_known_by_its_sum() -> None:
    signed = judged(sample(), wrong=1).signed("sita", "सीता", AT)
    again = sample_from(json.loads(json.dumps(sample_json(signed))))

    assert again == signed and again.is_as_signed
    assert not replace(again, limit=50.0).is_as_signed
    assert not again.with_verdict(again.documents[0], Verdict(True, "", "sita", AT)).is_as_signed
