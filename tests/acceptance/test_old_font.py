"""A PDF typed in an old Hindi font, from the command to the hit: its words are found as Unicode, on their places."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Office
from tests.kruti_dev import pdf_in_kruti_dev

LINES = (
    "मध्यप्रदेश शासन",
    "कार्यालय कलेक्टर, जिला सागर",
    "क्रमांक 2134/स्थापना/2018 दिनांक 12.11.2018",
    "प्रति, तहसीलदार, तहसील खुरई",
    "विषय: ग्राम सोनपुरा की भूमि का सीमांकन",
    "उपरोक्त विषय में लेख है कि ग्राम सोनपुरा में स्थित भूमि का",
    "सीमांकन कराने हेतु आवेदन प्रस्तुत किया गया है। निर्धारित शुल्क",
    "जमा किया जा चुका है। कृपया प्रतिवेदन शीघ्र प्रस्तुत करें।",
)


def test_a_letter_in_kruti_dev_is_found_by_its_hindi_words(office: Office, tmp_path: Path) -> None:
    pdf_in_kruti_dev(tmp_path / "letter.pdf", LINES)

    rows, code = office.ingest(tmp_path / "letter.pdf")
    answer = office.json("search", "सीमांकन")
    document = office.json("show", f"{rows[0]['batch']}-0001")

    assert (code, rows[0]["status"]) == (0, "indexed")
    page = document["pages"][0]
    assert page["text"] == "\n".join(LINES) and page["language"] == "hi"
    assert (document["date"], document["file_no"]) == ("2018-11-12", "2134/स्थापना/2018")
    assert document["status"] == "filed"  # a text layer is no doubt
    assert answer["total"] == 1 and len(answer["hits"][0]["boxes"]) == 2
    x, y, w, h = answer["hits"][0]["boxes"][0]
    assert 0 < x < 1 and 0 < y < 0.5 and 0.02 < w < 0.3 and 0.005 < h < 0.04
