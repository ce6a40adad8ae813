"""What is sent from a browser or a program."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind
from pipeline.errors.scans import InputError


class TooLargeError(AbhilekhError):
    """More was sent than this address takes."""

    kind = Kind.TOO_LARGE
    code = "too_large"
    en = "More was sent than is taken here (at most {limit})."
    hi = "यहाँ जितना लिया जाता है उससे अधिक भेजा गया (अधिकतम {limit})।"
    advice_en = "Send less at a time; scans go through the upload page or the inbox."
    advice_hi = "एक बार में कम भेजें; स्कैन अपलोड पृष्ठ या इनबॉक्स से भेजें।"


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


class PageMovedError(InputError):
    """A page that a new scan was to stand for has come to another office while the scan was on its way."""

    code = "page_moved"
    en = "“{name}” was to replace a page that belongs to another office by now; nothing was replaced."
    hi = "“{name}” जिस पृष्ठ की जगह आनी थी वह अब दूसरे कार्यालय का है; कुछ बदला नहीं गया।"
    advice_en = "Ask that office to replace the page; the new scan lies in rejected/."
    advice_hi = "उस कार्यालय से पृष्ठ बदलने को कहें; नया स्कैन rejected/ में रखा है।"
