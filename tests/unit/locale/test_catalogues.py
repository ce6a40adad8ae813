"""The catalogues hold every marked text; texts are put into a language where they are shown."""

from __future__ import annotations

import pickle
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from pipeline.locale import LANGUAGES, Message, translations
from pipeline.locale.catalogues import FOLDER, catalogue, codes
from pipeline.locale.extraction import marked_strings, untranslated


def test_no_string_is_untranslated() -> None:
    assert untranslated("hi") == []
    assert len(marked_strings()) > 80


def test_the_template_for_translators_holds_every_string() -> None:
    template = read_po(BytesIO((FOLDER / "messages.pot").read_bytes()))
    held = {
        (message.context, message.id if isinstance(message.id, str) else message.id[0])
        for message in template
        if message.id
    }

    assert held == marked_strings()


def test_a_set_of_terms_says_every_term_and_nothing_that_is_not_said() -> None:
    usual = {(message.id, message.context) for message in catalogue("hi") if message.id}
    overlay = read_po(BytesIO((FOLDER / "hi_UP" / "LC_MESSAGES" / "messages.po").read_bytes()))
    said = [str(message.string) for message in catalogue("hi", "up") if message.id]

    assert {(message.id, message.context) for message in overlay if message.id} <= usual
    assert [text for text in said if re.search("नस्ती|पंजी|पत्र क्रमांक", text)] == []


def test_a_further_language_is_one_more_file(tmp_path: Path) -> None:
    for code in ("mr", "hi", "gu"):
        file = tmp_path / code / "LC_MESSAGES" / "messages.po"
        file.parent.mkdir(parents=True)
        file.touch()

    assert codes(tmp_path) == ["hi", "gu", "mr", "en"]
    assert LANGUAGES == {"hi": "हिन्दी", "en": "English"}


def test_a_text_is_put_into_the_language_that_is_asked_for() -> None:
    text = Message("Page {page} of {what}", page=3, what=Message("File number"))

    assert text.text("en") == str(text) == "Page 3 of File number"
    assert text.text("xx") == text.text("en"), "a language without a catalogue"
    assert Message("Search").text("hi") == translations("hi").gettext("Search") != "Search"
    assert Message("Search").in_both() == f"Search / {Message('Search').text('hi')}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (Message("", a=1), ""),
        (Message("write [[form]] or {braces}"), "write [[form]] or {braces}"),
        (Message("{given} {missing}", given=1), "1 ?"),
        (Message("{given}", given="{0}%s"), "{0}%s"),
        (Message("at least {least:g}", least=2.50), "at least 2.5"),
    ],
)
def test_braces_are_filled_only_where_there_are_fields(text: Message, shown: str) -> None:
    assert text.text("en") == shown


def test_a_text_survives_the_way_between_processes() -> None:
    sent = Message("Page {page}", page=3)

    back = pickle.loads(pickle.dumps(sent))  # noqa: S301 - our own bytes

    assert back == sent and hash(back) == hash(sent) and back != Message("Page {page}", page=4)
