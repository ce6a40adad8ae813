"""Review, corrections and samples for acceptance."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind


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
    advice_en = "Nothing was changed. Wait a moment and try again."
    advice_hi = "कुछ भी बदला नहीं गया। थोड़ा रुककर फिर प्रयास करें।"


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
