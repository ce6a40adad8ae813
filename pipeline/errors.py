"""The error family: what happened and what to do next, in English and Hindi.

Every error a user can meet is a class here, with a stable code, listed in `docs/errors.md` (a test keeps the two in
step). `Kind` is mapped once to an exit code (`cli`) and once to an HTTP status (`web`). The libraries' own exceptions
are caught in their border modules and never travel further.
"""

from __future__ import annotations

import errno
from enum import StrEnum
from typing import ClassVar

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})  # what the system says when a disk or a quota is full


class Kind(StrEnum):
    """Whose turn it is: the person who gave the input, the one who typed, the administrator, time, or us."""

    INPUT = "input"
    USAGE = "usage"
    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    SIGN_IN = "sign_in"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    MISSING = "missing"
    TRANSIENT = "transient"
    INTERNAL = "internal"


class AbhilekhError(Exception):
    """Base of the family. `details` fill the braces of the messages."""

    kind: ClassVar[Kind] = Kind.INTERNAL
    code: ClassVar[str] = "internal"
    en: ClassVar[str] = "Internal error."
    hi: ClassVar[str] = "आंतरिक त्रुटि।"
    advice_en: ClassVar[str] = "Look into the log for the details and report them."
    advice_hi: ClassVar[str] = "विवरण लॉग में देखें और सूचित करें।"

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.text("en"))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.details)

    def text(self, language: str) -> str:
        """The message and the advice in `language` ("en" or "hi")."""
        message, advice = (self.hi, self.advice_hi) if language == "hi" else (self.en, self.advice_en)
        return f"{message} {advice}".format_map(_Blank(self.told_in(language))).strip()

    def told_in(self, language: str) -> dict[str, object]:
        """The details as they are told in `language`: in Hindi, `cause_hi` stands in for `cause` where there is one."""
        cause_hi = {"cause": self.details["cause_hi"]} if language == "hi" and "cause_hi" in self.details else {}
        return {**self.details, **cause_hi}

    @property
    def reason(self) -> str:
        """Both languages in one line, for places that have room for one text only."""
        return f"{self.text('hi')} / {self.text('en')}"


class _Blank(dict[str, object]):
    """Details that were not given show as a question mark instead of breaking the message."""

    def __missing__(self, key: str) -> str:
        return "?"


def _rebuild(cls: type[AbhilekhError], details: dict[str, object]) -> AbhilekhError:
    return cls(**details)


def _in_hindi(details: dict[str, object]) -> dict[str, object]:
    """The details with those that were given for Hindi, as `cause_hi`, in the place of the others."""
    return {**details, **{name.removesuffix("_hi"): told for name, told in details.items() if name.endswith("_hi")}}


class InputError(AbhilekhError):
    """A scanned file cannot be taken in as it is. A person has to do something about it."""

    kind = Kind.INPUT
    code = "input"


class IncompleteScanError(InputError):
    """The file ends too early, or is damaged. It may still be growing."""

    code = "incomplete_scan"
    en = "The file “{name}” is cut short or damaged ({cause})."
    hi = "फ़ाइल “{name}” अधूरी या खराब है ({cause})।"
    advice_en = "Copy it again from the scanner, or scan the sheets again."
    advice_hi = "इसे स्कैनर से दोबारा कॉपी करें, या पन्ने फिर से स्कैन करें।"


class EmptyScanError(IncompleteScanError):
    """The file has no bytes at all."""

    code = "empty_scan"
    en = "The file “{name}” is empty (0 bytes)."
    hi = "फ़ाइल “{name}” खाली है (0 बाइट)।"


class NoPagesError(InputError):
    """The file is whole but holds no page."""

    code = "no_pages"
    en = "The file “{name}” contains no pages."
    hi = "फ़ाइल “{name}” में एक भी पृष्ठ नहीं है।"
    advice_en = "Scan the sheets again."
    advice_hi = "पन्ने फिर से स्कैन करें।"


class EncryptedScanError(InputError):
    """The PDF asks for a password."""

    code = "encrypted_scan"
    en = "The PDF “{name}” is locked with a password."
    hi = "पीडीएफ़ “{name}” पासवर्ड से बंद है।"
    advice_en = "Save it without a password and drop it in again."
    advice_hi = "इसे बिना पासवर्ड के सहेजें और फिर से डालें।"


