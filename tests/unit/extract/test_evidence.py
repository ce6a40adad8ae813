"""Fields of pages that are no letters are in doubt, however well they were read; those of letters are not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.extract.file_number import load_grammar
from pipeline.extract.separate import separate
from pipeline.model.document import SURE_FROM, Document, DocumentState
from tests.unit import letters
from tests.unit.paper import page_of

TODAY = date(2026, 1, 15)
GRAMMAR = load_grammar(Path(__file__).parents[3] / "config" / "file_numbers.toml").until(TODAY)
READ = 0.97  # how surely every word was read
NO_LETTERS = {
    "prose of a book that speaks of offices and their papers": """\
३२ मध्यप्रदेश का प्रशासनिक इतिहास
सन् १९५६ में मध्यप्रदेश शासन के सामान्य प्रशासन विभाग ने अपने परिपत्र
क्रमांक १२३४ दिनांक १ नवम्बर १९५६ के द्वारा यह निर्देश दिया कि समस्त
कार्यालय अपने अभिलेख सुरक्षित रखें। इसके पश्चात दिनांक 12.6.1957 को
संख्या 45/स्था/1957 के अन्तर्गत एक समिति बनायी गयी, जिसके अध्यक्ष
शासन के सचिव थे। समिति ने अपना प्रतिवेदन 3 मार्च 1958 को""",
    "the same in English": """\
214 THE HISTORY OF THE SECRETARIAT
On the 14th March, 1921 the Government of the Central Provinces, by its
letter No. 1234/XII dated 3rd April, 1921, directed the Commissioner of
the Nerbudda Division to submit his proposals before the end of the year.
The Department of Revenue had been of the view that no change was needed""",
    "a diary": """\
यात्रा की डायरी
12 मार्च 1930
आज प्रातः नगर से चले।
साथ में उन्नासी साथी हैं।""",
    "the title of a book": """\
भारत का आर्थिक इतिहास
प्रकाशक
साहित्य भवन
15 अगस्त 1952
मूल्य 4 रुपये""",
    "a gazette": """\
[भाग 4 (ग) ] मध्यप्रदेश राजपत्र, दिनांक 12 मार्च 2004 217
भोपाल, दिनांक 3 मार्च 2004
क्र. एफ 1-2-2004-अठारह-3.
मध्यप्रदेश नगरपालिका अधिनियम, 1961 की धारा 5 की
उपधारा (1) द्वारा प्रदत्त शक्तियों को प्रयोग में लाते हुए, राज्य शासन अधिसूचित""",
    "a gazette in English": """\
1571 THE GAZETTE OF INDIA, JANUARY 6, 1996
No. A-12011/3/95-Estt.
The President is pleased to appoint
12.10.1995 until further orders.
New Delhi, the 14th December, 1995""",
    "a register": """\
आवक पंजी वर्ष 2004
क्र.\tदिनांक\tकहाँ से प्राप्त\tपत्र क्रमांक\tविषय
1\t12.3.2004\tकलेक्टर सीहोर\t1234/स्था/2004\tअवकाश
2\t13.3.2004\tतहसीलदार आष्टा\t17/रीडर/2004\tसीमांकन""",
    "a register whose columns were lost": """\
डाक पंजी
12.3.2004 कलेक्टर सीहोर 1234
13.3.2004 तहसीलदार आष्टा 17
15.3.2004 कलेक्टर रायसेन 445""",
    "an attendance list": """\
उपस्थिति पत्रक
माह मार्च 2004
क्र.\tनाम\tपद\t1\t2\t3
1\tश्री रामलाल वर्मा\tसहायक ग्रेड-3\tउ\tउ\tअ
दिनांक 31.3.2004""",
    "a column of dates": "Do.\nDo.\n13-6-68\n4-6-68\n1-6-68\n13-6-69",
    "a list of orders": """\
आदेशों की सूची
1. आदेश क्रमांक 12/2003 दिनांक 4.5.2003
2. आदेश क्रमांक 17/2003 दिनांक 9.6.2003""",
    "an enclosure with days in a table": """\
परिशिष्ट - अ
क्र.\tग्राम\tदिनांक\tप्रभारी
1\tमानिकगंज\t12.3.2004\tश्री वर्मा
2\tचन्दनपुर\t14.3.2004\tश्री शर्मा""",
    "a printed form": """\
प्रपत्र-7
आवेदन पत्र
1. आवेदक का नाम : रामलाल
2. जन्म दिनांक : 12.3.1964
3. आवेदन का दिनांक : 2.8.2004
4. पंजीयन क्रमांक : 45/2004""",
}


def read(text: str) -> Document:
    return separate("b", [page_of(text, confidence=READ)], office=None, today=TODAY, grammar=GRAMMAR)[0]


@pytest.mark.parametrize("name", NO_LETTERS)
def test_what_is_found_on_a_page_that_is_no_letter_is_in_doubt(name: str) -> None:
    document = read(NO_LETTERS[name])

    assert {key: field for key, field in document.fields.items() if field.confidence >= SURE_FROM} == {}
    assert document.state is DocumentState.NEEDS_REVIEW


@pytest.mark.parametrize("name", [name for name in dir(letters) if name.isupper() and name != "NOTING"])
def test_the_same_of_letters_is_not(name: str) -> None:
    document = read(getattr(letters, name))

    found = {key: field.confidence for key, field in document.fields.items() if field.confidence < READ}
    assert not found and "file_no" in document.fields


def test_a_number_whose_label_names_the_file_counts_on_any_page() -> None:
    document = read("परिशिष्ट\nनस्ती क्रमांक एफ 1-2/2003\nग्रामों की सूची\nमानिकगंज\nचन्दनपुर")

    assert document.fields["file_no"].value == "एफ 1-2/2003" and document.fields["file_no"].confidence == READ
