"""Pages as offices and presses make them, drawn and read by the real page work: what is on them is in the text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline import settings
from pipeline.model.page import ReadPage
from pipeline.model.scan import MediaType
from pipeline.preprocess.imaging import Image
from pipeline.workflow.page_worker import PageJob, work_page
from samples.press import Press, start_press

DPI = 200
STYLE = "<style>body{font:17px 'Noto Sans Devanagari';margin:40px;width:520px}p{margin:14px 0}</style>"
BODY = """
<p>उपरोक्त विषय में लेख है कि आवेदक ने ग्राम में स्थित अपनी भूमि का सीमांकन कराने हेतु आवेदन प्रस्तुत किया है। निर्धारित शुल्क
चालान द्वारा जमा किया जा चुका है। आप सरहदी कृषकों को सूचना पत्र देकर स्थल पर उपस्थित रहें तथा प्रतिवेदन भेजें।</p>"""
HEADING, NUMBER = "नामांतरण पंजी ग्राम बरखेड़ी", "क्रमांक 4417/भू-अभि/2016"


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with start_press() as started:
        yield started


def read(page: Image, folder: Path) -> ReadPage:
    path = folder / "scan.png"
    cv2.imwrite(str(path), page)
    job = PageJob(
        str(path), MediaType.PNG, 1, 1, str(folder), settings.PageSettings(default_dpi=DPI), settings.OcrSettings()
    )
    return work_page(job).page


def draw(press: Press, html: str) -> Image:
    return np.asarray(press.draw_colour(STYLE + html, DPI), np.uint8)


@pytest.mark.parametrize(("heading", "number"), [("#0a8ec4", "#6a2c91"), ("#c2185b", "#1f3fb0")])
def test_coloured_headings_and_numbers_are_read(press: Press, tmp_path: Path, heading: str, number: str) -> None:
    page = draw(press, f"<h2 style='color:{heading}'>{HEADING}</h2><p style='color:{number}'>{NUMBER}</p>{BODY}")

    found = read(page, tmp_path)

    assert HEADING in found.text and NUMBER in found.text


@pytest.mark.parametrize("ground", [0, 45])
def test_a_negative_is_read_and_shown_black_on_white(press: Press, tmp_path: Path, ground: int) -> None:
    page = np.asarray(
        np.clip(255 - draw(press, f"<h2>{HEADING}</h2>{BODY}{BODY}").astype(np.int32), ground, 230), np.uint8
    )

    found = read(page, tmp_path)

    assert HEADING in found.text and "negative" in found.flags
    shown = cv2.imread(str(tmp_path / "000001.jpg"), cv2.IMREAD_GRAYSCALE)
    assert shown is not None and np.median(shown) > 200


@pytest.mark.parametrize("ground", ["#000", "#1d2c57"])
def test_a_white_heading_on_a_dark_band_is_read(press: Press, tmp_path: Path, ground: str) -> None:
    band = f"<div style='background:{ground};color:#fff;padding:9px 18px;margin:30px 0;font-size:21px'>{HEADING}</div>"

    found = read(draw(press, BODY + band + BODY), tmp_path)

    assert HEADING in found.text and found.text.count("सीमांकन") == 2


@pytest.mark.parametrize("codes", [("B-1", "W-2", "E619-1609"), ("B-7", "W-3", "E214-882")])
def test_latin_codes_in_hindi_lines_are_read(press: Press, tmp_path: Path, codes: tuple[str, ...]) -> None:
    lines = "".join(f"<p>प्रपत्र {code} एवं खाते की प्रति संलग्न है।</p>" for code in codes)

    found = read(draw(press, BODY + lines), tmp_path)

    assert set(codes) <= set(found.text.split())


@pytest.mark.parametrize("rule", ["1px solid #000", "2px solid #444"])
def test_columns_under_a_heading_are_read_one_after_the_other(press: Press, tmp_path: Path, rule: str) -> None:
    def column(side: str) -> str:
        return "".join(f"<p>{side} स्तंभ के पैरा {n} में भूमि, राशि और अवधि का विवरण है।</p>" for n in range(1, 7))

    columns = f"<div style='columns:2;column-gap:44px;column-rule:{rule}'>{column('बायें')}{column('दायें')}</div>"

    text = read(draw(press, f"<h2>{HEADING}</h2>{columns}"), tmp_path).text

    assert text.count("स्तंभ") == 12 and text.index("दायें") > text.rindex("बायें")


@pytest.mark.parametrize(
    "shape", ["ellipse cx='250' cy='100' rx='240' ry='85'", "rect x='20' y='20' width='470' height='160' rx='60'"]
)
def test_text_in_a_drawn_frame_is_no_signature(press: Press, tmp_path: Path, shape: str) -> None:
    frame = (
        f"<div style='position:relative;height:200px'><svg width='500' height='200'><{shape} fill='none' stroke='#000' "
        f"stroke-width='4'/></svg><div style='position:absolute;top:80px;left:100px'>{NUMBER} देखें</div></div>"
    )

    found = read(draw(press, BODY + frame + BODY), tmp_path)

    assert NUMBER in found.text and "signed" not in found.flags


def test_what_a_stamp_hides_and_what_it_says_are_both_read(press: Press, tmp_path: Path) -> None:
    stamp = (
        "<div style='position:absolute;top:195px;left:330px;color:#3a30b8;border:3px solid #3a30b8;padding:2px 8px;"
        "font-size:21px;opacity:.75'>आवक क्रमांक 2208</div>"
    )
    hidden = "<p>यह प्रकरण समय सीमा में निराकृत किया जाकर पालन प्रतिवेदन प्रस्तुत किया जावे।</p>"

    found = read(draw(press, f"<h2>{HEADING}</h2>{BODY}{hidden}{BODY}{stamp}"), tmp_path)

    assert "2208" in found.text and "प्रतिवेदन प्रस्तुत किया" in found.text
