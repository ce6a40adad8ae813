"""Who somebody is, and what this person may do."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind


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


class WrongCodeError(AbhilekhError):
    """The code of the app is not right, was used already, or belongs to another moment."""

    kind = Kind.SIGN_IN
    code = "wrong_code"
    en = "This code is not right, or it was used already."
    hi = "यह कोड सही नहीं है, या इसका उपयोग हो चुका है।"
    advice_en = "Type the six digits that the app shows now (the telephone's clock must be right), or a recovery code."
    advice_hi = "ऐप में अभी दिख रहे छह अंक लिखें; फ़ोन की घड़ी सही हो। पुनर्प्राप्ति कोड भी चलेगा।"


class LoginStepError(AbhilekhError):
    """No sign-in waits for a code in this browser, or it has waited too long."""

    kind = Kind.SIGN_IN
    code = "login_step"
    en = "This sign-in has ended: it took too long, or too many codes were wrong."
    hi = "यह प्रवेश समाप्त हो गया: बहुत देर हुई, या कई कोड गलत थे।"
    advice_en = "Sign in with name and password again."
    advice_hi = "नाम और पासवर्ड से फिर प्रवेश करें।"


class CodeRequiredError(AbhilekhError):
    """A role that signs in with a code, and an account that has not set one up."""

    kind = Kind.NOT_ALLOWED
    code = "code_required"
    en = "Your role signs in with a code besides the password, and you have not set it up yet."
    hi = "आपकी भूमिका में पासवर्ड के साथ कोड भी चाहिए, और आपने उसे अभी चालू नहीं किया है।"
    advice_en = "Open “My account” and set up the code; it takes a minute."
    advice_hi = "“मेरा खाता” खोलें और कोड चालू करें; एक मिनट लगता है।"


class AccountKeyError(AbhilekhError):
    """The key that seals the secrets of accounts is not here, or is another one."""

    kind = Kind.MISSING
    code = "account_key"
    en = "The secret of this account's app cannot be opened: {cause}."
    hi = "इस खाते के ऐप का रहस्य नहीं खुलता: {cause}।"
    advice_en = (
        "Put back keys/accounts.key of the home (or web.account_key), or clear the code: abhilekh user reset NAME"
    )
    advice_hi = "होम की keys/accounts.key (या web.account_key) लौटाएँ, या कोड हटाएँ: abhilekh user reset NAME"


class IdentityUnlinkedError(AbhilekhError):
    """Somebody came from the identity provider under the name of a person who is not linked to an identity yet."""

    kind = Kind.SIGN_IN
    code = "identity_unlinked"
    en = "Your identity is not linked to the account “{name}” yet; your code is {pin}."
    hi = "आपकी पहचान अभी “{name}” खाते से नहीं जुड़ी है; आपका कोड {pin} है।"
    advice_en = "Tell the administrator this code; once it is confirmed on the page of people, sign in again."
    advice_hi = "यह कोड व्यवस्थापक को बताएँ; उपयोगकर्ता पृष्ठ पर पुष्टि होने के बाद फिर प्रवेश करें।"


class IdentityLinkError(AbhilekhError):
    """A link to an identity that cannot be made."""

    kind = Kind.USAGE
    code = "identity_link"
    en = "This identity cannot be linked: {cause}."
    hi = "यह पहचान नहीं जोड़ी जा सकती: {cause}।"
    advice_en = "See who waits to be linked: abhilekh user list, or the page of people."
    advice_hi = "कौन जुड़ने की प्रतीक्षा में है, देखें: abhilekh user list, या उपयोगकर्ता पृष्ठ।"