class UnknownMediaError(InputError):
    """The content is none of the formats a scanner makes."""

    code = "unknown_media"
    en = "The file “{name}” is not a scan: its content is neither PDF, TIFF, JPEG nor PNG."
    hi = "फ़ाइल “{name}” स्कैन नहीं है: इसकी सामग्री पीडीएफ़, टिफ़, जेपीईजी या पीएनजी नहीं है।"
    advice_en = "Set the scanner to PDF or TIFF and scan again; the ending of the name does not matter."
    advice_hi = "स्कैनर में पीडीएफ़ या टिफ़ चुनकर फिर से स्कैन करें; नाम का अंत महत्व नहीं रखता।"


class OversizedPageError(InputError):
    """A page has more pixels than a sheet of paper can need."""

    code = "oversized_page"
    en = "Page {page} of “{name}” is too large ({pixels} pixels; the limit is {limit})."
    hi = "“{name}” का पृष्ठ {page} बहुत बड़ा है ({pixels} पिक्सेल; सीमा {limit})।"
    advice_en = "Scan it again at 300 dpi."
    advice_hi = "इसे 300 डीपीआई पर फिर से स्कैन करें।"


class UnreasonableScanError(InputError):
    """Opening the file needs more than any scan does: it unpacks without end, or it crashes what opens it."""

    code = "unreasonable_scan"
    en = "The file “{name}” cannot be opened as a scan can ({cause})."
    hi = "फ़ाइल “{name}” स्कैन की तरह नहीं खुलती ({cause})।"
    advice_en = "Scan the sheets again; if somebody sent the file, show it to the administrator first."
    advice_hi = "पन्ने फिर से स्कैन करें; यदि फ़ाइल किसी ने भेजी है, तो पहले व्यवस्थापक को दिखाएँ।"


class NotAFileError(InputError):
    """The path is a link, a device or something else that is not a plain file."""

    code = "not_a_file"
    en = "“{name}” is not a plain file."
    hi = "“{name}” साधारण फ़ाइल नहीं है।"
    advice_en = "Drop in the scanned file itself, not a link to it."
    advice_hi = "लिंक नहीं, स्कैन की हुई फ़ाइल ही डालें।"


class UnreadablePageError(AbhilekhError):
    """One page could not be turned into text; it is filed without text and flagged."""

    kind = Kind.INPUT
    code = "unreadable_page"
    en = "Page {page} could not be read ({cause})."
    hi = "पृष्ठ {page} पढ़ा नहीं जा सका ({cause})।"
    advice_en = "Look at the page in the review list and scan it again if need be."
    advice_hi = "समीक्षा सूची में पृष्ठ देखें और आवश्यक हो तो फिर से स्कैन करें।"


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

    def told_in(self, language: str) -> dict[str, object]:
        return _in_hindi(self.details) if language == "hi" else self.details


class SheetLineError(InputError):
    """No separator sheet can be made of a line. `cause` and `fix` are told in English, `cause_hi`, `fix_hi` in Hindi."""

    code = "sheet_line"
    en = "Line {line} of “{origin}”: {cause}; no sheet was made for it."
    hi = "“{origin}” की पंक्ति {line}: {cause}; इसके लिए पत्रक नहीं बना।"
    advice_en = "{fix}"
    advice_hi = "{fix}"

    def told_in(self, language: str) -> dict[str, object]:
        return _in_hindi(self.details) if language == "hi" else self.details


class NotFoundError(AbhilekhError):
    """There is no document, batch or page of that name."""

    kind = Kind.NOT_FOUND
    code = "not_found"
    en = "There is no {what} “{name}”."
    hi = "{what} “{name}” नहीं मिला।"
    advice_en = "Look for it on the search page, or with abhilekh search."
    advice_hi = "इसे खोज पृष्ठ पर या abhilekh search से खोजें।"


