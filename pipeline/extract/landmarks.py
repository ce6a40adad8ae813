"""Words that mark the parts of a letter, as they are written and as scans of them are read."""

from __future__ import annotations

import re

from pipeline.extract.file_number import DATE_LABEL, LABEL
from pipeline.extract.lines import TextLine

_SIGNS = r"[\s:ः.\-–—]"
SUBJECT = re.compile(
    rf"^\W*(?:[वब]ि[षप][थप]{_SIGNS}*[:ः.\-–—]|[वब]ि[षप]य(?:{_SIGNS}*[:ः.\-–—]|\s*$|\s+(?!में|मे|पर|के|का|की|को|से|है|हैं|वस्तु|अन्तर्गत|अंतर्गत))|"
    rf"(?:subject|sub)(?:{_SIGNS}*[:.\-–—]|\s*$)){_SIGNS}*",
    re.IGNORECASE,
)
REFERENCE = re.compile(
    rf"^\W*(?:(?:सं|सन्|स)दर्भ(?:{_SIGNS}*[:ः.\-–—]|\s*$|\s+(?!में|से|के|का|ग्रहण))|"
    rf"(?:reference|ref)(?:{_SIGNS}*[:.\-–—]|\s*$)(?!\s*no)){_SIGNS}*",
    re.IGNORECASE,
)
TO = re.compile(r"^\W*(?:प्रति[ंः]?|सेवा\s*मे[ंँ]?|to)\s*(?:[,:;.।]+\s*|$)(?:[-–—]\s*)?", re.IGNORECASE)
FROM = re.compile(r"^\W*(?:प्रेषक|from)\s*(?:[,:;.।]+\s*|$)(?:[-–—]\s*)?", re.IGNORECASE)
GREETING = re.compile(
    r"^\W*(?:(?:आदरणीय|प्रिय|मान्यवर|माननीय)\s+)?(?:महोदय|महोदया|महाशय|मान्यवर|प्रिय\s+(?:श्री|महोदय)|sir|madam|dear\s)",
    re.IGNORECASE,
)
RULE = re.compile(r"^[\s\-–—_=.*~]{3,}$")
COPIES = re.compile(
    r"^\W*(?:प्रतिलिपि|प्रति\s*लिपि|पृष्ठांकन|प्रतिलिपी|copy\s+(?:to|forwarded)|endorsement)(?![\u0900-\u0902\u0904-\u0963])",
    re.IGNORECASE,
)
ENCLOSURES = re.compile(r"^\W*(?:संलग्न|सलंग्न|अनुलग्नक|encl)", re.IGNORECASE)
ITEM = re.compile(r"^\W{0,2}(?:[0-9०-९]{1,2}|\(?[कखगa-d]\))\s?[.)\]-]\s*(?=[^\s0-9०-९])", re.IGNORECASE)
_YEAR_LINE = re.compile(r"^\W*(?:वर्ष|year)\s*[:ः.\-–]*\s*[0-9०-९\s/\-–]+[^\w.।]*$", re.IGNORECASE)
# What covers have printed under the subject, each with what was written behind it or a line left open.
_BEGUN = r"(?:प्रार(?:म्|ं|न्)भ|आर(?:म्|ं|न्)भ|खोल|खुल|ब(?:ं|न्)द|समाप्त|समाप्ति|कायम|निर्मित|open|clos)"
_DAY = r"(?:दि[ंन]*ना?[ंँ]?[नक]*क|ति[थध]ि|तारीख|date|on)"
_FILLED = r"[\s:ः.\-–—_]*[0-9०-९][0-9०-९\s./\-–]*\W*$|[\s:ः.\-–—_]*$"  # with a date, or a line left open
_COVER_LINE = re.compile(
    r"^\W*(?:(?:(?:नस्ती|मि[सश]ि?ल|पत्रावली|फा(?:इल|ईल)|प्रकरण|संचिका|file)(?:\s+(?:के|की|का))?\s+)?"
    rf"{_BEGUN}[\w\s\u0900-\u0963]{{0,24}}?{_DAY}(?:{_FILLED})|"
    rf"(?:date\s+of\s+{_BEGUN}[a-z]*|{_DAY}\s+{_BEGUN}[\u0900-\u0963a-z]*)(?:{_FILLED})|"
    r"(?:शाखा|अनुभाग|कक्ष|विभाग|(?:(?:अभिलेख|रिकॉर्ड)\s+(?:(?:की|का|के)\s+)?)?(?:श्रेणी|वर्ग)|वर्गीकरण|अवधि|जिल्द|ख(?:ण्|ं|न्)ड|भाग|"
    r"(?:कुल\s+)?पृष्ठ(?:ों)?(?:\s+(?:की\s+)?संख्या)?|section|branch|record\s+class|classification|pages?|volume|part)"
    r"(?:\s*[:ः=]|\s*[-–—]\s*[0-9०-९क-ग]{1,3}\W*$))",
    re.IGNORECASE,
)
_FILE_LINE = re.compile(r"^\W*(?:नस्ती|मि[सश]ि?ल|पत्रावली|फा(?:इल|ईल)?\.?|file)\s*(?:क्र|सं|नं|no)", re.IGNORECASE)

