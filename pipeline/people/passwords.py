"""Passwords: the rules for a new one, and argon2id hashes. Who has which is kept in `index.people`.

The rules follow NIST SP 800-63B: length counts, signs of every kind are not demanded, what everybody tries first is refused.
"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pipeline.errors import PasswordError

SHORTEST, LONGEST = 10, 200
_LEAST_DIFFERENT = 5  # signs
_TRIED_FIRST = (
    "password", "passw0rd", "12345678", "qwerty", "abhilekh", "अभिलेख", "admin", "administrator", "welcome", "letmein",
    "iloveyou", "india123", "bharat", "asdfgh", "zxcvbn", "abc123", "changeme", "secret", "government", "sarkar",
)  # fmt: skip

_hasher = PasswordHasher()  # argon2id with the parameters of RFC 9106 for little memory
_NOBODYS = _hasher.hash("of nobody")


def check(password: str, name: str) -> None:
    """Raise `PasswordError` with what is wrong with a new password of the person `name`."""
    plain = _normal(password)
    folded = plain.casefold()
    if len(plain) < SHORTEST:
        raise PasswordError(cause=f"it has fewer than {SHORTEST} characters", cause_hi=f"इसमें {SHORTEST} से कम अक्षर हैं")
    if len(plain) > LONGEST:
        raise PasswordError(cause=f"it has more than {LONGEST} characters", cause_hi=f"इसमें {LONGEST} से अधिक अक्षर हैं")
    if len(set(folded)) < _LEAST_DIFFERENT:
        raise PasswordError(cause="it repeats a few characters", cause_hi="इसमें कुछ ही अक्षर बार-बार आते हैं")
    left = folded.replace(name.casefold(), "") if name else folded
    if any(len(left.replace(tried, "")) < SHORTEST // 2 for tried in (*_TRIED_FIRST, "1234567890", "0123456789")):
        raise PasswordError(cause="it is one that is guessed at once", cause_hi="यह उनमें से है जो तुरंत भाँप लिए जाते हैं")


def hashed(password: str) -> str:
    return _hasher.hash(_normal(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether the password is the one kept. Where none is kept it takes as long, so that names cannot be found out."""
    try:
        return _hasher.verify(kept or _NOBODYS, _normal(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def _normal(password: str) -> str:
    """One spelling for what different keyboards type."""
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST])
