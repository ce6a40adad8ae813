"""The second step of signing in: setting up an app, its codes, and recovery codes. Rows are in `db.second_factor`."""

from __future__ import annotations

import time
from typing import Literal

from pipeline.accounts import totp
from pipeline.accounts.secret_box import SecretBox
from pipeline.db.second_factor import LoginStep, SecondFactorRows
from pipeline.errors import AccountKeyError, WrongCodeError

_ENROL_SECONDS = 1800  # between showing a secret and its first code

Used = Literal["code", "recovery"]


class SecondFactor:
    """Codes of one installation; secrets are sealed with the key in `box`."""

    def __init__(self, rows: SecondFactorRows, box: SecretBox) -> None:
        self.rows = rows
        self.box = box

    def is_on(self, name: str) -> bool:
        return self.rows.secret_of(name) is not None

    def propose(self, name: str) -> str:
        """A fresh secret, sealed: it travels with the form, and is kept once a code has proved it."""
        return self.box.seal(name, totp.new_secret())

    def proposed(self, name: str, sealed: str) -> str:
        """The secret that was proposed to this person. Raises `WrongCodeError` where it was not, or too long ago."""
        try:
            return self.box.open(name, sealed, seconds=_ENROL_SECONDS)
        except AccountKeyError as error:
            raise WrongCodeError from error

    def enable(self, name: str, sealed: str, code: str) -> list[str]:
        """Ask for codes from now on, once one of the proposed secret is right; returns recovery codes.

        Raises `WrongCodeError`, `PersonUnknownError`.
        """
        secret = self.proposed(name, sealed)
        step = totp.step_of(secret, code, time.time())
        if step is None:
            raise WrongCodeError
        codes = totp.new_recovery_codes()
        self.rows.keep(name, self.box.seal(name, secret), step, [totp.plain_recovery_code(one) for one in codes])
        return codes

    def renew_codes(self, name: str) -> list[str]:
        """New recovery codes; the old ones end."""
        codes = totp.new_recovery_codes()
        self.rows.keep_codes(name, [totp.plain_recovery_code(one) for one in codes])
        return codes

    def waiting(self, secret: str) -> LoginStep:
        """Whose sign-in waits for a code. Raises `LoginStepError`."""
        return self.rows.waiting(secret)

    def finish(self, secret: str, code: str) -> Used:
        """End the sign-in that waits. Raises `LoginStepError`, `WrongCodeError`, `AccountKeyError`."""
        step = self.rows.waiting(secret)
        self.rows.count(secret)
        used = self.check(step.person, code)
        self.rows.end(secret)
        return used

    def check(self, name: str, code: str) -> Used:
        """Accept a code of the app, or a recovery code, once each. Raises `WrongCodeError`, and `AccountKeyError` where the
        key that sealed the secret is not here."""
        plain = totp.plain_recovery_code(code)
        if plain and self.rows.use_recovery_code(name, plain):
            return "recovery"
        sealed = self.rows.secret_of(name)
        if sealed is None:
            raise WrongCodeError
        step = totp.step_of(self.box.open(name, sealed), code, time.time())
        if step is None or not self.rows.use_step(name, step):  # RFC 6238, 5.2: a code is accepted once
            raise WrongCodeError
        return "code"
