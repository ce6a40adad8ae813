"""A part of the house that fails, is missing, full, busy or held by another."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind


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
    advice_en = (
        "Work waits and goes on by itself when it answers. Whether every object is still there is not known until then: "
        "look for the cause with abhilekh doctor, and afterwards run abhilekh verify."
    )
    advice_hi = (
        "काम रुका है और स्टोर के उत्तर देते ही अपने आप चलेगा। तब तक यह ज्ञात नहीं कि सब कुछ वहाँ है: कारण abhilekh doctor से देखें, "
        "और बाद में abhilekh verify चलाएँ।"
    )


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
    advice_en = "The rest is not affected. An administrator brings it back from a backup: abhilekh repair FOLDER"
    advice_hi = "बाकी सब ठीक है। व्यवस्थापक इसे बैकअप से लौटा सकते हैं: abhilekh repair FOLDER"


class ObjectUnreadableError(ObjectMissingError):
    """The store answers for other objects and cannot read this one: its bytes, or what points to them, are damaged."""

    code = "object_unreadable"
    en = "The object {key} is damaged in the store and cannot be read."
    hi = "ऑब्जेक्ट {key} स्टोर में खराब हो गया है और पढ़ा नहीं जा सकता।"


class FixityError(AbhilekhError):
    """An object's bytes are not the ones that were put."""

    code = "fixity"
    en = "The object {key} has changed: its SHA-256 is {found}, not {expected}."
    hi = "ऑब्जेक्ट {key} बदल गया है: उसका SHA-256 {found} है, {expected} नहीं।"
    advice_en = "Bring it back from a backup, abhilekh repair FOLDER, and check the disk."
    advice_hi = "इसे बैकअप से लौटाएँ, abhilekh repair FOLDER, और डिस्क जाँचें।"


class DatabaseUnavailableError(AbhilekhError):
    """The database is locked or does not answer."""

    kind = Kind.TRANSIENT
    code = "database_unavailable"
    en = "The database does not answer ({cause})."
    hi = "डेटाबेस उत्तर नहीं दे रहा ({cause})।"
    advice_en = (
        "Waiting work goes on by itself when it answers. What was just being entered may not have been recorded: look, and "
        "enter it again."
    )
    advice_hi = "उत्तर मिलते ही रुका काम अपने आप चलेगा। जो अभी दर्ज किया जा रहा था वह शायद दर्ज नहीं हुआ: देखें और फिर से दर्ज करें।"


class DatabaseDamagedError(AbhilekhError):
    """The file of the database is not one any more."""

    kind = Kind.MISSING
    code = "database_damaged"
    en = "The database {file} is damaged ({cause})."
    hi = "डेटाबेस {file} खराब हो गया है ({cause})।"
    advice_en = (
        "Scans and their documents lie in the object store, not in this file. Stop Abhilekh, build it again from there with "
        "abhilekh reindex --force, and see with abhilekh verify whether anything is missing."
    )
    advice_hi = (
        "स्कैन और दस्तावेज़ ऑब्जेक्ट स्टोर में हैं, इस फ़ाइल में नहीं। अभिलेख बंद करें, abhilekh reindex --force से इसे वहाँ से फिर "
        "बनाएँ, और abhilekh verify से देखें कि कुछ छूटा तो नहीं।"
    )


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


class HomeOpenError(AbhilekhError):
    """Other users of this machine can reach what is in the home."""

    kind = Kind.MISSING
    code = "home_open"
    en = "Other users of this machine can reach: {paths}."
    hi = "इस मशीन के दूसरे उपयोगकर्ता यहाँ पहुँच सकते हैं: {paths}।"
    advice_en = (
        "Start abhilekh up anew, which closes the home {home}, or: chmod go-rwx on each (the inbox stays as it is)."
    )
    advice_hi = "abhilekh up फिर चालू करें, वह होम {home} बंद कर देता है, या हर एक पर: chmod go-rwx (इनबॉक्स वैसा ही रहे)।"


class ForeignOwnerError(AbhilekhError):
    """Something in the home belongs to another user than the home, as when a command was run as root."""

    kind = Kind.MISSING
    code = "foreign_owner"
    en = "The home belongs to {owner}, and not to them belong: {paths}."
    hi = "होम {owner} का है, पर ये उनके नहीं हैं: {paths}।"
    advice_en = "Run every command as {owner}, and give these back, as root: chown -R {owner} on each."
    advice_hi = "हर कमांड {owner} के रूप में चलाएँ, और इन्हें root के रूप में लौटाएँ: हर एक पर chown -R {owner}।"


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


class BatchBusyError(AbhilekhError):
    """A batch is being worked on, and cannot be changed meanwhile."""

    kind = Kind.TRANSIENT
    code = "batch_busy"
    en = "This scan is being worked on."
    hi = "इस स्कैन पर अभी काम चल रहा है।"
    advice_en = "Try again in a moment."
    advice_hi = "थोड़ी देर में फिर प्रयास करें।"


class InternalError(AbhilekhError):
    """Something nobody foresaw; the details are in the log under `id`."""

    code = "internal"
    en = "Internal error {id}."
    hi = "आंतरिक त्रुटि {id}।"
