"""The files of number forms: the office's own come first, a bad one is refused with its place, cause and next step."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from pipeline.errors import NumberFormsError
from pipeline.extract.file_number import fit, load_grammar, parse

DELIVERED = Path(__file__).parents[4] / "config" / "file_numbers.toml"
OWN = """# our own
[[form]]
name = "sonpura"
en = "Sonpura office"
hi = "सोनपुरा कार्यालय"
patterns = ["सो {serial:4}~{year:4}"]
examples = ["सो. 0012-2019"]
"""


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "file_numbers.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_delivered_example_is_read_by_its_own_form() -> None:
    grammar = load_grammar(DELIVERED)
    entries = re.findall(r'name = "([^"]+)".*?examples = \[(.*?)\]\n', DELIVERED.read_text(encoding="utf-8"), re.DOTALL)

    assert len(entries) == len(grammar.forms) >= 20
    for name, examples in entries:
        for example in re.findall('"([^"]+)"', examples):
            number = parse(example, grammar)
            assert number is not None and number.form == name, example


def test_an_office_adds_forms_of_its_own(tmp_path: Path) -> None:
    written = "क्रमांक सो. 0012-2019-क"
    text = OWN.replace("{serial:4}~{year:4}", "{serial:4}-{year:4}[-{section}]")
    grammar = load_grammar(DELIVERED, own(tmp_path, text))
    number = parse(written, grammar)

    assert number is not None and number.form == "sonpura" and fit(written, grammar) == 1
    assert parse(written, load_grammar(DELIVERED)).form is None  # type: ignore[union-attr]


def test_a_form_of_the_same_name_replaces_the_delivered_one(tmp_path: Path) -> None:
    text = OWN.replace("sonpura", "letter").replace("~", "-")
    grammar = load_grammar(DELIVERED, own(tmp_path, text))

    assert [form.en for form in grammar.forms if form.name == "letter"] == ["Sonpura office"]
    assert grammar.forms[0].name == "letter"


def test_without_files_there_are_no_forms(tmp_path: Path) -> None:
    assert load_grammar(None, tmp_path / "none.toml").forms == ()


def test_a_grammar_survives_the_way_between_processes() -> None:
    grammar = load_grammar(DELIVERED)

    assert pickle.loads(pickle.dumps(grammar)) == grammar  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("old", "new", "line", "cause"),
    [
        ("~", "~", 6, "the sign “~” cannot stand in a pattern"),
        ("{serial:4}~", "", 6, "it has no {serial}"),
        ("{serial:4}~", "{number}-", 6, "there is no {number}"),
        ("{serial:4}~", "{serial:x}-", 6, "{serial:x} is not understood"),
        ("{serial:4}~", "{serial:9-4}-", 6, "{serial:9-4} is not understood"),
        ("{serial:4}~", "[{serial}-", 6, "“[” and “]” do not pair"),
        ("{serial:4}~", "{serial}}-", 6, "“{” and “}” do not pair"),
        ('"सो {serial:4}~{year:4}"', '" "', 6, "the pattern is empty"),
        ('["सो {serial:4}~{year:4}"]', '"{serial}"', 6, "it must be a list of texts"),
        ("~{year:4}", "/{year:4}", 7, "does not fit its patterns"),
        ('~{year:4}"]\nexamples = ["सो. 0012-2019"]\n', '-{year:4}"]\n', 2, "it must be a list of texts"),
        ("name =", "nome =", 3, "there is no such key"),
        ('en = "Sonpura office"', "en = 3", 4, "it must be text in quotes"),
        ('hi = "सोनपुरा कार्यालय"', "labelled = 1", 2, "it must be text in quotes"),
        ("patterns", 'labelled = "no"\npatterns', 6, "it must be true or false"),
        ("[[form]]", "[form]", 1, "write [[form]] with two brackets"),
        ("[[form]]", "[[froms]]", 2, "“froms” is not known"),
        ("[[form]]", "[[form]", 2, "it is no TOML"),
    ],
)
def test_a_bad_form_is_refused_with_its_place_and_cause(
    tmp_path: Path, old: str, new: str, line: int, cause: str
) -> None:
    path = own(tmp_path, OWN.replace(old, new))

    with pytest.raises(NumberFormsError) as caught:
        load_grammar(DELIVERED, path)

    english, hindi = caught.value.text("en"), caught.value.text("hi")
    assert f"in line {line}:" in english and cause in english and str(path) in english
    assert (
        f"पंक्ति {line} " in hindi
        and "docs/file-numbers.md" in hindi
        and not re.search("does not|it must|there is", hindi)
    )


def test_a_name_used_twice_is_refused(tmp_path: Path) -> None:
    text = OWN.replace("~", "-")

    with pytest.raises(NumberFormsError, match="line 10: form 2, “name”: “sonpura” is there twice"):
        load_grammar(None, own(tmp_path, text + text))


def test_a_file_that_is_no_text_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "file_numbers.toml"
    path.write_bytes(b"# one\n\xff\xfe")

    with pytest.raises(NumberFormsError, match="line 2: it is not saved as UTF-8"):
        load_grammar(None, path)
    with pytest.raises(NumberFormsError, match="cannot be read"):
        load_grammar(None, tmp_path)
