"""Fields of pages that are drawn, read by the real page work and cut into documents: of what is no letter, and a date that
cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import cv2
import pytest

from pipeline import settings
from pipeline.extract.file_number import load_grammar
from pipeline.extract.separate import separate
from pipeline.model.document import SURE_FROM, Document, DocumentState
from pipeline.model.scan import MediaType
from pipeline.workflow.page_worker import PageJob, work_page
from samples.press import Press, start_press

TODAY = date(2026, 1, 15)
GRAMMAR = load_grammar(settings.CHECKOUT / "config" / "file_numbers.toml").until(TODAY)
STYLE = (
    "<style>body{font:16px 'Noto Sans Devanagari';margin:50px}.two{columns:2}td{border:1px solid;padding:6px}</style>"
)
EXHIBITS = "".join(
    f"<div>Ex.W{n} &nbsp; {day} &nbsp; Letter by the petitioner</div>"
    for n, day in enumerate(("24.01.2001", "22.06.2001", "07.12.2001", "08.03.2008", "26.05.2008"), start=16)
)
GAZETTE = f"""
<div style='border-bottom:2px solid'>भारत का राजपत्र : मार्च 8, 2014/फाल्गुन 17, 1935 &emsp; 2399</div>
<div class=two>{EXHIBITS}<p>नई दिल्ली, 21 फरवरी, 2014</p><p>औद्योगिक विवाद अधिनियम की धारा 17 के अनुसरण में केन्द्रीय सरकार
पंचाट को प्रकाशित करती है जो केन्द्रीय सरकार को 21.02.2014 को प्राप्त हुआ था।</p></div>"""
REGISTER = "<h3>आवक पंजी वर्ष 2004</h3><table style='border-collapse:collapse'>{}</table>".format(
    "".join(
        f"<tr><td>{n}</td><td>{day}</td><td>{who}</td><td>{subject}</td></tr>"
        for n, day, who, subject in (
            (1, "12.3.2004", "कलेक्टर सीहोर", "अवकाश"),
            (2, "13.3.2004", "तहसीलदार आष्टा", "सीमांकन"),
            (3, "15.3.2004", "संचालक लोक शिक्षण", "नियुक्ति"),
            (4, "16.3.2004", "कलेक्टर रायसेन", "पेंशन"),
        )
    )
)
LETTER = """
<div style='text-align:center'>मध्यप्रदेश शासन<br>कार्यालय तहसीलदार, तहसील आष्टा, जिला सीहोर</div>
<p>क्रमांक 123/स्था/2004 &emsp; आष्टा, दिनांक 31.02.2004</p><p>प्रति,<br>राजस्व निरीक्षक,<br>वृत्त आष्टा</p>
<p>विषय : ग्रामों में शिविरों का आयोजन।</p><p>उपरोक्त विषय में लेख है कि शिविर निम्न ग्रामों में होंगे।</p><p>तहसीलदार</p>"""


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with start_press() as started:
        yield started


def read(press: Press, html: str, folder: Path) -> Document:
    path = folder / "scan.png"
    cv2.imwrite(str(path), press.draw_colour(STYLE + html, 200))
    job = PageJob(
        str(path),
        MediaType.PNG,
        1,
        1,
        str(folder),
        settings.PageSettings(),
        settings.OcrSettings(),
        numbers=GRAMMAR,
    )
    return separate("b", [work_page(job).page], office=None, today=TODAY, grammar=GRAMMAR)[0]


@pytest.mark.parametrize("html", [GAZETTE, REGISTER], ids=["gazette", "register"])
def test_nothing_is_sure_on_a_page_that_is_no_letter(press: Press, html: str, tmp_path: Path) -> None:
    document = read(press, html, tmp_path)

    assert "2004" in document.pages[0].text or "2014" in document.pages[0].text, "it was read"
    assert {name: field for name, field in document.fields.items() if field.confidence >= SURE_FROM} == {}
    assert document.state is DocumentState.NEEDS_REVIEW


def test_a_letter_of_a_day_that_cannot_be_has_no_date_and_waits(press: Press, tmp_path: Path) -> None:
    document = read(press, LETTER, tmp_path)

    assert (document.date, document.value("date_impossible")) == (None, "31.02.2004")
    assert document.fields["file_no"].confidence >= SURE_FROM and document.state is DocumentState.NEEDS_REVIEW
