"""Passwords: the rules for a new one, and argon2id hashes. Who has which is kept in `db.accounts`.

The rules follow NIST SP 800-63B: length counts, signs of every kind are not demanded, what would be guessed is refused. How
many guesses a password stands is estimated by zxcvbn (Wheeler, USENIX Security 2016). The only home of argon2 and zxcvbn.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from pipeline.errors import PasswordError
from pipeline.locale import Message

SHORTEST, LONGEST = 10, 200
_JUDGED = 72  # signs that zxcvbn looks at: its time grows with the square of them
_LEAST_SCORE = 3  # of 4: more than 10^8 guesses
# What is tried first here, and stands in no list of English words and leaked passwords.
_LOCAL_WORDS = (Path(__file__).parent / "words" / "tried_first.txt").read_text(encoding="utf-8").split()


# What zxcvbn says of a password, as a reason that a person can do something about. A test holds it complete.
CAUSES = {
    "Straight rows of keys are easy to guess.": Message("it follows a row of keys"),
    "Short keyboard patterns are easy to guess.": Message("it is a pattern on the keyboard"),
    'Repeats like "aaa" are easy to guess.': Message("it repeats a character"),
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': Message("it repeats the same piece"),
    'Sequences like "abc" or "6543" are easy to guess.': Message("it is a sequence like abc or 6543"),
    "Recent years are easy to guess.": Message("it rests on a year"),
    "Dates are often easy to guess.": Message("it rests on a date"),
    "This is a top-10 common password.": Message("it is among the ten commonest"),
    "This is a top-100 common password.": Message("it is among the hundred commonest"),
    "This is a very common password.": Message("it is a very common one"),
    "This is similar to a commonly used password.": Message("it is close to a common one"),
    "A word by itself is easy to guess.": Message("it is a single word"),
    "Names and surnames by themselves are easy to guess.": Message("it is a name"),
    "Common names and surnames are easy to guess.": Message("it rests on a name"),
}
_OWN = Message("it holds the name of the account or of its person")
_GUESSED = Message("it is guessed quickly")

_hasher = PasswordHasher()  # argon2id with the parameters of RFC 9106 for little memory
# A hash with the same parameters (a test holds it so), written down: making it delays each start by a third of a second.
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$FJNQBru48aYZmhPJO/K22A$HWDzMCjT8RMEVpE+kstyxp4q8eLSNgGdWXpg0UmTNcU"


def check(password: str, name: str, full_name: str = "") -> None:
    """Raise `PasswordError` with what is wrong with a new password of the person `name`."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise PasswordError(cause=Message("it has fewer than {least} characters", least=SHORTEST))
    if len(plain) > LONGEST:
        raise PasswordError(cause=Message("it has more than {most} characters", most=LONGEST))
    own = _words(name, full_name)
    found = zxcvbn(plain[:_JUDGED], user_inputs=[*own, *_LOCAL_WORDS])
    left = _without(plain.casefold(), [*own, *_LOCAL_WORDS])
    if found["score"] >= _LEAST_SCORE and left >= SHORTEST // 2:
        return
    cause = CAUSES.get(found["feedback"]["warning"], _GUESSED)
    if any(word in plain.casefold() for word in own):
        cause = _OWN
    raise PasswordError(cause=cause)


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


def _without(folded: str, words: list[str]) -> int:
    """How many signs are left of a password without these words and what stands between them: zxcvbn counts a blank or a
    point between two names for more than a guesser does."""
    for word in sorted(words, key=len, reverse=True):
        folded = folded.replace(word, "")
    return sum(not sign.isspace() and not unicodedata.category(sign).startswith("P") for sign in folded)


def _words(name: str, full_name: str) -> list[str]:
    """What belongs to the person and would be tried first: the names, whole, in words, and run together."""
    whole = [_normal(name).casefold(), _normal(full_name).casefold()]
    pieces = [piece for text in whole for piece in [*_pieces(text), "".join(text.split())]]
    return [word for word in dict.fromkeys([*whole, *pieces]) if len(word) >= 3]  # noqa: PLR2004 - shorter is in any word


def _pieces(text: str) -> list[str]:
    """Words of a name; of Devanagari too, whose vowel signs `\\w` does not take for letters."""
    return [piece for piece in re.split(r"[\s._@-]+", text) if piece]


def _normal(password: str) -> str:
    """One spelling for what different keyboards type."""
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST])
