"""Typewritten sheets are drawn in steps, with their text; the copies are paler one by one."""

from __future__ import annotations

import numpy as np

from bench.typewriter import COPIES, FACES, typed
from bench.typewritten import wording
from samples.invent import invent_letter

TEXT = "प्रेषक, कलेक्टर जिला दतिया।\nविषय: भूमि का सीमांकन क्रमांक १२/८४"


def test_the_same_seed_types_the_same_and_another_does_not() -> None:
    one, again, other = (typed(TEXT, FACES[0], COPIES["new ribbon"], np.random.default_rng(n))[0] for n in (1, 1, 2))

    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_each_copy_is_paler_than_the_one_before() -> None:
    sheets = [typed(TEXT, FACES[0], copy, np.random.default_rng(3))[0] for copy in COPIES.values()]
    darkest = [float(np.percentile(sheet, 0.1)) for sheet in sheets]

    assert darkest[0] < darkest[1] < darkest[3]
    assert darkest[0] < darkest[2] < darkest[3]


def test_long_lines_are_broken_between_words_and_nothing_is_lost() -> None:
    _, text = typed(wording(invent_letter(2, 9)), FACES[1], COPIES["new ribbon"], np.random.default_rng(1))

    assert text.split() == wording(invent_letter(2, 9)).split()
    assert len(text.splitlines()) > len(wording(invent_letter(2, 9)).splitlines())
