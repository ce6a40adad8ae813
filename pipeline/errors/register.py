"""Offices and files of the register."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind


class OfficeUnknownError(AbhilekhError):
    """The register has no office of that code."""

    kind = Kind.NOT_FOUND
    code = "office_unknown"
    en = "There is no office “{office}” in the register."
    hi = "पंजी में कार्यालय “{office}” नहीं है।"
    advice_en = "Enter it with abhilekh office add, or name one that abhilekh office list shows."
    advice_hi = "उसे abhilekh office add से दर्ज करें, या abhilekh office list में दिखा कोई कार्यालय बताएँ।"


class FileUnknownError(AbhilekhError):
    """The register has no file of that number. `near` names files that it may mean."""

    kind = Kind.NOT_FOUND
    code = "file_unknown"
    en = "There is no file “{number}” in the register; alike: {near}."
    hi = "पंजी में नस्ती “{number}” नहीं है; मिलते-जुलते क्रमांक: {near}।"
    advice_en = "Enter it with abhilekh file add, or give the number as it stands in the register."
    advice_hi = "उसे abhilekh file add से दर्ज करें, या क्रमांक वैसा दें जैसा पंजी में है।"


class FileAmbiguousError(AbhilekhError):
    """More than one file of the register has that number."""

    kind = Kind.USAGE
    code = "file_ambiguous"
    en = "More than one file has the number “{number}”: {files}."
    hi = "“{number}” क्रमांक की एक से अधिक नस्तियाँ हैं: {files}।"
    advice_en = "Say which one with --office and --volume."
    advice_hi = "--office और --volume से बताएँ कि कौन सी।"


class AlreadyRegisteredError(AbhilekhError):
    """The office or file that was to be entered stands in the register already."""

    kind = Kind.USAGE
    code = "already_registered"
    en = "“{name}” stands in the register already."
    hi = "“{name}” पंजी में पहले से दर्ज है।"
    advice_en = "Change it with abhilekh file set, or with abhilekh office add --change."
    advice_hi = "इसे abhilekh file set से, या abhilekh office add --change से बदलें।"


class RegisterValueError(AbhilekhError):
    """A value for the register was given wrongly. Cause and advice have a form for each language."""

    kind = Kind.USAGE
    code = "register_value"
    en = "“{value}” cannot be entered as {column}: {cause}."
    hi = "“{value}” को {column} के रूप में दर्ज नहीं किया जा सकता: {cause}।"
    advice_en = "{fix}"
    advice_hi = "{fix}"

    def details_in(self, language: str) -> dict[str, object]:
        found = dict(self.details)
        for name in ("cause", "fix"):
            if language == "hi" and f"{name}_hi" in found:
                found[name] = found[f"{name}_hi"]
        return found


class RegisterListError(AbhilekhError):
    """A list of offices or files cannot be read or written. `cause` is told in English, `cause_hi` in Hindi."""

    kind = Kind.INPUT
    code = "register_list"
    en = "The list “{name}” cannot be used: {cause}."
    hi = "सूची “{name}” का उपयोग नहीं हो सकता: {cause}।"
    advice_en = "Save it as an Excel workbook (.xlsx) or as “CSV UTF-8”, with the headers of docs/operations.md."
    advice_hi = "इसे एक्सेल (.xlsx) या “CSV UTF-8” के रूप में सहेजें; शीर्षक docs/operations.md में दिए हैं।"

    def details_in(self, language: str) -> dict[str, object]:
        cause_hi = {"cause": self.details["cause_hi"]} if language == "hi" and "cause_hi" in self.details else {}
        return {**self.details, **cause_hi}


class ListTooLargeError(AbhilekhError):
    """A list is larger than a list may be, or unpacks to more. `cause` names the limit, in Hindi as `cause_hi`."""

    kind = Kind.INPUT
    code = "list_too_large"
    en = "The list “{name}” is too large: {cause}."
    hi = "सूची “{name}” बहुत बड़ी है: {cause}।"
    advice_en = (
        "Take out sheets, columns and pictures that are not needed and save it anew, or split it into several lists."
    )
    advice_hi = "जो शीट, कॉलम और चित्र ज़रूरी न हों उन्हें हटाकर फिर सहेजें, या इसे कई सूचियों में बाँटें।"


class ListReaderBusyError(AbhilekhError):
    """As many lists are being read as are read at once."""

    kind = Kind.TRANSIENT
    code = "list_reader_busy"
    en = "Other lists are being read."
    hi = "दूसरी सूचियाँ पढ़ी जा रही हैं।"
    advice_en = "Send the list again in a minute; nothing of it was taken."
    advice_hi = "एक मिनट बाद सूची फिर भेजें; अभी उसमें से कुछ नहीं लिया गया।"


class FileClosedError(AbhilekhError):
    """The file is closed; its figures stand."""

    kind = Kind.USAGE
    code = "file_closed"
    en = "The file “{number}” is closed."
    hi = "नस्ती “{number}” बंद हो चुकी है।"
    advice_en = "Open it again with abhilekh file reopen, giving a reason."
    advice_hi = "कारण बताकर इसे abhilekh file reopen से फिर खोलें।"


class FileOpenError(AbhilekhError):
    """The file is not closed, so that it cannot be opened again."""

    kind = Kind.USAGE
    code = "file_open"
    en = "The file “{number}” is not closed."
    hi = "नस्ती “{number}” बंद नहीं है।"
    advice_en = "Nothing has to be done."
    advice_hi = "कुछ करने की आवश्यकता नहीं है।"


class FiguresDifferError(AbhilekhError):
    """A file was to be closed whose pages by hand and by scan differ."""

    kind = Kind.USAGE
    code = "figures_differ"
    en = "The file “{number}” is not closed: counted {counted}, scanned {found}, noted as missing {noted}."
    hi = "नस्ती “{number}” बंद नहीं की गई: गिने गए {counted}, स्कैन हुए {found}, अनुपस्थित दर्ज {noted}।"
    advice_en = (
        "Count again or scan what is missing (abhilekh file count, abhilekh file reconcile --missing), or close it with "
        "--signed-by NAME --reason TEXT."
    )
    advice_hi = (
        "फिर से गिनें या छूटे पृष्ठ स्कैन करें (abhilekh file count, abhilekh file reconcile --missing), या "
        "--signed-by NAME --reason TEXT देकर बंद करें।"
    )


class RegisterBusyError(AbhilekhError):
    """Somebody else has been changing the register all the while."""

    kind = Kind.TRANSIENT
    code = "register_busy"
    en = "Somebody else is changing the register."
    hi = "कोई और पंजी में बदलाव कर रहा है।"
    advice_en = "Try again in a moment."
    advice_hi = "थोड़ी देर में फिर प्रयास करें।"
