"""Export, backup, restore, and building rows again."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind


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


class SigningKeyError(AbhilekhError):
    """The key with which this installation signs what it prints is lost, damaged or being made."""

    kind = Kind.MISSING
    code = "signing_key"
    en = "The key that signs separator sheets cannot be used: {cause}."
    hi = "विभाजक पत्रकों पर हस्ताक्षर करने वाली कुंजी का उपयोग नहीं हो सकता: {cause}।"
    advice_en = (
        "Bring the object installation/signing-key.json back from a backup. Where there is none, `abhilekh reindex --force` "
        "forgets the old key; a new one is then made, and sheets printed before go to review."
    )
    advice_hi = (
        "बैकअप से installation/signing-key.json लौटाएँ। बैकअप न हो तो `abhilekh reindex --force` पुरानी कुंजी भूल जाता है; तब "
        "नई बनती है, और पहले छपे पत्रक समीक्षा में जाते हैं।"
    )


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