class NotAllowedError(AbhilekhError):
    """Somebody asked for what their roles do not carry."""

    kind = Kind.NOT_ALLOWED
    code = "not_allowed"
    en = "Your roles do not allow this ({right})."
    hi = "आपकी भूमिका में इसकी अनुमति नहीं है ({right})।"
    advice_en = "Ask the administrator for the role, or sign in as somebody who has it."
    advice_hi = "व्यवस्थापक से भूमिका माँगें, या उस व्यक्ति के रूप में प्रवेश करें जिसके पास वह है।"


class SignInError(AbhilekhError):
    """Nobody is signed in, or the session has ended."""

    kind = Kind.SIGN_IN
    code = "sign_in"
    en = "You are not signed in, or your session has ended."
    hi = "आपने प्रवेश नहीं किया है, या आपका सत्र समाप्त हो गया है।"
    advice_en = "Sign in and try again; programs send a token (Authorization: Bearer …)."
    advice_hi = "प्रवेश करें और फिर प्रयास करें; प्रोग्राम टोकन भेजते हैं (Authorization: Bearer …)।"


class WrongLoginError(AbhilekhError):
    """The name and the password do not belong together."""

    kind = Kind.SIGN_IN
    code = "wrong_login"
    en = "The name or the password is not right."
    hi = "नाम या पासवर्ड सही नहीं है।"
    advice_en = "Type both again; who has forgotten the password asks the administrator for a new link."
    advice_hi = "दोनों फिर से लिखें; पासवर्ड भूल गए हों तो व्यवस्थापक से नया लिंक माँगें।"


class TooManyTriesError(AbhilekhError):
    """Too many attempts to sign in failed lately."""

    kind = Kind.TOO_MANY
    code = "too_many_tries"
    en = "Too many attempts to sign in have failed; the next one counts from {until} on."
    hi = "प्रवेश के बहुत से प्रयास विफल हुए; अगला प्रयास {until} के बाद ही होगा।"
    advice_en = "Wait until then, or ask the administrator to unlock the name."
    advice_hi = "तब तक रुकें, या व्यवस्थापक से नाम खुलवाएँ।"


class TooManySearchesError(AbhilekhError):
    """Somebody keeps as many searches as they may."""

    kind = Kind.USAGE
    code = "too_many_searches"
    en = "You keep {most} searches already; there is no room for another one."
    hi = "आप {most} खोजें पहले से सहेज चुके हैं; और के लिए जगह नहीं है।"
    advice_en = "Remove one that you no longer need."
    advice_hi = "जिसकी अब ज़रूरत नहीं, उसे हटा दें।"


class IdentityError(AbhilekhError):
    """The identity provider did not let somebody in, or told nothing that can be trusted."""

    kind = Kind.SIGN_IN
    code = "identity"
    en = "Signing in with your organisation did not work: {cause}."
    hi = "संस्था की पहचान से प्रवेश नहीं हो सका: {cause}।"
    advice_en = "Try again; if it goes on, tell the administrator this sentence."
    advice_hi = "फिर से प्रयास करें; बार-बार हो तो यह वाक्य व्यवस्थापक को बताएँ।"


class LinkExpiredError(AbhilekhError):
    """A one-time link that was used, has expired, or never was one."""

    kind = Kind.NOT_FOUND
    code = "link_expired"
    en = "This link has been used, has expired, or a newer one was made."
    hi = "यह लिंक उपयोग हो चुका है, समाप्त हो गया है, या नया लिंक बन चुका है।"
    advice_en = "Ask the administrator for a new one (abhilekh user reset NAME)."
    advice_hi = "नया लिंक माँगें: abhilekh user reset NAME"


class PasswordError(AbhilekhError):
    """A new password that is too easy to guess."""

    kind = Kind.USAGE
    code = "password"
    en = "This password cannot be used: {cause}."
    hi = "यह पासवर्ड नहीं चल सकता: {cause}।"
    advice_en = "Take a longer one; three or four words that do not belong together are easy to remember."
    advice_hi = "लंबा पासवर्ड लें; तीन-चार बेमेल शब्द याद रखने में आसान होते हैं।"


