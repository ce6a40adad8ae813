"""Words that stand in numbers: numerals, as Uttar Pradesh names its sections (सात-वि-2-2018), and names of sections; and the
one that a misread word must have been."""

from __future__ import annotations

from functools import cache

from rapidfuzz.distance import Levenshtein

_NUMERALS = frozenset(
    """
    एक दो तीन चार पाँच पांच छः छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पन्द्रह पंद्रह सोलह सत्रह अठारह उन्नीस बीस
    इक्कीस बाईस बाइस तेईस तेइस चौबीस पच्चीस पचीस छब्बीस सत्ताईस सत्ताइस अट्ठाईस अट्ठाइस अठाईस उनतीस तीस इकतीस
    बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस
    सैंतालीस अड़तालीस उनचास पचास
    """.split()  # noqa: SIM905 - fifty words in quotes are hard to read
)
_SECTIONS = frozenset(
    """
    सतर्कता स्थापना राजस्व विकास शिक्षा निर्माण नियोजन पंचायत प्रशासन प्रशिक्षण भण्डार भंडार नजूल सामान्य विविध न्यायालय
    निर्वाचन पेंशन परिवहन स्वास्थ्य खनिज आबकारी सहकारिता कृषि सिंचाई वित्त लेखा शिकायत सूचना विधि गोपनीय आपूर्ति
    """.split()  # noqa: SIM905
)
_LEAST = 4  # signs; shorter words are too near to each other
_LONG, _INSIDE = 6, 2  # signs of a long word, and how many inside it may be misread


@cache
def misread_word(word: str) -> str | None:
    """The numeral that differs from `word` by one sign, by two inside a long one, or the section that lost its repha in it;
    None where it is a word itself, or where none or several do. Other sections have names that are too near one another."""
    if len(word) < _LEAST or word in _NUMERALS or word in _SECTIONS:
        return None
    apart = {known: Levenshtein.distance(word, known) for known in _NUMERALS}
    least = min(apart.values())
    near = [known for known in _NUMERALS if apart[known] == least and _is_it(word, known, least)]
    near += [known for known in _SECTIONS if known.replace("र्", "") == word]
    return near[0] if len(near) == 1 else None


def _is_it(word: str, known: str, apart: int) -> bool:
    inside = len(word) >= _LONG and (word[0], word[-1]) == (known[0], known[-1])
    return apart <= (_INSIDE if inside else 1)
