"""`abhilekh file-no`: what it shows, its JSON, the office's own forms, and its refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import NotANumberError, NumberFormsError

OWN = """[[form]]
name = "sonpura"
en = "Sonpura tehsil"
hi = "तहसील सोनपुरा"
patterns = ["सो {serial:4}-{year:4}"]
examples = ["सो. 0012-2019"]
"""


def asked(home: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["--home", str(home), "file-no", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_two_spellings_have_one_key_and_the_parts_are_named(tmp_path: Path) -> None:
    one, other = (
        json.loads(asked(tmp_path, "--json", written))
        for written in ("F.No.11013/4/2018-Estt. Vol. II", "फा.नं. ११०१३/४/२०१८-स्था. खण्ड २")
    )

    assert one["key"] == other["key"] == "11013/4/2018/ESTT/VOL/2"
    assert one["keys"] == {
        "strict": "11013/4/2018/ESTT/VOL/2",
        "core": "11013/4/2018/2",
        "ocr": other["keys"]["ocr"],
        "group": "11013/4/2018/ESTT",
    }
    assert one["written"] == "F.No.11013/4/2018-Estt. Vol. II"
    assert one["form"]["name"] == "central" and one["fit"] == 1
    assert one["parts"]["volume"] == "2" and one["parts"]["part"] is None
    assert {"role": "year", "text": "2018"} in one["parts"]["named"]


def test_people_are_shown_form_parts_and_keys(tmp_path: Path) -> None:
    shown = asked(tmp_path, "प. १२(३)राज/६/२०१८")

    assert "राजस्थान" in shown and "Rajasthan" in shown and "year       2018" in shown
    assert "strict   प/12/3/RAJ/6/2018" in shown and "core     12/3/6/2018" in shown


def test_a_number_of_no_known_form_is_a_number_all_the_same(tmp_path: Path) -> None:
    told = json.loads(asked(tmp_path, "--json", "विविध/9"))

    assert told["key"] == "विविध/9" and told["form"] is None and told["fit"] < 0.9


def test_the_office_s_own_forms_are_in_force(tmp_path: Path) -> None:
    (tmp_path / "file_numbers.toml").write_text(OWN, encoding="utf-8")

    assert json.loads(asked(tmp_path, "--json", "सो. 0012-2019"))["form"]["hi"] == "तहसील सोनपुरा"


def test_a_bad_file_of_forms_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file_numbers.toml").write_text(OWN.replace("{year:4}", "{years}"), encoding="utf-8")

    with pytest.raises(NumberFormsError, match=r"line 5: form 1, “patterns”: there is no \{years\}"):
        asked(tmp_path, "12/2018")


@pytest.mark.parametrize(
    ("text", "why"), [("₹ 500/-", "राशि"), ("14/08/2019", "दिनांक"), ("धारा 80(1)", "धारा"), ("", "अंक")]
)
def test_what_is_no_number_is_refused_with_the_reason_and_the_next_step(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(NotANumberError) as caught:
        asked(tmp_path, text)

    assert why in caught.value.text("hi") and "docs/file-numbers.md" in caught.value.text("en")