class ForgedRequestError(AbhilekhError):
    """A change was asked for without the sign that our own page carries."""

    kind = Kind.NOT_ALLOWED
    code = "forged_request"
    en = "This request did not come from a page of Abhilekh, or the page is too old."
    hi = "यह अनुरोध अभिलेख के पृष्ठ से नहीं आया, या पृष्ठ बहुत पुराना है।"
    advice_en = "Go back, load the page anew and do it again; nothing was changed."
    advice_hi = "वापस जाएँ, पृष्ठ फिर से खोलें और दोबारा करें; कुछ भी बदला नहीं गया।"


class TooLargeError(AbhilekhError):
    """More was sent than this address takes."""

    kind = Kind.TOO_LARGE
    code = "too_large"
    en = "More was sent than is taken here (at most {limit})."
    hi = "यहाँ जितना लिया जाता है उससे अधिक भेजा गया (अधिकतम {limit})।"
    advice_en = "Send less at a time; scans go through the upload page or the inbox."
    advice_hi = "एक बार में कम भेजें; स्कैन अपलोड पृष्ठ या इनबॉक्स से भेजें।"


class PersonNameError(AbhilekhError):
    """A name that nobody can sign in with."""

    kind = Kind.USAGE
    code = "person_name"
    en = "“{name}” cannot be the name of a person."
    hi = "“{name}” किसी व्यक्ति का नाम नहीं हो सकता।"
    advice_en = "Use 2 to 64 small Latin letters, digits and . _ - @, beginning with a letter or digit."
    advice_hi = "2 से 64 छोटे रोमन अक्षर, अंक और . _ - @ लिखें; आरंभ अक्षर या अंक से हो।"


class PersonUnknownError(AbhilekhError):
    """Nobody of this name."""

    kind = Kind.NOT_FOUND
    code = "person_unknown"
    en = "There is nobody of the name “{name}”."
    hi = "“{name}” नाम का कोई व्यक्ति नहीं है।"
    advice_en = "See who there is: abhilekh user list"
    advice_hi = "सूची देखें: abhilekh user list"


class AlreadyAPersonError(AbhilekhError):
    """The name is taken."""

    kind = Kind.USAGE
    code = "already_a_person"
    en = "There is somebody of the name “{name}” already."
    hi = "“{name}” नाम का व्यक्ति पहले से है।"
    advice_en = "Take another name, or change that person: abhilekh user grant"
    advice_hi = "दूसरा नाम लें, या उसी व्यक्ति को बदलें: abhilekh user grant"


class LastAdministratorError(AbhilekhError):
    """Nobody would be left who could let others in."""

    kind = Kind.USAGE
    code = "last_administrator"
    en = "This is the last administrator of every office."
    hi = "यह सभी कार्यालयों का अंतिम व्यवस्थापक है।"
    advice_en = "Make somebody else administrator first."
    advice_hi = "पहले किसी और को व्यवस्थापक बनाएँ।"


class MissingPartError(AbhilekhError):
    """A program or data file that Abhilekh needs is not installed or did not start."""

    kind = Kind.MISSING
    code = "missing_part"
    en = "{part} is missing or does not work: {cause}."
    hi = "{part} उपलब्ध नहीं है या काम नहीं कर रहा: {cause}।"
    advice_en = "{fix}"
    advice_hi = "{fix}"


class StoreUnavailableError(AbhilekhError):
    """The object store does not answer. Work waits and goes on when it is back."""

    kind = Kind.TRANSIENT
    code = "store_unavailable"
    en = "The object store at {endpoint} does not answer ({cause})."
    hi = "ऑब्जेक्ट स्टोर {endpoint} उत्तर नहीं दे रहा ({cause})।"
    advice_en = "Nothing is lost; work goes on by itself when it is back. Check it with: abhilekh doctor"
    advice_hi = "कुछ खोया नहीं है; स्टोर लौटते ही काम अपने आप चलेगा। जाँचें: abhilekh doctor"


class StoreFullError(StoreUnavailableError):
    """The disk of the object store is full."""

    code = "store_full"
    en = "The object store has no room left ({cause})."
    hi = "ऑब्जेक्ट स्टोर में जगह नहीं बची ({cause})।"
    advice_en = "Free disk space; work goes on by itself."
    advice_hi = "डिस्क पर जगह बनाएँ; काम अपने आप चलेगा।"


