"""Numbers found in lines of read pages, and mended where the reading damaged them. The lines are invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.extract.file_number import LABEL, NO_FORMS, Paper, find, fit, load_grammar, repairs

GRAMMAR = load_grammar(Path(__file__).parents[4] / "config" / "file_numbers.toml")


@pytest.mark.parametrize(
    ("line", "label", "number", "paper"),
    [
        ("क्रमांक 123/स्था/2019 रायपुर, दिनांक 12.3.2019", "क्रमांक ", "123/स्था/2019", Paper.UNTOLD),
        ("क्रमांक एफ 12-4/2018/एक    भोपाल दिनांक 12.3.2019", "क्रमांक ", "एफ 12-4/2018/एक", Paper.UNTOLD),
        ("No. F. 4-17/2011/TS New Delhi, dated the 4th May", "No. ", "F. 4-17/2011/TS", Paper.UNTOLD),
        ("क्रमांक 12/2018 भाग 2 दिनांक 12.3.2019", "क्रमांक ", "12/2018 भाग 2", Paper.UNTOLD),
        ("File No. A-12011/3/2019-Estt.II Vol. II", "File No. ", "A-12011/3/2019-Estt.II Vol. II", Paper.FILE),
        ("क्रमांक / 123 / स्था / 2019 दिनांक 12.3.2019", "क्रमांक / ", "123 / स्था / 2019", Paper.UNTOLD),
        ("फाक्रमांक एफ 19-76/2019/1/4 भोपाल, दिनांक 14.8.2019", "फाक्रमांक ", "एफ 19-76/2019/1/4", Paper.FILE),
        ("क्रमाक 77/आ०लि०/2019-20 पटना", "क्रमाक ", "77/आ०लि०/2019-20", Paper.UNTOLD),
        ("क्रमांक: 1482/स्था./2021", "क्रमांक: ", "1482/स्था./2021", Paper.UNTOLD),
        ("संख्या/1234/सात-वि-2-2018", "संख्या/", "1234/सात-वि-2-2018", Paper.UNTOLD),
        ("सं० 1482/8-3-20 लखनऊ: दिनांक 4 मई", "सं० ", "1482/8-3-20", Paper.UNTOLD),
        ("पत्र स० 5459/विकास/1984-85 हरदोई दि0 4.4.1985", "पत्र स० ", "5459/विकास/1984-85", Paper.LETTER),
        ("पत्रांक- ७७/आ०लि०/२०१९-२० दिनाक ४.५.२०१९", "पत्रांक- ", "७७/आ०लि०/२०१९-२०", Paper.LETTER),
        ("अ.शा. पत्र क्रमांक 12/2014", "अ.शा. पत्र क्रमांक ", "12/2014", Paper.LETTER),
        ("पृ. क्रमांक 1235/स्था./2024 भोपाल दिनांक", "पृ. क्रमांक ", "1235/स्था./2024", Paper.ENDORSEMENT),
        ("Endst. No. 1234/E-1 Dated Chandigarh the 4th May", "Endst. No. ", "1234/E-1", Paper.ENDORSEMENT),
        ("ज्ञापांक ४०९/बाढ़/१९७६ पटना, दिनांक 12 मई 1976", "ज्ञापांक ", "४०९/बाढ़/१९७६", Paper.MEMO),
        ("मिसिल संख्या 123/2015 | दिनांक", "मिसिल संख्या ", "123/2015", Paper.FILE),
        ("प्रकरण क्रमांक अ-6/123/2018-19 मौजा सोनपुरा", "प्रकरण क्रमांक ", "अ-6/123/2018-19", Paper.CASE),
        ("संदर्भ: आपका पत्र क्रमांक २८ दिनांक ०६.०८.१९८४", "पत्र क्रमांक ", "२८", Paper.REFERENCE),
        ("दूरभाष क्रमांक 2551234, क्रमांक 12/स्था./2018", "क्रमांक ", "12/स्था./2018", Paper.UNTOLD),
        ("क्रमांक 1234/ दिनांक 4.4.2018", "क्रमांक ", "1234", Paper.UNTOLD),
        ("संख्याः 362/20-का-20-1992", "संख्याः ", "362/20-का-20-1992", Paper.UNTOLD),
        ("संचिका संख्या 11/आरोप-01-13/2019", "संचिका संख्या ", "11/आरोप-01-13/2019", Paper.FILE),
        ("पू.क्र. ६८४७/विधि/१९७९ दिनांक १.२.१९७९", "पू.क्र. ", "६८४७/विधि/१९७९", Paper.ENDORSEMENT),
        ("पत्र ऋ. ११/४४४/१९७९", "पत्र ऋ. ", "११/४४४/१९७९", Paper.LETTER),
        ("क्रमांक एफ, 31(487)राज/31/1981", "क्रमांक ", "एफ, 31(487)राज/31/1981", Paper.UNTOLD),
        ("क्रमांक भू-अभि./2016/7036 झुंझुनूं, दिनांक 1.3.2016", "क्रमांक ", "भू-अभि./2016/7036", Paper.UNTOLD),
        ("संख्पा 13-780/2012-स्था.(क) दितांक 22 मई", "संख्पा ", "13-780/2012-स्था.(क)", Paper.UNTOLD),
        ("मिसिन संख्था ६३७०/स्था./१९९५", "मिसिन संख्था ", "६३७०/स्था./१९९५", Paper.UNTOLD),
        ("प. १२(३)राज/६/२०१८ जयपुर, दिनांक 4.5.2018", None, "प. १२(३)राज/६/२०१८", Paper.FILE),
        ("एफ २१-३२/१९९०/९/३२ भोपाल, दिनांक", None, "एफ २१-३२/१९९०/९/३२", Paper.FILE),
        ("एफ. 12 (3) राज / 6 / 2018 दिनांक 4.4.2019", None, "एफ. 12 (3) राज / 6 / 2018", Paper.FILE),
        ("(1) प. 5(32)शिक्षा/1994   जयपुर", None, "प. 5(32)शिक्षा/1994", Paper.FILE),
    ],
)
def test_a_number_is_found_in_its_line(line: str, label: str | None, number: str, paper: Paper) -> None:
    found = find(line, GRAMMAR)

    assert found is not None
    assert (line[slice(*found.label)] if found.label else None) == label
    assert line[slice(*found.number)] == number
    assert found.paper is paper


@pytest.mark.parametrize(
    "line",
    [
        "",
        "महोदय,",
        "शासकीय माध्यमिक शाला बमोरी में छात्र संख्या ९१३ है, किन्तु",
        "खसरा क्रमांक 123/2 रकबा 1.2 हेक्टेयर",
        "विषय: देयक क्रमांक 46 का भुगतान।",
        "142/2 में स्थित अपनी भूमि",
        "क्रमांक दिनांक 12.3.2019",
        "क्रमांक ____/2019",
        "मार्ग की लंबाई 3.687 किलोमीटर है, देयक क्रमांक 11 का भुगतान",
        "कुल लंबाई तथा देयकों की संख्या 11 का योग",
        "एफ 12 भोपाल",
        "प. 5 जयपुर",
        "वार्ड क्र. 12 में",
        "मोबाइल नं. 9876543210",
        "क्रमांक",
        "क्रमांक 12/" + "क" * 500,
    ],
)
def test_no_number_is_found_where_none_is(line: str) -> None:
    assert find(line, GRAMMAR) is None


def test_without_forms_labels_still_find() -> None:
    found = find("क्रमांक 1482/स्था./2021 दिनांक 4.4.2021", NO_FORMS)

    assert found is not None and found.parsed.key == "1482/ESTT/2021" and found.fit == 0.5
    assert find("प. 5(32)शिक्षा/1994", NO_FORMS) is None


@pytest.mark.parametrize(
    "text",
    [
        "क्रमाक 12",
        "क्रमांक: 12",
        "कमांक 12",
        "पत्र स० 12",
        "संख्या/12",
        "सख्या 12",
        "संरव्या 12",
        "पत्राक 12",
        "ज्ञापाक 12",
        "फाक्रमांक 12",
        "सं॰ 12",
        "मिशल सं० 12",
        "क्रमांक|12",
        "पत्रावली संख्या 12",
    ],
)
def test_damaged_labels_are_labels(text: str) -> None:
    label = LABEL.match(text)

    assert label is not None and text[label.end() :] == "12"


@pytest.mark.parametrize(
    ("damaged", "mended"),
    [
        ("12ः3/2019-स्था.(क)", "12-3/2019-स्था.(क)"),
        ("एफ 19:76/2019/1/4", "एफ 19-76/2019/1/4"),
        ("1234/स्था/2O18", "1234/स्था/2018"),
        ("12/20l8", "12/2018"),
        ("1I/2018", "11/2018"),
        ("12।34/2018-स्था", "12/34/2018-स्था"),
        ("11013|4|2018", "11013/4/2018"),
        ("१२३४/स्था।२०२४", "१२३४/स्था/२०२४"),
        ("1234/सात-वि-2-20 18", "1234/सात-वि-2-2018"),
        ("क्रमांक 5O8/न.नि./98", "क्रमांक 508/न.नि./98"),
        ("1234स्था/2024", "1234/स्था/2024"),
        ("८९६६/शि०/।९७६-७७", "८९६६/शि०/१९७६-७७"),
    ],
)
def test_damage_known_of_the_reader_is_mended(damaged: str, mended: str) -> None:
    best, cost = repairs(damaged, GRAMMAR)[0]

    assert best == mended and cost > 0 and fit(damaged, GRAMMAR) < fit(best, GRAMMAR)


@pytest.mark.parametrize("text", ["एफ 19-76/2019/1/4", "क्रमांक 1482/स्था./2021"])
def test_what_is_whole_needs_no_repair(text: str) -> None:
    assert repairs(text, GRAMMAR) == [(text, 0.0)]


@pytest.mark.parametrize("text", ["", "महोदय", "11013/42018", "123420189", "1234स्था2024", "14.08.2019"])
def test_nothing_is_invented_where_more_than_one_reading_is_possible(text: str) -> None:
    assert repairs(text, GRAMMAR) == []


def test_a_stroke_before_the_first_digit_is_a_rule_or_a_one() -> None:
    candidates = [candidate for candidate, _ in repairs("।५८/आ०लि०/२०१०-११", GRAMMAR)]

    assert candidates == ["१५८/आ०लि०/२०१०-११", "५८/आ०लि०/२०१०-११"]
    assert fit("।५८/आ०लि०/२०१०-११", GRAMMAR) == fit("क्रमांक ।५८/आ०लि०/२०१०-११", GRAMMAR) == 0.5


def test_a_misread_stroke_comes_as_slash_and_as_one_with_their_costs() -> None:
    candidates = repairs("11013|4|2018", GRAMMAR)

    assert candidates == sorted(candidates, key=lambda candidate: candidate[1])
    assert [candidate for candidate, _ in candidates] == ["11013/4/2018", "1101314/2018"]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("यादी क्रमांक 8/8/1968-1जीएस-|।। दिनांकः 6 सितम्बर", "8/8/1968-1जीएस-III"),
        ("सं. ए-२४४९१/३०/२००७-स्था.।। दि. 4.5.2007", "ए-२४४९१/३०/२००७-स्था.II"),
        ("F.No. 7(5)/2018-E.।।।(A)", "7(5)/2018-E.III(A)"),
        ("क्रमांक 1234/स्था.।", "1234/स्था"),
    ],
)
def test_strokes_at_a_numbers_end_are_a_roman_figure_and_a_full_stop_is_none(line: str, meant: str) -> None:
    found = find(line, GRAMMAR)

    assert found is not None and found.parsed.written == meant


@pytest.mark.parametrize("line", ["खसरा क्रमांक 12/3/2018", "ग्राम पंचायत 12/3/2018", "वार्ड संख्था 5/2/2018", "कक्षा संख्पा 5"])
def test_the_numbers_of_things_are_none_behind_a_misread_label_either(line: str) -> None:
    assert find(line, GRAMMAR) is None
