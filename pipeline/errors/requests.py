"""What somebody asked for or typed and cannot have: a command, a setting, a list, a number, a search."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind, in_hindi
from pipeline.errors.scans import InputError


class RequestError(AbhilekhError):
    """A page or a program asked the web part for something in a way that it does not understand."""

    kind = Kind.USAGE
    code = "request"
    en = "This was not understood: {cause}"
    hi = "यह समझ में नहीं आया: {cause}"
    advice_en = "Correct it and try again; programs find every address described under /api."
    advice_hi = "सुधारकर फिर भेजें; प्रोग्रामों के लिए हर पता /api पर समझाया गया है।"


class UsageError(AbhilekhError):
    """A command or setting was given wrongly."""

    kind = Kind.USAGE
    code = "usage"
    en = "{cause}"
    hi = "{cause}"
    advice_en = "See the command's --help."
    advice_hi = "कमांड की --help देखें।"


class UnstorableValueError(AbhilekhError):
    """A value cannot stand in the database, so that nothing can be found or kept by it."""

    kind = Kind.USAGE
    code = "unstorable_value"
    en = "A number that was sent is too large, or a text holds signs that are none."
    hi = "भेजी गई कोई संख्या बहुत बड़ी है, या किसी पाठ में ऐसे चिह्न हैं जो अक्षर नहीं।"
    advice_en = "Send it again without them; nothing was changed."
    advice_hi = "उन्हें हटाकर फिर भेजें; कुछ भी बदला नहीं है।"


class SettingsError(AbhilekhError):
    """The configuration cannot be used."""

    kind = Kind.USAGE
    code = "settings"
    en = "The setting {setting} in {origin} is wrong: {cause}."
    hi = "{origin} में सेटिंग {setting} गलत है: {cause}।"
    advice_en = "Correct it; config/abhilekh.toml explains every setting."
    advice_hi = "इसे ठीक करें; config/abhilekh.toml हर सेटिंग समझाता है।"


class ProfileError(AbhilekhError):
    """A scanner profile cannot be used. `cause` is told in English, `cause_hi` in Hindi."""

    kind = Kind.USAGE
    code = "profile"
    en = "The scanner profile {origin} is wrong in line {line}: {cause}."
    hi = "स्कैनर प्रोफ़ाइल {origin} की पंक्ति {line} गलत है: {cause}।"
    advice_en = "Correct it; scanners/README.md explains every key."
    advice_hi = "इसे ठीक करें; scanners/README.md हर कुंजी समझाता है।"


class NumberFormsError(AbhilekhError):
    """A file of forms of file numbers cannot be used. `cause` is told in English, `cause_hi` in Hindi."""

    kind = Kind.USAGE
    code = "number_forms"
    en = "The file of number forms {origin} is wrong in line {line}: {cause}."
    hi = "क्रमांक के रूपों की फ़ाइल {origin} की पंक्ति {line} गलत है: {cause}।"
    advice_en = "Correct it, or take the entry out; docs/file-numbers.md explains how a form is written."
    advice_hi = "इसे ठीक करें या प्रविष्टि हटा दें; docs/file-numbers.md बताता है कि रूप कैसे लिखा जाता है।"


class NotANumberError(AbhilekhError):
    """What was typed is no file number. `cause` says why and what to do, `cause_hi` in Hindi."""

    kind = Kind.USAGE
    code = "not_a_number"
    en = "“{text}” is not a file number: {cause}."
    hi = "“{text}” फ़ाइल क्रमांक नहीं है: {cause}।"
    advice_en = "The ways of writing that are known: docs/file-numbers.md"
    advice_hi = "लिखने के ज्ञात रूप: docs/file-numbers.md"


class SheetListError(AbhilekhError):
    """A list of files for separator sheets cannot be read. `cause` is told in English, `cause_hi` in Hindi."""

    kind = Kind.USAGE
    code = "sheet_list"
    en = "The list “{origin}” cannot be read: {cause}."
    hi = "सूची “{origin}” पढ़ी नहीं जा सकती: {cause}।"
    advice_en = "Save it as CSV in UTF-8, its first line with the columns office, file_no, volume, part, subject."
    advice_hi = "इसे UTF-8 में CSV के रूप में सहेजें; पहली पंक्ति में स्तंभ हों: कार्यालय, नस्ती क्रमांक, खण्ड, भाग, विषय।"

    def details_in(self, language: str) -> dict[str, object]:
        return in_hindi(self.details) if language == "hi" else self.details


class SheetLineError(InputError):
    """No separator sheet can be made of a line. `cause` and `fix` are told in English, `cause_hi`, `fix_hi` in Hindi."""

    code = "sheet_line"
    en = "Line {line} of “{origin}”: {cause}; no sheet was made for it."
    hi = "“{origin}” की पंक्ति {line}: {cause}; इसके लिए पत्रक नहीं बना।"
    advice_en = "{fix}"
    advice_hi = "{fix}"

    def details_in(self, language: str) -> dict[str, object]:
        return in_hindi(self.details) if language == "hi" else self.details


class NotFoundError(AbhilekhError):
    """There is no document, batch or page of that name."""

    kind = Kind.NOT_FOUND
    code = "not_found"
    en = "There is no {what} “{name}”."
    hi = "{what} “{name}” नहीं मिला।"
    advice_en = "Look for it on the search page, or with abhilekh search."
    advice_hi = "इसे खोज पृष्ठ पर या abhilekh search से खोजें।"


class TooManySearchesError(AbhilekhError):
    """Somebody keeps as many searches as they may."""

    kind = Kind.USAGE
    code = "too_many_searches"
    en = "You keep {most} searches already; there is no room for another one."
    hi = "आप {most} खोजें पहले से सहेज चुके हैं; और के लिए जगह नहीं है।"
    advice_en = "Remove one that you no longer need."
    advice_hi = "जिसकी अब ज़रूरत नहीं, उसे हटा दें।"


class TooManyStreamsError(AbhilekhError):
    """As many pages listen for news as are served."""

    kind = Kind.TOO_MANY
    code = "too_many_streams"
    en = "{limit} pages listen for news already; this one is not told by itself."
    hi = "{limit} पृष्ठ पहले से समाचार सुन रहे हैं; यह पृष्ठ अपने आप नहीं बदलेगा।"
    advice_en = "Load the page again to see what is new, and close pages that you do not need."
    advice_hi = "नया देखने के लिए पृष्ठ फिर खोलें, और जो पृष्ठ ज़रूरी न हों उन्हें बंद करें।"


class SearchUnavailableError(AbhilekhError):
    """The search engine of a large site does not answer, or refuses what it is asked."""

    kind = Kind.TRANSIENT
    code = "search_unavailable"
    en = "The search engine does not answer ({cause})."
    hi = "खोज इंजन उत्तर नहीं दे रहा ({cause})।"
    advice_en = "Filing goes on; pages that are filed meanwhile are sent to it when it is back."
    advice_hi = "पृष्ठ दर्ज होते रहेंगे; इस बीच रखे गए पृष्ठ उसके लौटते ही उसे भेज दिए जाएँगे।"
