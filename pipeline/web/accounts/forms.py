"""The forms of the account pages. A field that was not sent is empty; what it must hold is decided by the routes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from pipeline.model.accounts import EVERY_OFFICE
from pipeline.model.roles import Right

Text = Annotated[str, Field(max_length=1000)]
_MOST_DIGITS = 6  # of a number of days


class LoginForm(BaseModel):
    """Name and password; `next` is the address to go on to."""

    name: Text = ""
    password: Text = ""
    next: Text = "/"


class LoginCodeForm(BaseModel):
    """The code after the password, from the app or a recovery code."""

    typed: Text = ""


class NewPasswordForm(BaseModel):
    """A new password, typed twice."""

    password: Text = ""
    again: Text = ""


class ChangePasswordForm(NewPasswordForm):
    """A new password beside the old one."""

    old: Text = ""


class CodeForm(BaseModel):
    """One's password and a code, for changes to how one signs in."""

    typed: Text = ""
    password: Text = ""


class EnableCodeForm(CodeForm):
    """The first code of a secret; `sealed` brings the proposed secret back."""

    sealed: Text = ""


class AddPersonForm(BaseModel):
    """An account with its first role; `outside` for who signs in at the identity provider, as `subject` there."""

    name: Text = ""
    full_name: Text = ""
    role: Text = ""
    office: Text = EVERY_OFFICE
    outside: Text = ""
    subject: Text = ""


class GrantForm(BaseModel):
    """A role in an office to be assigned, or with `take` removed."""

    role: Text = ""
    office: Text = EVERY_OFFICE
    take: Text = ""


class IdentityForm(BaseModel):
    """A link to an identity at the provider: by its subject or by the code of a request, which `refuse` drops."""

    pin: Text = ""
    subject: Text = ""
    refuse: Text = ""


class TokenForm(BaseModel):
    """A token of a program: whose it is, what it is for, and its rights."""

    owner: Text = ""
    title: Text = ""
    rights: list[str] = []
    days: Text = ""

    @property
    def known_rights(self) -> list[Right]:
        """The rights that exist; others are ignored."""
        return [Right(one) for one in self.rights if one in set(Right)]

    @property
    def lasting(self) -> int | None:
        """For how many days; None, as by default, for what is no such number."""
        return int(self.days) if self.days.isdecimal() and len(self.days) < _MOST_DIGITS else None