class ObjectMissingError(AbhilekhError):
    """An object that a row speaks of is not in the store."""

    code = "object_missing"
    en = "The object {key} is not in the store."
    hi = "ऑब्जेक्ट {key} स्टोर में नहीं है।"
    advice_en = "Run abhilekh verify to see what else is missing, and restore it from the backup."
    advice_hi = "abhilekh verify चलाकर देखें और क्या नहीं है, फिर बैकअप से लौटाएँ।"


class FixityError(AbhilekhError):
    """An object's bytes are not the ones that were put."""

    code = "fixity"
    en = "The object {key} has changed: its SHA-256 is {found}, not {expected}."
    hi = "ऑब्जेक्ट {key} बदल गया है: उसका SHA-256 {found} है, {expected} नहीं।"
    advice_en = "Restore it from the backup and check the disk."
    advice_hi = "इसे बैकअप से लौटाएँ और डिस्क जाँचें।"


class DatabaseUnavailableError(AbhilekhError):
    """The database is locked or does not answer."""

    kind = Kind.TRANSIENT
    code = "database_unavailable"
    en = "The database does not answer ({cause})."
    hi = "डेटाबेस उत्तर नहीं दे रहा ({cause})।"
    advice_en = "Nothing is lost; work goes on by itself when it is back."
    advice_hi = "कुछ खोया नहीं है; लौटते ही काम अपने आप चलेगा।"


class SearchUnavailableError(AbhilekhError):
    """The search engine of a large site does not answer, or refuses what it is asked."""

    kind = Kind.TRANSIENT
    code = "search_unavailable"
    en = "The search engine does not answer ({cause})."
    hi = "खोज इंजन उत्तर नहीं दे रहा ({cause})।"
    advice_en = "Nothing is lost; pages that were filed meanwhile are sent to it when it is back."
    advice_hi = "कुछ खोया नहीं है; इस बीच रखे गए पृष्ठ उसके लौटते ही उसे भेज दिए जाएँगे।"


class DatabaseDamagedError(AbhilekhError):
    """The file of the database is not one any more."""

    kind = Kind.MISSING
    code = "database_damaged"
    en = "The database {file} is damaged ({cause})."
    hi = "डेटाबेस {file} खराब हो गया है ({cause})।"
    advice_en = "No scan is lost. Stop Abhilekh and build it again from the object store: abhilekh reindex --force"
    advice_hi = "कोई स्कैन नहीं खोया है। अभिलेख बंद करें और इसे ऑब्जेक्ट स्टोर से फिर बनाएँ: abhilekh reindex --force"


class DiskFullError(AbhilekhError):
    """A disk has less free space than work may use."""

    kind = Kind.TRANSIENT
    code = "disk_full"
    en = "The disk of {folder} is nearly full ({free} MB free)."
    hi = "{folder} की डिस्क लगभग भर गई है ({free} एमबी शेष)।"
    advice_en = "Free disk space; intake goes on by itself."
    advice_hi = "डिस्क पर जगह बनाएँ; काम अपने आप चलेगा।"


class InboxUnreachableError(AbhilekhError):
    """The inbox folder is not there, or cannot be listed."""

    kind = Kind.TRANSIENT
    code = "inbox_unreachable"
    en = "The inbox {folder} cannot be reached ({cause})."
    hi = "इनबॉक्स {folder} तक नहीं पहुँचा जा सका ({cause})।"
    advice_en = "Check that the share is mounted and may be read; scans are taken in by themselves once it is back."
    advice_hi = "देखें कि साझा फ़ोल्डर जुड़ा है और पढ़ा जा सकता है; लौटते ही स्कैन अपने आप लिए जाएँगे।"


class HeldElsewhereError(AbhilekhError):
    """Another program has the file in its hands."""

    kind = Kind.TRANSIENT
    code = "held_elsewhere"
    en = "Another program holds “{name}”."
    hi = "“{name}” किसी दूसरे प्रोग्राम में खुली है।"
    advice_en = "Close it there; it is taken in by itself as soon as it is free."
    advice_hi = "उसे वहाँ बंद करें; छूटते ही यह अपने आप ले ली जाएगी।"


