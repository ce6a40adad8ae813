"""The catalogues hold every marked text; texts are put into a language where they are shown."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from pipeline.locale import LANGUAGES, Message, translations
from pipeline.locale.catalogues import FOLDER, catalogue, codes
from pipeline.locale.extraction import marked_strings, untranslated

PIPELINE = FOLDER.parent
MODULES = [path for path in sorted(PIPELINE.rglob("*.py")) if "versions" not in path.parts]
DEVANAGARI = re.compile("[\u0900-\u0963\u0966-\u097f]")  # but the danda
BRACES = re.compile(r"{(\w+)[^}]*}")
SENTENCE_WORDS = 5  # in Devanagari; a label has fewer


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


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def marks_in(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Every call of `N_` or `Message` in a module that marks a literal text, with that text."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("N_", "Message"):
            match node.args:
                case [ast.Constant(value=str(text)), *_]:
                    yield node, text


def test_what_is_marked_is_extracted_and_its_braces_are_given() -> None:
    for path in MODULES:
        for call, text in marks_in(path):
            assert (None, text) in marked_strings(), f"{path}: Babel does not see it, as in an f-string: {text}"
            given = {keyword.arg for keyword in call.keywords}
            assert not given or {name for _, name, _, _ in Formatter().parse(text) if name} == given, f"{path}: {text}"


def test_hindi_sentences_stand_in_the_catalogue_alone() -> None:
    """Words that recognise something, labels of lists and examples are data; so are the folders that read scans."""
    found = []
    for path in MODULES:
        if path.relative_to(PIPELINE).parts[0] in ("extract", "index", "ocr"):
            continue
        for node in ast.walk(tree_of(path)):
            match node:
                case ast.Constant(value=str(text)) if "Example:" not in text:
                    words = sum(bool(DEVANAGARI.search(word)) for word in text.split())
                    if words >= SENTENCE_WORDS or (words and text.rstrip().endswith("।")):
                        found.append(f"{path.relative_to(PIPELINE)}:{node.lineno}: {text}")

    assert found == []


@pytest.mark.parametrize("code", sorted(LANGUAGES.keys() - {"en"}))
def test_a_translation_has_the_braces_of_its_text(code: str) -> None:
    wrong = [
        message.id
        for message in catalogue(code)
        if isinstance(message.id, str) and isinstance(message.string, str) and "python-brace-format" in message.flags
        if set(BRACES.findall(message.id)) != set(BRACES.findall(message.string))
    ]

    assert wrong == []


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