# Papers of others that a page speaks of: numbers and dates beside these words are not its own.
INWARD = re.compile(r"आवक|प्राप्ति|प्राप्त|डायरी|जन्म|आपके|आपका|आपकी|diary|received|inward|receipt|your", re.IGNORECASE)
SENTENCE_WORD = re.compile(
    r"(?<![\w\u0900-\u0963])(?:है|हैं|था|थे|थी|गया|गयी|गई|गये|गए|जाये|जाए|जावे|करें|करावें|किया|कि|हेतु|द्वारा|होना|"
    r"is|are|was|were|has|have|been|that|which)(?![\w\u0900-\u0963])",
    re.IGNORECASE,
)
# The end of a label, or of what stands before a date: of another day than that of the paper, as when somebody was born, a
# meeting is held, or a file was begun.
OTHER_DAY = re.compile(
    rf"(?<![\u0900-\u0963a-z])(?:{_BEGUN}|जन्म|नियुक्ति|बैठक|सेवा\s*निवृत्ति|अ(?:ं|न्)तिम|वैध|birth|valid|last)[\u0900-\u0963a-z]*"
    rf"(?:\s+(?:की|का|के|करने|होने|किये|किए|गये|जाने|of|was))*(?:\s*{_DAY})?[\s:ः.\-–—]*$",
    re.IGNORECASE,
)
HEAD_LINES = 14  # from the top of a page, in which a letter has its number, date, address and subject; set by hand
_SENTENCE_WORDS = 7


def ends_part(line: TextLine) -> bool:
    """Whether this line opens another part of the letter, so that subject, reference or address end before it."""
    text = line.text
    return bool(
        SUBJECT.match(text)
        or REFERENCE.match(text)
        or GREETING.match(text)
        or RULE.match(text)
        or TO.match(text)
        or FROM.match(text)
        or COPIES.match(text)
        or ENCLOSURES.match(text)
        or _YEAR_LINE.match(text)
        or _FILE_LINE.match(text)
        or _COVER_LINE.match(text)
        or DATE_LABEL.match(text.lstrip(" .,:;-–—("))
    )


def is_prose(line: TextLine) -> bool:
    """Whether this is a line of a letter's text: no letterhead, number or address."""
    if LABEL.match(line.text):
        return False
    return len(line.text.split()) >= _SENTENCE_WORDS and SENTENCE_WORD.search(line.text) is not None


def is_item(line: TextLine) -> bool:
    """Whether the line opens a numbered paragraph or an entry of a list."""
    return ITEM.match(line.text) is not None