class UnreadableFileError(AbhilekhError):
    """The file lies in the inbox and cannot be opened, mostly for want of rights."""

    kind = Kind.TRANSIENT
    code = "unreadable_file"
    en = "“{name}” cannot be opened ({cause})."
    hi = "“{name}” खोली नहीं जा सकी ({cause})।"
    advice_en = (
        "Give Abhilekh the right to read it, or close it in the program that has it open; it is taken in by itself."
    )
    advice_hi = "अभिलेख को इसे पढ़ने का अधिकार दें, या जिस प्रोग्राम में खुली है वहाँ बंद करें; यह अपने आप ले ली जाएगी।"


class UploadTooLargeError(AbhilekhError):
    """An upload is announced, or turns out, larger than may be sent."""

    kind = Kind.INPUT
    code = "upload_too_large"
    en = "“{name}” is too large to be sent here (the limit is {limit} MB)."
    hi = "“{name}” यहाँ भेजने के लिए बहुत बड़ी है (सीमा {limit} एमबी)।"
    advice_en = "Put it into the inbox folder, or send it in parts."
    advice_hi = "इसे इनबॉक्स फ़ोल्डर में रखें, या कई भागों में भेजें।"


class TooManyUploadsError(AbhilekhError):
    """Somebody has begun more uploads than may be open at once."""

    kind = Kind.TRANSIENT
    code = "too_many_uploads"
    en = "{count} uploads of yours are unfinished."
    hi = "आपके {count} अपलोड अधूरे हैं।"
    advice_en = "Let some of them end, or cancel those that you do not need."
    advice_hi = "पहले कुछ पूरे होने दें, या जिनकी ज़रूरत नहीं उन्हें रद्द करें।"


class UploadOffsetError(AbhilekhError):
    """Bytes were sent for another place than the one where the upload stands."""

    kind = Kind.USAGE
    code = "upload_offset"
    en = "The upload stands at byte {offset}, and other bytes came."
    hi = "अपलोड बाइट {offset} पर है, और दूसरी बाइटें आईं।"
    advice_en = "Ask where it stands, and go on from there."
    advice_hi = "पूछें कि वह कहाँ तक पहुँचा है, और वहीं से आगे भेजें।"


class UploadChangedError(AbhilekhError):
    """What arrived is not what was sent: the checksums differ."""

    kind = Kind.INPUT
    code = "upload_changed"
    en = "“{name}” was changed on its way (the checksums differ)."
    hi = "“{name}” रास्ते में बदल गई (जाँच-संख्याएँ अलग हैं)।"
    advice_en = "Send it again."
    advice_hi = "इसे फिर से भेजें।"


class NotOnePageError(InputError):
    """A scan that is to stand for one page holds several."""

    code = "not_one_page"
    en = "“{name}” holds {pages} pages; one page is to be replaced by one."
    hi = "“{name}” में {pages} पृष्ठ हैं; एक पृष्ठ की जगह एक ही पृष्ठ चाहिए।"
    advice_en = "Scan just that sheet, one side of it, and send it again."
    advice_hi = "केवल वही पन्ना, एक ओर से, स्कैन करके फिर भेजें।"


class BatchBusyError(AbhilekhError):
    """A batch is being worked on, and cannot be changed meanwhile."""

    kind = Kind.TRANSIENT
    code = "batch_busy"
    en = "This scan is being worked on."
    hi = "इस स्कैन पर अभी काम चल रहा है।"
    advice_en = "Try again in a moment."
    advice_hi = "थोड़ी देर में फिर प्रयास करें।"


class ExportPlaceError(AbhilekhError):
    """Where an export is to go there is something already."""

    kind = Kind.USAGE
    code = "export_place"
    en = "There is something in {folder} already."
    hi = "{folder} में पहले से कुछ है।"
    advice_en = "Name a folder that is not there yet, or an empty one."
    advice_hi = "ऐसा फ़ोल्डर बताएँ जो अभी नहीं है, या खाली है।"


