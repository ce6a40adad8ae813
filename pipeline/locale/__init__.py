"""Interface texts and their translations: what is marked in the code, the catalogues, dates and numbers in words.

English stands in the code, marked with `N_()` or `Message()` (in templates `_()`); every other language is one catalogue,
`<code>/LC_MESSAGES/messages.po`. Words that recognise something in a scan or a list are data, and lie where they are used.
"""

from pipeline.locale.catalogues import (
    DEFAULT,
    LANGUAGES,
    USUAL_TERMS,
    answering_in,
    terms_in_use,
    translations,
    use_terms,
)
from pipeline.locale.message import N_, Message

__all__ = [
    "DEFAULT",
    "LANGUAGES",
    "N_",
    "USUAL_TERMS",
    "Message",
    "answering_in",
    "terms_in_use",
    "translations",
    "use_terms",
]
