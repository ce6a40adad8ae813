"""Who somebody is, and what this person may do."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind
from pipeline.locale import N_


class NotAllowedError(AbhilekhError):
    """Somebody asked for what their roles do not allow."""

    kind = Kind.NOT_ALLOWED
    code = "not_allowed"
    message = N_("Your roles do not allow this ({right}).")
    advice = N_("Ask the administrator for the role, or sign in as somebody who has it.")


class SignInError(AbhilekhError):
    """Nobody is signed in, or the session has ended."""

    kind = Kind.SIGN_IN
    code = "sign_in"
    message = N_("You are not signed in, or your session has ended.")
    advice = N_("Sign in and try again; programs send a token (Authorization: Bearer …).")


class WrongLoginError(AbhilekhError):
    """The name and the password do not belong together."""

    kind = Kind.SIGN_IN
    code = "wrong_login"
    message = N_("The name or the password is not right.")
    advice = N_("Type both again; who has forgotten the password asks the administrator for a new link.")


class TooManyTriesError(AbhilekhError):
    """Too many attempts to sign in failed lately."""

    kind = Kind.TOO_MANY
    code = "too_many_tries"
    message = N_("Too many attempts to sign in have failed; the next one counts from {until} on.")
    advice = N_("Wait until then, or ask the administrator to unlock the name.")


class IdentityError(AbhilekhError):
    """The identity provider did not let somebody in, or sent nothing that can be trusted."""

    kind = Kind.SIGN_IN
    code = "identity"
    message = N_("Signing in with your organisation did not work: {cause}.")
    advice = N_("Try again; if it goes on, tell the administrator this sentence.")


class LinkExpiredError(AbhilekhError):
    """A one-time link that was used, has expired, or never was one."""

    kind = Kind.NOT_FOUND
    code = "link_expired"
    message = N_("This link has been used, has expired, or a newer one was made.")
    advice = N_("Ask the administrator for a new one (abhilekh user reset NAME).")
    page_advice = N_("Ask the administrator for a new one.")


class PasswordError(AbhilekhError):
    """A new password that is too easy to guess."""

    kind = Kind.USAGE
    code = "password"
    message = N_("This password cannot be used: {cause}.")
    advice = N_("Take a longer one; three or four words that do not belong together are easy to remember.")


class ForgedRequestError(AbhilekhError):
    """A change was asked for without the sign that our own page carries."""

    kind = Kind.NOT_ALLOWED
    code = "forged_request"
    message = N_("This request did not come from a page of Abhilekh, or the page is too old.")
    advice = N_("Go back, load the page anew and do it again; nothing was changed.")


class PersonNameError(AbhilekhError):
    """A name that cannot be used to sign in."""

    kind = Kind.USAGE
    code = "person_name"
    message = N_("“{name}” cannot be the name of a user.")
    advice = N_("Use 2 to 64 small Latin letters, digits and . _ - @, beginning with a letter or digit.")


class PersonUnknownError(AbhilekhError):
    """Nobody of this name."""

    kind = Kind.NOT_FOUND
    code = "person_unknown"
    message = N_("There is no user “{name}”.")
    advice = N_("See who there is: abhilekh user list")


class AlreadyAPersonError(AbhilekhError):
    """The name is taken."""

    kind = Kind.USAGE
    code = "already_a_person"
    message = N_("There is a user “{name}” already.")
    advice = N_("Take another name, or change that user: abhilekh user grant")


class LastAdministratorError(AbhilekhError):
    """Nobody would be left who could let others in."""

    kind = Kind.USAGE
    code = "last_administrator"
    message = N_("This is the last administrator of every office.")
    advice = N_("Make somebody else administrator first.")


class WrongCodeError(AbhilekhError):
    """The code of the app is not right, was used already, or belongs to another moment."""

    kind = Kind.SIGN_IN
    code = "wrong_code"
    message = N_("This code is not right, or it was used already.")
    advice = N_("Type the six digits that the app shows now (the telephone's clock must be right), or a recovery code.")


class LoginStepError(AbhilekhError):
    """No sign-in waits for a code in this browser, or it has waited too long."""

    kind = Kind.SIGN_IN
    code = "login_step"
    message = N_("This sign-in has ended: it took too long, or too many codes were wrong.")
    advice = N_("Sign in with name and password again.")


class CodeRequiredError(AbhilekhError):
    """A role that signs in with a code, and an account that has not set one up."""

    kind = Kind.NOT_ALLOWED
    code = "code_required"
    message = N_("Your role signs in with a code besides the password, and you have not set it up yet.")
    advice = N_("Open “My account” and set up the code; it takes a minute.")


class AccountKeyError(AbhilekhError):
    """The key that seals the secrets of accounts is not here, or is another one."""

    kind = Kind.MISSING
    code = "account_key"
    message = N_("The secret of this account's app cannot be opened: {cause}.")
    advice = N_(
        "Put back keys/accounts.key of the home (or web.account_key), or clear the code: abhilekh user reset NAME"
    )


class IdentityUnlinkedError(AbhilekhError):
    """Somebody came from the identity provider under the name of a person who is not linked to an identity yet."""

    kind = Kind.SIGN_IN
    code = "identity_unlinked"
    message = N_("Your identity is not linked to the account “{name}” yet; your code is {pin}.")
    advice = N_("Tell the administrator this code; once it is confirmed on the page “Users”, sign in again.")


class IdentityLinkError(AbhilekhError):
    """A link to an identity that cannot be made."""

    kind = Kind.USAGE
    code = "identity_link"
    message = N_("This identity cannot be linked: {cause}.")
    advice = N_("See who waits to be linked: abhilekh user list, or the page “Users”.")
