"""Three hundred written numbers and their keys, forms and parts; what must never be read as a number; laws of the keys."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.extract.file_number import NO_FORMS, find, fit, load_grammar, parse, refusal, repairs
from pipeline.model.digits import TO_DEVANAGARI, western

TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "file_numbers.toml").read_text(encoding="utf-8"))
GRAMMAR = load_grammar(Path(__file__).parents[4] / "config" / "file_numbers.toml")
ROWS = [(written, group) for group in TABLE["number"] for written in group["written"]]
WRITTEN = [written for written, _ in ROWS]
REFUSED = [(text, reason) for reason, texts in TABLE["refused"].items() for text in texts]


def test_the_table_is_worth_its_name() -> None:
    assert len(ROWS) + len(REFUSED) >= 300
    assert len({group["form"] for group in TABLE["number"]}) >= 20
    assert len(set(WRITTEN)) == len(WRITTEN)
    assert len({group["key"] for group in TABLE["number"]}) == len(TABLE["number"])


def test_the_table_has_an_example_of_every_delivered_form() -> None:
    assert {form.name for form in GRAMMAR.forms} == {group["form"] for group in TABLE["number"]} - {""}


@pytest.mark.parametrize(("written", "group"), ROWS, ids=WRITTEN)
def test_a_written_number_is_understood(written: str, group: dict[str, Any]) -> None:
    number = parse(written, GRAMMAR)

    assert number is not None
    assert number.key == group["key"]
    assert number.group == group.get("group", group["key"])
    assert number.form == (group["form"] or None)
    assert [f"{part.role} {part.text}" for part in number.named] == group.get("named", [])


@pytest.mark.parametrize("written", WRITTEN)
def test_keys_do_not_depend_on_the_forms_that_are_known(written: str) -> None:
    known, bare = parse(written, GRAMMAR), parse(written, NO_FORMS)

    assert known is not None and bare is not None
    assert (bare.key, bare.core, bare.ocr, bare.group) == (known.key, known.core, known.ocr, known.group)


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_no_number_is_refused_with_its_reason(text: str, reason: str) -> None:
    why = refusal(text)

    assert parse(text, GRAMMAR) is None and fit(text, GRAMMAR) == 0
    assert why is not None and why.reason == reason
    assert re.search("[a-z]", why.cause.text("en")) and re.search("[\u0900-\u097f]", why.cause.text("hi"))


@pytest.mark.parametrize(("written", "group"), ROWS, ids=WRITTEN)
def test_known_forms_fit_and_others_fit_less(written: str, group: dict[str, Any]) -> None:
    fits = fit(written, GRAMMAR)

    assert 0.9 <= fits <= 1 if group["form"] else 0 < fits <= 0.5


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("1234/स्था./2024", "1234/स्था./24"),
        ("1234/स्था./24", "1234/स्था."),
        ("अ-6/123/2018-19", "अ-6/123/2018-29"),
        ("12-3/2019-स्था.(क)", "12ः3/2019-स्था.(क)"),
        ("1234/12", "1234"),
        ("12/34/5678/9", "12/34/56#8/9"),
    ],
)
def test_of_two_readings_the_likelier_one_fits_better(better: str, worse: str) -> None:
    assert fit(better, GRAMMAR) > fit(worse, GRAMMAR) > 0


def test_volumes_of_one_number_are_files_of_their_own_in_one_group() -> None:
    numbers = [
        parse(f"F.No. 12/4/2018-Estt.{tail}") for tail in ("", " Vol. I", " Vol. II", " Part I", " Vol. I Part I")
    ]

    assert len({number.key for number in numbers if number}) == 5
    assert {number.group for number in numbers if number} == {"12/4/2018/ESTT"}


@pytest.mark.parametrize("text", ["1234/अनुभाग-3", "12/विभाग 2", "भाग 2", "Vol. II", "12/4/2018 Partap 2", "12 भाग ज्ञ"])
def test_what_only_looks_like_a_volume_is_none(text: str) -> None:
    number = parse(text)

    assert number is None or (number.volume, number.part) == (None, None)


@pytest.mark.parametrize(
    ("clean", "misread"),
    [
        ("B-15/2018", "8-I5/2O18"),
        ("1234/विकास/2018", "1234/बिकास/2018"),
        ("409/बाढ़/1976", "409/बाढ/1976"),
        ("भण्डार/27/1991", "भंडार/27/1991"),
        ("आ.वि./छात्र./2023/615", "आ.बि./छात्र./2O23/6l5"),
    ],
)
def test_look_alikes_meet_in_the_forgiving_key_only(clean: str, misread: str) -> None:
    one, other = parse(clean), parse(misread)

    assert one is not None and other is not None
    assert one.key != other.key and one.ocr == other.ocr


# ── Laws ──

_DIGIT = st.sampled_from("0123456789")
_LIKE = st.lists(
    st.sampled_from(
        [*"०१२३४५६७८९0123456789/-().:_| oOlI", *WRITTEN, "सं०", "स्था", "एफ", "भाग-2", "Vol. II", "दि०", "ः"]
    ),
    max_size=8,
).map("".join)
_PIECE = st.sampled_from(["स्था.", "Estt.", "राज", "आ०लि०", "सात-वि", "E.III", "भण्डार", "जीएस"])
_NUMBER = st.integers(1, 99999).map(str)
_FORMED = st.one_of(
    st.builds("F.No. {}/{}/{}-{}".format, _NUMBER, _NUMBER, st.integers(1950, 2029), _PIECE),
    st.builds("क्रमांक {}/{}/{}".format, _NUMBER, _PIECE, st.integers(1950, 2029)),
    st.builds("प. {}({}){}/{}".format, _NUMBER, _NUMBER, st.sampled_from(["राज", "शिक्षा"]), st.integers(1950, 2029)),
    st.builds("एफ {}-{}/{}/{}/{}".format, _NUMBER, _NUMBER, st.integers(1950, 2029), _NUMBER, _NUMBER),
    st.builds("अ-{}/{}/2018-19 भाग-{}".format, _NUMBER, _NUMBER, st.integers(1, 9)),
)


@given(st.one_of(_FORMED, _LIKE))
@example("12/4/2018 भाग 1 भाग 2")
@example("12/4/2018 Part I (Vol. II)")
@example("नियम ः12")
@example("12/4/2018 भाग-2_")
@example("12/4 भाग वी")
def test_a_key_written_out_and_read_again_is_the_same_key(text: str) -> None:
    number = parse(text)
    if number is None:
        return
    again = parse(number.key)

    # A key such as 1/2/2018 can be read as a date; nothing else may change or vanish.
    assert (again is None and number.key.count("/") == 2) or (
        again is not None and (again.key, again.group, again.core) == (number.key, number.group, number.core)
    )


@given(_FORMED, st.data())
def test_numbers_that_differ_in_one_digit_never_meet(text: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([at for at, sign in enumerate(text) if sign in "0123456789"]))
    digit = data.draw(_DIGIT.filter(lambda new: new != text[place]))
    one, other = parse(text), parse(text[:place] + digit + text[place + 1 :])

    assert one is not None
    assert other is None or (one.key != other.key and one.core != other.core)


@given(_LIKE)
@example("१दि०")
@example("12/A०")
def test_digits_of_either_script_meet(text: str) -> None:
    in_western, in_nagari = parse(western(text)), parse(western(text).translate(TO_DEVANAGARI))

    assert (in_western.key if in_western else None) == (in_nagari.key if in_nagari else None)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), _LIKE))
@example("0" * 500)
@example("अ." * 300 + "1")
@example("A" * 3000 + "/1")
def test_any_text_is_taken_without_complaint(text: str) -> None:
    number = parse(text, GRAMMAR)
    fits = fit(text, GRAMMAR)
    found = find(text, GRAMMAR)

    assert (number is None) == (fits == 0) and 0 <= fits <= 1
    assert number is None or refusal(text) is None
    if found is not None:
        start, end = found.number
        assert 0 <= start < end <= len(text) and found.parsed == parse(text[start:end], GRAMMAR)
        assert found.label is None or found.label[1] <= start
    for candidate, cost in repairs(text, GRAMMAR):
        assert cost >= 0 and fit(candidate, GRAMMAR) >= 0.9


@settings(deadline=None)  # a text with many doubtful signs is tried in two hundred ways
@given(_LIKE)
def test_repairs_never_alter_a_digit(text: str) -> None:
    digits = re.sub(r"[^0-9]", "", western(text))

    for candidate, _ in repairs(text, GRAMMAR):
        left = iter(re.sub(r"[^0-9]", "", western(candidate)))
        assert all(digit in left for digit in digits)  # in their order; only 0 and 1 may have come in between