class NothingToExportError(AbhilekhError):
    """There is no document of what was asked for."""

    kind = Kind.NOT_FOUND
    code = "nothing_to_export"
    en = "There is no document to be taken out."
    hi = "निकालने के लिए कोई दस्तावेज़ नहीं है।"
    advice_en = "See with `abhilekh search` or `abhilekh file show` how office and number are written."
    advice_hi = "`abhilekh search` या `abhilekh file show` से देखें कि कार्यालय और क्रमांक कैसे लिखे हैं।"


class AlreadyRunningError(AbhilekhError):
    """Another Abhilekh already runs on this home."""

    kind = Kind.USAGE
    code = "already_running"
    en = "Abhilekh is already running on {home} (process {pid})."
    hi = "अभिलेख {home} पर पहले से चल रहा है (प्रक्रिया {pid})।"
    advice_en = "Use it, or stop it first."
    advice_hi = "उसी का उपयोग करें, या पहले उसे बंद करें।"


class OlderRunsError(AbhilekhError):
    """After an upgrade, parts that were started before it still run the older code."""

    kind = Kind.MISSING
    code = "older_runs"
    en = "Another version than this one ({ours}) still runs: {parts}."
    hi = "इस संस्करण ({ours}) से अलग संस्करण अब भी चल रहा है: {parts}।"
    advice_en = "Stop it and start it again: script/run stop, then script/run."
    advice_hi = "उसे बंद करके फिर चालू करें: script/run stop, फिर script/run।"


class StillWorkingError(AbhilekhError):
    """What was asked for needs everything to stand still, and something runs."""

    kind = Kind.USAGE
    code = "still_working"
    en = "Abhilekh is at work here ({parts})."
    hi = "अभिलेख यहाँ काम कर रहा है ({parts})।"
    advice_en = (
        "Stop it first, with script/run stop or Ctrl-C; a part that was killed is forgotten after half a minute."
    )
    advice_hi = "पहले उसे बंद करें: script/run stop या Ctrl-C; बंद हुआ भाग आधे मिनट बाद सूची से हट जाता है।"


class RowsExistError(AbhilekhError):
    """The database is not empty, and would be replaced."""

    kind = Kind.USAGE
    code = "rows_exist"
    en = "The database already holds batches or a register."
    hi = "डेटाबेस में पहले से बैच या पंजी है।"
    advice_en = (
        "To build it anew all the same: abhilekh reindex --force (a database on a server must be emptied first)."
    )
    advice_hi = "फिर भी नया बनाना हो तो: abhilekh reindex --force (सर्वर पर का डेटाबेस पहले खाली करना होगा)।"


class HomeNotEmptyError(AbhilekhError):
    """A backup is restored only where it cannot mix with anything."""

    kind = Kind.USAGE
    code = "home_not_empty"
    en = "The home {home} already holds {what}."
    hi = "होम {home} में पहले से {what} मौजूद है।"
    advice_en = "Restore into a home that holds nothing yet: abhilekh --home NEW restore SOURCE"
    advice_hi = "ऐसे होम में लौटाएँ जो अभी खाली हो: abhilekh --home NEW restore SOURCE"


class NotABackupError(AbhilekhError):
    """The folder is neither a backup of this installation nor one that a backup may be written to."""

    kind = Kind.USAGE
    code = "not_a_backup"
    en = "{folder} cannot be used: {cause}."
    hi = "{folder} का उपयोग नहीं हो सकता: {cause}।"
    advice_en = "Name an empty folder outside the home, or an earlier backup of the same installation."
    advice_hi = "होम से बाहर का खाली फ़ोल्डर, या इसी स्थापना का पिछला बैकअप बताएँ।"


class BackupUnfinishedError(AbhilekhError):
    """The backup was begun and did not come to its end."""

    kind = Kind.USAGE
    code = "backup_unfinished"
    en = "The backup in {folder} was not finished."
    hi = "{folder} का बैकअप अधूरा है।"
    advice_en = "Finish it by giving abhilekh backup the same folder again, or restore from another one."
    advice_hi = "वही फ़ोल्डर देकर abhilekh backup फिर चलाएँ, या किसी और बैकअप से लौटाएँ।"


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

    def told_in(self, language: str) -> dict[str, object]:
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

    def told_in(self, language: str) -> dict[str, object]:
        cause_hi = {"cause": self.details["cause_hi"]} if language == "hi" and "cause_hi" in self.details else {}
        return {**self.details, **cause_hi}


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


