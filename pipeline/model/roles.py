"""Roles, and the rights that each of them has: the one table that says who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    OPERATOR = "operator"
    RECORD_KEEPER = "record_keeper"
    OFFICER = "officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """What an address may ask of whoever comes to it."""

    VIEW = "look"  # search, open documents, download them
    SCAN = "scan"  # upload, watch work, replace a page
    REVIEW = "review"  # confirm and correct what was read
    REGISTER = "register"  # change offices and files of the register
    EXPORT = "export"  # take whole files or offices out
    BOARD = "board"  # how far the work is
    AUDIT = "audit"  # read the record of what was done
    ADMINISTER = "administer"  # people, roles, tokens


RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.OPERATOR: frozenset({Right.VIEW, Right.SCAN}),
        Role.RECORD_KEEPER: frozenset(
            {Right.VIEW, Right.SCAN, Right.REVIEW, Right.REGISTER, Right.EXPORT, Right.BOARD}
        ),
        Role.OFFICER: frozenset({Right.VIEW, Right.BOARD}),
        Role.AUDITOR: frozenset({Right.VIEW, Right.BOARD, Right.AUDIT}),
        Role.ADMINISTRATOR: frozenset(Right),
    }
)
