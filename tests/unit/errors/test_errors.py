"""The error family: every error speaks both languages, says what to do, and survives the way between processes."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from pipeline import errors
from pipeline.errors import AbhilekhError, Kind
from pipeline.errors.paths import public_details
from pipeline.locale import Message, translations

DOCUMENTED = Path(__file__).parents[3] / "docs" / "errors.md"
FAMILY = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, AbhilekhError)]
BASES = {errors.AbhilekhError, errors.InputError}
LEAVES = [error for error in FAMILY if error not in BASES]
DEVANAGARI = re.compile("[\u0900-\u097f]")
BRACES = re.compile(r"{\w+}")


@pytest.mark.parametrize("error", LEAVES)
def test_every_error_says_what_happened_and_what_to_do_in_both_languages(error: type[AbhilekhError]) -> None:
    assert error.__doc__ and error.__name__.endswith("Error")
    assert error.message and error.advice
    for english in (error.message, error.advice):
        hindi = translations("hi").gettext(english)
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", hindi))
        assert not DEVANAGARI.search(english)
        assert DEVANAGARI.search(hindi) or hindi.startswith("{")


def test_codes_are_stable_names_used_once() -> None:
    codes = [error.code for error in LEAVES]

    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch("[a-z_]+", code) for code in codes)
    assert all(error.kind in Kind for error in LEAVES)


@pytest.mark.parametrize("error", LEAVES)
def test_an_error_survives_the_way_between_processes(error: type[AbhilekhError]) -> None:
    sent = error(name="नस्ती.pdf", page=3, cause="why", part="weed")

    back = pickle.loads(pickle.dumps(sent))  # noqa: S301 - our own bytes

    assert type(back) is error and back.details == sent.details and str(back) == str(sent)


@pytest.mark.parametrize("error", LEAVES)
def test_missing_and_odd_details_never_break_a_message(error: type[AbhilekhError]) -> None:
    braces = set(re.findall(r"{(\w+)}", error.message + error.advice))

    assert error().text("hi").count("?") >= len(re.findall(r"{\w+}", error.message))
    assert "{0}%s" in error(**dict.fromkeys(braces, "{0}%s")).text("en") or not braces
    assert error().text("hi") in error().reason and error().text("en") in error().reason


def test_a_detail_that_is_a_text_of_ours_is_told_in_the_language_of_the_message() -> None:
    error = errors.ListTooLargeError(
        name="पंजी.xlsx", cause=Message("it has more than {limit} {counted}", limit=9, counted=Message("lines"))
    )

    assert "it has more than 9 lines" in error.text("en")
    assert "इसमें 9 से अधिक पंक्तियाँ हैं" in error.text("hi")
    assert public_details({"cause": Message("{folder} is full", folder=Path("/srv/abhilekh"))}) == {
        "cause": Message("{folder} is full", folder="abhilekh")
    }


def test_every_error_is_explained_in_the_documentation_and_nothing_else() -> None:
    explained = set(re.findall(r"`([a-z_]+)`", DOCUMENTED.read_text(encoding="utf-8")))

    assert {error.code for error in LEAVES} <= explained


@pytest.mark.parametrize("error", [error for error in LEAVES if not error.message.startswith("{")])
def test_the_documentation_quotes_the_messages_as_they_are(error: type[AbhilekhError]) -> None:
    english, hindi = (BRACES.sub("…", text) for text in (error.message, translations("hi").gettext(error.message)))

    rows = [line for line in DOCUMENTED.read_text(encoding="utf-8").splitlines() if f"| `{error.code}` |" in line]

    assert len(rows) == 1 and f"| {english}<br>{hindi}" in rows[0]


@pytest.mark.parametrize("error", [error for error in LEAVES if error.page_advice is not None])
def test_advice_for_a_page_names_no_command_of_a_shell(error: type[AbhilekhError]) -> None:
    assert error.page_advice is not None and error.page_advice != error.advice
    for language in ("en", "hi"):
        assert "abhilekh " not in translations(language).gettext(error.page_advice)