class InternalError(AbhilekhError):
    """Something nobody foresaw; the details are in the log under `id`."""

    code = "internal"
    en = "Internal error {id}."
    hi = "आंतरिक त्रुटि {id}।"


class SampleError(AbhilekhError):
    """A sample cannot be drawn, judged or signed so."""

    kind = Kind.USAGE
    code = "sample"
    en = "This cannot be done with the sample: {cause}."
    hi = "नमूने के साथ यह नहीं हो सकता: {cause}।"
    advice_en = "Choose other days, another share, or look at the documents that still wait."
    advice_hi = "दूसरे दिन या दूसरा प्रतिशत चुनें, या शेष दस्तावेज़ देखें।"


class ReviewBusyError(AbhilekhError):
    """Somebody else corrects the same scan at this moment, or it is being filed anew."""

    kind = Kind.TRANSIENT
    code = "review_busy"
    en = "These pages are being filed or corrected by somebody else just now."
    hi = "इन पन्नों को अभी कोई और सुधार रहा है, या वे दर्ज हो रहे हैं।"
    advice_en = "Wait a moment and try again; nothing of yours was lost."
    advice_hi = "थोड़ा रुककर फिर प्रयास करें; आपका कुछ भी खोया नहीं है।"


class ReviewStaleError(AbhilekhError):
    """A form was filled in while somebody, or the machine, changed the document."""

    kind = Kind.USAGE
    code = "review_stale"
    en = "The document {document} was changed after you opened it; what you wrote was not taken."
    hi = "दस्तावेज़ {document} आपके खोलने के बाद बदल गया; आपका लिखा दर्ज नहीं हुआ।"
    advice_en = "Look at what stands there now, and save again if you still want to change it."
    advice_hi = "देखें कि अब क्या लिखा है; फिर भी बदलना हो तो दोबारा सहेजें।"


class ReviewValueError(AbhilekhError):
    """A value cannot stand in a field. `cause` is told in English, `cause_hi` in Hindi."""

    kind = Kind.USAGE
    code = "review_value"
    en = "“{value}” cannot stand as {field}: {cause}."
    hi = "“{value}” इस खाने ({field}) में नहीं आ सकता: {cause}।"
    advice_en = "Correct it and save again; nothing was changed."
    advice_hi = "इसे ठीक करके फिर सहेजें; कुछ भी बदला नहीं है।"


class ReviewCutError(AbhilekhError):
    """Pages cannot be put together as asked. `cause` is told in English, `cause_hi` in Hindi."""

    kind = Kind.USAGE
    code = "review_cut"
    en = "The pages cannot be put so: {cause}."
    hi = "पन्ने इस तरह नहीं रखे जा सकते: {cause}।"
    advice_en = "Choose another page or another document; nothing was changed."
    advice_hi = "दूसरा पन्ना या दूसरा दस्तावेज़ चुनें; कुछ भी बदला नहीं है।"


class ReviewUndoError(AbhilekhError):
    """What a correction changed was changed again since."""

    kind = Kind.USAGE
    code = "review_undo"
    en = "Correction {number} cannot be undone: what it changed was changed again afterwards, or it is undone already."
    hi = "सुधार {number} वापस नहीं हो सकता: बाद में वही बात फिर बदली गई, या यह पहले ही वापस हो चुका है।"
    advice_en = "Undo the later change first, or correct the document as it stands."
    advice_hi = "पहले बाद वाला बदलाव वापस लें, या दस्तावेज़ को जैसा है वैसा सुधारें।"


class SecondPersonError(AbhilekhError):
    """The office wants two persons to check each document, and this is the first of them again."""

    kind = Kind.NOT_ALLOWED
    code = "second_person"
    en = "You have accepted this document already; the second check must be another person's."
    hi = "यह दस्तावेज़ आप पहले ही स्वीकार कर चुके हैं; दूसरी जाँच किसी और को करनी है।"
    advice_en = "Leave it to a colleague who may review this office's files."
    advice_hi = "इसे उस सहकर्मी पर छोड़ें जिसे इस कार्यालय की समीक्षा का अधिकार है।"
