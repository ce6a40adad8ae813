"""Codes from an app (TOTP, RFC 6238: SHA-1, six digits, 30 seconds, as every app reads them) and recovery codes.

Values only; what is kept of them is in `db.second_factor`. The only home of pyotp.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata

import pyotp

SECONDS = 30  # of one time step, RFC 6238, 5.2
_DRIFT = 1  # steps by which the telephone's clock may be before or after ours, RFC 6238, 5.2
RECOVERY_CODES = 10  # given at once
_RECOVERY_LENGTH, _GROUP = 16, 4  # signs of 5 bits each: 80 bits, so that a SHA-256 of one cannot be turned back
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0, 1, which are taken for each other
ISSUER = "Abhilekh"


def new_secret() -> str:
    """A fresh secret of 160 bits, as RFC 4226 recommends, in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, name: str, place: str) -> str:
    """The `otpauth://` address that an app takes from a QR code; `place` distinguishes installations."""
    issuer = f"{ISSUER} {place}".strip()
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def step_of(secret: str, code: str, at: float) -> int | None:
    """The time step whose code this is, near the moment `at` in seconds since the epoch; None for a wrong code."""
    typed = "".join(str(unicodedata.digit(sign)) for sign in code if unicodedata.digit(sign, None) is not None)
    app, current = pyotp.TOTP(secret), int(at) // SECONDS
    found = None
    for step in range(current - _DRIFT, current + _DRIFT + 1):  # all of them, so that the time taken tells nothing
        if hmac.compare_digest(app.generate_otp(step), typed):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Codes for the day on which the telephone is lost, in groups: `ABCD-EFGH-JKLM-NPQR`."""
    drawn = ["".join(secrets.choice(_SIGNS) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    return ["-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in drawn]


def plain_recovery_code(typed: str) -> str:
    """What was typed without groups, blanks and small letters; "" where it cannot be a recovery code."""
    plain = "".join(sign for sign in typed.upper() if sign in _SIGNS)
    return plain if len(plain) == _RECOVERY_LENGTH else ""
