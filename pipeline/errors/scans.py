"""What is wrong with a scanned file or a page of it."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind


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


class LinkedFileError(NotAFileError):
    """The file has several names (hard links): another one may lead to it from where the sharer may not read."""

    code = "linked_file"
    en = "“{name}” has several names (hard links)."
    hi = "“{name}” के कई नाम (हार्ड लिंक) हैं।"
    advice_en = "Copy the scan into the inbox; do not link it. What lies under its other names stays as it is."
    advice_hi = "स्कैन की प्रति इनबॉक्स में डालें, लिंक नहीं। उसके दूसरे नाम वाली फ़ाइल जैसी है वैसी ही रहती है।"


class UnreadablePageError(AbhilekhError):
    """One page could not be turned into text; it is filed without text and flagged."""

    kind = Kind.INPUT
    code = "unreadable_page"
    en = "Page {page} could not be read ({cause})."
    hi = "पृष्ठ {page} पढ़ा नहीं जा सका ({cause})।"
    advice_en = "Look at the page in the review list and scan it again if need be."
    advice_hi = "समीक्षा सूची में पृष्ठ देखें और आवश्यक हो तो फिर से स्कैन करें।"


class SlowPageError(UnreadablePageError):
    """Work on a page hit its limit of processor time; it is tried again later, alone, and flagged until then."""

    code = "slow_page"
    en = "Page {page} takes more than {seconds} s of processor time."
    hi = "पृष्ठ {page} में {seconds} सेकंड से अधिक प्रोसेसर समय लगता है।"
    advice_en = "It is tried again by itself, alone. For large plans raise work.draw_seconds and work.page_seconds."
    advice_hi = "इस पर अपने आप, अकेले, फिर प्रयास होगा। बड़े नक्शों के लिए work.draw_seconds और work.page_seconds बढ़ाएँ।"


class HeavyScanError(InputError):
    """The pages of a file take more processor time than scans do: it is made to do harm, or holds something else."""

    code = "heavy_scan"
    en = "The pages of “{name}” take too much processor time ({spent} s; the limit is {limit} s; {slow} too slow)."
    hi = "“{name}” के पृष्ठों में बहुत अधिक प्रोसेसर समय लगता है ({spent} सेकंड; सीमा {limit} सेकंड; {slow} बहुत धीमे)।"
    advice_en = (
        "The file and the pages read so far are kept. Scan the sheets again; if somebody sent the file, show it to the "
        "administrator. Of genuine plans raise work.batch_seconds, then run: abhilekh retry {batch}"
    )
    advice_hi = (
        "फ़ाइल और अब तक पढ़े गए पृष्ठ सुरक्षित हैं। पन्ने फिर से स्कैन करें; यदि फ़ाइल किसी ने भेजी है, तो व्यवस्थापक को दिखाएँ। "
        "असली नक्शे हों तो work.batch_seconds बढ़ाकर चलाएँ: abhilekh retry {batch}"
    )


class NotOnePageError(InputError):
    """A scan that is to stand for one page holds several."""

    code = "not_one_page"
    en = "“{name}” holds {pages} pages; one page is to be replaced by one."
    hi = "“{name}” में {pages} पृष्ठ हैं; एक पृष्ठ की जगह एक ही पृष्ठ चाहिए।"
    advice_en = "Scan just that sheet, one side of it, and send it again."
    advice_hi = "केवल वही पन्ना, एक ओर से, स्कैन करके फिर भेजें।"
