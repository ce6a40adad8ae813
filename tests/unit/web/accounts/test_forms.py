"""The forms of the account pages: what was not sent, and what is sent that does not exist."""

from __future__ import annotations

import pytest

from pipeline.model.accounts import EVERY_OFFICE
from pipeline.model.roles import Right
from pipeline.web.accounts.forms import AddPersonForm, GrantForm, TokenForm


def test_a_role_without_an_office_is_one_in_every_office() -> None:
    assert AddPersonForm().office == GrantForm().office == EVERY_OFFICE


def test_rights_that_do_not_exist_are_ignored() -> None:
    assert TokenForm(rights=["review", "fly", "audit"]).known_rights == [Right.REVIEW, Right.AUDIT]
    assert TokenForm().known_rights == []


@pytest.mark.parametrize(("days", "lasting"), [("30", 30), ("", None), ("soon", None), ("-1", None), ("123456", None)])
def test_how_long_a_token_lasts(days: str, lasting: int | None) -> None:
    assert TokenForm(days=days).lasting == lasting
